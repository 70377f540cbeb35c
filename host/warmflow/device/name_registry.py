"""Which board a name belongs to: the one that had it first. In memory; the journal loads it and stores what is new.

A name stays with its board when the board is away or renamed, for its history stays under it. Only a person moves a
name to another board (`adopt`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from warmflow.device.identity import PumpName

NAMES_OF_A_BOARD = 16  # [chosen] a board that is renamed without an end does not fill the journal with names
NOTHING: Mapping[PumpName, str] = MappingProxyType({})
FOREIGN = (
    "{name} belongs to board {owner}: give this one ({board}) a name of its own (rig_name); if it replaces that board: "
    "`warmflow adopt {name} {board}`"
)
ID_OR_PORT = "{name} is the id of a board or a port: give this board another name (rig_name)"
TOO_MANY = "board {board} has had {most} names already: give it one of those again (rig_name)"


class NameRegistry:
    """`owners`: board ids by name. `boards`: ids of boards that are known beside those."""

    def __init__(self, owners: Mapping[PumpName, str] = NOTHING, boards: Iterable[str] = ()) -> None:
        self._owners = dict(owners)
        self._boards = {*boards, *owners.values()}
        self._counts = Counter(owners.values())

    def owner(self, name: str) -> str | None:
        """The id of the board that this name belongs to; None if nobody had it yet."""
        return self._owners.get(PumpName(name))

    def names(self) -> list[PumpName]:
        return sorted(self._owners)

    def knows(self, board_id: str) -> bool:
        """Whether a board with this id was ever here."""
        return board_id in self._boards

    def fault(self, name: PumpName, board_id: str, ports: Iterable[str] = ()) -> str:
        """Why this board may not have this name; "" if it may. `ports`: those that the daemon was asked to open."""
        if name in self._boards or name == board_id or name in {port.lower() for port in ports}:
            return ID_OR_PORT.format(name=name)
        owner = self._owners.get(name)
        if owner == board_id:
            return ""
        if owner is not None:
            return FOREIGN.format(name=name, owner=owner, board=board_id)
        if self._counts[board_id] >= NAMES_OF_A_BOARD:
            return TOO_MANY.format(board=board_id, most=NAMES_OF_A_BOARD)
        return ""

    def claim(self, name: PumpName, board_id: str) -> None:
        """This board has this name from now on, unless somebody had it before."""
        self._boards.add(board_id)
        if name not in self._owners:
            self.adopt(name, board_id)

    def adopt(self, name: PumpName, board_id: str) -> None:
        """The name belongs to this board from now on, whoever had it."""
        if (before := self._owners.get(name)) is not None:
            self._counts[before] -= 1
        self._boards.add(board_id)
        self._owners[name] = board_id
        self._counts[board_id] += 1
