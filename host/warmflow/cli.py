"""The command line. Each command parses, calls, and turns an error that a person can mend into one line and exit
status 2.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from warmflow import config, scenario
from warmflow.broker import BrokerError
from warmflow.link import CommandError

app = typer.Typer(
    help="Emulates and monitors a body-heat-driven, constant-flow infusion pump. For bench and training: "
    "no medical device, no dosing advice.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
MENDABLE: tuple[type[Exception], ...] = (config.ConfigError, scenario.ScenarioError, BrokerError, CommandError)

Port = Annotated[
    str | None, typer.Option(help="Serial port: a path, or a Pico's USB serial number. Default: the only Pico.")
]
Broker = Annotated[str | None, typer.Option(help="mqtt://host:port or mqtts://... Default: one is started here.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file with settings; flags go over it.")]


@app.command()
def run(
    port: Port = None,
    broker: Broker = None,
    broker_port: Annotated[int | None, typer.Option(help="Port of a broker started here. Default: a free one.")] = None,
    base_topic: Annotated[str | None, typer.Option(help="First part of every topic. Default: warmflow.")] = None,
    config_file: ConfigFile = None,
) -> None:
    """Relay a Pico to MQTT and flag flow deviations, until Ctrl-C."""
    flags = {"port": port, "broker": broker, "broker_port": broker_port, "base_topic": base_topic}
    _run(_relay(config.load(config_file, dict(os.environ), flags)))


@app.command()
def demo(
    name: Annotated[str, typer.Option("--scenario", help="What to play: a scenario's name or file.")] = "hot-tub-42",
    engine: Annotated[str, typer.Option(help="What runs the firmware: auto, unix, cpython.")] = "auto",
    plain: Annotated[bool, typer.Option(help="No live view, even on a terminal.")] = False,
) -> None:
    """Play the main job with no hardware: broker, virtual Pico, daemon, and a hot tub."""
    from warmflow.demo import demo as play

    live = not plain and sys.stdin.isatty() and sys.stdout.isatty()
    _run(play(scenario.load(name), engine, live, typer.echo))


async def _relay(settings: config.Settings) -> int:
    from warmflow.app import daemon

    async with daemon(settings, _log) as running:
        await running.failed
    return 0


def _log(line: str) -> None:
    typer.echo(line, err=True)


def _run(work: Coroutine[Any, Any, int]) -> None:
    """Runs to the end or to Ctrl-C or SIGTERM, which stop in order and are no error."""

    async def guarded() -> int:
        task = asyncio.ensure_future(work)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return 0

    raise typer.Exit(asyncio.run(guarded()))


def main() -> None:
    """The console script."""
    try:
        app()
    except MENDABLE as error:
        typer.echo(f"warmflow: {error}", err=True)
        sys.exit(2)
