"""The likely kind of an exposure, only where the probe's course and the fitted core can tell it. "" is an answer too.

A table of what each kind looks like at the skin; two kinds that look the same share a row.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """Limits of the skin's excess over rest in degC, of the core's rise in degC/min, and of its minutes."""

    name: str
    skin_c: tuple[float, float]
    core_c_min: tuple[float, float]
    minutes: tuple[float, float]


KINDS = (
    Kind("heating pad", (3.5, 11.0), (-1.0, 0.012), (12.0, 600.0)),
    Kind("hot tub or sauna", (3.5, 9.0), (0.014, 1.0), (5.0, 90.0)),
    Kind("fever", (1.45, 3.4), (-1.0, 1.0), (60.0, 1e9)),
    Kind("exercise", (0.5, 1.45), (0.01, 1.0), (10.0, 180.0)),
    Kind("cold water", (-35.0, -8.0), (-1.0, 1.0), (1.0, 120.0)),
)


def kind_of(skin_c: float, core_c_min: float, minutes: float) -> str:
    """The one kind that fits, or "" where none or several do."""
    found = [
        kind.name
        for kind in KINDS
        if kind.skin_c[0] <= skin_c <= kind.skin_c[1]
        and kind.core_c_min[0] <= core_c_min <= kind.core_c_min[1]
        and kind.minutes[0] <= minutes <= kind.minutes[1]
    ]
    return found[0] if len(found) == 1 else ""
