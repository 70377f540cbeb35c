"""Nothing that could steer a terminal passes the console, and what is printed stays one line a text."""

import json
import sys

import pytest

from warmflow.runtime import console

HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\x7f\r\b\x00\udcff\u2028"


def is_safe(text: str) -> bool:
    return all(char == "\n" or char.isprintable() for char in text)


@pytest.mark.parametrize("out", [console.say, console.note])
def test_each_text_is_one_line_that_can_be_read(out: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(out)
    out(f"a{HOSTILE}\nwarmflow: forged", "b")
    said = "".join(capsys.readouterr())
    assert is_safe(said)
    assert said.count("\n") == 2


def test_json_is_what_it_was_and_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    value = {f"k{HOSTILE}": [HOSTILE, "µ", 1.5, None, "\U000e0001", "\U0001f600"]}
    console.say_json(value)
    said = capsys.readouterr().out
    assert is_safe(said)
    assert json.loads(said) == value
    assert "µ" in said


def test_an_error_of_several_lines_cannot_pose_as_another() -> None:
    assert console.error_lines("warmflow: it said:\nwarmflow: all is well") == [
        "warmflow: it said:", "  warmflow: all is well",
    ]  # fmt: skip


def test_a_terminal_that_lacks_a_character_ends_no_command(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    sys.stdout.reconfigure(encoding="ascii", errors="strict")  # type: ignore[union-attr]
    console.escape_unknown_characters()
    console.say("5 µL")
    assert capsysbinary.readouterr().out == b"5 \\xb5L\n"


def test_a_standard_error_that_is_closed_ends_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    console.note("nobody sees it")
