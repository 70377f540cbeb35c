"""No password on a command line, where everybody who sees the process list can read it."""

import re
from pathlib import Path

import pytest
import typer
from command_line import command_line

from warmflow.cli.main import _register, app

SECRET = re.compile(r"pass(word|wd|phrase)?|token|secret|code", re.IGNORECASE)
IN_URL = "mqtts://user:UNKNOWN-PASSWORD@127.0.0.1:1"


def options():
    """Every option of every command."""
    _register()
    found = [(), typer.main.get_command(app)]
    waiting = [found]
    while waiting:
        path, command = waiting.pop()
        yield from ((*path, option) for one in command.params for option in one.opts)
        waiting += [((*path, name), each) for name, each in getattr(command, "commands", {}).items()]


def test_no_command_takes_a_password_as_an_argument() -> None:
    named = [option for *_, option in options() if SECRET.search(option)]
    assert named
    assert all(option.endswith("-file") for option in named), named


@pytest.mark.parametrize("command", ["run", "watch", "demo", "train"])
def test_a_password_in_the_address_of_a_broker_is_refused_and_not_repeated(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    done = command_line(command, "--broker", IN_URL)
    assert done.status == 2
    assert "password" in done.err
    assert "UNKNOWN" not in done.out + done.err
