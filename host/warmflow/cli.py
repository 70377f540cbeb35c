"""The command line: each command parses, calls, and leaves; an error that a person can mend is one line and status 2.

Heavy modules are imported by the command that needs them: `warmflow --help` answers at once.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from warmflow.errors import Mendable

app = typer.Typer(
    help="Emulates and monitors a body-heat-driven, constant-flow infusion pump. For bench and training: "
    "no medical device, no dosing advice.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

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
    config_file: ConfigFile = None,
) -> None:
    """Relay a Pico to MQTT and flag flow deviations, until Ctrl-C."""
    from warmflow import config

    flags = {
        "port": tuple(port) if port else None,
        "broker": broker,
        "broker_port": broker_port,
        "base_topic": base_topic,
        "journal": journal,
    }
    _run(_relay(config.load(config_file, dict(os.environ), flags)))


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
    speed: Annotated[int, typer.Option(min=1, max=600, help="Pump time runs this many times faster.")] = 60,
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
    from warmflow.dose_command import dose
    from warmflow.dump import dump
    from warmflow.export import export
    from warmflow.flash.command import flash
    from warmflow.selftest import selftest
    from warmflow.simulate.command import simulate
    from warmflow.watch.command import watch

    app.command()(dump)
    app.command()(export)
    app.command()(flash)
    app.command()(selftest)
    app.add_typer(board_config.app, name="config")
    app.command()(watch)
    app.command()(simulate)
    app.command()(dose)


async def _relay(settings: Any) -> int:
    from warmflow.app import daemon

    async with daemon(settings, _log) as running:
        await running.failed
    return 0


def _log(line: str) -> None:
    typer.echo(line, err=True)


def _run(work: Coroutine[Any, Any, int], stopped: int = 0) -> None:
    """Runs to the end, or to Ctrl-C or SIGTERM, which stop in order; `stopped` is the exit status then."""

    async def guarded() -> int:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return stopped

    raise typer.Exit(asyncio.run(guarded()))


def main() -> None:
    """The console script."""
    _register()
    try:
        app()
    except Mendable as error:
        typer.echo(f"warmflow: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # `warmflow dump ... | head`
        sys.stderr.close()
        sys.exit(0)
