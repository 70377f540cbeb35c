"""How fast pump time may run: by what the board is, and by what measures. Who asks for more hears the limit."""

import json

import pytest
from firmware_on_cpython import PaperBoard, Rig
from simulated_parts import I2c, tmp117

from pumplink import messages as m
from pumplink.codes import ErrorCode, EventCode, Platform, Sensor

PROBE = {"i2c": I2c({0x48: tmp117(36.5)})}
RIGS = [
    # platform, parts, the fastest, words
    (Platform.CPYTHON, {}, 600, "600"),
    (Platform.UNIX, {}, 600, "600"),
    (Platform.RP2040, {}, 60, "at most 60 on a board"),
    (Platform.RP2350, {}, 60, "at most 60 on a board"),
    (Platform.RP2040, PROBE, 10, "at most 10 with a real probe"),
    (Platform.UNIX, PROBE, 10, "at most 10 with a real probe"),
]


def rig(platform: Platform, parts: dict[str, object], **settings: object) -> Rig:
    board = PaperBoard({"config.json": json.dumps(settings).encode()})
    board.platform, board.wired = platform, dict(parts)
    return Rig(board)


def nack(said: list[m.Message]) -> m.Nack | None:
    return next((message for message in said if isinstance(message, m.Nack)), None)


def events(said: list[m.Message], code: EventCode) -> list[m.Event]:
    return [message for message in said if isinstance(message, m.Event) and message.code == code]


@pytest.mark.parametrize(("platform", "parts", "fastest", "words"), RIGS)
def test_the_fastest_is_taken_and_one_more_is_refused_with_the_limit(platform, parts, fastest, words) -> None:
    bench = rig(platform, parts)
    for ask in (
        lambda speed_x: m.SetSpeed(5, speed_x),
        lambda speed_x: m.SetConfig(5, json.dumps({"speed_x": speed_x})),
    ):
        assert nack(bench.send(ask(fastest))) is None
        refused = nack(bench.send(ask(fastest + 1)))
        assert refused is not None
        assert refused.error == ErrorCode.BAD_VALUE
        assert words in refused.text
        assert bench.app.config["speed_x"] == fastest


@pytest.mark.parametrize(("platform", "parts", "fastest", "words"), RIGS)
def test_a_config_file_that_asks_for_more_means_the_default_and_an_event_that_names_the_key(
    platform, parts, fastest, words
) -> None:
    assert rig(platform, parts, speed_x=fastest).app.config["speed_x"] == fastest
    bench = rig(platform, parts, speed_x=fastest + 1)
    bad = events(bench.run_ms(100), EventCode.CONFIG_BAD)
    assert bench.app.config["speed_x"] == 1
    assert "speed_x" in bad[0].text
    assert words in bad[0].text


def test_a_real_probe_is_refused_while_pump_time_runs_too_fast_for_it() -> None:
    bench = rig(Platform.RP2040, PROBE, sensor="emulated", speed_x=60)
    refused = nack(bench.send(m.SetConfig(5, '{"sensor": "tmp117"}')))
    assert refused is not None
    assert "at most 10" in refused.text
    assert bench.app.config["sensor"] == "emulated"
    assert nack(bench.send(m.SetConfig(5, '{"sensor": "tmp117", "speed_x": 10}'))) is None


def test_a_probe_that_is_plugged_in_slows_pump_time_down_and_says_so() -> None:
    bench = rig(Platform.RP2040, {}, speed_x=60)
    bench.run_ms(1000)
    bench.board.wired = PROBE
    slowed = events(bench.run_ms(8000), EventCode.SPEED_SET)
    assert bench.app.probe.code == Sensor.TMP117
    assert (slowed[0].value, bench.app.config["speed_x"]) == (10, 10)
    assert "real probe" in slowed[0].text
