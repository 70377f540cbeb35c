"""The numbers that a lesson may show or wait for: where each comes from, and whether modelled, measured or declared.

Names and units for people are in the catalogue of texts. No number here is a reading unless it says measured.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from warmflow.training.sample import Sample

Kind = Literal["modelled", "measured", "declared"]


class Moment(NamedTuple):
    """A sample with what a lesson knows beside it. `cycle_nl` is 14 days at the reference rate."""

    now: Sample
    added_nl: float
    cycle_nl: float
    label_nl_h: float
    mg_ml: float | None


class Number(NamedTuple):
    """`digits` after the point; `from_zero` says that a change in percent of its value at rest means nothing.
    `first_digit`: what is too small for these digits is shown with its first one, as 0.04.
    """

    kind: Kind
    digits: int
    of: Callable[[Moment], float | None]
    from_zero: bool = False
    first_digit: bool = False


def _percent(value: float | None, of: float) -> float | None:
    return None if value is None or not of else 100 * (value / of - 1)


NUMBERS: dict[str, Number] = {
    "probe_c": Number("measured", 1, lambda m: m.now.probe_c),
    "skin_c": Number("modelled", 1, lambda m: m.now.skin_c),
    "core_c": Number("modelled", 1, lambda m: m.now.core_c),
    "pump_c": Number("modelled", 1, lambda m: m.now.pump_c),
    "vapour_kpa": Number("modelled", 1, lambda m: m.now.vapour_kpa),
    "ambient_kpa": Number("modelled", 1, lambda m: m.now.ambient_kpa),
    "barometer_kpa": Number("measured", 1, lambda m: m.now.barometer_kpa),
    "outlet_kpa": Number("modelled", 1, lambda m: m.now.outlet_kpa),
    "drive_kpa": Number("modelled", 1, lambda m: m.now.drive_kpa),
    "viscosity_mpa_s": Number("modelled", 2, lambda m: m.now.viscosity_mpa_s),
    "flow_ul_h": Number("modelled", 1, lambda m: m.now.flow_nl_h / 1000),
    "arriving_ul_h": Number("modelled", 1, lambda m: m.now.arriving_nl_h / 1000),
    "reference_ul_h": Number("declared", 1, lambda m: m.now.reference_nl_h / 1000),
    "deviation_percent": Number("modelled", 1, lambda m: _percent(m.now.flow_nl_h, m.now.reference_nl_h), True),
    "label_percent": Number("modelled", 1, lambda m: _percent(m.now.flow_nl_h, m.label_nl_h), True),
    "metered_ul_h": Number("measured", 1, lambda m: None if m.now.metered_nl_h is None else m.now.metered_nl_h / 1000),
    "metered_percent": Number("measured", 1, lambda m: _percent(m.now.metered_nl_h, m.now.reference_nl_h), True),
    "reservoir_ml": Number("modelled", 2, lambda m: m.now.reservoir_nl / 1e6),
    "added_ul": Number("modelled", 1, lambda m: m.added_nl / 1000, True),
    "added_mg": Number("modelled", 2, lambda m: None if m.mg_ml is None else m.added_nl / 1e6 * m.mg_ml, True, True),
    "added_percent": Number("modelled", 1, lambda m: 100 * m.added_nl / m.cycle_nl, True, True),
}
NAMES = tuple(NUMBERS)


def value(name: str, moment: Moment) -> float | None:
    """None where there is nothing to show: no probe, no meter, no concentration."""
    return NUMBERS[name].of(moment)
