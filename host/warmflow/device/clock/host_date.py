"""The date of this computer as its steady clock plus an offset, and what happens to that offset. Reads no clock.

The date may be set by anybody, in a step or by slewing, by seconds or by years; the steady clock goes on. A change of
more than REDATE_S is followed at once in both directions: what was dated before is dated again (`redating.py`). A
smaller step back, a leap second for example, is followed at 1 % of the time that passes, so that no later reading gets
an earlier time; what is left of it is part of the bound. A drift that is slower than SLEWING is no change: both clocks
were right.
"""

from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple

from warmflow.device.host_clock import Dating, LastSeen, Stamp

REDATE_S = 1.0  # times that are wrong by more are dated again
NEW_DATING_S = 0.25  # an offset that has moved by this much is a dating of its own
CREEP = 0.01  # of the time that passes: how fast a small step back is followed
WINDOW_S = 10.0
SLEWING = 3e-4  # the date moves against the steady clock by more than this share of the time: somebody moves it
AGAIN_S = 60.0  # while it is slewed, times are dated again after so long, then after twice as long, and so on
SHOWN_S = 3600.0  # a change is shown for so long
EARLIEST_S = 1_767_225_600.0  # 2026-01-01: this software is younger than any earlier date
LAST_S = 253_402_300_799.0  # the last second that a datetime can say
CHANGES_MAX = 100


class DateChange(NamedTuple):
    """The date was moved by so many seconds, above 0 forward. `kind`: stepped, or slewed. `date_s`: the new date."""

    kind: str
    by_s: float
    at_steady_s: float
    date_s: float


