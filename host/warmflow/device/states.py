"""States of a link and of its device, as pages and topics name them. One table for each, so every state has its
texts.
"""

from enum import Enum
from typing import NamedTuple

from pumplink.codes import Status


class LinkState(Enum):
    """State of a link; the value is published."""

    CONNECTING = "connecting"
    OK = "ok"
    SILENT = "silent"
    AT_PROMPT = "at the prompt"
    WRONG_VERSION = "wrong protocol version"
    NAME_TAKEN = "name taken"
    ID_TAKEN = "board id taken"
    CRC_STORM = "crc storm"
    NO_READINGS = "no readings"
    MISMATCH = "firmware does not match"
    NOT_FOUND = "port not found"
    BUSY = "port busy"
    DENIED = "permission denied"
    PORT_LOST = "port lost"
    STOPPED = "stopped"

    @property
    def is_closed(self) -> bool:
        """No port is open in this state."""
        return self in (LinkState.NOT_FOUND, LinkState.BUSY, LinkState.DENIED, LinkState.PORT_LOST, LinkState.STOPPED)

    @property
    def is_live(self) -> bool:
        """The board is identified, and readable frames arrive."""
        return self in (LinkState.OK, LinkState.NO_READINGS)


REMEDIES = {
    LinkState.CONNECTING: "wait: the port is open, and the board is being identified",
    LinkState.OK: "nothing to do",
    LinkState.SILENT: "the port is open and no frame comes: is the firmware on the board?",
    LinkState.AT_PROMPT: "somebody pressed Ctrl-C: press Ctrl-D at the prompt, or reset the board",
    LinkState.WRONG_VERSION: "flash the firmware that came with this program",
    LinkState.NAME_TAKEN: "give this board another rig_name, or, if it replaces one, use `warmflow adopt`",
    LinkState.ID_TAKEN: "two boards have the same board id: unplug one of them",
    LinkState.CRC_STORM: "many bad frames: change the cable, and close other programs that read the port",
    LinkState.NO_READINGS: "restart the board; if it stays, flash the firmware that came with this program",
    LinkState.MISMATCH: "the board's frames cannot be read: flash the firmware that came with this program",
    LinkState.NOT_FOUND: "plug it in; `warmflow ports` lists what is there",
    LinkState.BUSY: "another program has the port open: mpremote, Thonny, a second warmflow",
    LinkState.DENIED: "`sudo usermod -aG dialout $USER`, then log out and in again",
    LinkState.PORT_LOST: "unplugged or reset: the port is opened again as soon as it is back",
    LinkState.STOPPED: "the daemon was stopped: `warmflow run`",
}


class DeviceState(NamedTuple):
    """State of the device that follows from its readings."""

    word: str
    reason: str
    remedy: str


DEVICE_OK = DeviceState("ok", "", "nothing to do")
# the worst first; flags that describe only the reading (late, emulated) are not a state of the device
DEVICE_STATES: dict[Status, DeviceState] = {
    Status.PROBE_FAULT: DeviceState(
        "probe fault", "the probe gives no valid reading", "look at its plug and cable; then `warmflow selftest`"
    ),
    Status.BAROMETER_FAULT: DeviceState(
        "barometer fault", "the barometer gives no valid reading", "look at its cable; then `warmflow selftest`"
    ),
    Status.METER_RANGE: DeviceState(
        "meter range", "a metered value does not fit its field", "refill or reset the board: its totals are too large"
    ),
    Status.PROBE_RANGE: DeviceState(
        "probe range",
        "the probe reads outside 30-45 degC, where no pump in a body is",
        "put the probe where it belongs",
    ),
    Status.PROBE_OUT: DeviceState(
        "probe out", "the probe is not in place: assuming the body is at rest", "put the probe where it belongs"
    ),
}
DEVICE_FLAGS = sum(DEVICE_STATES)


def device_state(status: int) -> DeviceState:
    """The worst state in a reading's Status flags."""
    if not status & DEVICE_FLAGS:
        return DEVICE_OK
    return next(state for flag, state in DEVICE_STATES.items() if status & flag)
