"""Do the boards agree that the steady clock broke? Pure.

A crystal does not jump. If the clocks of most boards stop fitting the steady clock together, then the computer was
suspended with a clock that stands still meanwhile, or the clock was slewed. Two boards that agree say by how much, too.
One of many boards means nothing.
"""

from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from warmflow.device.clock.board_clock import BoardClock
from warmflow.device.identity import Boot

ANSWERS_S = 2.0  # if one board disagrees, all boards are asked; after this time each has answered
ALIKE_S = 0.5
BOOTS_MAX = 300  # whose clocks are remembered: one that is not taken for a crystal for some seconds comes again
ENOUGH = 2  # boards that have to agree on how far it jumped


class SteadyBreak(NamedTuple):
    """So many seconds passed that the steady clock did not count; None: they cannot be told. The clocks of `boots` are
    those of after it.
    """

    missed_s: float | None
    boots: frozenset[Boot]


class _Seen(NamedTuple):
    """Of a clock at the last look."""

    breaks: int
    missed_s: float


class Agreement:
    """Call `look` now and then; `since_s` is when the first board did not fit, None if all do."""

    def __init__(self) -> None:
        self.since_s: float | None = None
        self._seen: dict[Boot, _Seen] = {}
        self._missed_s: dict[Boot, float] = {}

    def look(self, steady_s: float, clocks: Mapping[Boot, BoardClock]) -> SteadyBreak | None:
        """What the boards found, once. `clocks` are those of the connected boards that have a crystal."""
        for boot, clock in clocks.items():
            seen, now = self._seen.pop(boot, None), _Seen(clock.breaks, clock.missed_s)
            if seen and now.breaks > seen.breaks:
                self._missed_s[boot] = self._missed_s.get(boot, 0.0) + now.missed_s - seen.missed_s
                self.since_s = steady_s if self.since_s is None else self.since_s
            self._seen[boot] = now
        for boot in list(self._seen)[:-BOOTS_MAX]:
            del self._seen[boot]
        if self.since_s is None or abs(steady_s - self.since_s) < ANSWERS_S:
            return None
        found, self._missed_s, self.since_s = self._missed_s, {}, None
        return _verdict(found, len(found.keys() | clocks.keys()))


def _verdict(found: Mapping[Boot, float], boards: int) -> SteadyBreak | None:
    if 2 * len(found) < boards:
        return None
    middle_s = median(found.values())
    alike = sum(abs(each_s - middle_s) <= ALIKE_S for each_s in found.values())
    return SteadyBreak(middle_s if alike >= ENOUGH and 2 * alike > len(found) else None, frozenset(found))
