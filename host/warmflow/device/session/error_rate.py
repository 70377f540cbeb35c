"""Good frames against bad ones: when a wire is so bad that it is a state of its own. Reads no clock."""

STORM_FRAMES = 20  # so many bad frames in STORM_S, and more than good ones: a CRC storm
STORM_S = 5.0
BAD = ("crc", "cobs", "oversize")


class Storm:
    """Counts by spans of STORM_S."""

    def __init__(self) -> None:
        self.bad = self._good = 0
        self._since_s = 0.0

    @property
    def rages(self) -> bool:
        return self.bad >= STORM_FRAMES and self.bad > self._good

    def good_frame(self) -> None:
        self._good += 1

    def rejected(self, cause: str) -> None:
        self.bad += cause in BAD

    def calm(self, now_s: float) -> bool:
        """True at the end of a span with good frames and few bad ones; the next span begins."""
        if now_s - self._since_s <= STORM_S:
            return False
        was_calm = self.bad < STORM_FRAMES and self._good > 0
        self._since_s, self.bad, self._good = now_s, 0, 0
        return was_calm
