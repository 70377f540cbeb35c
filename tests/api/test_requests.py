"""Requests: whatever bytes come, there is a request or one clear line; every command of the table is one of the
board's.
"""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumplink import messages as m
from pumplink.codes import Fault, Fluid
from pumplink.fastcodec import ENCODERS
from warmflow.api.requests import KINDS, Refused, Request, parse
from warmflow.api.requests.board_commands import Command
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.device.identity import Boot
from warmflow.device.link import CommandError
from warmflow.device.states import LinkState

GOOD: dict[str, tuple[dict[str, Any], m.Message]] = {
    "ping": ({}, m.Ping(7)),
    "identify": ({}, m.Identify(7)),
    "rate": ({"rate_hz": 20}, m.SetRate(7, 20)),
    "speed": ({"speed_x": 60}, m.SetSpeed(7, 60)),
    "refill": ({"volume_ml": 20}, m.Refill(7, 20_000_000)),
    "withdraw": ({}, m.Withdraw(7, None)),
    "flush": ({"volume_ml": 0.5}, m.Flush(7, 500_000)),
    "environment": (
        {"duration_s": 600, "skin_c": 41.5, "ambient_kpa": 90},
        m.SetEnvironment(7, 600, 41_500, None, 90_000, None),
    ),
    "profile": ({"profile": "n-butane"}, m.SetProfile(7, "n-butane")),
    "fluid": ({"fluid": "glycerol", "glycerol_fraction": 0.3}, m.SetFluid(7, Fluid.GLYCEROL, 300)),
    "fault": (
        {"fault": "leak", "magnitude": 0.5, "duration_s": 60},
        m.InjectFault(7, Fault.LEAK, 500, 60),
    ),
    "calibrate": ({"point": "upper", "reference_c": 41.25}, m.Calibrate(7, 1, 41_250)),
    "mute": ({"duration_s": 60}, m.Mute(7, 60)),
    "selftest": ({}, m.SelfTest(7)),
    "config": ({"settings": {"rate_hz": 5}}, m.SetConfig(7, '{"rate_hz": 5}')),
    "reset": ({}, m.Reset(7, 0)),
}
BAD = [
    # kind, payload, what the line has to say
    ("rats", b"{}", "rats: unknown request; did you mean rate?"),
    ("", b"{}", "unknown request; known are"),
    ("a/b", b"{}", "a/b: unknown request"),
    ("\x1b[2J", b"{}", "\\x1b[2J: unknown request"),
    ("rate", b"", "pump: is missing"),
    ("rate", b"{", "not valid JSON"),
    ("rate", b"\xff\xfe", "not valid JSON"),
    ("rate", b"20", "needs a JSON object, not 20"),
    ("rate", b'["rig", 20]', "needs a JSON object"),
    ("rate", b"null", "needs a JSON object"),
    ("rate", b'{"pump": "rig", "rate_hz": 20,}', "not valid JSON"),
    ("rate", b'{"pump": "rig", "rate_hz": 20, "rate_hz": 30}', "a key occurs twice"),
    ("rate", b'{"pump": "rig"}', "rate_hz: is missing: readings per second"),
    ("rate", b'{"pump": "rig", "rate_hz": 0}', "rate_hz: has to be 1 or more, not 0"),
    ("rate", b'{"pump": "rig", "rate_hz": 101}', "rate_hz: has to be 100 or less, not 101"),
    ("rate", b'{"pump": "rig", "rate_hz": 1e400}', "not"),
    ("rate", b'{"pump": "rig", "rate_hz": NaN}', "NaN is not a number"),
    ("rate", b'{"pump": "rig", "rate_hz": "20"}', "rate_hz: has to be a whole number, not '20'"),
    ("rate", b'{"pump": "rig", "rate_hz": 2.5}', "rate_hz: has to be a whole number, not 2.5"),
    ("rate", b'{"pump": "rig", "rate_hz": true}', "rate_hz: has to be a whole number, not True"),
    ("rate", b'{"pump": "rig", "rate_hz": null}', "rate_hz: has to be a whole number"),
    ("rate", b'{"pump": "rig", "rate": 20}', "rate: unknown field; did you mean rate_hz?"),
    ("rate", b'{"pump": 7, "rate_hz": 20}', "pump: has to be a text, not 7"),
    ("rate", b'{"pump": "", "rate_hz": 20}', "pump: may not be empty"),
    ("rate", b'{"pump": "rig", "rate_hz": ' + b"9" * 5000 + b"}", "not"),
    ("rate", b"[" * 16_000, "not valid JSON"),
    ("rate", b" " * 20_000, "at most 16384"),
    ("list", b'{"all": true}', "all: unknown field"),
    ("list", b'{"transaction": {"a": 1}}', "transaction: must be a number or a text"),
    ("list", b'{"transaction": "' + b"x" * 300 + b'"}', "transaction: must be"),
    ("speed", b'{"pump": "rig", "speed_x": 601}', "speed_x: has to be 600 or less"),
    ("refill", b'{"pump": "rig", "volume_ml": 0}', "volume_ml: has to be more than 0"),
    ("refill", b'{"pump": "rig", "volume_ml": -3}', "volume_ml: has to be more than 0"),
    ("flush", b'{"pump": "rig"}', "volume_ml: is missing"),
    ("environment", b'{"pump": "rig", "duration_s": 60}', "enter at least one"),
    ("environment", b'{"pump": "rig", "duration_s": 60, "skin_c": 51}', "skin_c: has to be 50 or less"),
    ("environment", b'{"pump": "rig", "duration_s": -1, "skin_c": 41}', "duration_s: has to be 0 or more"),
    ("environment", b'{"pump": "rig", "duration_s": 60, "skin": 41}', "skin: unknown field; did you mean skin_c?"),
    ("profile", b'{"pump": "rig", "profile": "n-butan"}', "profile: 'n-butan' is not known; did you mean n-butane?"),
    ("profile", b'{"pump": "rig", "profile": ["r11"]}', "profile: has to be a text"),
    ("fluid", b'{"pump": "rig", "fluid": "salin"}', "fluid: 'salin' is not known; did you mean saline?"),
    ("fluid", b'{"pump": "rig", "fluid": "drug", "glycerol_fraction": 0.3}', "goes with fluid"),
    ("fault", b'{"pump": "rig", "fault": "oclusion"}', "did you mean occlusion?"),
    ("fault", b'{"pump": "rig", "fault": "leak"}', "duration_s: missing"),
    ("fault", b'{"pump": "rig", "fault": "leak", "duration_s": 0}', "duration_s: has to be 1 or more"),
    ("calibrate", b'{"pump": "rig", "point": "middle", "reference_c": 40}', "point: 'middle' is not known"),
    ("mute", b'{"pump": "rig", "duration_s": 3601}', "duration_s: has to be 3600 or less"),
    ("config", b'{"pump": "rig", "settings": [1]}', "settings: has to be an object"),
    ("config", b'{"pump": "rig", "settings": {"a": "' + b"x" * 1100 + b'"}}', "settings: more than 1000 bytes"),
    ("reset", b'{"pump": "rig", "totals": 1}', "totals: has to be true or false"),
]


