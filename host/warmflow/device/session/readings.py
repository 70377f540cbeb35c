"""Whether readings come over a link that is alive, and if not, what is known of the reason. Reads no clock."""

NO_READINGS_S = 10.0  # a board sends at least one reading a second
NOTHING = "frames come, and no reading is among them for {seconds:.0f} s: restart the board"
UNREADABLE = (
    "no reading could be read for {seconds:.0f} s ({cause}): the firmware does not match this program: flash the one "
    "that came with it"
)


class ReadingsWatch:
    """Of one board."""

    def __init__(self) -> None:
        self._since_s = 0.0
        self._cause = ""

    def came(self, now_s: float) -> None:
        """A reading was taken, or the board has just said who it is: from now on one is expected."""
        self._since_s, self._cause = now_s, ""

    def unreadable(self, cause: str) -> None:
        """A record came that cannot be read."""
        self._cause = cause

    def missing(self, now_s: float) -> str:
        """Why the link is not well; "" while it is."""
        if now_s - self._since_s <= NO_READINGS_S:
            return ""
        return (UNREADABLE if self._cause else NOTHING).format(seconds=NO_READINGS_S, cause=self._cause)
