"""What all instruments have in common: the last good value, its age, and a word for what is wrong.

A value goes stale: a part that has given nothing good for two seconds has no value, whatever it said before. Those are
seconds of the part's own work: a loop that is late, and lets the part wait, makes no probe lost.
"""

from micropython import const

_STALE_MS = const(2000)  # so a part that is unplugged is lost within 3 s, and one failed reading is not yet a loss
OLDEST_MS = 30000  # of a value, however late the loop is
_SLACK_MS = const(50)  # by which a turn may come later than it was asked for
_FAILED_MS = const(5000)  # after work that raised, see pump/background.py


class Part:
    """`step(now_ms)` does one short piece of work and returns the ms until the next; `read(now_ms)` touches no bus.
    `found()` asks the part whether it is there. A driver's module names its class `DRIVER`.

    A driver has `work(now_ms)`, which `step` calls. code: a Sensor of the wire. status: flags for every reading.
    fault: "" or what is wrong, in words. Times are board uptime in ms.
    """

    code = 0
    status = 0
    stale_ms = _STALE_MS

    def __init__(self):
        self.fault = "no reading yet"
        self._value = None
        self._at_ms = 0
        self._spent_ms = self._spent_at_ms = 0  # the part's own time: now, and when the value was taken
        self._stepped_ms = self._asked_ms = 0  # the last turn, and when the next one was wanted

    def work(self, now_ms):
        """One short piece of work, and the ms until the next."""
        raise NotImplementedError

    def step(self, now_ms):
        self._spent_ms = self._own_ms(now_ms)
        self._stepped_ms, self._asked_ms = now_ms, _FAILED_MS
        self._asked_ms = self.work(now_ms)
        return self._asked_ms

    def keep(self, value, at_ms):
        self._value, self._at_ms, self.fault = value, at_ms, ""
        self._spent_at_ms = self._spent_ms - max(0, self._stepped_ms - at_ms)

    def read(self, now_ms):
        """(value or None, age in ms or None)."""
        age_ms = now_ms - self._at_ms
        stale = self._own_ms(now_ms) - self._spent_at_ms > self.stale_ms or age_ms > OLDEST_MS
        if self._value is None or stale:
            return None, None
        return self._value, max(0, age_ms)

    def _own_ms(self, now_ms):
        """Time since the last turn counts until the next one was wanted: what came later is the loop's."""
        return self._spent_ms + min(now_ms - self._stepped_ms, self._asked_ms + _SLACK_MS)
