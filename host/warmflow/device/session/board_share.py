"""Rate limit for each board: how many log lines, events and permanent rows it may cause per second, and in a burst
after a pause. Reads no clock.

A board with good firmware never comes near: the figures are far above what it says, and `at_once` is what it may hold
after an outage. What is above the share is left out and counted, or stays on the board (`session.py` says which).
"""

from collections import Counter
from typing import NamedTuple

REPORT_S = 10.0


class Limit(NamedTuple):
    per_s: float
    at_once: int


LIMITS: dict[str, Limit] = {  # [chosen]
    "log lines": Limit(5, 50),
    "events": Limit(20, 1000),  # a board's ring holds about so many
    "losses": Limit(10, 1000),
    "summaries": Limit(50, 5000),  # more than the minutes that a board's flash holds
    "boots of summaries": Limit(0.1, 2000),
    "HELLOs": Limit(5, 30),
    "INFOs": Limit(2, 20),
    "declarations": Limit(0.1, 50),  # of one boot under one name, each different from the one before
}


class BoardShare:
    """Of one board, or rather of one port: a board may change its id, and not its port."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self._left = {kind: float(limit.at_once) for kind, limit in LIMITS.items()}
        self._at_s = dict.fromkeys(LIMITS, 0.0)
        self._reported: Counter[str] = Counter()
        self._reported_s = -REPORT_S

    def has(self, kind: str, now_s: float) -> bool:
        """Whether there is something left of this kind's share."""
        limit = LIMITS[kind]
        passed_s, self._at_s[kind] = max(0.0, now_s - self._at_s[kind]), now_s
        self._left[kind] = min(float(limit.at_once), self._left[kind] + limit.per_s * passed_s)
        return self._left[kind] >= 1

    def take(self, kind: str, now_s: float) -> bool:
        """Takes one of it. False, and counted, if nothing is left."""
        if not self.has(kind, now_s):
            self.left_out[kind] += 1
            return False
        self._left[kind] -= 1
        return True

    def spend(self, kind: str) -> None:
        """One that is taken in any case, for `has` was asked before."""
        self._left[kind] -= 1

    def report(self, now_s: float) -> str:
        """What was left out since the last report, at most every REPORT_S; "" if nothing was."""
        new = self.left_out - self._reported
        if not new or now_s - self._reported_s < REPORT_S:
            return ""
        self._reported, self._reported_s = self.left_out.copy(), now_s
        parts = (f"{count} {kind} (more than {LIMITS[kind].per_s:g} a second)" for kind, count in sorted(new.items()))
        return f"left out of what the board says: {', '.join(parts)}"
