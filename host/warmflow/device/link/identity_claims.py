"""Whether the board at a port may be who it says it is. Pure: what is at the other ports is handed in.

A board id is at one port at a time: the second board that says it is refused, and the first one stays as it is. So a
board that copies the HELLO of another one, whose parts are public on MQTT, replaces nothing.
"""

from collections.abc import Iterable
from typing import Protocol

from warmflow.device.identity import BadName, PumpName, marked_name, pump_name
from warmflow.device.name_registry import FOREIGN, NameRegistry
from warmflow.device.session import Refusal
from warmflow.device.states import LinkState

ID_TAKEN = (
    "it says that it is board {board}, which is at {port}: both cannot be. Unplug the one that is not; nothing of this "
    "one is taken"
)
RENAME = "{fault}: give the board another name (rig_name)"


class AtPort(Protocol):
    """A link: what was asked to be opened, its pump, and the board that is there now, if that is known."""

    @property
    def wanted(self) -> str | None: ...

    @property
    def name(self) -> str: ...

    @property
    def board_id(self) -> str | None: ...


def rig_name(text: str, mark: str) -> PumpName | Refusal:
    """The name that a board says, as a pump's; `mark` is that of a recording, or empty."""
    try:
        name = pump_name(text)
    except BadName as error:
        return Refusal(LinkState.NAME_TAKEN, RENAME.format(fault=error))
    return marked_name(name, mark) if mark else name


def refusal(name: PumpName, board_id: str, others: Iterable[AtPort], registry: NameRegistry) -> Refusal | None:
    """Why the board may not be this pump; None if it may. `others`: all links but the board's own."""
    others = list(others)
    for other in others:
        if other.board_id == board_id:
            return Refusal(LinkState.ID_TAKEN, ID_TAKEN.format(board=board_id, port=other.wanted))
    if fault := registry.fault(name, board_id, [other.wanted or "" for other in others]):
        return Refusal(LinkState.NAME_TAKEN, fault)
    for other in others:
        if other.board_id and other.name == name:
            words = FOREIGN.format(name=name, owner=other.board_id, board=board_id)
            return Refusal(LinkState.NAME_TAKEN, words)
    return None
