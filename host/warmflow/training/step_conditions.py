"""When a step of a lesson is reached: a phase of the exposure, a minute, a number that has moved, or all at once.

Numbers are compared with their value at the start of the lesson. It looks at one moment and decides; it remembers
nothing.
"""

from collections.abc import Callable, Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from warmflow.simulation.events import LONGEST_MIN, Strict
from warmflow.training.quantities import NAMES, NUMBERS, Moment, value

PHASES = ("rest", "exposure", "after", "end")
Phase = Literal["rest", "exposure", "after", "end"]
TURNED = 0.02  # of its whole excursion a number has to come back before its peak counts as past
TESTS: dict[str, Callable[[float, float, float], bool]] = {  # now, at the start, what was asked for
    "rises_by": lambda now, start, asked: now - start >= asked,
    "falls_by": lambda now, start, asked: start - now >= asked,
    "rises_percent": lambda now, start, asked: now >= start * (1 + asked / 100),
    "falls_percent": lambda now, start, asked: now <= start * (1 - asked / 100),
    "above": lambda now, start, asked: now >= asked,
    "below": lambda now, start, asked: now <= asked,
    "within": lambda now, start, asked: abs(now) <= asked,
}
OF_START = ("rises_percent", "falls_percent")


class When(Strict):
    """All that is given has to hold at once; a step waits for the one before it in any case."""

    phase: Phase | None = Field(
        None, description="rest: from the start; exposure: the first event has begun; after: the last is over; end"
    )
    minute: float | None = Field(None, ge=0, le=LONGEST_MIN, description="minute of pump time, as events count it")
    number: Literal[NAMES] | None = Field(None, description="a number, with one of the seven tests")  # type: ignore[valid-type]
    rises_by: float | None = Field(None, gt=0, description="so much above its value at the start")
    falls_by: float | None = Field(None, gt=0, description="so much below it")
    rises_percent: float | None = Field(None, gt=0, description="so many percent above it")
    falls_percent: float | None = Field(None, gt=0, le=100, description="so many percent below it")
    above: float | None = Field(None, description="this or more")
    below: float | None = Field(None, description="this or less")
    within: float | None = Field(None, gt=0, description="no further from 0 than this")
    peak_of: Literal[NAMES] | None = Field(None, description="this number has turned back from its extreme")  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        given = self.tests
        if self.number is None and given:
            raise ValueError(f"{', '.join(given)}: of which number? give number, too")
        if self.number is not None and len(given) != 1:
            raise ValueError(f"number needs one test, not {len(given)}: one of {', '.join(TESTS)}")
        if self.number is not None and given[0] in OF_START and NUMBERS[self.number].from_zero:
            raise ValueError(f"{given[0]} of {self.number}, which is 0 at the start: use above, below or within")
        if all(part is None for part in (self.phase, self.minute, self.number, self.peak_of)):
            raise ValueError("nothing to wait for: give phase, minute, number or peak_of")
        return self

    @property
    def tests(self) -> list[str]:
        """Those of the seven that are given."""
        return [name for name in TESTS if getattr(self, name) is not None]


def met(when: When, phase: Phase, minute: float, now: Moment, start: Moment, furthest: Mapping[str, float]) -> bool:
    """Whether it holds now. `furthest` has the value farthest from the start of each number of a `peak_of`."""
    if when.phase is not None and PHASES.index(phase) < PHASES.index(when.phase):
        return False
    if when.minute is not None and minute < when.minute:
        return False
    if when.peak_of is not None and not _turned(when.peak_of, now, start, furthest):
        return False
    return when.number is None or _moved(when, when.number, now, start)


def _moved(when: When, number: str, now: Moment, start: Moment) -> bool:
    is_now, was = value(number, now), value(number, start)
    [test] = when.tests
    return is_now is not None and was is not None and TESTS[test](is_now, was, getattr(when, test))


def _turned(number: str, now: Moment, start: Moment, furthest: Mapping[str, float]) -> bool:
    is_now, was, extreme = value(number, now), value(number, start), furthest.get(number)
    if is_now is None or was is None or extreme is None or extreme == was:
        return False
    return (extreme - is_now) / (extreme - was) >= TURNED
