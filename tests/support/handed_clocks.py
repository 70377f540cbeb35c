"""The clocks of a computer, in a test's hand: the date may step, the steady clock only goes on."""

from datetime import datetime, timedelta

from records import START

from warmflow.journal import Journal

HOUR_S = 3600.0
DAY_S = 86_400.0


class HandedClocks:
    """`date` and `steady` are what a journal is given as its clocks."""

    def __init__(self, date: datetime = START, steady_s: float = 0.0) -> None:
        self._date, self._steady_s = date, steady_s

    def date(self) -> datetime:
        return self._date

    def steady(self) -> float:
        return self._steady_s

    def go_on(self, seconds: float) -> None:
        """Real time passes."""
        self._date += timedelta(seconds=seconds)
        self._steady_s += seconds

    def step(self, seconds: float) -> None:
        """Somebody sets the date."""
        self._date += timedelta(seconds=seconds)

    def go_on_with(self, journal: Journal, seconds: float, every_s: float = HOUR_S) -> int:
        """Real time passes with an open journal, and retention runs every so often; how much it removed."""
        removed, left_s = 0, seconds
        while left_s > 0:
            self.go_on(min(every_s, left_s))
            left_s -= every_s
            removed += retain(journal)
        return removed


def retain(journal: Journal) -> int:
    """All that retention removes at this moment."""
    removed = 0
    while some := journal.remove_old():
        removed += some
    return removed
