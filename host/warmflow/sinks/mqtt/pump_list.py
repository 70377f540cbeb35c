"""Topics made from the list of pumps: `bridge/pumps`, and the Home Assistant device of each pump. No I/O.

A pump of an earlier run that is not connected stays in the list as absent until it is forgotten. So its Home Assistant
device is still known.
"""

from msgspec.structs import replace

from warmflow.api.payloads import ListedPump, PumpEntry, Pumps, listed
from warmflow.api.topic_names import level_fault
from warmflow.api.topics import path
from warmflow.device.states import REMEDIES, LinkState
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.home_assistant import device
from warmflow.sinks.mqtt.incoming import IncomingMessages
from warmflow.sinks.mqtt.options import PublisherOptions
from warmflow.sinks.mqtt.outbox import Outbox

ABSENT = {
    "port": None,
    "status": LinkState.NOT_FOUND.value,
    "reason": "no board with this name has been connected since the daemon was started",
    "remedy": REMEDIES[LinkState.NOT_FOUND] + "; or let the daemon forget it (bridge/request/forget)",
}


class PumpListTopics:
    """`look()` now and then; only what differs is published."""

    def __init__(self, base: str, contract: PublisherOptions, outbox: Outbox, incoming: IncomingMessages) -> None:
        self._base, self._contract, self._outbox, self._incoming = base, contract, outbox, incoming

    def look(self) -> None:
        """Puts the list and the devices into the outbox."""
        pumps = self._contract.pumps()
        names = {entry.pump for entry in pumps}
        boards = {entry.board_id for entry in pumps if entry.board_id}
        earlier = self._incoming.left_behind.earlier
        for name, entry in list(earlier.items()):
            if name in names or entry.board_id in boards:  # it is here, or has another name now
                del earlier[name]
        theirs = self._incoming.warning()  # pumps of another daemon are not marked absent
        all_pumps = [
            *(self._announced(entry) for entry in pumps),
            *(replace(entry, **ABSENT) for entry in (() if theirs else earlier.values())),
        ]
        self._outbox.retain("pumps", "", dump(Pumps(pumps=all_pumps)))

    def _announced(self, entry: PumpEntry) -> ListedPump:
        contract = self._contract
        board = entry.board_id
        fit = entry.pump and board and not level_fault(entry.pump) and not level_fault(board)
        if not (contract.home_assistant and fit and board) or board in self._incoming.forgotten:
            return listed(entry, None)
        payload = device(entry, contract.version, self._path, commands=contract.commands)
        self._outbox.retain("discovery", board, dump(payload))
        return listed(entry, self._path("discovery", board))

    def _path(self, kind: str, name: str) -> str:
        return path(kind, self._base, self._contract.prefix, name)
