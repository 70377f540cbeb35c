"""Each build of the guide, and each way to install that the guide has, from power to a passed self test.

Booting is nearly all of the cost, so only the largest build and the way that needs most memory are for every run.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from emulated_rig import WiredPico, emulated_rig
from image import needed_image

from pumplink import messages as m
from warmflow.device.firmware.image import program
from warmflow.device.virtual import rp2040

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
FREE_BYTES = 90_000  # of heap, after HELLO, with the program's byte code
RING_BYTES = 32_000  # 128 s at 10 Hz
CALIBRATION = {"calibration": {"sensor": "ds18b20", "low": [310, 0], "high": [37440, 37100]}}
PROBE = {"water_c": 34, "ds18b20": "in place", "oled": "in place"}
BENCH = {"drip": True, "buzzer": True}
BUILDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "bare": ({}, {"water_c": 34}),
    "probe and display": ({}, PROBE),
    "bench": (BENCH, PROBE),
    "calibrated": (BENCH | CALIBRATION, PROBE),
    "training": (
        BENCH | CALIBRATION | {"stepper": True, "site_pressure_pa": 98_500},
        PROBE | {"bmp280": "in place"},
    ),
}


async def verdicts(rig: WiredPico) -> dict[str, tuple[bool | None, str]]:
    """What the board says of itself two and a half seconds after its start."""
    await rig.board_s(2.5)
    rig._send(m.SelfTest(77))
    await rig.wait_for(lambda: 77 in rig._answers, "the self test")
    answer = rig._answers[77]
    assert isinstance(answer, m.Ack), answer
    return {name: (passed, seen) for name, passed, seen in json.loads(answer.text)}


async def boots(folder: Path, name: str) -> tuple[m.Hello, m.Info]:
    needed_image()
    config, world = BUILDS[name]
    async with emulated_rig(folder / "state", world, config) as rig:
        said = await verdicts(rig)
        await rig.wait_for(lambda: rig.infos, "INFO")
        print(f"\n{name}: {rig.infos[0].free_heap_bytes} B free, ring {rig.greeting.ring_bytes} B, {said}")
        assert not [each for each, (passed, _) in said.items() if passed is False], said
        return rig.greeting, rig.infos[0]


async def test_the_training_build_passes_its_own_test_with_90_kb_of_heap_and_its_whole_ring(
    tmp_path: Path,
) -> None:
    hello, info = await boots(tmp_path, "training")
    assert info.free_heap_bytes >= FREE_BYTES
    assert hello.ring_bytes >= RING_BYTES


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in BUILDS if name not in ("training", "bare")])
async def test_every_other_build_of_the_guide_passes_its_own_test(tmp_path: Path, name: str) -> None:
    hello, info = await boots(tmp_path, name)
    assert info.free_heap_bytes >= FREE_BYTES
    assert hello.ring_bytes >= RING_BYTES


async def test_the_sources_that_mip_and_thonny_copy_boot_and_pass_the_boards_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed_image()
    listed = {name for name, _ in json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["urls"]}

    def as_they_are(files: dict[str, Path], arch: str | None) -> dict[str, bytes]:
        assert listed == set(files), "package.json, and the folder that `warmflow firmware` writes, have the same files"
        return program(files, None)

    monkeypatch.setattr(rp2040, "program", as_they_are)
    config, world = BUILDS["training"]
    async with emulated_rig(tmp_path / "state", world, config) as rig:
        booted_ms = (await rig.tell())["board_ms"]
        said = await verdicts(rig)
        print(f"\nsources: HELLO within {booted_ms} ms, ring {rig.greeting.ring_bytes} B, {said}")
        assert not [each for each, (passed, _) in said.items() if passed is False], said
        assert rig.greeting.ring_bytes >= RING_BYTES // 2
        assert booted_ms < 8000, "the watchdog would not wait longer"
