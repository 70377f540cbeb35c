"""Good frames against bad ones: when a wire is so bad that it is a state of its own. Reads no clock.

Two kinds of bad frames have different remedies: bytes that were changed on the way (the cable), and frames that arrived
whole and cannot be read (the firmware).
"""

from warmflow.device.states import LinkState

STORM_FRAMES = 20  # so many bad frames in STORM_S, and more than good ones: a state of its own
STORM_S = 5.0
DAMAGED = ("crc", "cobs", "oversize")
UNREADABLE = ("length", "value")
CABLE = "{count} bad frames within {seconds:.0f} s: cable, or a second reader"
FIRMWARE = (
    "{count} frames within {seconds:.0f} s arrived whole and could not be read: flash the firmware that came with this "
    "program"
)


class FrameErrorRate:
    """Counts by spans of STORM_S."""

    def __init__(self) -> None:
        self._damaged = self._unreadable = self._good = 0
        self._since_s = 0.0

    @property
    def bad(self) -> int:
        return self._damaged + self._unreadable

    @property
    def rages(self) -> bool:
        return self.bad >= STORM_FRAMES and self.bad > self._good

    @property
    def state(self) -> tuple[LinkState, str]:
        """What the link is while it rages, by the kind of which there is more."""
        state, words = (
            (LinkState.CRC_STORM, CABLE) if self._damaged >= self._unreadable else (LinkState.MISMATCH, FIRMWARE)
        )
        return state, words.format(count=self.bad, seconds=STORM_S)

    def good_frame(self) -> None:
        self._good += 1

    def rejected(self, cause: str) -> None:
        self._damaged += cause in DAMAGED
        self._unreadable += cause in UNREADABLE

    def calm(self, now_s: float) -> bool:
        """True at the end of a span with good frames and few bad ones; the next span begins."""
        if now_s - self._since_s <= STORM_S:
            return False
        was_calm = self.bad < STORM_FRAMES and self._good > 0
        self._since_s = now_s
        self._damaged = self._unreadable = self._good = 0
        return was_calm
