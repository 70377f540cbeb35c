"""Every command is answered: done, or refused in words."""

import json
import re
from pathlib import Path

import pytest

from pump import codec
from pumplink import framing
from pumplink import messages as m
from pumplink.codes import ErrorCode, EventCode, Fault, FaultBit, Fluid
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
    values |= {"sequence": 0, "minute": 0, "core_mc": None, "ambient_pa": None, "outlet_pa": None}
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
    (m.SetEnvironment(9, 60, None, None, None, None), ErrorCode.BAD_VALUE, "skin_mc"),
    (m.SetEnvironment(9, 1 << 31, 40_000, None, None, None), ErrorCode.BAD_VALUE, "duration_s"),
    (m.InjectFault(9, 99, 500, 60), ErrorCode.BAD_VALUE, "fault"),
    (m.InjectFault(9, Fault.LEAK, 1001, 60), ErrorCode.BAD_VALUE, "magnitude"),
    (m.InjectFault(9, Fault.LEAK, 500, 0), ErrorCode.BAD_VALUE, "duration_s"),
    (m.Refill(9, 31_000_001), ErrorCode.BAD_VALUE, ""),
    (m.SetConfig(9, "not json"), ErrorCode.BAD_VALUE, "JSON"),
    (m.SetConfig(9, "[1]"), ErrorCode.BAD_VALUE, "JSON"),
    (m.SetConfig(9, '{"rate": 5}'), ErrorCode.UNKNOWN_KEY, "rate_hz"),
    (m.SetConfig(9, '{"rig_name": "a/b"}'), ErrorCode.BAD_VALUE, "rig_name"),
    (m.SetConfig(9, '{"rig_name": "bridge"}'), ErrorCode.BAD_VALUE, "rig_name: bridge is the daemon's own name"),
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
    from firmware_on_cpython import Rig

    rig.send(m.SetConfig(9, json.dumps({"rig_name": "bench-3", "profile": "n-butane", "place": "skin"})))
    hello = next(message for message in Rig(board).said() if isinstance(message, m.Hello))
    assert (hello.rig_name, hello.profile, hello.place, hello.boot_count) == ("bench-3", "n-butane", 2, 2)


def test_a_bad_config_file_means_defaults_and_an_event_that_names_the_key(board) -> None:
    from firmware_on_cpython import Rig

    board.files["config.json"] = b'{"rate_hz": 1000, "body": "slim", "colour": 1}'
    rig = Rig(board)
    said = rig.run_ms(100)
    texts = [message.text for message in said if isinstance(message, m.Event) and message.code == EventCode.CONFIG_BAD]
    assert any("rate_hz" in text for text in texts)
    assert any("colour" in text for text in texts)
    assert (rig.app.config["rate_hz"], rig.app.config["body"]) == (10, "slim")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_broken_config_file_never_stops_a_boot(board, data) -> None:
    from firmware_on_cpython import Rig

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
    assert (truth.flow_nl_h, truth.faults) == (0, FaultBit.OCCLUSION)
    assert EventCode.FAULT_ENDED in events(rig.run_ms(5000))
    info = [message for message in rig.run_ms(10_000) if isinstance(message, m.Info)][-1]
    assert info.profile == "r11"


def test_totals_go_on_after_a_restart(rig, board) -> None:
    from firmware_on_cpython import Rig

    rig.send(m.SetSpeed(0, 60))
    rig.run_ms(20_000)
    before = rig.app.meter.total_nl
    assert isinstance(answer(rig.send(m.Reset(9, 0))), m.Ack)
    assert board.resets == 0
    rig.run_ms(400)  # its answer has left the port
    assert board.resets == 1
    said = Rig(board).run_ms(200)
    reading = [message for message in said if isinstance(message, m.Telemetry)][-1]
    assert reading.metered_volume_nl >= before > 0


def acks(said: list[m.Message]) -> list[m.Ack]:
    return [message for message in said if isinstance(message, m.Ack)]


