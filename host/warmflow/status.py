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
