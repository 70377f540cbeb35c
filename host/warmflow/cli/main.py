"""The command line, put together: all commands, the examples in their help, and what becomes of errors.

An error that a person can correct is one line and status 2. A signal, and a reader that closes the pipe, give the
status that a shell gives: 128 and the signal's number.
"""

import atexit
import functools
import gc
import signal
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from warmflow.cli import help_examples
from warmflow.cli.outputs import Command
from warmflow.errors import UserError
from warmflow.notice import SENTENCE
from warmflow.runtime import console

BY_SIGNAL = 128
ONE_IF_BARE = ("--virtual",)
CLOSED_PIPE = BY_SIGNAL + 13  # SIGPIPE, also where the system has none

app = typer.Typer(
    help=f"Emulates and monitors a body-heat-driven, constant-flow infusion pump. {SENTENCE}",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        from warmflow.version import version

        console.say(f"warmflow {version()}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Print the version.")
    ] = False,
) -> None: ...


@functools.cache  # once for each process: typer would list a command twice
def _register() -> None:
    """All commands, in the order in which `--help` lists them."""
    from warmflow.cli import alarm as alarm_command
    from warmflow.cli import board_config, lesson
    from warmflow.cli import journal as journal_command
    from warmflow.cli import limits as limits_command
    from warmflow.cli.adopt import adopt
    from warmflow.cli.backup import backup
    from warmflow.cli.check_config import check_config
    from warmflow.cli.dose import dose
    from warmflow.cli.dump import dump
    from warmflow.cli.explain import explain
    from warmflow.cli.export import export
    from warmflow.cli.firmware import firmware
    from warmflow.cli.flash import flash
    from warmflow.cli.import_csv import import_
    from warmflow.cli.ports import ports
    from warmflow.cli.report import report
    from warmflow.cli.restore import restore
    from warmflow.cli.run import replay, run
    from warmflow.cli.selftest import selftest
    from warmflow.cli.simulate import simulate
    from warmflow.cli.train import train
    from warmflow.cli.virtual import demo, emulate
    from warmflow.cli.watch.command import watch

    app.command()(run)
    app.command()(replay)
    app.command("check-config")(check_config)
    app.command()(emulate)
    app.command()(demo)
    app.command()(ports)
    app.command()(firmware)
    app.command()(dump)
    app.command()(export)
    app.command("import")(import_)
    app.add_typer(journal_command.app, name="journal")
    app.command()(backup)
    app.command()(restore)
    app.command()(flash)
    app.command()(selftest)
    app.add_typer(board_config.app, name="config")
    app.command()(watch)
    app.add_typer(alarm_command.app, name="alarm")
    app.add_typer(limits_command.app, name="limits")
    app.command()(adopt)
    app.command()(explain)
    app.command()(simulate)
    app.command()(report)
    app.command()(dose)
    app.add_typer(lesson.app, name="lesson")
    app.command()(train)
    _teach()


def _teach() -> None:
    """Puts the examples at the end of each command's help, and leaves out what is for readers of the code."""
    for name, command in _commands():
        command.cls = Command
        command.epilog = help_examples.epilog(name)
        command.help = help_examples.first_paragraph(getattr(command.callback, "__doc__", None))


def _commands() -> Iterator[tuple[str, Any]]:
    groups = [(app, ""), *((inner.typer_instance, f"{inner.name} ") for inner in app.registered_groups)]
    for group, of in groups:
        for command in group.registered_commands if group else ():
            yield f"{of}{command.name or getattr(command.callback, '__name__', '')}", command


def main() -> None:
    """The console script."""
    atexit.register(gc.freeze)  # Python's end looks at all that still lives: half a second more to a daemon's stop
    sys.exit(_status())


def _status() -> int:
    """Runs the command that the arguments name; every end of it as an exit status."""
    console.escape_unknown_characters()
    try:
        _register()
        status = int(app(with_numbers(sys.argv[1:]), standalone_mode=False) or 0)
        console.flush()
        return status
    except console.ClosedPipe:  # `warmflow dump ... | head`
        status = CLOSED_PIPE
    except SystemExit as end:
        status = _exit_status(end)
    except (KeyboardInterrupt, typer.Abort):
        status = BY_SIGNAL + signal.SIGINT
    except UserError as error:
        _note_error(str(error))
        status = 2
    except OSError as error:  # no more specific error
        _note_error(f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error))
        status = 2
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return _usage(error)
    console.give_up()
    return status


def with_numbers(arguments: list[str]) -> list[str]:
    """Options whose number may be left out, with it: typer knows no such option."""
    out = []
    for at, each in enumerate(arguments):
        out.append(each)
        if each in ONE_IF_BARE and not "".join(arguments[at + 1 : at + 2]).isdigit():
            out.append("1")
    return out


def _exit_status(end: SystemExit) -> int:
    if type(sys.stdout).__name__ == "PacifyFlushWrapper":  # from click: the reader of the help has ended
        return CLOSED_PIPE
    return end.code if isinstance(end.code, int) else 0 if end.code is None else 1


def _note_error(text: str) -> None:
    console.note(*console.error_lines(f"warmflow: {text}"))


def _usage(error: Any) -> int:
    """A wrong call in one line; a call without anything gets the help. Told by its shape: typer has its own classes."""
    text, context = str(error.format_message()), getattr(error, "ctx", None)
    if text.startswith("Usage:") or not text:
        console.note(*(text or (context.get_help() if context else "")).split("\n"))
    else:
        where = context.command_path if context else "warmflow"
        line = " ".join(text.split()).rstrip(".")
        if line.endswith("is not readable"):
            line += ": allow this user to read it, or run as its owner"
        console.note(f"warmflow: {line}{'' if line.endswith('?') else '.'} See `{where} --help`")
    return 2
