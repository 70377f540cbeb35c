"""Probes and outputs on the emulated RP2040, bit by bit: what the water does, what is unplugged, what the rig shows.

One board serves all tests of a worker, for booting is most of the cost; each test leaves every part in its place and
the water at 34 degC. Times are the board's.
"""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from emulated_rig import WiredPico, emulated_rig
from glyphs import glyphs
from image import needed_image

from pumplink import messages as m
from pumplink.codes import EventCode, Fitted, Sensor, Status
from pumpmodel import Pump

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(1800)]

SPEED_X = 10
CONFIG = {"rig_name": "bench-1", "speed_x": SPEED_X, "buzzer": True, "drip": True, "drip_nl": 50, "stepper": True}
WORLD = {"water_c": 34, "air_pa": 101_325, "ds18b20": "in place", "bmp280": "in place", "oled": "in place"}
WORLD |= {"tmp117": "in place", "ntc": "in place"}
# Ref: 32-bit floats, a pressure that is taken over in steps of 10 Pa, and the wire's rounding
PUMP_C, FLOW = 0.01, 0.003


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def rig(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredPico]:
    needed_image()
    stack = AsyncExitStack()
    folder = tmp_path_factory.mktemp("wired")
    yield runner.run(stack.enter_async_context(emulated_rig(folder / "state", WORLD, CONFIG)))
    runner.run(stack.aclose())


def as_the_model_says(rig: WiredPico) -> list[m.Truth]:
    """Steps a model by the board's own readings, and compares every truth that the board told with it."""
    pump, seen_ms = Pump(), 0
    truths = iter(sorted(rig.truths, key=lambda truth: truth.sequence))
    truth = next(truths, None)
    compared = []
    for reading in sorted(rig.readings(), key=lambda reading: reading.sequence):
        if reading.ambient_pa is not None and abs(reading.ambient_pa - pump.ambient_kpa * 1000) >= 10:
            pump.set_ambient(reading.ambient_pa / 1000)
        if reading.probe_mc is not None:
            pump.touch(round(reading.probe_mc / 62.5) / 16)
        left_ms = reading.pump_time_ms - seen_ms
        seen_ms = reading.pump_time_ms
        while left_ms > 0:
            pump.step(min(left_ms, 1000) / 1000)
            left_ms -= 1000
        while truth and truth.sequence <= reading.sequence:
            if truth.sequence == reading.sequence:
                compared.append(truth)
                assert truth.pump_mc / 1000 == pytest.approx(pump.pump_c, abs=PUMP_C)
                assert truth.skin_mc / 1000 == pytest.approx(pump.skin_c, abs=PUMP_C)
                assert truth.flow_nl_h == pytest.approx(pump.flow_nl_h, rel=FLOW)
            truth = next(truths, None)
    return compared


async def water(rig: WiredPico, temp_c: float) -> int:
    """Heats or cools the water; waits until the probe has seen it. Board time of the change."""
    begun_ms = (await rig.tell(water_c=temp_c))["board_ms"]
    await rig.wait_for(lambda: rig.readings()[-1].probe_mc == round(temp_c * 1000), f"water at {temp_c} degC")
    return begun_ms


def bath(rig: WiredPico, runner: asyncio.Runner, seconds: float) -> list[m.Truth]:
    async def run() -> None:
        await rig.board_s(1)
        await water(rig, 41)
        await rig.board_s(seconds)
        await water(rig, 34)
        await rig.board_s(seconds)

    first = len(rig.truths)
    runner.run(run())
    sequences = [record.sequence for record in rig.records]
    assert sequences == list(range(1, len(sequences) + 1))
    assert not rig.bad
    compared = as_the_model_says(rig)
    assert len(compared) >= seconds
    return rig.truths[first:]


def test_what_is_wired_is_found_by_reading_it(rig: WiredPico) -> None:
    hello = rig.greeting
    assert hello.sensor == Sensor.DS18B20
    everything = Fitted.BAROMETER | Fitted.OLED | Fitted.BUZZER | Fitted.DRIP_LED | Fitted.STEPPER
    assert hello.fitted == everything
    assert not rig.events(EventCode.TASK_FAILED)


