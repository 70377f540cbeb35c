"""What all instruments have in common: the last good value, its age, and a word for what is wrong.

A value goes stale: a part that has given nothing good for two seconds has no value, whatever it said before.
"""

STALE_MS = 2000  # so a part that is unplugged is lost within 3 s, and one failed reading is not yet a loss


class Part:
    """`step(now_ms)` does one short piece of work and returns the ms until the next; `read(now_ms)` touches no bus.

    code: a Sensor of the wire. status: flags for every reading. fault: "" or what is wrong, in words. Times are board
    uptime in ms.
    """

    code = 0
    status = 0
    stale_ms = STALE_MS

    def __init__(self):
        self.fault = "no reading yet"
        self._value = None
        self._at_ms = 0

    def keep(self, value, at_ms):
        self._value, self._at_ms, self.fault = value, at_ms, ""

    def read(self, now_ms):
        """(value or None, age in ms or None)."""
        age_ms = now_ms - self._at_ms
        if self._value is None or age_ms > self.stale_ms:
            return None, None
        return self._value, max(0, age_ms)
