"""Somebody changes one thing on a copy, as anybody might: the check must fail and name the place."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from short_form import few

ROOT = Path(__file__).parents[2]
PICO, NETLIST, WIRING = "firmware/src/board/pico.py", "hardware/rig/netlist.py", "hardware/rig/wiring.py"


def checked(root: Path) -> tuple[int, str]:
    """Exit status and words of the check, as `make hardware-check` runs it."""
    environment = os.environ | {"PYTHONPATH": str(root / "hardware"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "rig", "check", str(root)], capture_output=True, text=True, env=environment, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "hardware", tmp_path / "hardware", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("board", "parts"):
        inside = f"firmware/src/{folder}"
        shutil.copytree(ROOT / inside, tmp_path / inside, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_copy_as_it_is_passes(copy: Path) -> None:
    assert checked(copy) == (0, "hardware: 4 builds agree with firmware, drawings and lists\n")


CHANGES = {  # what is done: file, from, to, words that must be said
    "a pin of the firmware": (PICO, '"buzzer": 16', '"buzzer": 20', [f"{PICO}:", "PINS['buzzer'] is 20", "GP16"]),
    "a pin goes": (PICO, '    "drip": 17,  # lamp\n', "", [NETLIST, "NETS['drip']", "no PINS['drip']"]),
    "a new pin": (PICO, '    "dir": 19,\n', '    "dir": 19,\n    "fan": 20,\n', ["PINS['fan'] is 20", "no GPIO"]),
    "the netlist moves a pin": (NETLIST, "U1.GP18 U4.STEP", "U1.GP20 U4.STEP", ["PINS['step'] is 18", "GP20"]),
    "an ADC part on a plain pin": (NETLIST, "U1.GP26 TH1.1", "U1.GP21 TH1.1", ["NETS['ntc']", "U1.GP21 is no ADC pin"]),
    "a pull-up too weak": (
        NETLIST, 'R1": Part("resistor", "4k7"', 'R1": Part("resistor", "47k"',
        [NETLIST, "PARTS['R1']", "47000 ohm as the pull-up of one_wire", "hardware/bom/bench.csv:4"],
    ),
    "a pull-up that passes by itself": (
        NETLIST, 'R2": Part("resistor", "4k7"', 'R2": Part("resistor", "3k3"',
        ["hardware/bom/bench.csv:4", "R2 is '3k3'"],
    ),
    "a pull-up too strong": (
        NETLIST, 'R2": Part("resistor", "4k7"', 'R2": Part("resistor", "1k"',
        ["PARTS['R2']", "i2c_sda pulls 3.", "3.0 allowed"],
    ),
    "a bus that rises too slowly": (
        NETLIST, 'R3": Part("resistor", "4k7"', 'R3": Part("resistor", "8k2"',
        ["PARTS['R3']", "i2c_scl rises in", "300 allowed"],
    ),
    "a pull-up goes": (
        NETLIST, '"one_wire": "U1.GP22 U2.DQ R1.2"', '"one_wire": "U1.GP22 U2.DQ"',
        ["NETS['one_wire']", "one pull-up resistor", "R1.2 (passive) is not connected"],
    ),
    "a module at 12 V": (NETLIST, '"VM": "J1.+', '"VM": "DS1.VCC J1.+', ["DS1.VCC is on 3V3 already"]),
    "the display fed from 12 V": (
        NETLIST, "R1.1 DS1.VCC R2.1", "R1.1 R2.1", ["DS1.VCC (power in) is not connected"],
    ),
    "12 V on the logic": (NETLIST, '"VM": "J1.+ U4.VMOT', '"VM": "J1.+ U4.VMOT U4.MS1', ["U4.MS1 is on 3V3 already"]),
    "too much from a GPIO": (
        NETLIST, 'Part("resistor", "330R"', 'Part("resistor", "100R"',
        ["NETS['drip']", "13.0 mA from a GPIO", "4.0 allowed"],
    ),
    "no pull-down at STEP": (
        NETLIST, "U4.STEP R6.1", "U4.STEP",
        ["NETS['step']", "motor steps while the Pico has no power"],
    ),
    "a floating reset": (
        NETLIST, '"awake": "U4.SLEEP U4.RESET"', '"awake": "U4.SLEEP"',
        ["NETS['awake']", "one end only, U4.SLEEP"],
    ),
    "another address": (
        "firmware/src/parts/oled.py", "ADDRESS = 0x3C", "ADDRESS = 0x3D",
        ["firmware/src/parts/oled.py: asks no 0x3C", "DS1"],
    ),
    "two at one address": (
        "hardware/rig/parts.py", "address=0x77", "address=0x3C",
        ["U3 and DS1 both answer at 0x3C in the training build"],
    ),
    "a pulse too short": (
        "firmware/src/parts/stepper.py", "PULSE_US = 3", "PULSE_US = 0.5", ["parts/stepper.py PULSE_US", "1.0 us"],
    ),
    "a quantity": (
        "hardware/bom/bench.csv", "R1 R2 R3,resistor,4k7,3", "R1 R2 R3,resistor,4k7,4",
        ["hardware/bom/bench.csv:4 (resistor)", "quantity 4, but 3 of them"],
    ),
    "a quantity of wires": (
        "hardware/bom/training.csv", ",jumper wire,,26", ",jumper wire,,25",
        ["hardware/bom/training.csv:", "(jumper wire): quantity 25, but the drawings use 26"],
    ),
    "a quantity of screws": (
        "hardware/bom/training.csv", ",screw for the lid,,3", ",screw for the lid,,4",
        ["(screw for the lid): quantity 4", "use 3"],
    ),
    "a part goes from a list": (
        "hardware/bom/training.csv", "\nC1,electrolytic", "\nC9,electrolytic",
        ["training.csv: C1 is missing", "C9 is not in the training netlist"],
    ),
    "a wire in the wrong hole": (
        WIRING, '("j12", "e23")', '("j12", "e22")', [WIRING, "net one_wire is open on the bench breadboard"],
    ),
    "a short on the breadboard": (
        WIRING, '("j30", "T-30")', '("j30", "T+30")', [WIRING, "joined on the bench breadboard", "D1.K"],
    ),
    "a driver set one hole aside": (WIRING, '"VMOT": "d55"', '"VMOT": "d56"', [WIRING, "net VM is open", "U4.VMOT"]),
    "a wire drawn to the wrong pin": (
        "hardware/rig/schematic.py", 's.flag("one_wire"', 's.flag("drip"',
        ["hardware/rig/schematic.py: net", "one_wire", "R1.2"],
    ),
    "a picture touched by hand": (
        "hardware/pictures/wiring-bench.svg", "Raspberry Pi Pico", "Raspberry Pie",
        ["hardware/pictures/wiring-bench.svg: not what"],
    ),
    "a table touched by hand": ("hardware/pins.md", "`buzzer` | 16", "`buzzer` | 17", ["hardware/pins.md: not what"]),
    "another puck": (
        "hardware/rig/puck_size.py", "across: float = 78.0", "across: float = 80.0",
        ["hardware/pictures/puck-plan.svg: not what", "hardware/pictures/puck-exploded.svg: made from another"],
    ),
    "a label on a label": (
        "hardware/rig/calibration_picture.py", "384, ", "372, ",
        ["hardware/pictures/calibration.svg: label", "overlaps"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", few(CHANGES, 12))  # each is a process of its own
def test_a_change_is_seen_and_its_place_named(copy: Path, change: str) -> None:
    name, before, after, words = CHANGES[change]
    path = copy / name
    text = path.read_text()
    assert before in text, f"{name} no longer has {before!r}: mend this test"
    path.write_text(text.replace(before, after))
    status, said = checked(copy)
    assert status == 1, said
    for word in words:
        assert word in said, f"not said: {word}\n{said}"