def test_the_water_moves_probe_flow_and_truth_as_the_model_says(rig: WiredPico, runner: asyncio.Runner) -> None:
    truths = bath(rig, runner, 3)
    readings = rig.readings()
    assert {reading.probe_mc for reading in readings} >= {34_000, 41_000}
    assert {reading.probe_mc for reading in readings} <= {None, 34_000, 41_000}
    assert not rig.events(EventCode.PROBE_LOST)
    ages_ms = [reading.probe_age_ms or 0 for reading in readings if reading.probe_mc is not None]
    assert max(ages_ms) < 1500
    assert max(truth.flow_nl_h for truth in truths) > truths[0].flow_nl_h


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_bath_of_minutes_moves_them_as_the_model_says(rig: WiredPico, runner: asyncio.Runner) -> None:
    truths = bath(rig, runner, 60)
    warmest = max(truths, key=lambda truth: truth.pump_mc)
    print(
        f"\n34 -> 41 -> 34 degC, {SPEED_X}x: pump {truths[0].pump_mc / 1000:.2f} -> {warmest.pump_mc / 1000:.2f} -> "
        f"{truths[-1].pump_mc / 1000:.2f} degC, flow {truths[0].flow_nl_h} -> {warmest.flow_nl_h} -> "
        f"{truths[-1].flow_nl_h} nL/h, {len(rig.readings())} readings"
    )


def test_an_unplugged_probe_is_an_event_within_3_s_and_no_invented_value(
    rig: WiredPico, runner: asyncio.Runner
) -> None:
    async def run():
        lost_before, back_before = len(rig.events(EventCode.PROBE_LOST)), len(rig.events(EventCode.PROBE_BACK))
        await rig.board_s(1)
        unplugged_ms = rig.now_ms()
        await rig.tell(ds18b20="unplugged", water_c=40)
        await rig.wait_for(lambda: len(rig.events(EventCode.PROBE_LOST)) > lost_before, "the event")
        lost = rig.events(EventCode.PROBE_LOST)[-1]
        tone_hz = 0
        deadline_ms = rig.now_ms() + 1500
        while not tone_hz and rig.now_ms() < deadline_ms:
            tone_hz = (await rig.tell())["tone_hz"]
        await rig.board_s(0.5)
        plugged_ms = rig.now_ms()
        await rig.tell(ds18b20="in place", water_c=34)
        await rig.wait_for(lambda: len(rig.events(EventCode.PROBE_BACK)) > back_before, "the return")
        return unplugged_ms, lost, tone_hz, plugged_ms

    unplugged_ms, lost, tone_hz, plugged_ms = runner.run(run())
    assert lost.uptime_ms - unplugged_ms <= 3000
    assert "no answer" in lost.text
    gone = [reading for reading in rig.readings(lost.uptime_ms + 1) if reading.uptime_ms < plugged_ms]
    assert {reading.probe_mc for reading in gone} == {None}
    assert all(reading.status & Status.PROBE_FAULT and reading.status & Status.PROBE_HELD for reading in gone)
    # neither the 40 degC of the water that it is not in, nor the 85 degC with which it wakes up
    assert {reading.probe_mc for reading in rig.readings(unplugged_ms)} == {34_000, None}
    assert tone_hz == pytest.approx(1000, rel=0.01)
    print(f"\nunplugged to event: {lost.uptime_ms - unplugged_ms} ms of board time")


@pytest.mark.soak
def test_noise_on_the_wire_is_a_crc_error_and_no_temperature(rig: WiredPico, runner: asyncio.Runner) -> None:
    async def run():
        lost_before, back_before = len(rig.events(EventCode.PROBE_LOST)), len(rig.events(EventCode.PROBE_BACK))
        begun_ms = rig.now_ms()
        await rig.tell(ds18b20="noisy", water_c=40)
        await rig.wait_for(lambda: len(rig.events(EventCode.PROBE_LOST)) > lost_before, "the event")
        await rig.tell(ds18b20="in place", water_c=34)
        await rig.wait_for(lambda: len(rig.events(EventCode.PROBE_BACK)) > back_before, "the return")
        return begun_ms

    begun_ms = runner.run(run())
    assert "CRC" in rig.events(EventCode.PROBE_LOST)[-1].text
    assert {reading.probe_mc for reading in rig.readings(begun_ms)} <= {34_000, 40_000, None}


