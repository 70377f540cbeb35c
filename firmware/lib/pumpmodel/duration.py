"""Durations as whole milliseconds of pump time: a 32-bit float of seconds stops counting 10 ms steps after two days."""

from .errors import require_range

LONGEST_S = 366 * 86400


def duration_ms(name: str, duration_s: float) -> int:
    """Milliseconds of 1 ms..366 days, whole seconds first so that a float's digits suffice. Raises: PumpModelError."""
    require_range(name + " in s", duration_s, 0.001, LONGEST_S)
    seconds = int(duration_s)
    return seconds * 1000 + int((duration_s - seconds) * 1000.0 + 0.5)


def earliest_ms(*due_ms: int | None) -> int | None:
    """The first of several pump times, None standing for never."""
    first_ms: int | None = None
    for one_ms in due_ms:
        if one_ms is not None and (first_ms is None or one_ms < first_ms):
            first_ms = one_ms
    return first_ms
