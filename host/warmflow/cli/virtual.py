"""`warmflow emulate` and `warmflow demo`: the commands that run a virtual Pico."""

from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.options import Broker, Engine
from warmflow.cli.run_to_end import run_to_the_end
from warmflow.runtime import console


def emulate(
    engine: Engine = "auto",
    speed: Annotated[int, typer.Option(min=1, max=600, help="How many times faster than real time the pump runs.")] = 1,
    name: Annotated[str, typer.Option(help="Name of the rig.")] = "virtual",
    place: Annotated[str, typer.Option(help="Place of the probe: water, skin or pump.")] = "water",
    profile: Annotated[str, typer.Option(help="Pump profile: r11, n-butane, ...")] = "r11",
    state: Annotated[
        Path | None, typer.Option(help="Folder for the board's flash. Default: in the state folder.")
    ] = None,
    uf2: Annotated[Path | None, typer.Option(help="MicroPython image (.uf2), for --engine rp2040.")] = None,
    show_board: Annotated[bool, typer.Option(help="Show the output of the board's process.")] = False,
) -> None:
    """Run a virtual Pico on a port of its own. Ctrl-C stops it."""
    from warmflow.cli.emulate import emulate as emulated

    config = {"rig_name": name, "speed_x": speed, "place": place, "profile": profile, "sensor": "emulated"}
    run_to_the_end(emulated(engine, say=console.say, state_dir=state, config=config, uf2=uf2, show_board=show_board))


def demo(
    name: Annotated[str, typer.Option("--scenario", help="Scenario to play: a name or a file.")] = "hot-tub-42",
    engine: Engine = "auto",
    broker: Broker = None,
    speed: Annotated[
        int,
        typer.Option(
            min=1,
            max=300,
            help="How many times faster than real time the pump runs; above 300 the cause of a flag cannot be found.",
        ),
    ] = 60,
    plain: Annotated[bool, typer.Option(help="No live view, even on a terminal.")] = False,
) -> None:
    """Demonstrate warmflow without hardware: a broker, a virtual Pico, the daemon and a hot tub."""
    from warmflow.cli.demo import STOPPED
    from warmflow.cli.demo import demo as play
    from warmflow.simulation import scenario

    live = not plain and console.is_terminal()
    run_to_the_end(play(scenario.load(name), engine, broker, speed, live, console.say), STOPPED)
