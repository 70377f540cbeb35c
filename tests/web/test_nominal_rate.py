"""Nominal is what the pump that was declared then would have delivered, at the speed that it had then."""

import numpy as np
import pytest
from fake_ports import INFO as ANY

from pumplink.codes import Body, Fluid, Place
from warmflow.monitor import Rig
from warmflow.monitor.restrictor import Restrictor
from warmflow.sinks.web.nominal_rate import nominal_ul_h

INFO = ANY._replace(
    profile="r11", body=int(min(Body)), place=int(min(Place)), fluid=int(min(Fluid)), glycerol_permille=0,
    site_pressure_pa=101_325, label_flow_nl_h=54_167,
)  # fmt: skip
REFERENCE_UL_H = Restrictor(Rig.declared(INFO)).reference_nl_h / 1000


def test_a_change_of_speed_counts_from_when_it_was_declared() -> None:
    declared = [(10_000, INFO._replace(speed_x=60)), (20_000, INFO._replace(speed_x=1))]
    found = nominal_ul_h(declared, np.array([5.0, 10.0, 19.9, 20.0, 99.0]))
    assert found == pytest.approx([60 * REFERENCE_UL_H] * 3 + [REFERENCE_UL_H] * 2)


def test_a_rig_of_which_nothing_is_known_has_no_nominal_rate() -> None:
    strange = INFO._replace(body=99)
    assert np.isnan(nominal_ul_h([(0, strange)], np.array([1.0]))).all()
    assert np.isnan(nominal_ul_h([], np.array([1.0, 2.0]))).all()
