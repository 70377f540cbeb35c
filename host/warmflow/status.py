"""States of a link to a board, as people and topics name them. One table, so that a reason never lacks its words."""

from enum import Enum


class LinkState(Enum):
    """What a link is; the value is published."""

    CONNECTING = "connecting"
    OK = "ok"
    SILENT = "silent"
    AT_PROMPT = "at the prompt"
    WRONG_VERSION = "wrong protocol version"
    NAME_TAKEN = "name taken"
    CRC_STORM = "crc storm"
    NOT_FOUND = "port not found"
    BUSY = "port busy"
    DENIED = "permission denied"
    PORT_LOST = "port lost"
    STOPPED = "stopped"

    @property
    def is_closed(self) -> bool:
        """No port is open in this state."""
        return self in (LinkState.NOT_FOUND, LinkState.BUSY, LinkState.DENIED, LinkState.PORT_LOST, LinkState.STOPPED)


REMEDIES = {
    LinkState.CONNECTING: "wait: the port is open, and the board is asked who it is",
    LinkState.OK: "nothing to do",
    LinkState.SILENT: "the port is open and no frame comes: is the firmware on the board?",
    LinkState.AT_PROMPT: "somebody pressed Ctrl-C: press Ctrl-D at the prompt, or reset the board",
    LinkState.WRONG_VERSION: "flash the firmware that came with this program",
    LinkState.NAME_TAKEN: "two boards have one rig_name: give one of them another",
    LinkState.CRC_STORM: "many bad frames: change the cable; let no second program read the port",
    LinkState.NOT_FOUND: "plug it in; `warmflow ports` lists what is there",
    LinkState.BUSY: "another program has the port open: mpremote, Thonny, a second warmflow",
    LinkState.DENIED: "`sudo usermod -aG dialout $USER`, then log out and in again",
    LinkState.PORT_LOST: "unplugged, or reset: it is opened again as soon as it is back",
    LinkState.STOPPED: "the daemon was stopped: `warmflow run`",
}
