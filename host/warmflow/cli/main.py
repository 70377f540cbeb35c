"""The command line, put together: all commands, the examples in their help, and what becomes of errors.

An error that a person can mend is one line and status 2.
"""

import functools
import sys
from typing import Annotated, Any

import typer

from warmflow.cli import help_examples
from warmflow.errors import UserError
from warmflow.notice import SENTENCE

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

        typer.echo(f"warmflow {version()}")
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
    app.command()(explain)
    app.command()(simulate)
    app.command()(report)
    app.command()(dose)
    app.add_typer(lesson.app, name="lesson")
    app.command()(train)


def _teach() -> None:
    """Puts the examples at the end of each command's help, and leaves out what is for readers of the code."""
    groups = [(app, ""), *((inner.typer_instance, f"{inner.name} ") for inner in app.registered_groups)]
    for group, of in groups:
        for command in group.registered_commands if group else ():
            name = command.name or getattr(command.callback, "__name__", "")
            command.epilog = help_examples.epilog(f"{of}{name}")
            command.help = help_examples.first_paragraph(getattr(command.callback, "__doc__", None))


def main() -> None:
    """The console script."""
    _register()
    _teach()
    try:
        sys.exit(app(standalone_mode=False))
    except UserError as error:
        typer.echo(f"warmflow: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # `warmflow dump ... | head`
        sys.stderr.close()
        sys.exit(0)
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        sys.exit(_usage(error))


def _usage(error: Any) -> int:
    """A wrong call in one line; a call without anything gets the help. Told by its shape: typer has its own classes."""
    text, context = str(error.format_message()), getattr(error, "ctx", None)
    if text.startswith("Usage:") or not text:
        typer.echo(text or (context.get_help() if context else ""), err=True)
    else:
        where = context.command_path if context else "warmflow"
        line = " ".join(text.split()).rstrip(".")
        if line.endswith("is not readable"):
            line += ": give this user the right to read it, or run as the user who owns it"
        typer.echo(f"warmflow: {line}{'' if line.endswith('?') else '.'} `{where} --help` says what there is", err=True)
    return 2
