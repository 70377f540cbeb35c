"""What the rig is declared to be, and how it runs: one table of keys, each with its default and what it allows.

A bad value never stops a boot: the default is used, and the key is named in an event. Unknown keys are refused. The
settings are kept twice, for a write that is broken off leaves its file empty.
"""

import json

from micropython import const

from pump import codec
from pump.borrow import borrow
from pump.declared import BODIES, FLUIDS, PLACES
from pumpmodel.profile import PROFILE_NAMES

FILE = "config.json"
COPY = "config.old"  # written after the file, so that one of the two is whole at any time
DEFAULTS = {
    "rig_name": "",
    "profile": "r11",
    "body": "average",
    "fluid": "drug",
    "glycerol_permille": 0,
    "place": "water",
    "site_pressure_pa": 101325,
    "sensor": "auto",
    "ntc_beta": 3950,
    "ntc_steinhart": [],
    "calibration": {},
    "probe_hold_s": 60,
    "pins": {},
    "oled": True,
    "buzzer": False,
    "drip": False,
    "drip_nl": 250,
    "stepper": False,
    "stepper_steps_per_ul": 100,
    "rate_hz": 10,
    "speed_x": 1,
    "meter_noise_permille": 5,
    "probe_noise_mc": 20,
    "seed": 0,
}
CHOICES = {
    "profile": PROFILE_NAMES,
    "body": tuple(BODIES),
    "fluid": tuple(FLUIDS),
    "place": tuple(PLACES),
    # each of PARTS in sensor.py, and two that are none
    "sensor": ("auto", "emulated", "die", "ds18b20", "tmp117", "ntc"),
}
RANGES = {
    "glycerol_permille": (0, 1000),
    "site_pressure_pa": (50000, 110000),
    "ntc_beta": (2000, 5000),
    "probe_hold_s": (0, 86400),
    "drip_nl": (10, 100000),
    "stepper_steps_per_ul": (1, 100000),
    "rate_hz": (1, 100),
    "speed_x": (1, 600),  # `fastest_x` allows less where there is a board, or a real probe
    "meter_noise_permille": (0, 100),
    "probe_noise_mc": (0, 1000),
    "seed": (0, 1 << 30),
}
_VIRTUAL_X = const(600)  # the fastest pump time, see `fastest_x`
_BOARD_X = const(60)
_PROBE_X = const(10)
SWITCHES = ("oled", "buzzer", "drip", "stepper")
PIN_NAMES = ("one_wire", "i2c_sda", "i2c_scl", "ntc", "buzzer", "drip", "step", "dir")
SAFE_PIN = 14  # see board/pico.py
PINS = tuple([pin for pin in range(23) if pin != SAFE_PIN]) + (26, 27, 28)  # 23 to 25 and 29 belong to the board itself
ADC_PINS = (26, 27, 28)
_LN_10K = const(9.21034)
NAME_LENGTH = 16  # what the wire has room for
NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_"


def check(key, value):
    """None if `value` is allowed for `key`, else what is wrong, in words."""
    if key in CHOICES:
        return None if value in CHOICES[key] else "one of " + ", ".join(sorted(CHOICES[key]))
    if key in RANGES:
        low, high = RANGES[key]
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole and low <= value <= high else "a whole number from %d to %d" % (low, high)
    if key in SWITCHES:
        return None if isinstance(value, bool) else "true or false"
    if key in _STRUCTURED:
        return _STRUCTURED[key](value)
    if key == "rig_name":
        fits = isinstance(value, str) and len(value) <= NAME_LENGTH and all(c in NAME_CHARACTERS for c in value)
        if fits and value in codec.RESERVED_NAMES:
            return value + " is the daemon's own name"
        return None if fits else "at most %d of a-z, 0-9, - and _" % NAME_LENGTH
    return "unknown key; known are " + ", ".join(sorted(DEFAULTS))


def fastest_x(on_a_board, real_probe):
    """(how many times faster than board time pump time may run, why)."""
    if real_probe:
        return _PROBE_X, "with a real probe, which cannot warm faster"
    return (_BOARD_X, "on a board") if on_a_board else (_VIRTUAL_X, "on a virtual board")


def _pins_problem(value):
    if not isinstance(value, dict):
        return "an object of pin names and GPIO numbers"
    for name, pin in value.items():
        if name not in PIN_NAMES:
            return "%s: unknown; known are %s" % (name, ", ".join(PIN_NAMES))
        if type(pin) is not int or pin not in (ADC_PINS if name == "ntc" else PINS):
            return "%s: GPIO %s" % (name, "26 to 28" if name == "ntc" else "0 to 13, 15 to 22 or 26 to 28")
    if len(set(value.values())) < len(value):
        return "two names for one pin"
    sda, scl = value.get("i2c_sda"), value.get("i2c_scl")
    if sda is None and scl is None:
        return None
    if sda is None or scl is None or sda % 2 or scl % 4 != sda % 4 + 1:
        return "i2c_sda is even and i2c_scl of the same bus: GPIO 4 and 5, or 6 and 7, for example"
    return None


def _steinhart_problem(value):
    """Three coefficients of a 10k thermistor: 10000 ohm at 25 degC, as its name says."""
    wrong = "[] or [a, b, c] of a thermistor with 10k at 25 degC"
    if value == []:
        return None
    if not isinstance(value, (list, tuple)) or len(value) != 3 or not all(type(x) in (int, float) for x in value):
        return wrong
    a, b, c = value
    inverse = a + b * _LN_10K + c * _LN_10K * _LN_10K * _LN_10K
    return None if 1 / 300.15 < inverse < 1 / 296.15 else wrong


def _calibration_problem(value):
    if value == {}:
        return None
    return borrow("parts", "calibration").problem(value)


_STRUCTURED = {"pins": _pins_problem, "ntc_steinhart": _steinhart_problem, "calibration": _calibration_problem}


def load(board):
    """(config, problems): the file over the defaults; each problem names its key."""
    config = dict(DEFAULTS)
    problems: list[str] = []
    data = board.load(FILE)
    if data is None:
        return config, problems
    items = _items(data)
    if items is None:
        items = _items(board.load(COPY) or b"")
        problems.append("%s: no JSON object; %s used" % (FILE, "its copy is" if items else "defaults are"))
    for key, value in items or ():
        problem = check(key, value)
        if problem:
            problems.append("%s: %s" % (key, problem))
        else:
            config[key] = value
    return config, problems


def _items(data):
    """The settings in a file, or None."""
    try:
        return json.loads(data).items()
    except (ValueError, AttributeError):
        return None


def save(board, config):
    """Keeps what differs from the defaults. Raises OSError if the flash refuses."""
    data = json.dumps({key: config[key] for key in config if config[key] != DEFAULTS[key]}).encode()
    board.save(FILE, data)
    board.save(COPY, data)
