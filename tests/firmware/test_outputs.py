"""Lamps, buzzer, stepper and display: what they show, that they never wait, and that they lose no step."""

import sys
from types import ModuleType
from typing import ClassVar

import pytest
from parts.buzzer import Buzzer
from parts.led import PATTERNS, Drip, StatusLed, lit
from parts.stepper import FASTEST_MS, MOST_OWED, Stepper

from pump.alarm import Alarm
from pump.background import AGAIN_MS, Background
from pump.display import STATES, lines


def run(step, from_ms: int, to_ms: int) -> None:
    due_ms = from_ms
    while due_ms < to_ms:
        due_ms += max(1, step(due_ms))


@pytest.mark.parametrize(("state", "times"), PATTERNS.items())
def test_each_led_pattern_tells_its_state_apart_within_three_seconds(state, times) -> None:
    assert sum(times) <= 3000
    assert len(times) % 2 == 0
    assert times not in [other for name, other in PATTERNS.items() if name != state]
    assert state in STATES


def test_a_pattern_is_lit_as_its_table_says() -> None:
    assert lit((60, 200, 60, 1680), 0) == (True, 60)
    assert lit((60, 200, 60, 1680), 59) == (True, 1)
    assert lit((60, 200, 60, 1680), 60) == (False, 200)
    assert lit((60, 200, 60, 1680), 2000 + 260) == (True, 60)


def test_the_status_led_begins_a_new_pattern_at_once() -> None:
    shown, state = [], ["ok"]
    led = StatusLed(shown.append, lambda: state[0])
    run(led.step, 0, 1000)
    assert shown[:2] == [True, False]
    state[0] = "probe_lost"
    shown.clear()
    led.step(1000)
    assert shown == [True]


def test_one_drip_for_each_volume() -> None:
    total, flashes = [0], []
    drip = Drip(lambda on: flashes.append(on) if on else None, lambda: total[0], 250)
    due_ms = 0
    for now_ms in range(0, 200_000):
        total[0] = now_ms * 54_167 // 3_600_000  # 1.3 mL/day
        if now_ms >= due_ms:
            due_ms = now_ms + max(1, drip.step(now_ms))
    assert len(flashes) == total[0] // 250


def test_a_flow_too_fast_for_the_lamp_is_not_made_up_for_later() -> None:
    total, flashes = [0], []
    drip = Drip(flashes.append, lambda: total[0], 250)
    total[0] = 1_000_000
    run(drip.step, 0, 1000)
    assert flashes.count(True) == 1


class Pwm:
    def __init__(self) -> None:
        self.hz, self.duty, self.tones = 0, 0, 0

    def freq(self, hz: int) -> None:
        self.hz = hz

    def duty_u16(self, duty: int) -> None:
        self.tones += duty > 0 and self.duty == 0
        self.duty = duty


@pytest.mark.parametrize(("priority", "tones"), [("low", 1), ("medium", 3), ("high", 15)])
def test_the_buzzer_sounds_more_often_for_a_higher_priority(priority: str, tones: int) -> None:
    pwm = Pwm()
    run(Buzzer(pwm, lambda: priority).step, 0, 10_000)
    assert pwm.tones == tones


def test_mute_silences_at_once_and_for_its_time() -> None:
    pwm = Pwm()
    buzzer = Buzzer(pwm, lambda: "high")
    run(buzzer.step, 0, 130)
    buzzer.mute(60_000)
    buzzer.step(130)
    assert pwm.duty == 0
    pwm.tones = 0
    run(buzzer.step, 130, 59_900)
    assert pwm.tones == 0
    run(buzzer.step, 60_000, 61_000)
    assert pwm.tones > 0


def test_no_alarm_is_silence() -> None:
    pwm = Pwm()
    run(Buzzer(pwm, lambda: "").step, 0, 5000)
    assert pwm.tones == 0


def test_the_stepper_moves_in_proportion_and_loses_no_step() -> None:
    total, pulses = [1_000_000], []
    stepper = Stepper(pulses.append, lambda: total[0], 100)
    due_ms = 0
    for now_ms in range(0, 600_000):
        total[0] = 1_000_000 + now_ms * 15_047 // 1_000_000  # nL: 1.3 mL/day
        if now_ms >= due_ms:
            due_ms = now_ms + max(1, stepper.step(now_ms))
    assert len(pulses) == (total[0] - 1_000_000) * 100 // 1000 == 902
    assert stepper.skipped == 0


def test_a_flow_too_fast_for_the_stepper_is_bounded_and_counted() -> None:
    total, pulses = [0], []
    stepper = Stepper(pulses.append, lambda: total[0], 1000)
    total[0] = 10_000
    run(stepper.step, 0, 60_000)
    assert len(pulses) == MOST_OWED
    assert stepper.skipped == 10_000 - MOST_OWED
    assert FASTEST_MS >= 5


