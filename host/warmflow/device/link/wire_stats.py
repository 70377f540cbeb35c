"""What came over one pump's wire since the daemon started, over all openings of its port. Reading it costs the wire
nothing: the decoders count, this adds.
"""

from collections import Counter

from pumplink.decoder import Decoder


class WireCount:
    """`bytes`, `openings` and `unsent` (lines that found no room) are for the owner of the port to add to."""

    def __init__(self) -> None:
        self.bytes = 0
        self.openings = 0
        self.unsent = 0
        self._decoder = Decoder()
        self._frames = 0
        self._rejected: Counter[str] = Counter()
        self._dropped_bytes: Counter[str] = Counter()

    def fresh(self) -> Decoder:
        """A decoder for a port that is about to be opened; the counts of the one before are kept."""
        self._frames, self._rejected, self._dropped_bytes = self.frames, self.rejected, self.dropped_bytes
        self._decoder = Decoder()
        return self._decoder

    @property
    def frames(self) -> int:
        """Good ones."""
        return self._frames + self._decoder.frames

    @property
    def rejected(self) -> Counter[str]:
        """Bad frames by cause."""
        return self._rejected + self._decoder.counts

    @property
    def dropped_bytes(self) -> Counter[str]:
        """Bytes of bad frames, by cause."""
        return self._dropped_bytes + self._decoder.dropped_bytes
