"""The physics on the emulated RP2040, with its 32-bit floats, against the same script on CPython: totals equal.

The short version is for every run; the soak steps one hour of pump time at 1 s. A reading of the board costs the
emulator some time, so each run prints once, at its end.
"""

import contextlib
import io
import json
import re

import pytest
import serial
from image import needed_image
from wait import wait_until

from warmflow.device.virtual import virtual_pico

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(1000)]

TOTALS = 1e-4  # of the totals: the tolerance; 0 nL was measured
FLOW = 1e-5  # of the flow: 4e-6 was measured
# Runs on both: a hot tub from the second step on, with a leak. Prints one JSON list of lists.
SCRIPT = """
import json
from pumpmodel import Pump
found = []
for profile, dt_s, tub_s, steps in %s:
    pump = Pump(profile)
    pump.step(dt_s)
    pump.expose(skin_c=41.5, core_c=38.5, duration_s=tub_s)
    pump.fault("leak", 0.25)
    for _ in range(steps):
        pump.step(dt_s)
    found.append([pump.pumped_nl, pump.delivered_nl, pump.reservoir_nl, pump.flow_nl_h, pump.pump_c])
print("totals", json.dumps([16777217.0, found]), "end")
"""


def on_cpython(code):
    """The script's list, by this interpreter."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(code, {})
    return json.loads(said.getvalue().removeprefix("totals ").rpartition(" end")[0])


async def on_the_board(code, folder, deadline_s):
    """The script's list, by the emulated chip; skips where that cannot be."""
    needed_image()
    return await _ask(code, folder, deadline_s)


async def _ask(code, folder, deadline_s):
    firmware = _firmware(folder, code)
    async with virtual_pico("rp2040", firmware=firmware, state_dir=folder / "state", config={}) as pico:
        with serial.Serial(pico.port, timeout=0) as port:
            got = bytearray()

            def match():
                got.extend(port.read(65536))
                return re.search(rb"totals (\[.*\]) end", bytes(got))

            def lives():
                assert not pico.died.is_set(), pico.tail()

            found = await wait_until(match, deadline_s, what="the totals", check=lives, state=lambda: bytes(got))
            return json.loads(found[1])


def _firmware(folder, code):
    from warmflow.device.firmware.files import assemble

    firmware = folder / "firmware"
    assemble(firmware)
    (firmware / "main.py").write_text(code)
    return firmware


async def compare(cases, folder, deadline_s):
    code = SCRIPT % (cases,)
    (float_64, expected), (float_32, found) = on_cpython(code), await on_the_board(code, folder, deadline_s)
    assert (float_64, float_32) == (16777217.0, 16777216), "the board's floats have 32 bits"
    for case, ours, theirs in zip(cases, expected, found, strict=True):
        print(f"\n{case}: CPython {ours}, board {theirs}")
        assert theirs[:3] == pytest.approx(ours[:3], rel=TOTALS, abs=1), "pumped, delivered, reservoir"
        assert theirs[3] == pytest.approx(ours[3], rel=FLOW)
        assert theirs[4] == pytest.approx(ours[4], abs=1e-3)


async def test_minutes_of_a_hot_tub_with_32_bit_floats_give_the_totals_of_cpython(tmp_path):
    await compare([("r11", 1.0, 240, 300), ("r11-spring", 0.1, 20, 300)], tmp_path, 900)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_an_hour_of_a_hot_tub_with_32_bit_floats_gives_the_totals_of_cpython(tmp_path):
    await compare([("r11", 1.0, 1800, 3599)], tmp_path, 3500)
