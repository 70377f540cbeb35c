"""The circuit: which parts there are, in which build, and which pins meet. The single source of every drawing and list.

Nets on a GPIO bear the names of PINS in firmware/src/board/pico.py, which the check compares.
"""

from typing import NamedTuple

from rig.parts import KINDS

BUILDS = ("bare", "bench", "training", "probes")
ADDS_TO = {"probes": "bench"}  # an add-on: its list holds only what it adds


class Part(NamedTuple):
    """One part. `value`: ohms, farads or "" where the kind says it all. `why`: its work in this circuit."""

    kind: str
    value: str
    builds: tuple[str, ...]
    why: str


_BENCH = ("bench", "training", "probes")

PARTS = {
    "U1": Part("pico", "", BUILDS, "the rig itself"),
    "U2": Part("ds18b20", "", _BENCH, "the probe, in water, on the skin or for the pump itself"),
    "R1": Part("resistor", "4k7", _BENCH, "pull-up of the 1-Wire line"),
    "DS1": Part("oled", "", _BENCH, "temperature, flow, deviation, state"),
    "R2": Part("resistor", "4k7", _BENCH, "pull-up of SDA"),
    "R3": Part("resistor", "4k7", _BENCH, "pull-up of SCL"),
    "R4": Part("resistor", "330R", _BENCH, "keeps D1 at 3.9 mA"),
    "D1": Part("led", "", _BENCH, "a flash for each drop"),
    "R5": Part("resistor", "1k", _BENCH, "keeps the peaks of LS1 at 3.3 mA"),
    "LS1": Part("buzzer", "", _BENCH, "alarms of three priorities"),
    "U3": Part("bmp280", "", ("training",), "ambient pressure, which moves the flow"),
    "U4": Part("a4988", "", ("training",), "turns STEP and DIR into coil currents, 1/16 step"),
    "R6": Part("resistor", "10k", ("training",), "holds STEP low while the Pico has no power"),
    "C1": Part("capacitor", "100uF", ("training",), "takes the spikes of the motor supply"),
    "M1": Part("motor", "", ("training",), "the peristaltic pump, or the pinch of a drip stand"),
    "J1": Part("supply", "", ("training",), "for the motor only"),
    "U5": Part("tmp117", "", ("probes",), "a better probe: 0.1 degC"),
    "TH1": Part("thermistor", "10k", ("probes",), "a faster and cheaper probe"),
    "R8": Part("resistor", "4k7", ("probes",), "upper half of the thermistor's divider"),
}

NETS = {
    "3V3": "U1.3V3 U2.VDD R1.1 DS1.VCC R2.1 R3.1 U3.VIN U4.VDD U4.MS1 U4.MS2 U4.MS3 U5.VIN",
    "GND": "U1.GND1 U1.GND2 U1.GND3 U1.GND4 U1.GND5 U1.GND6 U1.GND7 U2.GND DS1.GND D1.K LS1.- "
    "U3.GND U4.GND1 U4.GND2 U4.ENABLE R6.2 C1.- J1.- U5.GND",
    "VM": "J1.+ U4.VMOT C1.+",
    "one_wire": "U1.GP22 U2.DQ R1.2",
    "i2c_sda": "U1.GP4 DS1.SDA R2.2 U3.SDI U5.SDA",
    "i2c_scl": "U1.GP5 DS1.SCL R3.2 U3.SCK U5.SCL",
    "drip": "U1.GP17 R4.1",
    "drip_led": "R4.2 D1.A",
    "buzzer": "U1.GP16 R5.1",
    "buzzer_out": "R5.2 LS1.+",
    "step": "U1.GP18 U4.STEP R6.1",
    "dir": "U1.GP19 U4.DIR",
    "awake": "U4.SLEEP U4.RESET",
    "coil_1a": "U4.1A M1.1A",
    "coil_1b": "U4.1B M1.1B",
    "coil_2a": "U4.2A M1.2A",
    "coil_2b": "U4.2B M1.2B",
    "ntc": "U1.GP26 TH1.1 R8.2",
    "ADC_VREF": "U1.ADC_VREF R8.1",  # what the converter compares with: 3V3 itself is 200 ohm and its ripple away
    "AGND": "U1.AGND TH1.2",
}

COLOURS = {  # of wires, in every picture
    "3V3": "#d62728", "GND": "#222222", "VM": "#e07b00", "one_wire": "#c9a400", "i2c_sda": "#1f77b4",
    "i2c_scl": "#2ca02c", "drip": "#17a2b8", "drip_led": "#17a2b8", "buzzer": "#9467bd", "buzzer_out": "#9467bd",
    "step": "#e377c2", "dir": "#8c564b", "awake": "#7f7f7f", "ntc": "#6b8e23",
    "ADC_VREF": "#a83279", "AGND": "#4a5a6a", "coil_1a": "#555555",
    "coil_1b": "#3b8b3b", "coil_2a": "#b03030", "coil_2b": "#3050b0",
}  # fmt: skip

# what sits inside the puck; the rest stands beside it, on its lead
IN_THE_PUCK = ("U1", "DS1", "U3", "LS1", "R1", "R2", "R3", "R5")


def parts_of(build: str) -> dict[str, Part]:
    """Reference -> part, in the order of the table."""
    return {ref: part for ref, part in PARTS.items() if build in part.builds}


def nets_of(build: str) -> dict[str, list[str]]:
    """Net -> its pins as "R1.2", only those of this build; nets with no pin are left out."""
    there = parts_of(build)
    nets = {net: [pin for pin in pins.split() if pin.split(".")[0] in there] for net, pins in NETS.items()}
    if build == "bare":
        return {}  # nothing is wired
    return {net: pins for net, pins in nets.items() if len(pins) > 1 or (pins and not pins[0].startswith("U1."))}


def net_at(build: str) -> dict[str, str]:
    """Pin -> net."""
    return {pin: net for net, pins in nets_of(build).items() for pin in pins}


def ohm(value: str) -> float:
    """Ohms of "4k7", "330R", "10k". Raises ValueError."""
    for letter, factor in (("k", 1e3), ("R", 1.0), ("M", 1e6)):
        if letter in value:
            return float(value.replace(letter, ".").strip(".")) * factor
    raise ValueError(f"{value}: write ohms as 330R, 4k7 or 10k")


def lead() -> list[tuple[str, list[str], list[str]]]:
    """What passes through the puck's wall: (net, pins inside, pins outside), of the training rig."""
    rows = []
    for net, pins in nets_of("training").items():
        inside = [pin for pin in pins if pin.split(".")[0] in IN_THE_PUCK]
        outside = [pin for pin in pins if pin not in inside]
        if inside and outside:
            rows.append((net, inside, outside))
    return rows


def kind_of(pin: str):
    """The Pin of "U1.GP4". Raises KeyError for one that is not."""
    ref, name = pin.split(".", 1)
    return KINDS[PARTS[ref].kind].pins[name]
