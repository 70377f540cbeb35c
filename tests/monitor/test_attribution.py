"""The waterfall: its convention, to the last digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpmodel import Pump, viscosity_mpa_s
from warmflow.monitor import Rig
from warmflow.monitor.attribution import waterfall
from warmflow.monitor.restrictor import Restrictor

RIG = Rig("r11", "average", "water", "drug", 0.0, 101.325, 54167, 30_000_000, 0, 1_000_000)
R11 = Restrictor(RIG)
SPRING = Restrictor(RIG._replace(profile="r11-spring"))
HALF = 15_000_000


@given(
    deviation=st.floats(-1.0, 5.0),
    temp_c=st.floats(10.0, 60.0),
    ambient_kpa=st.one_of(st.none(), st.floats(60.0, 300.0)),
    level_nl=st.integers(-1_000_000, 33_000_000),
    other_fluid=st.booleans(),
)
def test_the_shares_sum_to_the_deviation(deviation, temp_c, ambient_kpa, level_nl, other_fluid):
    for restrictor in (R11, SPRING):
        shares = waterfall(restrictor, deviation, temp_c, ambient_kpa, level_nl, other_fluid)
        assert sum(shares) == pytest.approx(deviation, abs=1e-9)
        if other_fluid:
            assert shares.unexplained == pytest.approx(0.0, abs=1e-9)
        else:
            assert shares.fluid == 0.0


def test_the_convention_by_hand():
    """39 degC at 95 kPa, nearly empty: each influence put in force after those before it, on the reference rate."""
    rest_c, temp_c, air_kpa, level_nl = 36.25, 39.0, 95.0, 250_000
    at_rest, warm = R11.vapour_kpa(rest_c) - 101.325 - 12.4, R11.vapour_kpa(temp_c) - 101.325 - 12.4
    thinner = viscosity_mpa_s("drug", rest_c) / viscosity_mpa_s("drug", temp_c)
    propellant = warm / at_rest - 1
    viscosity = warm / at_rest * (thinner - 1)
    ambient = (101.325 - air_kpa) / at_rest * thinner
    whole = (warm + 101.325 - air_kpa) / at_rest * thinner
    reservoir = whole * (0.1 + 0.9 * level_nl / 500_000 - 1)
    shares = waterfall(R11, 0.5, temp_c, air_kpa, level_nl)
    assert shares[:5] == pytest.approx((propellant, viscosity, ambient, reservoir, 0.0), abs=1e-9)
    assert shares.unexplained == pytest.approx(0.5 - propellant - viscosity - ambient - reservoir, abs=1e-9)


def test_one_influence_alone_has_all_of_its_effect():
    pump = Pump("r11")
    pump.set_ambient(95.0)
    pump.step(1.0)
    deviation = pump.flow_nl_h / pump.reference_flow_nl_h - 1
    shares = waterfall(R11, deviation, R11.rest_c, 95.0, HALF)
    assert shares.ambient == pytest.approx(deviation, abs=1e-6)
    assert [shares.propellant, shares.viscosity, shares.reservoir, shares.unexplained] == pytest.approx(
        [0] * 4, abs=1e-6
    )


def test_a_flow_of_nothing_has_a_waterfall_too():
    shares = waterfall(R11, -1.0, 39.0, None, HALF)
    assert shares.unexplained == pytest.approx(-1.0 - shares.temperature)
    assert shares.temperature == pytest.approx(0.416, abs=0.01)


def test_what_is_not_measured_has_no_share():
    assert waterfall(R11, 0.3, R11.rest_c, None, HALF).ambient == 0.0
