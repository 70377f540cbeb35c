"""What the status LED says, as a table, and the drip lamp: one flash for each volume that leaves the catheter.

Patterns are on and off times in turn; a state that comes earlier in the table goes before a later one.
"""

from micropython import const

PATTERNS = {  # state: ms on and off in turn; lamp_words.py says what they mean
    "identify": (100, 100),
    "probe_lost": (250, 250),
    "config_bad": (600, 200, 600, 1600),
    "no_host": (60, 200, 60, 1680),
    "rest": (60, 200, 60, 200, 60, 1420),
    "ok": (60, 1940),
}
_FLASH_MS = const(60)
_DARK_MS = const(80)
IDLE_MS = 50


def lit(times, at_ms):
    """(whether a pattern is lit `at_ms` after its begin, ms until that changes)."""
    at_ms %= sum(times)
    on = True
    for time_ms in times:
        if at_ms < time_ms:
            break
        at_ms -= time_ms
        on = not on
    return on, time_ms - at_ms


class StatusLed:
    """`switch(on)`: the lamp. `state()`: the first state of the table that holds."""

    def __init__(self, switch, state):
        self._switch = switch
        self._state = state
        self._shown = ""
        self._since_ms = 0

    def step(self, now_ms):
        state = self._state()
        if state != self._shown:
            self._shown, self._since_ms = state, now_ms
        on, left_ms = lit(PATTERNS[state], now_ms - self._since_ms)
        self._switch(on)
        return min(left_ms, 250)  # a new state is not kept waiting


class Drip:
    """`delivered_nl()`: a running total. Flashes that come too fast to be seen apart are not made up for later."""

    def __init__(self, switch, delivered_nl, drip_nl):
        self._switch = switch
        self._delivered_nl = delivered_nl
        self._drip_nl = drip_nl
        self._shown_nl = delivered_nl()
        self._on = False
        self.off()

    def off(self):
        self._switch(False)

    def step(self, now_ms):
        if self._on:
            self._switch(False)
            self._on = False
            return _DARK_MS
        drops = (self._delivered_nl() - self._shown_nl) // self._drip_nl
        if drops < 1:
            return IDLE_MS
        self._shown_nl += drops * self._drip_nl
        self._switch(True)
        self._on = True
        return _FLASH_MS
