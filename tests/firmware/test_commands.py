"""Every command is answered: done, or refused in words."""

import json

import pytest

from pumplink import framing
from pumplink import messages as m
from pumplink.codes import ErrorCode, EventCode, Fault, Fluid
from pumplink.schema import COMMANDS


def answer(said: list[m.Message]) -> m.Ack | m.Nack:
    return next(message for message in said if isinstance(message, (m.Ack, m.Nack)))


def events(said: list[m.Message]) -> list[int]:
    return [message.code for message in said if isinstance(message, m.Event)]


NOT_HERE = {"Calibrate", "Mute"}  # no real probe, no buzzer


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_each_defined_command_is_answered(rig, spec) -> None:
    cls = getattr(m, spec.name)
    values = {"boot_count": 1, "boot_random": 0xC0FFEE, "request_id": 77, "settings": "{}", "key": "", "profile": "r11"}
    values |= {"rate_hz": 10, "speed_x": 1, "skin_mc": 41000, "duration_s": 60, "fluid": 1, "fault": 1}
    values |= {"core_mc": None, "ambient_pa": None, "outlet_pa": None}
    got = answer(rig.send(cls(**{name: values.get(name, 1) for name in cls._fields})))
    assert got.request_id == 77
    assert got.command == spec.type
    if spec.name in NOT_HERE:
        assert isinstance(got, m.Nack)
        assert got.error == ErrorCode.NOT_SUPPORTED
    else:
        assert isinstance(got, m.Ack), got


REFUSED = [
    (m.SetRate(9, 0), ErrorCode.BAD_VALUE, "1 to 100"),
    (m.SetRate(9, 101), ErrorCode.BAD_VALUE, "1 to 100"),
    (m.SetSpeed(9, 601), ErrorCode.BAD_VALUE, "1 to 600"),
    (m.SetProfile(9, "helium"), ErrorCode.BAD_VALUE, "n-butane"),
    (m.SetFluid(9, 9, 0), ErrorCode.BAD_VALUE, "glycerol"),
    (m.SetFluid(9, Fluid.GLYCEROL, 1001), ErrorCode.BAD_VALUE, "1000"),
    (m.SetEnvironment(9, 60, 99_000, None, None, None), ErrorCode.BAD_VALUE, "skin_mc"),
    (m.SetEnvironment(9, 60, None, 20_000, None, None), ErrorCode.BAD_VALUE, "core_mc"),
    (m.SetEnvironment(9, 60, None, None, None, None), ErrorCode.BAD_VALUE, "nothing"),
    (m.SetEnvironment(9, 1 << 31, 40_000, None, None, None), ErrorCode.BAD_VALUE, "duration_s"),
    (m.InjectFault(9, 99, 500, 60), ErrorCode.BAD_VALUE, "fault"),
    (m.InjectFault(9, Fault.LEAK, 1001, 60), ErrorCode.BAD_VALUE, "magnitude"),
    (m.InjectFault(9, Fault.LEAK, 500, 0), ErrorCode.BAD_VALUE, "duration_s"),
    (m.Refill(9, 31_000_001), ErrorCode.BAD_VALUE, ""),
    (m.SetConfig(9, "not json"), ErrorCode.BAD_VALUE, "JSON"),
    (m.SetConfig(9, "[1]"), ErrorCode.BAD_VALUE, "JSON"),
    (m.SetConfig(9, '{"rate": 5}'), ErrorCode.UNKNOWN_KEY, "rate_hz"),
    (m.SetConfig(9, '{"rig_name": "a/b"}'), ErrorCode.BAD_VALUE, "rig_name"),
    (m.SetConfig(9, '{"rate_hz": true}'), ErrorCode.BAD_VALUE, "rate_hz"),
    (m.GetConfig(9, "colour"), ErrorCode.UNKNOWN_KEY, "colour"),
]


