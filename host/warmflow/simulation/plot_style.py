"""What the plots of `simulate` and of the report have in common: colours, and the unit of a time axis."""

from typing import NamedTuple

# Ref: Okabe and Ito: colours that colour-blind eyes tell apart
BLUE, ORANGE, GREEN, VERMILION, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
# the same two, dark enough for thin lines on white paper
DARK_ORANGE, DARK_GREEN = "#a86800", "#00795c"


class TimeUnit(NamedTuple):
    """Of an axis: `seconds` in one of it."""

    seconds: int
    name: str


def time_unit(length_s: float) -> TimeUnit:
    """Days from two days on, hours from five hours on, else minutes."""
    if length_s >= 2 * 86400:
        return TimeUnit(86400, "days")
    return TimeUnit(3600, "hours") if length_s >= 5 * 3600 else TimeUnit(60, "minutes")
