"""A request to a board that may never be able to answer it: repeated with pauses, and not without an end.

Every request of a session goes through one of these, so that none can become a storm. Reads no clock, sends nothing.
"""

LONGEST_S = 60.0  # between repetitions of what is still asked for after `most` tries


class Ask:
    """Repeated every `every_s`. After `most` tries without an answer it is `exhausted`: the caller gives up, or goes on
    at pauses that double up to LONGEST_S.
    """

    def __init__(self, every_s: float, most: int) -> None:
        self._every_s, self._most = every_s, most
        self._asked_s = -1e9
        self.tries = 0

    @property
    def exhausted(self) -> bool:
        return self.tries >= self._most

    def due(self, now_s: float) -> bool:
        """True if it may be sent (again) now."""
        beyond = min(max(0, self.tries - self._most), 16)
        pause_s = min(self._every_s * (1 << beyond), max(LONGEST_S, self._every_s))
        return now_s - self._asked_s >= pause_s

    def on_sent(self, now_s: float) -> None:
        """It was sent."""
        self.tries += 1
        self._asked_s = now_s

    def answered(self) -> None:
        """The board has answered, or something else is asked for now."""
        self.tries = 0
