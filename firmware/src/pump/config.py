"""What the rig is declared to be, and how it runs: one table of keys, each with its default and what it allows.

A bad value never stops a boot: the default is used, and the key is named in an event. Unknown keys are refused.
"""

import json

from pump.declared import BODIES, FLUIDS, PLACES
from pumpmodel.profile import PROFILE_NAMES

FILE = "config.json"
DEFAULTS = {
    "rig_name": "",
    "profile": "r11",
    "body": "average",
    "fluid": "drug",
    "glycerol_permille": 0,
    "place": "water",
    "site_pressure_pa": 101325,
    "sensor": "auto",
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
    "sensor": ("auto", "emulated", "die"),
}
RANGES = {
    "glycerol_permille": (0, 1000),
    "site_pressure_pa": (50000, 110000),
    "rate_hz": (1, 100),
    "speed_x": (1, 600),
    "meter_noise_permille": (0, 100),
    "probe_noise_mc": (0, 1000),
    "seed": (0, 1 << 30),
}
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
    if key == "rig_name":
        fits = isinstance(value, str) and len(value) <= NAME_LENGTH and all(c in NAME_CHARACTERS for c in value)
        return None if fits else "at most %d of a-z, 0-9, - and _" % NAME_LENGTH
    return "unknown key; known are " + ", ".join(sorted(DEFAULTS))


def load(board):
    """(config, problems): the file over the defaults; each problem names its key."""
    config = dict(DEFAULTS)
    problems: list[str] = []
    data = board.load(FILE)
    if data is None:
        return config, problems
    try:
        given = json.loads(data)
        items = given.items()
    except (ValueError, AttributeError):
        return config, [FILE + ": no JSON object; defaults are used"]
    for key, value in items:
        problem = check(key, value)
        if problem:
            problems.append("%s: %s" % (key, problem))
        else:
            config[key] = value
    return config, problems


def save(board, config):
    """Keeps what differs from the defaults."""
    board.save(FILE, json.dumps({key: config[key] for key in config if config[key] != DEFAULTS[key]}).encode())
