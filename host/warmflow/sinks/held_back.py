"""Records that the peer does not take now, by lane. A lane is one pump's records of one kind: they share a topic. Pure.

The others go on. A lane is tried again from its first record that is missing at the peer, one part of the journal at a
time.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from warmflow.journal.row_codec import Record

PAUSES_S = (5.0, 10.0, 20.0, 30.0)  # before a lane is tried again; the last one from then on


class Lane(NamedTuple):
    """Records that are held back together."""

    pump: str
    kind: str


def lane_of(record: Record) -> Lane:
    return Lane(record.pump, type(record).__name__)


@dataclass
class Held:
    """Where a lane stands: its first record that the peer does not have, and when to try it again."""

    first_id: int
    try_at_s: float
    attempts: int = 0


class HeldLanes:
    """Lanes that are held back; times are of one steady clock."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, Held] = {}

    def __contains__(self, lane: Lane) -> bool:
        return lane in self._lanes

    def __len__(self) -> int:
        return len(self._lanes)

    @property
    def first_id(self) -> int | None:
        """The oldest record of all that are held back."""
        return min((held.first_id for held in self._lanes.values()), default=None)

    @property
    def next_try_s(self) -> float:
        return min((held.try_at_s for held in self._lanes.values()), default=math.inf)

    def refused(self, lane: Lane, record_id: int, now_s: float) -> None:
        """The peer did not take this record; no later one of its lane is sent before it."""
        held = self._lanes.setdefault(lane, Held(record_id, now_s))
        held.try_at_s = now_s + PAUSES_S[min(held.attempts, len(PAUSES_S) - 1)]
        held.attempts += 1

    def passed_over(self, lane: Lane, record_id: int) -> None:
        """This record was not sent, since its lane is held back. It may be older than the refused one: a
        pump's name can have had several boards, which are not equally far.
        """
        self._lanes[lane].first_id = min(self._lanes[lane].first_id, record_id)

    def advanced(self, lane: Lane, next_id: int) -> None:
        """The peer has all records of the lane before this one."""
        self._lanes[lane].first_id = next_id
        self._lanes[lane].attempts = 0

    def done(self, lane: Lane) -> None:
        """The peer has all of it."""
        del self._lanes[lane]

    def due(self, now_s: float) -> tuple[Lane, Held] | None:
        """The lane that has waited longest of those that may be tried."""
        lane = min(self._lanes, key=lambda each: self._lanes[each].try_at_s, default=None)
        return (lane, self._lanes[lane]) if lane and self._lanes[lane].try_at_s <= now_s else None

    def try_all(self, now_s: float) -> None:
        """A new connection: what was refused may be allowed now."""
        for held in self._lanes.values():
            held.try_at_s = min(held.try_at_s, now_s)
