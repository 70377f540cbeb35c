"""How old the oldest record is that a peer does not have, by a steady clock: dates may jump. Pure.

It is told now and then how far the journal goes; a record is at least as old as the first time it was seen there.
"""

from collections import deque

MARKS_MAX = 512


class WaitingAge:
    """`note` about once a second; `age_s` at any time."""

    def __init__(self) -> None:
        self._marks: deque[tuple[int, float]] = deque()  # newest record then, and when

    def note(self, last_id: int, acknowledged_id: int, now_s: float) -> None:
        """The journal ends with `last_id` now."""
        while self._marks and self._marks[0][0] <= acknowledged_id:
            self._marks.popleft()
        if last_id > acknowledged_id and (not self._marks or self._marks[-1][0] < last_id):
            self._marks.append((last_id, now_s))
        if len(self._marks) > MARKS_MAX:  # of a long outage: the oldest one counts, the others may be coarse
            self._marks = deque(list(self._marks)[::2])

    def age_s(self, acknowledged_id: int, now_s: float) -> float:
        """0 if the peer has everything."""
        at_s = next((at_s for last_id, at_s in self._marks if last_id > acknowledged_id), now_s)
        return max(0.0, now_s - at_s)
