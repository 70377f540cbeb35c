"""Prints two tables of docs/engineer.md from the firmware: pins and lamp patterns. The settings there are by hand."""

import ast
from pathlib import Path

from parts.lamp_words import WORDS
from parts.led import PATTERNS

from pump.config import DEFAULTS

PICO = Path(__file__).parents[2] / "firmware" / "src" / "board" / "pico.py"
WIRED_TO = {
    "one_wire": "data of a DS18B20, with 4.7 kOhm to 3V3",
    "i2c_sda": "data of TMP117, BMP280 or BME280, SSD1306",
    "i2c_scl": "their clock",
    "ntc": "10k thermistor to AGND (33), 4.7 kOhm to ADC_VREF (35)",
    "buzzer": "passive buzzer, through a transistor if it takes more than 5 mA",
    "drip": "LED with 330 Ohm: a flash for each `drip_nl`",
    "step": "STEP of a stepper driver",
    "dir": "DIR of that driver",
}


def pins() -> dict[str, int]:
    """The board's table, read and not imported: only a board can import it."""
    for node in ast.parse(PICO.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PINS":
            return ast.literal_eval(node.value)
    raise AssertionError(f"{PICO} has no PINS")


def pins_table() -> str:
    rows = ["| name | GPIO | what goes there |", "|---|---|---|"]
    rows += [f"| `{name}` | {pin} | {WIRED_TO[name]} |" for name, pin in pins().items()]
    return "\n".join(rows) + "\n"


def _blink(times: tuple[int, ...]) -> str:
    pairs = zip(times[::2], times[1::2], strict=True)
    return ", ".join(f"{on} on {off} off" for on, off in pairs)


def lamp_table() -> str:
    rows = ["| state | what it means | ms, over and over |", "|---|---|---|"]
    rows += [f"| `{state}` | {WORDS[state]} | {_blink(times)} |" for state, times in PATTERNS.items()]
    return "\n".join(rows) + "\n"


def defaults(keys: tuple[str, ...]) -> dict[str, object]:
    return {key: DEFAULTS[key] for key in keys}


if __name__ == "__main__":
    print(pins_table(), lamp_table(), sep="\n")