@pytest.mark.soak
@pytest.mark.parametrize(("sensor", "within_mc"), [("tmp117", 4), ("ntc", 60)])
def test_other_probes_read_the_same_water(rig: WiredPico, runner: asyncio.Runner, sensor: str, within_mc: int) -> None:
    async def run():
        await rig.configure(sensor=sensor)
        await rig.tell(water_c=38.5)
        await rig.wait_for(lambda: abs((rig.readings()[-1].probe_mc or 0) - 38_500) <= within_mc, "38.5 degC")
        lost_before = len(rig.events(EventCode.PROBE_LOST))
        unplugged_ms = rig.now_ms()
        await rig.tell(**{sensor: "unplugged"})
        await rig.wait_for(lambda: len(rig.events(EventCode.PROBE_LOST)) > lost_before, "the event")
        lost = rig.events(EventCode.PROBE_LOST)[-1]
        await rig.tell(**{sensor: "in place"}, water_c=34)
        await rig.configure(sensor="auto")
        await rig.wait_for(lambda: rig.readings()[-1].probe_mc == 34_000, "the water as before")
        return lost.uptime_ms - unplugged_ms, lost.text

    took_ms, words = runner.run(run())
    assert took_ms <= 3000
    assert sensor in words


def test_the_barometer_moves_the_flow(rig: WiredPico, runner: asyncio.Runner) -> None:
    async def run():
        await rig.tell(air_pa=98_325)
        await rig.wait_for(lambda: abs((rig.readings()[-1].ambient_pa or 0) - 98_325) <= 5, "98325 Pa")
        seen = len(rig.truths)
        await rig.wait_for(lambda: len(rig.truths) > seen + 1, "the truth")
        low = rig.truths[-1]
        await rig.tell(air_pa=101_325)
        await rig.wait_for(lambda: abs((rig.readings()[-1].ambient_pa or 0) - 101_325) <= 5, "101325 Pa")
        return low

    low = runner.run(run())
    assert low.true_ambient_pa == pytest.approx(98_325, abs=15)


def test_the_display_shows_what_the_instruments_say(rig: WiredPico, runner: asyncio.Runner) -> None:
    async def run():
        await rig.board_s(2)
        return (await rig.tell())["screen"], rig.readings()[-1]

    screen, reading = runner.run(run())
    ram, letters = bytes.fromhex(screen), glyphs()
    lines = [
        "".join(letters.get(ram[start : start + 8], "?") for start in range(page * 128, page * 128 + 128, 8)).rstrip()
        for page in range(8)
    ]
    assert lines[0] == "bench-1"
    assert lines[2] == "Probe  34.00 C"
    assert float(lines[3][5:11]) == pytest.approx(reading.metered_flow_nl_h / 1000, rel=0.05)
    assert lines[5].startswith("Air  1013.")
    assert lines[6] in ("OK", "NO HOST")  # the last command may be 10 s old


def test_lamp_and_stepper_show_the_flow(rig: WiredPico, runner: asyncio.Runner) -> None:
    async def run():
        before, from_nl = await rig.tell(), rig.truths[-1].delivered_nl
        seen = len(rig.truths)
        await rig.board_s(3)
        await rig.wait_for(lambda: len(rig.truths) > seen, "the truth")
        return before, from_nl, await rig.tell(), rig.truths[-1].delivered_nl

    before, from_nl, after, to_nl = runner.run(run())
    steps = len(after["step"]) - len(before["step"])
    drops = len(after["drip"]) - len(before["drip"])
    assert steps == pytest.approx((to_nl - from_nl) * 0.1, abs=12)  # 100 a µL; a truth comes every half second
    assert drops == pytest.approx((to_nl - from_nl) / 50, abs=3)
    assert len(after["led"]) > len(before["led"])


def test_no_reading_is_late_for_the_parts(rig: WiredPico, runner: asyncio.Runner) -> None:
    async def run():
        await rig.board_s(2)

    runner.run(run())
    steady = [reading for reading in rig.readings() if reading.uptime_ms > 2000]
    late = [reading for reading in steady if reading.status & Status.LATE]
    jitter_ms = sorted(
        abs(later.uptime_ms - earlier.uptime_ms - 100)
        for earlier, later in itertools.pairwise(steady)
        if later.sequence == earlier.sequence + 1
    )
    print(f"\n{len(steady)} readings, late {len(late)}, interval off by p99 {jitter_ms[len(jitter_ms) * 99 // 100]} ms")
    assert len(late) <= len(steady) // 100
    assert jitter_ms[len(jitter_ms) * 95 // 100] <= 4
