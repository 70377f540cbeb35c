"""What the board writes down to survive a power cut or a long absence of the host: totals each minute, and summaries
of the minutes in which nobody listened.

The boot is counted in flash before anybody hears of it. A flash that refuses stops no boot: `problem` says so.
"""

from pump import store
from pump.minutes import Minutes
from pump.shelf import Shelf


class Diary:
    def __init__(self, board):
        self._board = board
        self.totals = store.load(board)
        self.totals["boots"] += 1
        self.problem = None
        try:
            store.save(board, self.totals)
        except OSError as error:
            self.problem = error
        self.boot = (self.totals["boots"], board.random_u32())
        self.shelf = Shelf(board, self.totals["minute"], self.totals["acknowledged"])
        self.minutes = Minutes(self.boot, self.shelf)
        self._heard_ms = 0

    def heard(self, now_ms):
        """A host has acknowledged readings."""
        self._heard_ms = now_ms

    def end_minute(self, now_ms, pump_time_ms, metered_nl, dropped):
        """Once a minute; `dropped`: records that the ring lost so far. Raises OSError if the flash refuses."""
        self.minutes.close(now_ms, pump_time_ms, metered_nl, now_ms - self._heard_ms, dropped)

    def keep(self, metered_nl, level_nl):
        """Totals to flash. Raises OSError if it refuses."""
        totals = self.totals
        totals["metered_nl"] = metered_nl
        totals["level_nl"] = level_nl
        totals["minute"] = self.shelf.next
        totals["acknowledged"] = self.shelf.oldest - 1
        store.save(self._board, totals)

    def forget(self):
        """As on the first day, but that numbers are never used twice."""
        self.shelf.release(self.shelf.next)
        self.keep(0, None)
