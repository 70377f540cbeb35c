"""Help that teaches: every command has examples, each example is understood, and shells can complete."""

import shlex
import subprocess
import sys
from typing import Any

import pytest
import typer

from warmflow.cli import main
from warmflow.cli.help_examples import EXAMPLES

main._register()
main._teach()
GROUP = typer.main.get_command(main.app)


def leaves(group: Any, name: str = "") -> dict[str, Any]:
    if not hasattr(group, "commands"):
        return {name: group}
    found: dict[str, Any] = {}
    for inner, command in group.commands.items():
        found |= leaves(command, f"{name} {inner}".strip())
    return found


def test_every_command_ends_its_help_with_examples() -> None:
    assert not [name for name, command in leaves(GROUP).items() if "Examples:" not in (command.epilog or "")]


def test_no_example_is_for_a_command_that_is_gone() -> None:
    assert set(EXAMPLES) <= set(leaves(GROUP))


@pytest.mark.parametrize("example", [line for lines in EXAMPLES.values() for line in lines])
def test_each_example_is_understood_by_the_command_that_it_shows(example: str) -> None:
    shown = example.rpartition("| ")[2].split("   ")[0].partition(" > ")[0]
    program, *arguments = shlex.split(shown)
    assert program == "warmflow"
    command, rest = GROUP, arguments
    while hasattr(command, "commands"):
        command, rest = command.commands[rest[0]], rest[1:]
    command.make_context(command.name, rest)


def test_no_help_shows_what_is_for_readers_of_the_code() -> None:
    assert not [name for name, command in leaves(GROUP).items() if "Raises" in (command.help or "")]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_commands_completed(shell: str) -> None:
    ask = {
        "bash": {"COMP_WORDS": "warmflow check", "COMP_CWORD": "1"},
        "zsh": {"_TYPER_COMPLETE_ARGS": "warmflow check"},
        "fish": {"_TYPER_COMPLETE_ARGS": "warmflow check", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['warmflow']; from warmflow.cli.main import main; main()"],
        env={"_WARMFLOW_COMPLETE": f"complete_{shell}", "PATH": "/usr/bin:/bin", **ask},
        capture_output=True,
        text=True,
    )
    assert "check-config" in done.stdout, done.stderr
