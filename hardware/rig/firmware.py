"""What the firmware says of its pins and addresses, read from its source by `ast`: nothing of it is imported or run."""

import ast
from pathlib import Path

PICO = "firmware/src/board/pico.py"
PARTS = "firmware/src/parts"


def constants(path: Path) -> dict[str, tuple[object, int]]:
    """Top-level names that hold plain values: name -> (value, line)."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = (ast.literal_eval(node.value), node.lineno)
            except ValueError:
                continue
    return found


def pins(root: Path) -> dict[str, tuple[int, int]]:
    """PINS of the board: name -> (GPIO, line). Raises ValueError if the table is not there or not plain."""
    for node in ast.parse((root / PICO).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "PINS" for t in node.targets):
            table = node.value
            if isinstance(table, ast.Dict):
                return {
                    ast.literal_eval(key): (ast.literal_eval(value), key.lineno)
                    for key, value in zip(table.keys, table.values, strict=True)
                    if key is not None
                }
    raise ValueError(f"{PICO}: no table PINS = {{name: GPIO}} to read")


def addresses(root: Path) -> dict[str, tuple[int, ...]]:
    """I2C addresses that each driver asks, by the driver's name."""
    found = {}
    for name in ("tmp117", "bmp280", "oled"):
        values = constants(root / PARTS / f"{name}.py")
        value = values.get("ADDRESSES", values.get("ADDRESS", ((), 0)))[0]
        found[name] = value if isinstance(value, tuple) else (value,)
    return found


def pulse_us(root: Path) -> float:
    """How long the stepper's pulse is."""
    return float(constants(root / PARTS / "stepper.py")["PULSE_US"][0])


def series_ohm(root: Path) -> float:
    """The resistor that the thermistor's driver reckons with."""
    return float(constants(root / PARTS / "ntc.py")["SERIES_OHM"][0])


def lamp_table(root: Path) -> str:
    """What the board's LED says, as Markdown: the firmware's own table."""
    text = "| the LED, over and over | state | what it means |\n|---|---|---|\n"
    words = constants(root / PARTS / "lamp_words.py")["WORDS"][0]
    for state, times in constants(root / PARTS / "led.py")["PATTERNS"][0].items():
        shown = ", ".join(f"{on} on {off} off" for on, off in zip(times[::2], times[1::2], strict=True))
        text += f"| {LAMP_WORDS.get(state, '')} ({shown} ms) | `{state}` | {words[state]} |\n"
    return text


LAMP_WORDS = {
    "identify": "quick flicker",
    "probe_lost": "even, twice a second",
    "config_bad": "two long flashes",
    "no_host": "two short flashes",
    "rest": "three short flashes",
    "ok": "one short flash",
}
