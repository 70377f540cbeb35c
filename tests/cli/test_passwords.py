"""No password on a command line, where everybody who sees the process list can read it."""

import os
import re
import subprocess
import sys

import pytest
import typer

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
def test_a_password_in_the_address_of_a_broker_is_refused_and_not_repeated(command: str, tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "warmflow", command, "--broker", IN_URL],
        capture_output=True, text=True, timeout=60, cwd=tmp_path, env=os.environ | {"XDG_STATE_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2
    assert "password" in done.stderr
    assert "UNKNOWN" not in done.stdout + done.stderr
