"""The command line: each command parses, calls, and leaves; an error that a person can mend is one line and status 2.

Heavy modules are imported by the command that needs them: `warmflow --help` answers at once.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warmflow import examples
from warmflow.errors import Mendable

if TYPE_CHECKING:
    from warmflow.config import Loaded

app = typer.Typer(
    help="Emulates and monitors a body-heat-driven, constant-flow infusion pump. For bench and training: "
    "no medical device, no dosing advice.",
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


Ports = Annotated[
    list[str] | None,
    typer.Option(
        "--port", help="Serial port: a path, or a Pico's USB serial number; may be repeated. Default: every Pico."
    ),
]
Broker = Annotated[
    str | None,
    typer.Option(help="mqtt://host:port, mqtts://..., or embedded. Default: mosquitto, else embedded."),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file with settings; flags go over it.")]
Engine = Annotated[str, typer.Option(help="What runs the firmware: auto, unix, cpython, or rp2040 (emulated chip).")]
Uf2 = Annotated[Path | None, typer.Option(help="MicroPython's image for the Pico, for engine rp2040.")]


@app.command()
def run(
    port: Ports = None,
    broker: Broker = None,
    broker_port: Annotated[int | None, typer.Option(help="Port of a broker started here. Default: a free one.")] = None,
    journal: Annotated[Path | None, typer.Option(help="File of the durable log. Default: a kept one.")] = None,
    base_topic: Annotated[str | None, typer.Option(help="First part of every topic. Default: warmflow.")] = None,
    listen: Annotated[
        str | None, typer.Option(help="Web server: address:port, or off. Default: 127.0.0.1:8080.")
    ] = None,
    record: Annotated[Path | None, typer.Option(help="Record every byte of the boards into this folder.")] = None,
    config_file: ConfigFile = None,
) -> None:
    """Relay a Pico to MQTT and flag flow deviations, until Ctrl-C."""
    from warmflow import config

    flags = {
        "port": tuple(port) if port else None,
        "broker.url": broker,
        "broker.port": broker_port,
        "mqtt.base_topic": base_topic,
        "journal.file": journal,
        "http.listen": listen,
        "record.folder": record,
    }
    _run(_relay(config.load(config.chosen_file(config_file), os.environ, flags)))


@app.command()
def replay(
    recording: Annotated[Path, typer.Argument(help="A recording, or a folder with the recordings of one port.")],
    speed: Annotated[str, typer.Option(help="1, N times as fast, or max.")] = "1",
    broker: Broker = None,
    journal: Annotated[Path | None, typer.Option(help="File of the durable log. Default: the daemon's.")] = None,
    listen: Annotated[str | None, typer.Option(help="Web server: address:port, or off. Default: off.")] = "off",
    config_file: ConfigFile = None,
) -> None:
    """Play what `warmflow run --record` has recorded as if the boards were here, to its end; the data says so."""
    from warmflow import config
    from warmflow.source.replay import check

    flags = {
        "port": (check(recording, speed),),
        "broker.url": broker,
        "journal.file": journal,
        "http.listen": listen,
    }
    _run(_relay(config.load(config.chosen_file(config_file), os.environ, flags), to_its_end=True))


@app.command("check-config")
def check_config(
    file: Annotated[Path | None, typer.Argument(help="TOML file. Default: the one that `warmflow run` reads.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a file with every setting, to begin with.")] = False,
) -> None:
    """Check settings, and show what is in force and where each value comes from; secrets are not shown."""
    from warmflow import config
    from warmflow.config.effective import effective
    from warmflow.config.page import example as example_file

    typer.echo(example_file() if example else effective(config.load(config.chosen_file(file), os.environ, {})))


@app.command()
def emulate(
    engine: Engine = "auto",
    speed: Annotated[int, typer.Option(min=1, max=600, help="Pump time runs this many times faster.")] = 1,
    name: Annotated[str, typer.Option(help="Name of the rig.")] = "virtual",
    place: Annotated[str, typer.Option(help="What its probe touches: water, skin or pump.")] = "water",
    profile: Annotated[str, typer.Option(help="Pump profile: r11, n-butane, ...")] = "r11",
    state: Annotated[Path | None, typer.Option(help="Folder that is the board's flash. Default: a kept one.")] = None,
    uf2: Uf2 = None,
    show_board: Annotated[bool, typer.Option(help="Show what the board's process writes.")] = False,
) -> None:
    """Run a virtual Pico on a port of its own, until Ctrl-C."""
    from warmflow import emulate as virtual

    config = {"rig_name": name, "speed_x": speed, "place": place, "profile": profile, "sensor": "emulated"}
    _run(virtual.emulate(engine, say=typer.echo, state_dir=state, config=config, uf2=uf2, show_board=show_board))


@app.command()
def demo(
    name: Annotated[str, typer.Option("--scenario", help="What to play: a scenario's name or file.")] = "hot-tub-42",
    engine: Engine = "auto",
    broker: Broker = None,
    speed: Annotated[
        int,
        typer.Option(
            min=1,
            max=300,
            help="Pump time runs this many times faster; above 300 readings lie too far apart to tell a flag's cause.",
        ),
    ] = 60,
    plain: Annotated[bool, typer.Option(help="No live view, even on a terminal.")] = False,
) -> None:
    """Play the main job with no hardware: broker, virtual Pico, daemon, and a hot tub."""
    from warmflow import scenario
    from warmflow.demo import STOPPED
    from warmflow.demo import demo as play

    live = not plain and sys.stdin.isatty() and sys.stdout.isatty()
    _run(play(scenario.load(name), engine, broker, speed, live, typer.echo), STOPPED)


@app.command()
def ports() -> None:
    """List the serial ports, and which of them are Picos."""
    from serial.tools import list_ports

    from warmflow.source.serialport import PICO_USB_IDS

    found = sorted(list_ports.comports(), key=lambda port: str(port.device))
    for port in found:
        kind = "Pico" if (port.vid, port.pid) in PICO_USB_IDS else ""
        typer.echo(f"{port.device}  {port.serial_number or '-'}  {port.description}  {kind}".rstrip())
    if not found:
        typer.echo("no serial ports; try `warmflow emulate` for a virtual Pico", err=True)


@app.command()
def firmware(folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path("build/firmware")) -> None:
    """Put the firmware's files together in a folder, ready to be copied to a Pico."""
    from warmflow.source.firmware_files import assemble, firmware_files

    assemble(folder)
    typer.echo(f"{len(firmware_files())} files in {folder}; copy them with: mpremote cp -r {folder}/. :")


