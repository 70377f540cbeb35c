"""How fast an open journal may forget: records go by age at so many an hour, and not while the date is in doubt. The
steady clock says how long the journal has been open, whatever the date does.
"""

import sqlite3
from collections.abc import Collection
from datetime import datetime
from functools import partial

from warmflow.journal import ages, bounds, retention
from warmflow.journal.retention import HOUR_S, Limits, Removed
from warmflow.journal.row_codec import ms
from warmflow.runtime.wall_clock import ClockWatch


class RetentionPace:
    """Of one open journal, from `steady_s` on. `clock_watch` says whether the date has stepped."""

    def __init__(self, steady_s: float) -> None:
        self.clock_watch = ClockWatch()
        self._marked_s = self._looked_s = steady_s
        self._may_go = 0.0  # raw records that may be removed by age now: grows with time, from nothing at the start
        self._turn = steady_s, 0  # of the transaction that is not on disk yet: when it marked, what it removed

    def remove(
        self,
        db: sqlite3.Connection,
        limits: Limits,
        date: datetime,
        steady_s: float,
        newest_id: int,
        in_use: Collection[str],
    ) -> tuple[int, bool]:
        """Some of what the limits say, in the caller's transaction: how many rows, and whether boots went. `in_use`:
        the cursors of sinks that are there. `done` follows once it is on disk.
        """
        self.clock_watch.look(steady_s, date)
        dated = not self.clock_watch.stepped_s
        marked_s = self._mark(db, steady_s, date, newest_id, in_use)
        self._allow(steady_s, retention.most_an_hour(db, limits))
        raw = retention.remove_raw(db, date, limits, int(self._may_go) if dated else 0)
        rollups = retention.remove_rollups(db, date, limits) if dated else Removed()
        boots_went = bounds.remove_beyond(db, partial(retention.add_removed, db))
        self._turn = marked_s, raw.by_age
        return raw.by_age + raw.by_size + rollups.rollups, bool(boots_went)

    def done(self) -> None:
        """What `remove` removed is on disk."""
        self._marked_s, by_age = self._turn
        self._may_go -= by_age

    def _mark(
        self, db: sqlite3.Connection, steady_s: float, date: datetime, newest_id: int, in_use: Collection[str]
    ) -> float:
        """Time has passed with the journal open: everything in it has aged by so much. When the last mark was made."""
        if steady_s - self._marked_s < ages.MARK_S:
            return self._marked_s
        open_s = ages.newest(db).open_s + steady_s - self._marked_s
        ages.add(db, ages.Mark(open_s, newest_id, ms(date)), in_use)
        return steady_s

    def _allow(self, steady_s: float, most_an_hour: float) -> None:
        self._may_go = min(most_an_hour, self._may_go + most_an_hour * (steady_s - self._looked_s) / HOUR_S)
        self._looked_s = steady_s
