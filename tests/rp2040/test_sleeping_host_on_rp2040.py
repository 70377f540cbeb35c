"""A laptop that sleeps suspends the USB bus with the port open: the board measures on, and sends it all later."""

import itertools
from pathlib import Path

import pytest
from emulated_rig import emulated_rig
from image import needed_image

from pumplink.codes import EventCode, Status

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(1800)]

WORLD = {"water_c": 34, "ds18b20": "in place", "oled": "in place"}
ASLEEP_MS = 12_000
PAUSE_MS = 600  # a write into a suspended bus costs half a second


async def test_a_suspended_bus_costs_no_probe_and_two_pauses(tmp_path: Path) -> None:
    needed_image()
    async with emulated_rig(tmp_path / "state", WORLD, {"rig_name": "bench-1"}) as rig:
        await rig.board_s(4)
        begun_ms = (await rig.tell(host="asleep"))["board_ms"]

        async def slept() -> bool:
            return (await rig.tell())["board_ms"] >= begun_ms + ASLEEP_MS

        while not await slept():
            await rig.wait_for(lambda: True, "the emulator")
        woken_ms = (await rig.tell(host="awake"))["board_ms"]
        await rig.wait_for(lambda: rig.now_ms() >= woken_ms + 3000, "what was kept, and the present")

        asleep = sorted(each.uptime_ms for each in rig.readings(begun_ms) if each.uptime_ms < woken_ms)
        pauses = [later - earlier for earlier, later in itertools.pairwise(asleep) if later - earlier > 150]
        hz = len(asleep) / (woken_ms - begun_ms) * 1000
        print(f"\nasleep for {woken_ms - begun_ms} ms: {len(asleep)} readings, {hz:.2f} Hz, pauses of {pauses} ms")
        assert hz > 9
        assert len(pauses) <= 3
        assert not pauses or max(pauses) <= PAUSE_MS
        assert not rig.events(EventCode.PROBE_LOST)
        assert not any(each.status & Status.PROBE_FAULT for each in rig.readings(begun_ms))
        sequences = [each.sequence for each in rig.records]
        assert sequences == list(range(1, len(sequences) + 1)), "each once and in order"
        assert not rig.gaps
