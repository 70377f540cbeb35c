"""What state a link is in, and why: from which frames come, and from which do not. Reads no clock, sends nothing.

It knows no boot and no sequence: who the board is and what is missing is decided elsewhere in the session.
"""

from warmflow.device.session.error_rate import UNREADABLE, FrameErrorRate
from warmflow.device.session.outcomes import Outcome, StateChanged
from warmflow.device.session.readings import ReadingsWatch
from warmflow.device.session.reasons import AT_PROMPT, NO_HELLO, SILENT, at_prompt
from warmflow.device.states import LinkState

SILENT_S = 2.5  # no good frame for so long: silent
PROMPT_S = 0.5  # a prompt that nothing follows for so long is one
WHOLE = ("version", "unknown", *UNREADABLE)  # causes of frames that arrived as they were sent


class LinkHealth:
    """Of one link. `greeted`: a HELLO has come since the port was opened: before, nobody knows whose frames these are.
    `refused`: everything from this board is ignored until its next HELLO.
    """

    def __init__(self) -> None:
        self.state = LinkState.CONNECTING
        self.detail = ""
        self.greeted = self.refused = False
        self.last_good_s: float | None = None
        self.readings = ReadingsWatch()
        self._errors = FrameErrorRate()
        self._stormy = False  # bad frames are the state of this link

    def opened(self, now_s: float) -> list[Outcome]:
        """The port is open (again)."""
        self.last_good_s = now_s
        self.greeted = self.refused = self._stormy = False
        return self.become(LinkState.CONNECTING, "")

    def refuse(self, state: LinkState, detail: str) -> list[Outcome]:
        self.refused = True
        return self.become(state, detail)

    def good_frame(self, now_s: float) -> None:
        """A frame came that can be read."""
        self._errors.good_frame()
        self._alive(now_s)

    def bad_frame(self, cause: str, now_s: float) -> None:
        """A frame came that cannot be read. If it arrived whole, the link is alive."""
        if cause in WHOLE:
            self._alive(now_s)

    def count_error(self, cause: str) -> list[Outcome]:
        """A bad frame counts against the wire; what the link becomes by it."""
        self._errors.rejected(cause)
        if self._stormy or self.refused or not self._errors.rages:
            return []
        self._stormy = True
        return self.become(*self._errors.state)

    def quiet_s(self, now_s: float) -> float:
        """Since the last good frame."""
        return now_s - self.last_good_s if self.last_good_s is not None else 0.0

    def tick(self, now_s: float, pending: bytes, no_hello: bool) -> list[Outcome]:
        """`pending`: what the decoder holds of an unfinished frame. `no_hello`: the board did not answer requests for
        HELLO.
        """
        out: list[Outcome] = []
        quiet_s = self.quiet_s(now_s)
        if quiet_s > PROMPT_S and at_prompt(pending):
            out += self.become(LinkState.AT_PROMPT, AT_PROMPT)
        elif quiet_s > SILENT_S and not self.refused and self.state is not LinkState.AT_PROMPT:
            out += self.become(LinkState.SILENT, SILENT)
        elif quiet_s <= SILENT_S and not self.refused and not self.greeted and no_hello:
            out += self.become(LinkState.MISMATCH, NO_HELLO)
        if self._errors.calm(now_s) and self._stormy:
            self._stormy = False
            out += self.well(now_s)
        if self._readings_expected(quiet_s) and (why := self.readings.missing(now_s)):
            out += self.become(LinkState.NO_READINGS, why)
        return out

    def well(self, now_s: float) -> list[Outcome]:
        """The link is all right, unless something else is known."""
        if self._stormy or self.refused or not self.greeted or self.readings.missing(now_s):
            return []
        return self.become(LinkState.OK, "")

    def become(self, state: LinkState, detail: str) -> list[Outcome]:
        if (state, detail) == (self.state, self.detail):
            return []
        self.state, self.detail = state, detail
        return [StateChanged(state, detail)]

    def _readings_expected(self, quiet_s: float) -> bool:
        """The board has said who it is, frames come, and no other state says why no reading does."""
        return self.greeted and not self.refused and quiet_s <= SILENT_S and not self._stormy

    def _alive(self, now_s: float) -> None:
        """A whole frame came. After a silence readings get their time anew."""
        if self.quiet_s(now_s) > SILENT_S:
            self.readings.came(now_s)
        self.last_good_s = now_s
