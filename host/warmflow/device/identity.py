"""Which board, and which of its boots: with a sequence number, the identity of a record."""

from typing import NamedTuple

REPLAYED, IMPORTED = "replay-", "import-"  # before the id of a board whose records come from a file


class Boot(NamedTuple):
    """Which run of which board: with a sequence number, the identity of a record."""

    board_id: str
    boots: int
    random: int

    def __str__(self) -> str:
        return f"{self.boots}-{self.random:08x}"