@pytest.mark.parametrize(("command", "error", "word"), REFUSED, ids=lambda value: repr(value)[:40])
def test_what_is_refused_says_why_and_changes_nothing(rig, command, error, word) -> None:
    before = dict(rig.app.config)
    got = answer(rig.send(command))
    assert isinstance(got, m.Nack)
    assert got.error == error
    assert word in got.text
    assert rig.app.config == before


def test_a_command_of_a_newer_protocol_is_refused_by_number(rig, board) -> None:
    board.incoming = framing.line(bytes([0xFE, 5, 0]))
    rig.app.turn()
    got = answer(rig.said())
    assert (got.request_id, got.error) == (5, ErrorCode.UNKNOWN_COMMAND)


def test_a_command_cut_short_is_refused(rig, board) -> None:
    board.incoming = framing.line(bytes([0x89, 5, 0]))
    rig.app.turn()
    assert answer(rig.said()).error == ErrorCode.BAD_LENGTH


def test_a_request_without_an_id_is_carried_out_in_silence(rig) -> None:
    said = rig.send(m.SetRate(0, 20))
    assert not any(isinstance(message, m.Ack) for message in said)
    assert rig.app.config["rate_hz"] == 20


def test_settings_survive_a_restart_and_are_declared(rig, board) -> None:
    from paper_board import Rig

    rig.send(m.SetConfig(9, json.dumps({"rig_name": "bench-3", "profile": "n-butane", "place": "skin"})))
    hello = next(message for message in Rig(board).said() if isinstance(message, m.Hello))
    assert (hello.rig_name, hello.profile, hello.place, hello.boot_count) == ("bench-3", "n-butane", 2, 2)


def test_a_bad_config_file_means_defaults_and_an_event_that_names_the_key(board) -> None:
    from paper_board import Rig

    board.files["config.json"] = b'{"rate_hz": 1000, "body": "slim", "colour": 1}'
    rig = Rig(board)
    said = rig.run_ms(100)
    texts = [message.text for message in said if isinstance(message, m.Event) and message.code == EventCode.CONFIG_BAD]
    assert any("rate_hz" in text for text in texts)
    assert any("colour" in text for text in texts)
    assert (rig.app.config["rate_hz"], rig.app.config["body"]) == (10, "slim")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_broken_config_file_never_stops_a_boot(board, data) -> None:
    from paper_board import Rig

    board.files["config.json"] = data
    assert isinstance(Rig(board).said()[0], m.Hello)


def test_an_exposure_ends_by_itself_and_both_ends_are_events(rig) -> None:
    rig.send(m.SetSpeed(0, 60))
    began = rig.send(m.SetEnvironment(9, 60, 41_500, 38_000, None, None))
    assert EventCode.EXPOSURE_BEGAN in events(began)
    assert EventCode.EXPOSURE_ENDED in events(rig.run_ms(2000))


def test_a_fault_changes_the_truth_and_not_the_declaration(rig) -> None:
    rig.send(m.InjectFault(9, Fault.OCCLUSION, 1000, 5))
    said = rig.run_ms(1000)
    truth = [message for message in said if isinstance(message, m.Truth)][-1]
    assert (truth.flow_nl_h, truth.fault) == (0, Fault.OCCLUSION)
    assert EventCode.FAULT_ENDED in events(rig.run_ms(5000))
    info = [message for message in rig.run_ms(10_000) if isinstance(message, m.Info)][-1]
    assert info.profile == "r11"


def test_totals_go_on_after_a_restart(rig, board) -> None:
    from paper_board import Rig

    rig.send(m.SetSpeed(0, 60))
    rig.run_ms(20_000)
    before = rig.app.meter.total_nl
    rig.send(m.Reset(9, 0))
    assert board.resets == 1
    said = Rig(board).run_ms(200)
    reading = [message for message in said if isinstance(message, m.Telemetry)][-1]
    assert reading.metered_volume_nl >= before > 0