def _register() -> None:
    """Commands that bring their own options."""
    from warmflow import board_config
    from warmflow.alarms import command as alarm_command
    from warmflow.dose_command import dose
    from warmflow.dump import dump
    from warmflow.export import export
    from warmflow.flash.command import flash
    from warmflow.import_command import import_
    from warmflow.report.command import report
    from warmflow.selftest import selftest
    from warmflow.simulate.command import simulate
    from warmflow.telling.command import explain
    from warmflow.train_command import train
    from warmflow.training import command as lesson
    from warmflow.watch.command import watch

    app.command()(dump)
    app.command()(export)
    app.command("import")(import_)
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
            command.epilog = examples.epilog(f"{of}{name}")
            command.help = examples.first_paragraph(getattr(command.callback, "__doc__", None))


async def _relay(loaded: "Loaded", to_its_end: bool = False) -> int:
    from warmflow import logs
    from warmflow.config.effective import source
    from warmflow.service.run import service

    settings, secret = loaded.settings, loaded.settings.broker.secret()
    chosen = settings.log
    logs.set_up(chosen.level, chosen.areas, chosen.json_lines, [secret.get_secret_value()] if secret else [])
    log = logs.area("daemon")
    log(source(loaded.file))
    try:
        async with service(settings, log) as running:
            await (running.over() if to_its_end else running.failed)
    except Mendable:
        raise
    except Exception:
        log.logger.critical("this is a bug in warmflow; please report it with these lines", exc_info=True)
        return 1
    return 0


def _run(work: Coroutine[Any, Any, int], stopped: int = 0) -> None:
    """Runs to the end, or to Ctrl-C or SIGTERM, which stop in order; `stopped` is the exit status then."""

    async def guarded() -> int:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C cancels the main task there, too
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return stopped

    # aiomqtt watches its socket, which the loop that Windows has by default can not
    selector = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    with asyncio.Runner(loop_factory=selector) as runner:
        raise typer.Exit(runner.run(guarded()))


def main() -> None:
    """The console script."""
    _register()
    _teach()
    try:
        sys.exit(app(standalone_mode=False))
    except Mendable as error:
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
        typer.echo(f"warmflow: {line}{'' if line.endswith('?') else '.'} `{where} --help` says what there is", err=True)
    return 2
