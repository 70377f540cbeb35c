"""Which step is on the screen: one at a time, each long enough to be seen, whatever pump time does. Reads no clock."""

from typing import NamedTuple

HOLD_S = 4.0  # chosen: what a step has at least
LEAST_S = 2.0  # chosen: and no less than this, however many wait behind it


class Screen(NamedTuple):
    """`at` counts steps from 0; -1 before the first one."""

    at: int = -1
    since_s: float = 0.0

    def waiting(self, reached: int) -> int:
        """Steps that were reached behind the one on the screen."""
        return max(0, reached - 1 - self.at)

    def held(self, reached: int, now_s: float) -> bool:
        """Whether one waits for its turn."""
        return self.at >= 0 and self.waiting(reached) > 0 and now_s - self.since_s < hold_s(self.waiting(reached))

    def seen(self, now_s: float) -> bool:
        """Whether the one on the screen had its time."""
        return now_s - self.since_s >= HOLD_S

    def turned(self, reached: int, now_s: float) -> "Screen":
        """The screen now: the next step if one waits and this one had its time. One at a time."""
        if not self.waiting(reached) or self.held(reached, now_s):
            return self
        return Screen(self.at + 1, now_s)


def hold_s(waiting: int) -> float:
    """How long a step is held: shared among those that wait, so that the screen catches up with a fast pump time."""
    return max(LEAST_S, HOLD_S / max(1, waiting))
