"""The board tests itself: what it can judge alone, in a few milliseconds, while the pump runs on.

Each test is (name, verdict, what was seen): True and False are verdicts, None is "not tested here", with the reason.
What needs a second or a person (rate and jitter of the readings, the link, a LED that blinks) is the host's to judge.
"""

import json

from micropython import const

from pump import codec

FILE = "selftest"
_PATTERN_BYTES = const(256)
_FREE_HEAP_BYTES = const(40000)  # a burst of answers, an INFO and a collection need no more at once
SENSOR_C = (-10, 60)  # outside it is no water, skin or pump that a person would test in
PARTS = (
    ("barometer", codec.FITTED_BAROMETER),
    ("oled", codec.FITTED_OLED),
    ("buzzer", codec.FITTED_BUZZER),
    ("drip", codec.FITTED_DRIP_LED),
    ("stepper", codec.FITTED_STEPPER),
)


def report(app):
    """The answer to SELF_TEST, as JSON."""
    return json.dumps([_sensor(app), _flash(app), _memory(app)] + _parts(app))


def _sensor(app):
    temp_c, age_ms = app.probe.read(app.uptime_ms())
    if app.probe.code == codec.SENSOR_EMULATED:
        return "sensor", None, "emulated: no part to test"
    if temp_c is None:
        return "sensor", False, app.probe.why()
    low_c, high_c = SENSOR_C
    return "sensor", low_c <= temp_c <= high_c, "%.2f degC, %d ms old" % (temp_c, age_ms or 0)


def _flash(app):
    """Writes a pattern that no run has written before, reads it back."""
    board = app.board
    seed = board.random_u32()
    pattern = bytes([(seed >> 8 * (i % 4) ^ i) & 255 for i in range(_PATTERN_BYTES)])
    before = board.ticks_ms()
    try:
        board.save(FILE, pattern)
        same = board.load(FILE) == pattern
    except OSError as error:
        return "flash", False, "error %s" % error.args[0]
    ms = board.ticks_diff(board.ticks_ms(), before)
    return "flash", same, "%d bytes %s in %d ms" % (_PATTERN_BYTES, "written and read back" if same else "differ", ms)


def _memory(app):
    free_bytes = app.board.free_heap()
    real = app.board.platform in (codec.PLATFORM_RP2040, codec.PLATFORM_RP2350)  # elsewhere it is another heap
    enough = free_bytes >= _FREE_HEAP_BYTES if real else None
    return "memory", enough, "%d bytes of heap free, %d wanted" % (free_bytes, _FREE_HEAP_BYTES)


def _parts(app):
    """Fitted ones can only be confirmed by who looks at them."""
    fitted = app.fittings.fitted
    seen = [(name, None, "fitted" if fitted & flag else "not fitted") for name, flag in PARTS]
    stepper = app.fittings.stepper
    if not stepper or not stepper.skipped:
        return seen
    return seen[:-1] + [("stepper", False, "%d steps skipped: the flow is too fast for it" % stepper.skipped)]