@pytest.mark.parametrize(("kind", "payload", "words"), BAD, ids=[f"{k}-{p[:40]!r}" for k, p, _ in BAD])
def test_a_bad_request_gets_one_line_that_names_the_field_and_what_is_allowed(kind: str, payload: bytes, words: str):
    refused = parse(kind, payload)
    assert isinstance(refused, Refused)
    assert words in refused.error
    assert refused.error.isprintable()
    assert len(refused.error) < 1200


def test_every_kind_of_command_is_tried_here():
    assert {kind for kind, row in KINDS.items() if issubclass(row.ask, Command)} == GOOD.keys()


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_request_becomes_the_boards_command(kind: str):
    fields, wanted = GOOD[kind]
    request = parse(kind, json.dumps({"pump": "rig", "transaction": 5, **fields}).encode())
    assert isinstance(request, Request)
    assert (request.ask.pump, request.transaction) == ("rig", 5)
    command = request.ask.command(7)
    assert command == wanted
    assert ENCODERS[type(command)](command)


def test_what_a_command_leaves_open_is_what_the_board_takes_for_open():
    assert parse("config", b'{"pump": "rig"}').ask.command(7) == m.GetConfig(7, "")
    assert parse("fault", b'{"pump": "rig", "fault": "none"}').ask.command(7) == m.InjectFault(7, Fault.NONE, 1000, 0)
    assert parse("environment", b'{"pump": "a", "duration_s": 0}').ask.command(7).duration_s == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from([*KINDS, "rats", "", "a/b"])
fields = st.sampled_from(
    sorted({"transaction", *(field for kind in KINDS.values() for field in kind.ask.model_fields)})
)
objects = st.dictionaries(fields | st.text(max_size=8), json_values, max_size=6)


