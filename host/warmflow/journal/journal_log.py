"""What the log says of a journal that is written: what retention removed, steps of the date, rows that cannot be read.
Each piece of news once.
"""

import logging
import math
from collections.abc import Callable, Mapping

from warmflow.journal.journal import Journal
from warmflow.runtime.duration import duration
from warmflow.runtime.logs import toned
from warmflow.runtime.wall_clock import CALM_S

REMOVED_S = 3600.0  # what retention removed is logged so often
REMOVED = {
    "age": "records older than raw_days",
    "size": "records beyond raw_bytes",
    "rollups by age": "roll-ups older than rollup_days",
    "declarations": "declarations beyond a board's share",
    "conflicts": "conflicts beyond a board's share",
    "boots": "boots without records beyond a board's share",
}


class JournalLog:
    """Of one journal, from what it holds now on."""

    def __init__(self, journal: Journal, log: Callable[[str], None]) -> None:
        self._journal, self._log = journal, log
        self._logged = journal.removed()
        self._logged_at = -math.inf
        self._unread = sum(_unread(self._logged).values())
        self._stepped_s = 0.0  # the step of the clock that was logged last
        self._bad_rows = ""

    def removed(self, removed: Mapping[str, int], now: float) -> None:
        """By reason, so far. What no sink had read is logged at once, all else once an hour. `now`: the loop's time."""
        unread = _unread(removed)
        if sum(unread.values()) > self._unread:
            words = ", ".join(f"{n} {what}" for what, n in unread.items())
            log = toned(self._log, logging.WARNING)
            log(f"JOURNAL: retention removed records before they were read; so far {words}")
        self._unread = sum(unread.values())
        new = {why: n - self._logged.get(why, 0) for why, n in removed.items() if why not in unread}
        if not any(new.values()) or now - self._logged_at < REMOVED_S:
            return
        what = ", ".join(f"{n} {REMOVED.get(why, why)}" for why, n in new.items() if n)
        self._log(f"JOURNAL: retention removed {what}")
        self._logged, self._logged_at = dict(removed), now

    def clock(self) -> None:
        """Each step once, and once that the date is trusted again."""
        step_s = self._journal.clock_watch.stepped_s
        if step_s == self._stepped_s:
            return
        self._stepped_s = step_s
        if step_s:
            toned(self._log, logging.WARNING)(
                f"JOURNAL: {clock_stepped(step_s)}. Nothing is removed by age until the date has been steady for "
                f"{duration(CALM_S)}"
            )
        else:
            self._log(f"JOURNAL: the date has been steady for {duration(CALM_S)}; records are removed by age again")

    def bad_rows(self) -> None:
        """Rows that could not be read, whenever there are more of them."""
        rows = (self._journal.bad_rows, self._journal.reader.bad_rows)
        text = "; ".join(each.text() for each in rows if each.counts)
        if text != self._bad_rows:
            self._bad_rows = text
            toned(self._log, logging.WARNING)(
                f"JOURNAL: left out, since they cannot be read: {text}. `warmflow journal check` lists them"
            )


def clock_stepped(step_s: float) -> str:
    """Why this computer's date is in doubt, "" if it is not."""
    if not step_s:
        return ""
    ahead = "forward" if step_s > 0 else "back"
    return f"this computer's date jumped {ahead} by {duration(abs(step_s))}: check its clock (timedatectl)"


def _unread(removed: Mapping[str, int]) -> dict[str, int]:
    return {what: n for what, n in removed.items() if what.startswith("unread")}
