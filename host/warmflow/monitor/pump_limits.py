"""The limits of one pump: from where on its flow, its dose and its reservoir are worth a flag. Declared once, here:
settings, requests, pages and commands take names, units and ranges from `FIELDS`. Pure; who set them is not known here.

Rates are percent of the reference rate, with a limit of its own for too much and for too little. A dose is percent of
14 days at the reference rate, up or down. Days are days left at the reference rate.
"""

import itertools
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from warmflow.monitor.levels import Level


class Field(NamedTuple):
    """One limit: what a person reads of it, its unit, and the range that is accepted."""

    label: str
    unit: str
    default: float
    least: float
    most: float


FIELDS: dict[str, Field] = {  # defaults [chosen], see docs/bench-tester.md
    "rate_low_above_percent": Field("flow too high, low", "%", 10.0, 1.0, 500.0),
    "rate_medium_above_percent": Field("flow too high, medium", "%", 15.0, 1.0, 500.0),
    "rate_high_above_percent": Field("flow too high, high", "%", 25.0, 1.0, 500.0),
    "rate_low_below_percent": Field("flow too low, low", "%", 10.0, 1.0, 100.0),
    "rate_medium_below_percent": Field("flow too low, medium", "%", 15.0, 1.0, 100.0),
    "rate_high_below_percent": Field("flow too low, high", "%", 25.0, 1.0, 100.0),
    "rate_hysteresis_percent": Field("flow, hysteresis", "%", 2.0, 0.0, 50.0),
    "rate_raise_hold_s": Field("flow, hold time before a flag", "s", 20.0, 0.0, 3600.0),
    "rate_clear_hold_s": Field("flow, hold time before it clears", "s", 60.0, 0.0, 3600.0),
    "dose_low_percent": Field("dose, low", "%", 2.0, 0.1, 100.0),
    "dose_medium_percent": Field("dose, medium", "%", 5.0, 0.1, 100.0),
    "dose_hysteresis_percent": Field("dose, hysteresis", "%", 0.2, 0.0, 10.0),
    "near_empty_low_days": Field("near empty, low", "d", 3.0, 0.0, 365.0),
    "near_empty_medium_days": Field("near empty, medium", "d", 1.0, 0.0, 365.0),
}
RISING = (  # each is less than the next
    ("rate_low_above_percent", "rate_medium_above_percent", "rate_high_above_percent"),
    ("rate_low_below_percent", "rate_medium_below_percent", "rate_high_below_percent"),
    ("dose_low_percent", "dose_medium_percent"),
    ("near_empty_medium_days", "near_empty_low_days"),
)
BELOW_LOWEST = (  # a level that is left below 0 would never be left
    ("rate_hysteresis_percent", ("rate_low_above_percent", "rate_low_below_percent")),
    ("dose_hysteresis_percent", ("dose_low_percent",)),
)
RATE_LEVELS = (Level.LOW, Level.MEDIUM, Level.HIGH)


class PumpLimits:
    """Immutable; equal if all values are. Made by `pump_limits`, which checks the values."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self._values = {name: float(values.get(name, field.default)) for name, field in FIELDS.items()}

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PumpLimits) and self._values == other._values

    def __hash__(self) -> int:
        return hash(tuple(self._values.values()))

    def __repr__(self) -> str:
        return f"PumpLimits({self._values})"

    def values(self) -> dict[str, float]:
        """All of them by name."""
        return dict(self._values)

    @cached_property
    def above(self) -> dict[Level, float]:
        """Limits of a flow that is too high, as fractions of the reference rate."""
        return {level: self[f"rate_{level.word}_above_percent"] / 100 for level in RATE_LEVELS}

    @cached_property
    def below(self) -> dict[Level, float]:
        """The same of a flow that is too low; positive."""
        return {level: self[f"rate_{level.word}_below_percent"] / 100 for level in RATE_LEVELS}

    @cached_property
    def dose(self) -> dict[Level, float]:
        """Of a dose, as fractions of 14 days at the reference rate."""
        return {level: self[f"dose_{level.word}_percent"] / 100 for level in (Level.LOW, Level.MEDIUM)}

    @cached_property
    def near_empty(self) -> dict[Level, float]:
        """Days left; none left is always high."""
        return {Level.LOW: self["near_empty_low_days"], Level.MEDIUM: self["near_empty_medium_days"], Level.HIGH: 0.0}

    def of_side(self, deviation: float) -> dict[Level, float]:
        """The limits that a deviation of this sign is compared with."""
        return self.above if deviation >= 0 else self.below


def fault(values: Mapping[str, float]) -> str:
    """Why these values cannot be limits, for whoever set them; "" if they can. Unknown names are not looked at."""
    limits = PumpLimits(values)
    for name, field in FIELDS.items():
        if not field.least <= limits[name] <= field.most:
            return f"{name}: {field.label}: {limits[name]:g} {field.unit}; it must be {field.least:g} to {field.most:g}"
    for names in RISING:
        for lower, upper in itertools.pairwise(names):
            if limits[lower] >= limits[upper]:
                return f"levels out of order: {_said(limits, lower)} must be less than {_said(limits, upper)}"
    for name, above in BELOW_LOWEST:
        for other in above:
            if limits[name] >= limits[other]:
                return f"{_said(limits, name)} must be less than {_said(limits, other)}, or no flag would ever clear"
    return ""


def _said(limits: PumpLimits, name: str) -> str:
    return f"{FIELDS[name].label} ({name} = {limits[name]:g} {FIELDS[name].unit})"


DEFAULT_LIMITS = PumpLimits({})
