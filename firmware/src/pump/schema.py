"""What the settings of config.py allow, in words and numbers for a host: GET_SCHEMA's answer, page by page.

Loaded only where it is asked for. A key without a kind of its own here is one of config.py's tables.
"""

import json

from pump import config

PAGE_BYTES = 1000  # of the answer, which has room for 1010
# key: unit and meaning, for people
TEXTS = {
    "rig_name": "Name of the rig; empty: made from the board's id.",
    "profile": "Which pump it is.",
    "body": "How well the pocket follows the skin.",
    "fluid": "What is in the reservoir.",
    "glycerol_permille": "Mass fraction of glycerol in thousandths.",
    "place": "What the probe touches.",
    "site_pressure_pa": "Ambient pressure where the rig was commissioned, in Pa.",
    "sensor": "What measures the temperature; auto: the first that answers.",
    "ntc_beta": "Beta of the thermistor, in K.",
    "ntc_steinhart": "Steinhart-Hart coefficients a, b, c; empty: beta is used.",
    "calibration": "Two points for each kind of probe, as Calibrate writes them.",
    "probe_hold_s": "How long a lost probe's last value is used, in s.",
    "pins": "GPIO numbers by the name of the pin.",
    "oled": "A display may be fitted.",
    "buzzer": "A buzzer is fitted.",
    "drip": "A drip lamp is fitted.",
    "drip_nl": "Volume of a drop, in nL.",
    "stepper": "A stepper is fitted.",
    "stepper_steps_per_ul": "Steps for each microlitre.",
    "rate_hz": "Readings a second.",
    "speed_x": "Pump time against board time; less is allowed with a real probe, or on a board.",
    "meter_noise_permille": "Noise of the flow meter in thousandths.",
    "probe_noise_mc": "Noise of the emulated probe in milli-degC.",
    "seed": "Of the noise; 0: another one at each boot.",
}


def page(settings, first):
    """JSON: how many keys there are, the number of the first on this page, and as many as fit."""
    names = sorted(config.DEFAULTS)
    out = '{"total": %d, "first": %d, "keys": [' % (len(names), first)
    for at in range(first, len(names)):
        entry = json.dumps(_entry(names[at]))
        if len(out) + len(entry) + 4 > PAGE_BYTES:
            break
        out += (", " if at > first else "") + entry
    return out + "]}"


def _entry(key):
    default = config.DEFAULTS[key]
    entry = {"key": key, "type": "object" if isinstance(default, dict) else "list", "default": default}
    if key in config.RANGES:
        entry["type"], (entry["min"], entry["max"]) = "int", config.RANGES[key]
    elif key in config.CHOICES:
        entry["type"], entry["choices"] = "choice", list(config.CHOICES[key])
    elif key in config.SWITCHES:
        entry["type"] = "bool"
    elif isinstance(default, str):
        entry["type"], entry["max_length"] = "text", config.NAME_LENGTH
    entry["text"] = TEXTS.get(key, "")
    return entry
