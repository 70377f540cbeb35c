"""Whose turn it is, when more records wait for a peer than are read at a time. Pure.

A board that has more than its share among them is *behind*: it gets a position of its own, and turns. The others are
read on in the order of arrival, past its records, so that what they say now does not wait for what it said all week.
The order of each board's own records stays. A board, and not a name: one board can have many names, one after another.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from warmflow.journal import Entry

BOARDS_MAX = 500  # that are behind at once; a further one stays in the order of arrival
TURN_BOARDS = 5  # boards whose turn it is at once: a few messages on their way for each


@dataclass
class Position:
    """How far a peer is: records up to `read` were delivered or held back, those up to `sent` may have been sent."""

    read: int = -1
    sent: int = 0


class Backlogs:
    """Boards that are behind, those first that have waited longest for their turn."""

    def __init__(self) -> None:
        self._positions: dict[str, Position] = {}

    @property
    def boards(self) -> Collection[str]:
        return self._positions.keys()

    @property
    def read(self) -> int | None:
        """The position of the board that is behind most; None if none is."""
        return min((each.read for each in self._positions.values()), default=None)

    def read_of(self, board: str, otherwise: int) -> int:
        """How far the peer is with this board's records; `otherwise` for a board that is not behind."""
        return self._positions[board].read if board in self._positions else otherwise

    def over_share(self, entries: Sequence[Entry], window: int) -> set[str]:
        """Boards that take their whole share of these, where so many are read at a time and more wait. A board that is
        alone among them takes it, too: others may wait behind its records.
        """
        counts = Counter(entry.record.boot.board_id for entry in entries)
        share = window / max(1, len(counts) + len(self._positions))
        boards = [board for board, count in counts.most_common() if count >= share]
        return set(boards[: max(0, BOARDS_MAX - len(self._positions))])

    def add(self, boards: Collection[str], at: Position) -> None:
        """They fall behind here."""
        for board in boards:
            self._positions[board] = Position(at.read, at.sent)

    def turn(self) -> list[tuple[str, Position]]:
        """The boards whose turn it is; they come after all others then."""
        boards = list(self._positions)[:TURN_BOARDS]
        for board in boards:
            self._positions[board] = self._positions.pop(board)
        return [(board, self._positions[board]) for board in boards]

    def caught_up(self, through: int) -> None:
        """Boards whose records were delivered up to this number are behind no more."""
        self._positions = {board: each for board, each in self._positions.items() if each.read < through}
