"""What each kind of part is: its pins, what they stand and what they take. Data for the rules, no circuit.

Figures are the data sheet's worst ones, each with its source; a module of many makers says so. Nothing here is bought:
makers and order numbers are in bom/.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

POWER_OUT, POWER_IN, GROUND, GPIO, INPUT, OPEN_DRAIN, PASSIVE, FREE = (
    "power out", "power in", "ground", "gpio", "input", "open drain", "passive", "free",
)  # fmt: skip


class Pin(NamedTuple):
    """`volt`: given by a power out, allowed (low, high) for a power in, (high level needed, most stood) else.

    A free pin may be left open: the module has its own pull. `most_ma`: what a power in takes at the most.
    """

    kind: str
    volt: tuple[float, float] = (0.0, 0.0)
    most_ma: float = 0.0


class Kind(NamedTuple):
    """One kind of part. `ties`: pins that are joined inside. `pulls`: pin -> (to pin, ohm) on the module itself."""

    words: str
    pins: dict[str, Pin]
    source: str
    ties: tuple[tuple[str, ...], ...] = ()
    pulls: Mapping[str, tuple[str, float]] = MappingProxyType({})
    address: int | None = None
    forward_v: float = 0.0


# Ref: RP2040 data sheet 5.2.3.4: input high 2.0 V, most IOVDD + 0.3 V; output high 2.62 V at the drive's current
GPIO_HIGH_V, GPIO_MOST_V, GPIO_OUT_HIGH_V, GPIO_OUT_MA, GPIO_ALL_MA = 2.0, 3.6, 2.62, 4.0, 50.0
LOGIC_V = 3.3
PICO_3V3_MA = 300.0  # Ref: Raspberry Pi Pico data sheet, "3V3": keep the load below
PICO_OWN_MA = 100.0  # Ref: Pico data sheet, "Power consumption": its video demo, near 90 mA, is the most; rounded up
I2C_SINK_MA, I2C_RISE_NS, I2C_PIN_PF, I2C_WIRE_PF = (
    3.0,
    300.0,
    10.0,
    25.0,
)  # Ref: UM10204, fast mode; wires: 0.3 m, chosen
_GPIO = Pin(GPIO, (GPIO_HIGH_V, GPIO_MOST_V))
_GROUND, _LEG = Pin(GROUND), Pin(PASSIVE)

PICO_ROW = (  # pins 1 to 40
    "GP0", "GP1", "GND", "GP2", "GP3", "GP4", "GP5", "GND", "GP6", "GP7",
    "GP8", "GP9", "GND", "GP10", "GP11", "GP12", "GP13", "GND", "GP14", "GP15",
    "GP16", "GP17", "GND", "GP18", "GP19", "GP20", "GP21", "GND", "GP22", "RUN",
    "GP26", "GP27", "AGND", "GP28", "ADC_VREF", "3V3", "3V3_EN", "GND", "VSYS", "VBUS",
)  # fmt: skip
PICO_NUMBERS = {
    f"{name}{PICO_ROW[:at].count(name) + 1}" if name == "GND" else name: at + 1 for at, name in enumerate(PICO_ROW)
}
_PICO_KINDS = {"3V3": Pin(POWER_OUT, (LOGIC_V, LOGIC_V)), "VBUS": Pin(FREE), "VSYS": Pin(FREE), "RUN": Pin(FREE)}
_PICO_KINDS |= {"ADC_VREF": Pin(FREE), "3V3_EN": Pin(FREE), "AGND": Pin(FREE)}


def _pico_pin(name: str) -> Pin:
    return _PICO_KINDS.get(name) or (_GPIO if name.startswith("GP") else Pin(FREE))


_PICO_GROUNDS = tuple(name for name in PICO_NUMBERS if name.startswith("GND"))
_I2C = Pin(OPEN_DRAIN, (2.31, 3.6))  # high level: 0.7 of 3.3 V

KINDS = {
    "pico": Kind(
        "Raspberry Pi Pico",
        {name: _pico_pin(name) for name in PICO_NUMBERS},
        "Raspberry Pi Pico data sheet; RP2040 data sheet 5.2",
        ties=(_PICO_GROUNDS,),
    ),
    "ds18b20": Kind(
        "DS18B20 on a lead",
        {"VDD": Pin(POWER_IN, (3.0, 5.5), 1.5), "DQ": Pin(OPEN_DRAIN, (2.2, 3.6)), "GND": _GROUND},
        "DS18B20 data sheet, DC characteristics",
    ),
    "oled": Kind(
        "OLED 128 x 64, SSD1306",
        {"GND": _GROUND, "VCC": Pin(POWER_IN, (3.0, 5.0), 30.0), "SCL": _I2C, "SDA": _I2C},
        "SSD1306 data sheet for the chip; supply and current are the module's: check with your supplier",
        pulls={"SCL": ("VCC", 10e3), "SDA": ("VCC", 10e3)},
        address=0x3C,
    ),
    "bmp280": Kind(
        "BMP280 breakout",
        {
            "VIN": Pin(POWER_IN, (3.0, 5.0), 1.2), "GND": _GROUND, "SCK": _I2C, "SDI": _I2C,
            "3Vo": Pin(FREE), "SDO": Pin(FREE), "CS": Pin(FREE),
        },
        "BMP280 data sheet, table 2 (1.12 mA while it measures); breakout: its maker's page",
        pulls={"SCK": ("VIN", 10e3), "SDI": ("VIN", 10e3)},
        address=0x77,
    ),
    "tmp117": Kind(
        "TMP117 breakout",
        {"VIN": Pin(POWER_IN, (3.0, 5.0), 0.3), "GND": _GROUND, "SCL": _I2C, "SDA": _I2C},
        "TMP117 data sheet, electrical characteristics; breakout: its maker's page",
        pulls={"SCL": ("VIN", 10e3), "SDA": ("VIN", 10e3)},
        address=0x48,
    ),
    "a4988": Kind(
        "A4988 carrier",
        {
            "GND1": _GROUND, "VDD": Pin(POWER_IN, (3.0, 5.5), 8.0), "1B": _LEG, "1A": _LEG, "2A": _LEG, "2B": _LEG,
            "GND2": _GROUND, "VMOT": Pin(POWER_IN, (8.0, 35.0), 1000.0),
            "DIR": Pin(INPUT, (2.31, 5.5)), "STEP": Pin(INPUT, (2.31, 5.5)), "SLEEP": Pin(INPUT, (2.31, 5.5)),
            "RESET": Pin(INPUT, (2.31, 5.5)), "MS3": Pin(INPUT, (2.31, 5.5)), "MS2": Pin(INPUT, (2.31, 5.5)),
            "MS1": Pin(INPUT, (2.31, 5.5)), "ENABLE": Pin(INPUT, (2.31, 5.5)),
        },
        "A4988 data sheet: inputs high at 0.7 of VDD, stand 5.5 V; carrier: its maker's page",
        ties=(("GND1", "GND2"),),
        pulls={"SLEEP": ("VDD", 100e3)},
    ),
    "resistor": Kind("resistor", {"1": _LEG, "2": _LEG}, "0.25 W, metal film, 1 %"),
    "capacitor": Kind("electrolytic capacitor", {"+": _LEG, "-": _LEG}, "at least 25 V for a 12 V supply"),
    "led": Kind("LED, red, 5 mm", {"A": _LEG, "K": _LEG}, "maker's data sheet: 2.0 V typical", forward_v=2.0),
    "buzzer": Kind("buzzer, passive piezo", {"+": _LEG, "-": _LEG}, "maker's data sheet: a capacitor of 20 nF or less"),
    "thermistor": Kind("10k thermistor on a lead", {"1": _LEG, "2": _LEG}, "firmware/src/parts/ntc.py: 10k at 25 degC"),
    "motor": Kind("stepper motor, bipolar", {"1A": _LEG, "1B": _LEG, "2A": _LEG, "2B": _LEG}, "four leads, 2 coils"),
    "supply": Kind("12 V supply", {"+": Pin(POWER_OUT, (12.0, 12.0)), "-": _GROUND}, "safety extra-low voltage, 1 A"),
}  # fmt: skip
