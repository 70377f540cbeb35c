"""`warmflow emulate` and `warmflow demo`: what needs no hardware."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.options import Broker, Engine
from warmflow.cli.run_to_end import run_to_the_end


def emulate(
    engine: Engine = "auto",
    speed: Annotated[int, typer.Option(min=1, max=600, help="Pump time runs this many times faster.")] = 1,
    name: Annotated[str, typer.Option(help="Name of the rig.")] = "virtual",
    place: Annotated[str, typer.Option(help="What its probe touches: water, skin or pump.")] = "water",
    profile: Annotated[str, typer.Option(help="Pump profile: r11, n-butane, ...")] = "r11",
    state: Annotated[Path | None, typer.Option(help="Folder that is the board's flash. Default: a kept one.")] = None,
    uf2: Annotated[Path | None, typer.Option(help="MicroPython's image for the Pico, for engine rp2040.")] = None,
    show_board: Annotated[bool, typer.Option(help="Show what the board's process writes.")] = False,
) -> None:
    """Run a virtual Pico on a port of its own, until Ctrl-C."""
    from warmflow.cli.emulate import emulate as emulated

    config = {"rig_name": name, "speed_x": speed, "place": place, "profile": profile, "sensor": "emulated"}
    run_to_the_end(emulated(engine, say=typer.echo, state_dir=state, config=config, uf2=uf2, show_board=show_board))


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
    from warmflow.cli.demo import STOPPED
    from warmflow.cli.demo import demo as play
    from warmflow.simulation import scenario

    live = not plain and sys.stdin.isatty() and sys.stdout.isatty()
    run_to_the_end(play(scenario.load(name), engine, broker, speed, live, typer.echo), STOPPED)
