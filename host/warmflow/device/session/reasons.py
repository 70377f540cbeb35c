"""What people read of a link that is not well, each with its remedy; and how a prompt is told from a frame."""

from pumplink.codes import GapReason

AT_PROMPT = (
    "the program on the board was interrupted: press Ctrl-D at its prompt, reset it, or unplug and plug it in again"
)
SILENT = "the port is open and no frame comes: is the firmware on the board?"
OTHER_VERSION = (
    "firmware {firmware} speaks protocol {theirs}, this program {ours}: flash the firmware that came with this program"
)
SHORT_HELLO = (
    "firmware {firmware} does not match this program: its HELLO is too short; flash the firmware that came with it"
)
OTHER_LAYOUT = (
    "firmware {firmware} does not match this program: its messages have other fields; flash the firmware that came "
    "with it"
)
NO_HELLO = (
    "frames come, and the board does not say who it is in a way that this program can read: flash the firmware that "
    "came with this program"
)
GAP_WORDS: dict[int, str] = {
    GapReason.RING_OVERFLOW: "the board's ring was full before anybody acknowledged",
    GapReason.NOT_IN_RING: "the board does not hold them any more",
}


def at_prompt(pending: bytes) -> bool:
    """True if the last unfinished line is MicroPython's prompt, whatever was typed there: a command that was on its
    way when the program was interrupted stands behind it, for a line feed alone enters nothing.
    """
    return pending.rpartition(b"\n")[2].startswith((b">>>", b"..."))