class HostDate:
    """One for all boards of a computer. `session` names the run of the steady clock; empty: nothing is dated again.

    `last` is what an earlier process of the same session left: what happened to the date meanwhile is a change, too.
    """

    def __init__(self, session: str = "", last: LastSeen | None = None) -> None:
        self.session = session
        self.dating = Dating(session, 0, 0, 0)
        self.offset_s = 0.0  # date = steady clock + offset
        self.behind_s = 0.0  # what is left of a small step back
        self.jumped_back_s = 0.0  # sum of all changes back that were followed at once
        self.newest: DateChange | None = None
        self.steps = 0
        self.changes: deque[DateChange] = deque(maxlen=CHANGES_MAX)  # for whoever logs them
        self.slewing_since_s: float | None = None
        self._last = last if last and _origin(last.dating.session) == session != "" else None
        self._wanted_s: float | None = None
        self._looked_s = 0.0
        self._window = (0.0, 0.0)  # steady clock and offset at its beginning
        self._corrected_s = 0.0  # up to there
        self._slewed_s = 0.0  # since the date was at rest
        self._again_s = AGAIN_S

    @property
    def known(self) -> bool:
        """False before the first look."""
        return self._wanted_s is not None

    @property
    def plausible(self) -> bool:
        """False for a date of before this software was written: that of a computer without a clock of its own."""
        return not self.known or self._looked_s + self.offset_s >= EARLIEST_S

    @property
    def corrected_s(self) -> float:
        """The sum of all steps and slews in this session."""
        moved_s = (self._wanted_s or 0.0) - self._window[1]
        return self._corrected_s + (moved_s if abs(moved_s) > SLEWING * WINDOW_S else 0.0)

    @property
    def slewed_s(self) -> float:
        """By how much the date was slewed since it was at rest."""
        return self._slewed_s

    def shown(self, steady_s: float) -> DateChange | None:
        """The newest change, while it is new."""
        return self.newest if self.newest and steady_s - self.newest.at_steady_s < SHOWN_S else None

    def date(self, steady_s: float) -> datetime:
        """The date at a moment of the steady clock. What no date can be is the beginning or the end of time."""
        return datetime.fromtimestamp(min(max(0.0, steady_s + self.offset_s), LAST_S), UTC)

    def look(self, at: Stamp) -> None:
        """Both clocks at this moment. Call it with everything that comes, and once a second at least."""
        wanted_s = at.wall_s - at.steady_s
        if self._wanted_s is None:
            self._begin(at, wanted_s)
            return
        if at.steady_s < self._looked_s:
            return  # of before the newest look: it knows less
        step_s = wanted_s - self._wanted_s
        self._wanted_s = wanted_s
        if abs(step_s) > REDATE_S:
            self._stepped(at, step_s)
        self._follow(at, wanted_s)
        self._looked_s = max(self._looked_s, at.steady_s)
        if at.steady_s - self._window[0] >= WINDOW_S:
            self._close_window(at, wanted_s)
        moved = abs(self.offset_s - self.dating.offset_ms / 1000) > NEW_DATING_S
        if moved or self.dating.uncertain == self.plausible:
            self.renew(at.steady_s)

    def steady_broke(self, at: Stamp, missed_s: float | None) -> None:
        """The boards' clocks say that the steady clock did not count so many seconds. Where they cannot tell how many,
        times of before and after cannot be compared by it.
        """
        if missed_s is not None:
            self._corrected_s -= missed_s
            self.renew(at.steady_s)
        elif self.session:
            self.session = f"{_origin(self.session)}/{round(at.steady_s * 1000)}"
            self.renew(at.steady_s)

    def redating_due(self, steady_s: float) -> bool:
        """Is it time to date again what a wrong date has dated? While the date is slewed, at growing intervals only."""
        if self.slewing_since_s is None:
            return self.known and bool(self.session)
        if steady_s - self.slewing_since_s < self._again_s:
            return False
        self._again_s *= 2
        return True

    def _begin(self, at: Stamp, wanted_s: float) -> None:
        self.offset_s = self._wanted_s = wanted_s
        self._looked_s, self._window = at.steady_s, (at.steady_s, wanted_s)
        if self._last and self._last.steady_ms <= at.steady_s * 1000:
            self.session = self._last.dating.session
            away_s, moved_s = at.steady_s - self._last.steady_ms / 1000, wanted_s - self._last.offset_ms / 1000
            self._corrected_s = self._last.dating.corrected_ms / 1000
            if abs(moved_s) > REDATE_S + SLEWING * away_s:
                self._window = (at.steady_s, wanted_s - moved_s)
                self._stepped(at, moved_s)
        elif self._last:  # the steady clock began anew under the old name
            self.session = f"{_origin(self.session)}/{round(at.wall_s * 1000)}"
        self.renew(at.steady_s)

    def _stepped(self, at: Stamp, step_s: float) -> None:
        self.steps += 1
        self._corrected_s += step_s
        began_s, offset_s = self._window
        self._window = (began_s, offset_s + step_s)
        self._note(DateChange("stepped", step_s, at.steady_s, at.wall_s))

    def _follow(self, at: Stamp, wanted_s: float) -> None:
        behind_s = self.offset_s - wanted_s
        if abs(behind_s) > REDATE_S:
            self.jumped_back_s += max(0.0, behind_s)
            self.offset_s = wanted_s
        else:
            creep_s = CREEP * max(0.0, at.steady_s - self._looked_s)
            self.offset_s = max(wanted_s, self.offset_s - creep_s)
        self.behind_s = self.offset_s - wanted_s

    def _close_window(self, at: Stamp, wanted_s: float) -> None:
        began_s, offset_s = self._window
        moved_s = wanted_s - offset_s
        self._window = (at.steady_s, wanted_s)
        if abs(moved_s) > SLEWING * (at.steady_s - began_s):
            self._corrected_s += moved_s
            self._slewed_s += moved_s
            if self.slewing_since_s is None and abs(self._slewed_s) > REDATE_S:
                self.slewing_since_s, self._again_s = at.steady_s, AGAIN_S
            return
        if self.slewing_since_s is not None:
            self._note(DateChange("slewed", self._slewed_s, at.steady_s, at.wall_s))
        self.slewing_since_s, self._slewed_s = None, 0.0

    def _note(self, change: DateChange) -> None:
        self.newest = change
        self.changes.append(change)

    def renew(self, steady_s: float) -> None:
        """From now on times are derived in another way than before."""
        corrected_s = self.corrected_s + self.behind_s
        self.dating = Dating(
            self.session,
            round(self.offset_s * 1000),
            round(corrected_s * 1000),
            round(steady_s * 1000),
            False,
            not self.plausible,
        )


def _origin(session: str) -> str:
    """The run of the steady clock, without what broke in it."""
    return session.partition("/")[0]
