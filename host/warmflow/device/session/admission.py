"""Why nothing is taken from a board: its firmware is none of this program's, or it may not be who it says it is. Reads
no clock; who may be whom is decided by the one who hands `admit` in.
"""

from collections.abc import Callable
from typing import NamedTuple

from pumplink import messages as m
from pumplink.heads import HelloHead
from pumplink.messages import LAYOUT, PROTOCOL_MAJOR, PROTOCOL_MINOR
from warmflow.device.identity import Boot
from warmflow.device.session.ask import Ask
from warmflow.device.session.reasons import OTHER_LAYOUT, OTHER_VERSION, SHORT_HELLO
from warmflow.device.states import LinkState

REFUSED_EVERY_S = 5.0  # a board whose identity was refused is asked again, for the other one may be gone
REFUSED_TRIES = 12  # then with growing pauses
ASKED_AGAIN = (LinkState.NAME_TAKEN, LinkState.ID_TAKEN)


class Refusal(NamedTuple):
    """The state of the link, and why."""

    state: LinkState
    reason: str


Admit = Callable[[Boot, m.Hello | m.Info], Refusal | None]


class RefusedAsk:
    """When a board whose identity was refused is asked once more who it is."""

    def __init__(self) -> None:
        self._ask = Ask(REFUSED_EVERY_S, REFUSED_TRIES)

    def refused(self, now_s: float, is_new: bool) -> None:
        """It was refused; `is_new`: for the first time since it was well."""
        if is_new:
            self._ask.answered()
            self._ask.on_sent(now_s)

    def due(self, state: LinkState, now_s: float) -> bool:
        """True if it is to be asked now; it counts as asked."""
        if state not in ASKED_AGAIN or not self._ask.due(now_s):
            return False
        self._ask.on_sent(now_s)
        return True


def of_other_firmware(hello: m.Hello) -> Refusal | None:
    """Why this program cannot read what follows this HELLO."""
    if hello.protocol_major != PROTOCOL_MAJOR:
        return of_unreadable(HelloHead(*hello[:5]))
    if hello.protocol_minor == PROTOCOL_MINOR and hello.layout not in (None, 0, LAYOUT):
        return Refusal(LinkState.MISMATCH, OTHER_LAYOUT.format(firmware=_version(HelloHead(*hello[:5]))))
    return None


def of_unreadable(head: HelloHead) -> Refusal:
    """Of a HELLO of which the head alone can be read."""
    firmware = _version(head)
    if head.protocol_major == PROTOCOL_MAJOR:
        return Refusal(LinkState.MISMATCH, SHORT_HELLO.format(firmware=firmware))
    words = OTHER_VERSION.format(firmware=firmware, theirs=head.protocol_major, ours=PROTOCOL_MAJOR)
    return Refusal(LinkState.WRONG_VERSION, words)


def _version(head: HelloHead) -> str:
    return f"{head.firmware_major}.{head.firmware_minor}.{head.firmware_patch}"