def test_the_same_request_is_carried_out_once_and_answered_each_time(rig) -> None:
    before_nl = rig.app.pump.reservoir_nl
    first, again = (acks(rig.send(m.Withdraw(7, 1_000_000))) for _ in range(2))
    assert first == again != []
    assert before_nl - rig.app.pump.reservoir_nl == pytest.approx(1_000_000, abs=1000)
    rig.send(m.Withdraw(8, 1_000_000))  # another request
    rig.send(m.Withdraw(7, 2_000_000))  # no repetition: it asks for something else
    assert before_nl - rig.app.pump.reservoir_nl == pytest.approx(4_000_000, abs=2000)


def test_a_host_that_counts_its_requests_anew_says_so(rig) -> None:
    before_nl = rig.app.pump.reservoir_nl
    for session, taken_nl in ((1, 1_000_000), (1, 1_000_000), (None, 1_000_000), (2, 2_000_000)):
        rig.send(m.HelloRequest(1, session))
        rig.send(m.Withdraw(7, 1_000_000))
        assert before_nl - rig.app.pump.reservoir_nl == pytest.approx(taken_nl, abs=1000)


def test_so_many_of_the_last_requests_are_remembered_and_no_refusal_is(rig) -> None:
    from pump import answers

    refused = answer(rig.send(m.Refill(1, 31_000_001)))
    assert isinstance(refused, m.Nack)
    assert "volume_nl" in refused.text
    for number in range(2, 2 + answers.MOST):
        rig.send(m.Withdraw(number, 1000))
    assert len(rig.app.answers._known) == answers.MOST
    before_nl = rig.app.pump.reservoir_nl
    rig.send(m.Withdraw(2, 1000))
    assert before_nl - rig.app.pump.reservoir_nl < 900
    for number in range(20, 20 + answers.MOST):
        rig.send(m.Identify(number))
    assert len(rig.app.answers._known) == answers.MOST


def test_a_volume_that_the_flash_could_not_note_is_taken_once_all_the_same(rig, board) -> None:
    def refuse(name: str, data: bytes) -> None:
        raise OSError(28, "ENOSPC")

    board.save = refuse
    before_nl = rig.app.pump.reservoir_nl
    for _ in range(2):
        assert acks(rig.send(m.Withdraw(7, 1_000_000)))
    assert before_nl - rig.app.pump.reservoir_nl == pytest.approx(1_000_000, abs=1000)


def test_settings_that_the_flash_refuses_are_not_used_and_the_reason_is_storage(rig, board) -> None:
    def refuse(name: str, data: bytes) -> None:
        raise OSError(28, "ENOSPC")

    board.save = refuse
    got = answer(rig.send(m.SetRate(9, 20)))
    assert isinstance(got, m.Nack)
    assert got.error == ErrorCode.STORAGE
    assert rig.app.config["rate_hz"] == 10


@pytest.mark.parametrize("totals", [2, 255])
def test_a_reset_that_is_neither_of_the_two_is_refused(rig, board, totals) -> None:
    got = answer(rig.send(m.Reset(9, totals)))
    assert isinstance(got, m.Nack)
    assert "totals" in got.text
    rig.run_ms(1000)
    assert board.resets == 0


def test_nothing_is_acknowledged_that_was_not_sent(rig) -> None:
    rig.run_ms(1000)
    held = rig.app.link.ring.next - rig.app.link.ring.oldest
    got = answer(rig.send(m.AckThrough(9, *rig.app.boot, rig.app.link.ring.next + 5)))
    assert isinstance(got, m.Nack)
    assert "sequence" in got.text
    assert rig.app.link.ring.next - rig.app.link.ring.oldest >= held
    got = answer(rig.send(m.AckSummaries(9, *rig.app.boot, 1)))
    assert isinstance(got, m.Nack)
    assert "minute" in got.text


