"""A stepper or peristaltic pump behind a STEP/DIR driver: it moves as much as leaves the emulated catheter.

Each step follows from a total, so none is lost or added however long it runs. One pulse at a time in the loop's spare
time: RP2040 and RP2350 alike, 200 a second at most, and no PWM, which cannot go below 8 Hz.
"""

PULSE_US = 3  # drivers ask for 1 to 2
FASTEST_MS = 5
IDLE_MS = 50
MOST_OWED = 400  # two seconds at the fastest: a faster flow cannot be shown


class Stepper:
    """`pulse(us)`: one pulse on STEP. `delivered_nl()`: a running total. `skipped`: steps that came too fast."""

    def __init__(self, pulse, delivered_nl, steps_per_ul):
        self._pulse = pulse
        self._left_nl = delivered_nl
        self._steps_per_ul = steps_per_ul
        self._begin_nl = delivered_nl()
        self._done = 0
        self.skipped = 0

    def step(self, now_ms):
        owed = (self._left_nl() - self._begin_nl) * self._steps_per_ul // 1000 - self._done
        if owed < 1:
            return IDLE_MS
        if owed > MOST_OWED:
            self.skipped += owed - MOST_OWED
            self._done += owed - MOST_OWED
        self._pulse(PULSE_US)
        self._done += 1
        return FASTEST_MS if owed > 20 else IDLE_MS // owed


DRIVER = Stepper