@settings(max_examples=150, deadline=None)
@given(names | st.text(), st.binary(max_size=300) | objects.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_make_the_parser_raise_and_what_it_accepts_goes_onto_the_wire(kind: str, payload: bytes):
    outcome = parse(kind, payload)
    assert isinstance(outcome, Request | Refused)
    if isinstance(outcome, Refused):
        assert outcome.error
        assert outcome.error.isprintable()
    elif isinstance(outcome.ask, Command):
        command = outcome.ask.command(3)
        assert ENCODERS[type(command)](command)


class PaperLink:
    """A link that answers at once."""

    def __init__(self, name: str, state: LinkState = LinkState.OK) -> None:
        self.name, self.wanted, self.got = name, f"/dev/{name}", []
        self.session = type("S", (), {"state": state, "detail": "why", "boot": Boot("00" * 7 + name[-1:] * 2, 1, 2)})()
        self.text: str | Exception = ""
        self.at_once = self.most_at_once = 0

    async def command(self, make: Any) -> m.Ack:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.got.append(make(9))
        self.at_once -= 1
        if isinstance(self.text, Exception):
            raise self.text
        return m.Ack(9, 0, 0, self.text)


async def ask(answers: Dispatcher, kind: str, allowed: bool = True, **fields: Any) -> dict[str, Any]:
    return await answers.answer(kind, json.dumps(fields).encode(), allowed=allowed)


async def test_a_command_is_answered_with_the_boards_own_words():
    link = PaperLink("rig1")
    answers = Dispatcher(lambda: [link])
    assert await ask(answers, "identify", pump="rig1", transaction="t") == {
        "status": "ok",
        "data": {},
        "transaction": "t",
    }
    link.text = '[["memory", true, "fine"]]'
    assert (await ask(answers, "selftest", pump="rig1"))["data"] == {"board": [["memory", True, "fine"]]}
    link.text = CommandError("rig1: refused: rate_hz: a whole number from 1 to 100")
    assert await ask(answers, "rate", pump="rig1", rate_hz=100) == {
        "status": "error",
        "error": "rig1: refused: rate_hz: a whole number from 1 to 100",
    }


async def test_a_pump_is_found_by_name_board_id_or_port_and_else_the_nearest_name_is_told():
    links = [PaperLink("rig1"), PaperLink("bath2")]
    answers = Dispatcher(lambda: links)
    for name in ("bath2", "/dev/bath2", "0000000000000022"):
        assert (await ask(answers, "ping", pump=name))["status"] == "ok"
    assert len(links[1].got) == 3
    assert (await ask(answers, "ping", pump="bat2"))["error"] == "bat2: no such pump; did you mean bath2?"
    assert (await ask(answers, "ping", pump="zz"))["error"] == "zz: no such pump; known are bath2, rig1"
    assert (await ask(Dispatcher(list), "ping", pump="bat2"))["error"] == "bat2: no such pump; there are none"


async def test_a_pump_whose_port_is_away_is_told_at_once_and_nothing_is_sent():
    link = PaperLink("rig1", LinkState.PORT_LOST)
    assert (await ask(Dispatcher(lambda: [link]), "ping", pump="rig1"))["error"] == "rig1: port lost: why"
    assert link.got == []


async def test_where_commands_are_off_the_answer_names_the_key_and_questions_are_answered_still():
    link = PaperLink("rig1")
    answers = Dispatcher(lambda: [link], {"list": lambda ask: {"pumps": []}})
    for kind in KINDS:
        answer = await ask(answers, kind, allowed=False, pump="rig1", transaction=1)
        off = "commands = true in [mqtt]" in answer.get("error", "")
        assert off is not KINDS[kind].always
        assert answer["transaction"] == 1
    assert link.got == []
    assert (await ask(answers, "list", allowed=False))["status"] == "ok"


async def test_a_fault_of_our_own_is_an_answer_too_and_the_next_request_is_carried_out():
    def breaks(ask: Any) -> None:
        raise KeyError("x")

    answers = Dispatcher(list, {"list": breaks, "health": lambda ask: {}})
    assert "KeyError" in (await ask(answers, "list"))["error"]
    assert (await ask(answers, "health"))["status"] == "ok"


async def test_commands_for_one_pump_take_turns():
    link = PaperLink("rig1")

    answers = Dispatcher(lambda: [link])
    payloads = [json.dumps({"pump": "rig1", "rate_hz": rate}).encode() for rate in range(1, 11)]
    await asyncio.gather(*(answers.answer("rate", payload, allowed=True) for payload in payloads))
    assert link.most_at_once == 1
    assert [command.rate_hz for command in link.got] == list(range(1, 11))


async def test_too_many_requests_at_once_are_told_that_it_is_busy():
    link = PaperLink("rig1")

    answers = Dispatcher(lambda: [link])
    errors = [
        answer["error"]
        for answer in (
            await asyncio.gather(*(answers.answer("ping", b'{"pump": "rig1"}', allowed=True) for _ in range(60)))
        )
        if answer["status"] == "error"
    ]
    assert len(errors) == 10
    assert all(error.startswith("busy") for error in errors)
