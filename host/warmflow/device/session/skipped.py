"""Records that came and are not kept: nobody can read them, or the board sends more than its share. They are taken, so
that what follows them is taken too, and those in a row are reported as one loss.

It is reported when a record that is kept follows, or one that is skipped for another reason, or after REPORT_S.
"""

from pumplink.decoder import CAUSES

REPORT_S = 10.0
UNREADABLE = "came and could not be read: {cause}"
TOO_MANY = "more events than a board may send: not kept"


class Skipped:
    """The row that is not reported yet."""

    def __init__(self) -> None:
        self.first = self.last = 0  # 0: none
        self.reason = ""
        self._since_s = 0.0

    def add(self, sequence: int, reason: str, now_s: float) -> None:
        """This record, which follows the last one that was taken."""
        if not self.first:
            self.first, self._since_s = sequence, now_s
        self.last, self.reason = sequence, reason

    def continues(self, reason: str) -> bool:
        """Whether a record that is skipped for this reason belongs to the row."""
        return not self.first or reason == self.reason

    def due(self, now_s: float) -> bool:
        return bool(self.first) and now_s - self._since_s >= REPORT_S

    def clear(self) -> None:
        """It was reported."""
        self.first = self.last = 0


def unreadable(cause: str) -> str:
    """Why a record is skipped that cannot be read."""
    return UNREADABLE.format(cause=CAUSES[cause])
