"""Dose arithmetic of a pump refill: pure functions with units in their names. They compute, they do not advise.

Each answer carries its formula and its source. Refuses what cannot be: negative volumes, a reading above the filling.
"""

from typing import NamedTuple

from warmflow.errors import UserError

CYCLE_DAYS = 14.0
READING_ML = 1.0  # chosen: half-width of a syringe reading at a refill
OVERWEIGHT = 1.25
PROTOCOL = "NCT00587067 (0.16 mg/kg/day, 30 mL)"
PHYSICS = "definition"


class DoseError(UserError):
    """A quantity that cannot be; the text names it and what to give."""


class Answer(NamedTuple):
    """A value with its unit, the formula that gave it, and where that formula comes from."""

    name: str
    value: float
    unit: str
    formula: str
    source: str


def dosing_weight_kg(actual_kg: float, ideal_kg: float | None = None) -> float:
    """The weight that counts: over 25 % above the ideal, the mean of both. Ref: NCT00587067. Raises DoseError."""
    _positive("weight", actual_kg, "kg")
    if ideal_kg is None or actual_kg <= OVERWEIGHT * _positive("ideal weight", ideal_kg, "kg"):
        return actual_kg
    return (actual_kg + ideal_kg) / 2


def mg_per_fill(dose_mg_kg_day: float, weight_kg: float, reservoir_ml: float, flow_ml_day: float) -> Answer:
    """Drug that a filling has to hold, in mg. Ref: NCT00587067. Raises DoseError."""
    for name, value, unit in (
        ("dose", dose_mg_kg_day, "mg/kg/day"),
        ("weight", weight_kg, "kg"),
        ("reservoir", reservoir_ml, "mL"),
        ("flow", flow_ml_day, "mL/day"),
    ):
        _positive(name, value, unit)
    value = dose_mg_kg_day * weight_kg * reservoir_ml / flow_ml_day
    return Answer("drug per fill", value, "mg", "dose x weight x reservoir / flow", PROTOCOL)


def concentration_mg_ml(fill_mg: float, reservoir_ml: float) -> Answer:
    """What the filling holds in each mL. Raises DoseError."""
    value = _positive("drug per fill", fill_mg, "mg") / _positive("reservoir", reservoir_ml, "mL")
    return Answer("concentration", value, "mg/mL", "drug per fill / reservoir", PHYSICS)


def delivered_mg_day(concentration: float, flow_ml_day: float) -> Answer:
    """Drug that arrives in a day. Raises DoseError."""
    value = _positive("concentration", concentration, "mg/mL") * _not_negative("flow", flow_ml_day, "mL/day")
    return Answer("delivered", value, "mg/day", "concentration x flow", PHYSICS)


def deviation(
    flow_ml_day: float, actual_ml_day: float, days: float, concentration: float, cycle_days: float = CYCLE_DAYS
) -> tuple[Answer, Answer, Answer]:
    """Over- (+) or under-delivery (-) of some days at another flow: uL, mg, and % of the cycle. Raises DoseError."""
    _positive("flow", flow_ml_day, "mL/day")
    _not_negative("actual flow", actual_ml_day, "mL/day")
    _positive("cycle", cycle_days, "days")
    if not 0 < days <= cycle_days:
        raise DoseError(f"days of {days:g}: give more than 0 and at most the cycle of {cycle_days:g} days")
    extra_ml = (actual_ml_day - flow_ml_day) * days
    formula = "(actual flow - flow) x days"
    return (
        Answer("deviation", extra_ml * 1e3, "uL", formula, PHYSICS),
        Answer(
            "deviation",
            extra_ml * _positive("concentration", concentration, "mg/mL"),
            "mg",
            f"{formula} x concentration",
            PHYSICS,
        ),
        Answer(
            "deviation",
            100 * extra_ml / (flow_ml_day * cycle_days),
            "% of the cycle",
            f"{formula} / (flow x cycle)",
            PHYSICS,
        ),
    )


def refill_flow(
    filled_ml: float, withdrawn_ml: float, days: float, reading_ml: float = READING_ML
) -> tuple[Answer, Answer]:
    """(actual mean flow, its uncertainty), both in mL/day, from what is drawn at a refill. Raises DoseError."""
    _positive("filled", filled_ml, "mL")
    _not_negative("withdrawn", withdrawn_ml, "mL")
    _not_negative("reading error", reading_ml, "mL")
    _positive("days", days, "days")
    if withdrawn_ml > filled_ml:
        raise DoseError(f"withdrawn {withdrawn_ml:g} mL is more than the {filled_ml:g} mL filled: check both readings")
    source = "definition; the reading error is chosen"
    return (
        Answer("actual flow", (filled_ml - withdrawn_ml) / days, "mL/day", "(filled - withdrawn) / days", PHYSICS),
        Answer("uncertainty", reading_ml / days, "mL/day", "reading error / days", source),
    )


def _positive(name: str, value: float, unit: str) -> float:
    if not 0 < value < float("inf"):
        raise DoseError(f"{name} of {value:g} {unit}: give more than 0")
    return value


def _not_negative(name: str, value: float, unit: str) -> float:
    if not 0 <= value < float("inf"):
        raise DoseError(f"{name} of {value:g} {unit}: give 0 or more")
    return value
