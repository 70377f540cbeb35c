"""What can go wrong with a pump, as magnitudes 0..1 that end by themselves.

A fault changes the truth and never the declaration. Effects at full magnitude (chosen): see FAULT_KINDS.
"""

from .duration import duration_ms, earliest_ms
from .errors import require_name, require_range

FAULT_KINDS = (
    "occlusion",  # no flow, drive unchanged: temperature alone cannot tell it
    "catheter_loose",  # the outlet falls to tissue pressure, nothing reaches the artery
    "leak",  # flow leaves the pump as before, nothing reaches the artery
    "warm_pocket",  # the pump is warmer by WARM_POCKET_C
)
WARM_POCKET_C = 3.0  # chosen


class Faults:
    """One magnitude and one end for each kind; a later fault of a kind replaces the earlier."""

    def __init__(self) -> None:
        self._magnitudes = [0.0] * len(FAULT_KINDS)
        self._until_ms: list[int | None] = [None] * len(FAULT_KINDS)

    def start(self, kind: str, magnitude: float, duration_s: float | None, now_ms: int) -> None:
        """Put a fault in force, until `end` when duration_s is None; magnitude 0 ends it. Raises: PumpModelError."""
        index = FAULT_KINDS.index(require_name("fault", kind, FAULT_KINDS))
        require_range("fault magnitude", magnitude, 0.0, 1.0)
        until_ms = None if duration_s is None else now_ms + duration_ms("fault duration", duration_s)
        self._magnitudes[index] = float(magnitude)
        self._until_ms[index] = until_ms if magnitude else None

    def end(self) -> None:
        """End all of them."""
        self._magnitudes = [0.0] * len(FAULT_KINDS)
        self._until_ms = [None] * len(FAULT_KINDS)

    def magnitude(self, kind: str) -> float:
        """0..1, 0 when not in force."""
        return self._magnitudes[FAULT_KINDS.index(kind)]

    def active(self) -> bool:
        """Whether any is in force."""
        return max(self._magnitudes) > 0.0

    def due_ms(self) -> int | None:
        """Pump time at which the next one ends, or None."""
        return earliest_ms(*self._until_ms)

    def expire(self, now_ms: int) -> None:
        """End what is over."""
        for index, until_ms in enumerate(self._until_ms):
            if until_ms is not None and now_ms >= until_ms:
                self._magnitudes[index] = 0.0
                self._until_ms[index] = None
