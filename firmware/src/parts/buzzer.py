"""A passive buzzer on a PWM pin: one pattern for each priority of alarm, and silence for a time.

Three rising priorities, higher ones more often and with more tones. No conformity with an alarm standard is claimed.
"""

from micropython import const

PATTERNS = {  # priority: Hz (0: silence) and ms in turn
    "low": ((1000, 150), (0, 14850)),
    "medium": ((1500, 180), (0, 180)) * 2 + ((1500, 180), (0, 9100)),
    "high": ((2200, 120), (0, 100)) * 4 + ((2200, 120), (0, 2500)),
}
HALF = 32768
_QUIET_MS = const(200)


class Buzzer:
    """`pwm`: freq(Hz) and duty_u16(0..65535). `priority()`: "", or the alarm that stands."""

    def __init__(self, pwm, priority):
        self._pwm = pwm
        self._urgency = priority
        self._playing = ""
        self._note = 0
        self._next_ms = 0
        self._muted_until_ms = 0
        pwm.duty_u16(0)

    def mute(self, until_ms):
        self._muted_until_ms = until_ms

    def off(self):
        self._pwm.duty_u16(0)

    def step(self, now_ms):
        priority = "" if now_ms < self._muted_until_ms else self._urgency()
        if priority != self._playing:
            self._playing, self._note, self._next_ms = priority, 0, now_ms
        if not priority:
            self._pwm.duty_u16(0)
            return _QUIET_MS
        if now_ms >= self._next_ms:
            pattern = PATTERNS[priority]
            tone_hz, time_ms = pattern[self._note % len(pattern)]
            self._note += 1
            self._next_ms = now_ms + time_ms
            if tone_hz:
                self._pwm.freq(tone_hz)
            self._pwm.duty_u16(HALF if tone_hz else 0)
        return min(self._next_ms - now_ms, _QUIET_MS)


DRIVER = Buzzer