def test_an_alarm_stands_once_its_deviation_has_held() -> None:
    alarm = Alarm()
    assert alarm.judge(0.30, False, 0) == ""
    assert alarm.judge(0.30, False, 2999) == ""
    assert alarm.judge(0.30, False, 3000) == "high"
    assert alarm.judge(0.24, False, 9000) == "high"  # hysteresis
    alarm.judge(0.20, False, 9001)
    assert alarm.judge(0.20, False, 12_001) == "medium"
    alarm.judge(0.0, False, 12_002)
    assert alarm.judge(0.0, False, 15_002) == ""


def test_a_flow_below_the_reference_alarms_too_and_a_lost_probe_softly() -> None:
    alarm = Alarm()
    alarm.judge(-0.5, False, 0)
    assert alarm.judge(-0.5, False, 3000) == "high"
    assert Alarm().judge(None, True, 0) == "low"


def test_the_display_has_eight_lines_of_sixteen_characters() -> None:
    shown = [lines("a" * 16, state, 41.0625, 999_999_000 / 1000, -0.999, 101_325.4) for state in STATES]
    shown.append(lines("rig", "ok", None, 0, None, None))
    for screen in shown:
        assert len(screen) == 8
        assert all(len(line) <= 16 for line in screen), screen


class Bus:
    """An I2C bus with a display on it."""

    def __init__(self) -> None:
        self.there, self.writes = True, []

    def writeto(self, address: int, data: bytes) -> None:
        if not self.there:
            raise OSError(5)
        self.writes.append(bytes(data))


@pytest.fixture
def oled(monkeypatch: pytest.MonkeyPatch):
    class FrameBuffer:
        made: ClassVar[list] = []

        def __init__(self, buffer, *what) -> None:
            self.buffer = buffer

        def fill(self, colour: int) -> None:
            self.buffer[:] = bytes(len(self.buffer))

        def text(self, words: str, x: int, y: int) -> None:
            assert y == 0
            self.buffer[: len(words)] = words.encode()

    framebuf = ModuleType("framebuf")
    framebuf.FrameBuffer, framebuf.MONO_VLSB = FrameBuffer, 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "framebuf", framebuf)
    monkeypatch.delitem(sys.modules, "parts.oled", raising=False)
    from parts.oled import Oled

    return Oled


def test_the_display_is_sent_in_short_pieces_and_then_only_what_changed(oled) -> None:
    bus, text = Bus(), ["12.3", *[""] * 7]
    display = oled(bus, lambda: text)
    assert display.found()
    bus.writes.clear()
    run(display.step, 0, 400)
    pieces = [data for data in bus.writes if data[0] == 0x40]
    assert len(pieces) == 16
    assert max(map(len, bus.writes)) <= 65
    bus.writes.clear()
    text[0] = "12.4"
    run(display.step, 500, 1400)
    assert bus.writes[0::2] == [bytes((0x00, 0x21, 0, 63, 0x22, 0, 0)), bytes((0x00, 0x21, 64, 127, 0x22, 0, 0))]
    assert bus.writes[1] == b"\x4012.4" + bytes(60)


def test_a_display_that_comes_back_is_started_and_drawn_whole(oled) -> None:
    bus = Bus()
    text = ["a", *[""] * 7]
    display = oled(bus, lambda: text)
    display.found()
    run(display.step, 0, 400)
    bus.there, text[0] = False, "b"
    run(display.step, 500, 5000)
    assert display.fault == "no answer"
    bus.there = True
    bus.writes.clear()
    run(display.step, 5000, 8000)
    assert bus.writes[0][1] == 0xAE
    assert sum(data[0] == 0x40 for data in bus.writes) == 16


def test_a_job_that_fails_is_told_of_tried_again_and_stops_no_other() -> None:
    told, ran = [], []

    def breaks(now_ms: int) -> int:
        raise ValueError("broken")

    def works(now_ms: int) -> int:
        ran.append(now_ms)
        return 10

    background = Background(lambda name, error: told.append((name, str(error))))
    background.add("bad", breaks)
    background.add("good", works)
    for now_ms in range(AGAIN_MS + 100):
        background.run(now_ms)
    assert told == [("bad", "broken")] * 2
    assert len(ran) > 500


def test_only_one_job_runs_at_a_time_and_the_longest_waiting_first() -> None:
    ran = []
    background = Background(print)
    for name in "abc":
        background.add(name, lambda now_ms, name=name: ran.append(name) or 5)
    assert [background.run(now_ms) for now_ms in range(3)] == [0, 0, 0]
    assert sorted(ran) == ["a", "b", "c"]
    assert background.run(3) == 2
