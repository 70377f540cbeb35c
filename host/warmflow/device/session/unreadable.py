"""Records that came and can not be read: taken, so that what follows them is taken too, and reported as one loss.

Records in a row make one loss. It is reported when a record that can be read follows, or after REPORT_S.
"""

from pumplink.decoder import CAUSES

REPORT_S = 10.0
WORDS = "came and could not be read: {cause}"


class Unreadable:
    """The row that is not reported yet."""

    def __init__(self) -> None:
        self.first = self.last = 0  # 0: none
        self._cause = ""
        self._since_s = 0.0

    @property
    def reason(self) -> str:
        return WORDS.format(cause=CAUSES[self._cause])

    def add(self, sequence: int, cause: str, now_s: float) -> None:
        """This record, which follows the last one that was taken."""
        if not self.first:
            self.first, self._since_s = sequence, now_s
        self.last, self._cause = sequence, cause

    def due(self, now_s: float) -> bool:
        return bool(self.first) and now_s - self._since_s >= REPORT_S

    def clear(self) -> None:
        """It was reported."""
        self.first = self.last = 0
