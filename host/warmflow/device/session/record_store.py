"""What a session has to know of its journal: what is safe already, and whether there is room."""

from typing import Protocol

from warmflow.device.identity import Boot


class RecordStore(Protocol):
    """What is safe from before, and whether there is room for more: the journal."""

    @property
    def full(self) -> bool:
        """True while no record can be taken: what comes is to stay on its board."""

    def through(self, boot: Boot) -> int:
        """The last sequence of a boot that is stored or reported lost; 0 for an unknown boot."""

    def latest(self, board_id: str) -> Boot | None:
        """The boot of this board that was heard last."""


class NoMemory:
    """Nothing is known from before, and there is always room."""

    full = False

    def through(self, boot: Boot) -> int:
        return 0

    def latest(self, board_id: str) -> Boot | None:
        return None
