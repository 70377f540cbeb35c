"""Records that are stored, and which of them were acknowledged to the board. A lost acknowledgement is sent again.
Reads no clock."""

ACK_EVERY_S = 0.25
ACK_AGAIN_S = 5.0  # the last acknowledgement is sent again so often: its line may have been lost
ACK_LOST_S = 1.0  # a record that comes again so long after it: it was lost


class Acks:
    """Of one boot. `safe`: last sequence that is on disk."""

    def __init__(self, safe: int = 0) -> None:
        self.safe = safe
        self._told = 0
        self._told_s = -1e9

    def next_boot(self, safe: int) -> None:
        """Another boot, of which an earlier daemon may have kept some without saying so."""
        self.safe, self._told = safe, 0

    def due(self, now_s: float) -> int:
        """What to tell the board now, 0 if nothing."""
        after_s = ACK_EVERY_S if self.safe > self._told else ACK_AGAIN_S
        if not self.safe or now_s - self._told_s < after_s:
            return 0
        self._told, self._told_s = self.safe, now_s
        return self.safe

    def repeated(self, now_s: float) -> None:
        """A safe record came again: if it was told long ago, the board does not seem to know."""
        if now_s - self._told_s >= ACK_LOST_S:
            self._told = 0
