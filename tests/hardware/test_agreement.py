"""The rig as it is committed: one table of pins in three places, sound levels and pull-ups, nothing out of date."""

import ast
from pathlib import Path

import pytest

from rig import bom, netlist, parts, reading, rules, schematic, wiring
from rig.__main__ import problems

ROOT = Path(__file__).parents[2]
BUILDS = netlist.BUILDS
DRAWN = [build for build in BUILDS if build != "bare"]


def firmware_pins() -> dict[str, int]:
    """Read here once more, without the code that is under test."""
    for node in ast.parse((ROOT / "firmware/src/board/pico.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PINS":
            return ast.literal_eval(node.value)
    raise AssertionError("no PINS")


def test_nothing_is_wrong_with_what_is_committed() -> None:
    assert problems(ROOT) == []


def test_firmware_netlist_and_breadboard_have_the_same_pins() -> None:
    in_netlist = {
        net: int(pin.removeprefix("U1.GP"))
        for net, pins in netlist.NETS.items()
        for pin in pins.split()
        if pin.startswith("U1.GP")
    }
    assert in_netlist == firmware_pins()
    for build in DRAWN:
        joined, holes = wiring.joined(build), wiring.holes(build)
        for net, pins in netlist.nets_of(build).items():
            if net in in_netlist:
                number = parts.PICO_NUMBERS[f"GP{in_netlist[net]}"]
                hole = f"c{number}" if number <= 20 else f"h{41 - number}"
                [other] = {joined[pin] for pin in pins if not pin.startswith("U1.")}
                assert joined[wiring.strip(hole)] == other, f"{net} does not start at {hole} on the {build} breadboard"
                assert hole in holes.values()


def test_the_picos_row_of_pins_is_the_boards() -> None:
    """A few pins that everybody knows, from the Pico's data sheet."""
    known = {"GP0": 1, "GP4": 6, "GP15": 20, "GP16": 21, "GP26": 31, "AGND": 33, "3V3": 36, "VSYS": 39, "VBUS": 40}
    assert {name: parts.PICO_NUMBERS[name] for name in known} == known
    assert sorted(parts.PICO_NUMBERS.values()) == list(range(1, 41))
    assert [parts.PICO_NUMBERS[f"GND{at}"] for at in range(1, 8)] == [3, 8, 13, 18, 23, 28, 38]


def test_each_bus_line_has_one_pull_up_to_three_volts_three() -> None:
    for build in DRAWN:
        nets = netlist.nets_of(build)
        for line in ("one_wire", "i2c_sda", "i2c_scl"):
            pulls = [
                ref
                for ref, part in netlist.parts_of(build).items()
                if part.kind == "resistor" and f"{ref}.1" in nets["3V3"] and f"{ref}.2" in nets[line]
            ]
            assert [netlist.PARTS[ref].value for ref in pulls] == ["4k7"], f"{line} in {build}"


def test_all_that_is_on_a_logic_line_is_fed_by_three_volts_three() -> None:
    """A module with 5 V would pull its bus to 5 V."""
    for build in DRAWN:
        for net, pins in netlist.nets_of(build).items():
            for pin in pins:
                if netlist.kind_of(pin).kind == parts.POWER_IN:
                    assert net == ("VM" if pin == "U4.VMOT" else "3V3"), pin


def test_the_thermistor_is_on_an_adc_pin() -> None:
    assert firmware_pins()["ntc"] in (26, 27, 28)


def test_no_two_parts_of_a_build_share_an_address() -> None:
    for build in BUILDS:
        addresses = [parts.KINDS[part.kind].address for part in netlist.parts_of(build).values()]
        taken = [address for address in addresses if address is not None]
        assert len(taken) == len(set(taken))


@pytest.mark.parametrize("build", BUILDS)
def test_a_build_stays_within_the_picos_supply(build: str) -> None:
    assert sum(rules.rail_ma(build).values()) < 300
    assert sum(rules.gpio_ma(build).values()) < 50


def test_each_list_counts_what_the_netlist_has() -> None:
    for build in BUILDS:
        listed = [ref for _, row in bom.rows(ROOT, build) for ref in row["refs"].split()]
        base = netlist.parts_of(netlist.ADDS_TO[build]) if build in netlist.ADDS_TO else {}
        assert sorted(listed) == sorted(set(netlist.parts_of(build)) - set(base))


def test_each_schematic_shows_every_net() -> None:
    for build in DRAWN:
        drawn = reading.read_back(schematic.picture(build))
        assert {f"={net}" for net in netlist.nets_of(build) if net in schematic.RAILS} <= set(drawn)
        shown = set().union(*drawn.values())
        assert {pin for pins in netlist.nets_of(build).values() for pin in pins} - shown <= {
            f"U1.GND{at}" for at in range(2, 8)
        }
