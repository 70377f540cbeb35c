"""The tables of the engineer's page are the firmware's."""

import json
import re
from pathlib import Path

import pytest
from board_tables import lamp_table, pins, pins_table

from pump.config import ADC_PINS, CHOICES, DEFAULTS, PIN_NAMES, PINS, check
from pump.sensor import PARTS

PAGE = (Path(__file__).parents[2] / "docs" / "engineer.md").read_text()


@pytest.mark.parametrize("table", [pins_table, lamp_table])
def test_the_page_shows_the_firmwares_table(table) -> None:
    assert table() in PAGE, "PYTHONPATH=firmware/src .venv/bin/python tests/support/board_tables.py prints it"


def test_the_page_tells_the_default_of_each_setting_of_a_part() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| `(.*?)` \|", PAGE, re.M)
    told = {key: json.loads(value) for keys, value in rows for key in re.findall(r"`(\w+)`", keys)}
    assert told == {key: DEFAULTS[key] for key in told}
    assert {"sensor", "pins", "oled", "stepper_steps_per_ul", "probe_hold_s"} <= told.keys()


def test_each_sensor_can_be_chosen_in_the_settings_and_is_on_the_page() -> None:
    assert {"auto", "emulated", *PARTS} == set(CHOICES["sensor"])
    [row] = [line for line in PAGE.splitlines() if line.startswith("| `sensor` |")]
    assert {name for name in CHOICES["sensor"] if name not in row} == set()


def test_the_boards_pins_are_those_that_the_settings_can_name() -> None:
    assert tuple(pins()) == PIN_NAMES
    assert check("pins", pins()) is None
    assert pins()["ntc"] in ADC_PINS
    assert set(pins().values()) <= set(PINS)