def test_each_fault_has_its_bit_and_its_own_end(rig) -> None:
    rig.send(m.InjectFault(9, Fault.OCCLUSION, 500, 14))
    rig.send(m.InjectFault(10, Fault.LEAK, 500, 3))
    truths, ended = [], []
    for _ in range(20):
        said = rig.run_ms(1000)
        truths += [message.faults for message in said if isinstance(message, m.Truth)]
        ended += [x.value for x in said if isinstance(x, m.Event) and x.code == EventCode.FAULT_ENDED]
    assert [bits for at, bits in enumerate(truths) if at == 0 or truths[at - 1] != bits] == [
        FaultBit.OCCLUSION | FaultBit.LEAK,
        FaultBit.OCCLUSION,
        0,
    ]
    assert ended == [Fault.LEAK, Fault.OCCLUSION]


def test_all_faults_that_a_command_ends_are_said(rig) -> None:
    for number, fault in enumerate((Fault.OCCLUSION, Fault.LEAK, Fault.WARM_POCKET), 1):
        rig.send(m.InjectFault(number, fault, 500, 60))
    rig.run_ms(500)
    said = rig.send(m.InjectFault(9, Fault.NONE, 0, 0)) + rig.run_ms(500)
    ended = [x.value for x in said if isinstance(x, m.Event) and x.code == EventCode.FAULT_ENDED]
    assert sorted(ended) == [Fault.OCCLUSION, Fault.LEAK, Fault.WARM_POCKET]


@pytest.mark.parametrize("length", [1, 590, 1005, 1012, 1019])
def test_a_key_of_any_length_is_answered(rig, length) -> None:
    got = answer(rig.send(m.GetConfig(9, "k" * length)))
    assert isinstance(got, m.Nack)
    assert got.error == ErrorCode.UNKNOWN_KEY
    assert rig.app.guard.failures == 0


@pytest.mark.parametrize("text", ['{"\\ud800": 1}', '{"rig_name": "\\udfff"}'])
def test_half_a_character_in_a_setting_is_answered_in_words_that_a_host_can_read(rig, text) -> None:
    assert isinstance(answer(rig.send(m.SetConfig(9, text))), m.Nack)  # the decoder drops what is no UTF-8


def test_half_a_character_in_the_configuration_file_costs_no_event(board) -> None:
    from firmware_on_cpython import Rig

    board.files["config.json"] = b'{"\\ud800x": 1}'
    said = Rig(board).run_ms(100)
    assert [x.code for x in said if isinstance(x, m.Event)] == [EventCode.BOOT, EventCode.CONFIG_BAD]


def test_the_schema_names_every_key_with_what_it_allows_in_pages_that_end(rig) -> None:
    from pump import config

    keys, pages = [], 0
    while True:
        got = answer(rig.send(m.GetSchema(9, len(keys))))
        assert isinstance(got, m.Ack)
        page = json.loads(got.text)
        assert (page["first"], page["total"]) == (len(keys), len(config.DEFAULTS))
        pages += 1
        if not page["keys"]:
            break
        keys += page["keys"]
    assert [entry["key"] for entry in keys] == sorted(config.DEFAULTS)
    assert pages < 10
    for entry in keys:
        assert entry["text"].endswith(".")
        assert entry["default"] == config.DEFAULTS[entry["key"]]
        for edge in ("min", "max"):
            assert edge not in entry or config.check(entry["key"], entry[edge]) is None
        for choice in entry.get("choices", ()):
            assert config.check(entry["key"], choice) is None


def test_twelve_requests_at_a_time_are_all_answered(rig) -> None:
    said = rig.send(*(m.Ping(number) for number in range(1, 13)))
    assert [one.request_id for one in said if isinstance(one, m.Ack)] == list(range(1, 13))


def test_every_code_of_the_wire_is_used_by_the_firmware() -> None:
    folder = Path(codec.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.name != "codec.py")
    names = set(re.findall(r"codec\.([A-Z_0-9]+)", source))
    codes = {name for name in vars(codec) if name.startswith(("ERROR_CODE_", "EVENT_CODE_", "GAP_REASON_"))}
    assert codes - names == set()
