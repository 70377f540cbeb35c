"""JSON of a stranger: what Python would take beyond the standard costs itself, and is one kind of error."""

import json
import math

import pytest

from pumplink import messages as m
from warmflow.api.requests import Refused, parse
from warmflow.daemon.dispatcher import _said
from warmflow.device.link.json_answer import json_answer
from warmflow.device.link.pump_link import CommandError
from warmflow.journal.bad_rows import NotReadable, json_object
from warmflow.runtime.json_text import BadJson, parse_json
from warmflow.sinks.web.websocket import _wanted

DEEP = "[" * 1009
BAD = [
    "", "{", DEEP, "[" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000, "NaN", "[Infinity]", "-Infinity", "1e999",
    "-1e999", "1" * 5000, "18446744073709551616",
    '{"a": 1, "a": 2}', '"\\ud800"', '{"\\udfff": 1}', "\ufeff{}", "'a'", "[1,]",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:12])
def test_what_is_no_json_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(BadJson):
        parse_json(text)
    with pytest.raises(BadJson):
        parse_json(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("data", [b"\xff", b"\xff\xfe{\x00}\x00", "{}".encode("utf-16"), "{}".encode("utf-32-le")])
def test_bytes_are_utf_8_and_nothing_else(data: bytes) -> None:
    with pytest.raises(BadJson):
        parse_json(data)


def test_what_is_json_is_taken() -> None:
    text = '{"a": [1, -2.5, 1e3, true, null], "\\u00e9": "\\ud83e\\ude7a", "big": 18446744073709551615}'
    assert parse_json(text) == {"a": [1, -2.5, 1000.0, True, None], "é": "🩺", "big": 2**64 - 1}
    assert parse_json(text.encode()) == parse_json(text)


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:12])
def test_every_door_refuses_it_in_its_own_words(text: str) -> None:
    """A request, a page, and a board's answer to a command."""
    if text.strip():
        assert isinstance(parse("list", text.encode("utf-8", "surrogatepass")), Refused)
    assert isinstance(_wanted(text), ValueError)
    with pytest.raises(CommandError, match="rig: its settings cannot be read"):
        json_answer("rig", m.Ack(1, 0x86, 9, text), "its settings", dict)
    assert _said(m.Ack(1, 0x86, 9, text)) == ({"board": text} if text else {})


@pytest.mark.parametrize("text", ["3", "[1]", "null", '"x"', '[["a", 1]]'])
def test_a_board_that_answers_in_another_shape_is_an_error_in_words(text: str) -> None:
    with pytest.raises(CommandError):
        json_answer("rig", m.Ack(1, 0x86, 9, text), "its settings", lambda found: found["a"]["b"])


@pytest.mark.parametrize("text", ["", DEEP, "[" * 100_000, '{"a":' * 5000, "1" * 5000, "{", "null"])
def test_a_row_of_the_journal_that_is_damaged_costs_itself(text: str) -> None:
    with pytest.raises(NotReadable):
        json_object(text)


def test_a_row_that_we_wrote_is_read_again_whatever_was_in_it() -> None:
    written = {"figure": math.inf, "port": "/dev/tty\udcff", "big": 2**70}
    assert json_object(json.dumps(written)) == written
