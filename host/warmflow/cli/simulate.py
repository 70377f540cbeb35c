"""`warmflow simulate`: a scenario with no firmware, as fast as this computer goes. The command line registers it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warmflow.cli.outputs import OUTPUT
from warmflow.errors import UserError
from warmflow.notice import NOTICE
from warmflow.runtime import console
from warmflow.runtime.output_file import STDOUT, descriptor, write_text

if TYPE_CHECKING:
    from warmflow.simulation.rig import Rig
    from warmflow.simulation.scenario import Scenario
    from warmflow.simulation.trace import Run

Name = Annotated[str, typer.Argument(help="Name of a scenario, a TOML file, or a folder to list. Default: list all.")]
Profile = Annotated[str, typer.Option("--profile", "--fill", help="Pump profile: r11, n-butane, r114, ...")]
Body = Annotated[str, typer.Option(help="Body preset: deep, average or slim.")]
SiteKpa = Annotated[float, typer.Option(help="Absolute pressure at which the rig was commissioned, kPa.")]
Stepped = Annotated[
    bool, typer.Option("--stepped", help="Step the model at 1 s instead of closed forms: slow but exact.")
]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", metavar=OUTPUT, help="Write every row to this CSV file."),
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar=OUTPUT,
        help="Write summary and verdict to this file; - prints them.",
    ),
]
Plot = Annotated[Path | None, typer.Option(metavar=OUTPUT, help="Write a plot to this file: .png or .svg.")]
Compare = Annotated[list[str], typer.Option(help="A second profile or body to compare with; may be repeated.")]
SweepText = Annotated[str | None, typer.Option("--sweep", help="One run for each value, as in temp=34:42:0.1.")]


def simulate(
    scenario: Name = "",
    profile: Profile = "r11",
    body: Body = "average",
    site_kpa: SiteKpa = 101.325,
    compare: Compare = [],  # noqa: B006
    sweep: SweepText = None,
    stepped: Stepped = False,
    csv: Csv = None,
    json: Json = None,
    plot: Plot = None,
) -> None:
    """Simulate a scenario without firmware: summary, CSV, JSON or plot; compare profiles or bodies; sweep a quantity.

    Raises: UserError for what cannot be run or written.
    """
    if not scenario or Path(scenario).is_dir():
        return _list(scenario)
    from warmflow.simulation import scenario as scenarios
    from warmflow.simulation.rig import Rig, SimulateError, checked

    if plot is not None and plot.suffix not in (".png", ".svg"):
        raise SimulateError(f"--plot {plot}: the name must end in .png or .svg")
    if sweep is not None and (compare or stepped):
        raise SimulateError("--sweep cannot be combined with --compare or --stepped; leave one out")
    played, rig = scenarios.load(scenario), checked(Rig(profile, body, site_kpa))
    quiet = any(out is not None and descriptor(out) == descriptor(STDOUT) for out in (csv, json))
    if sweep is not None:
        return _sweep(played, rig, sweep, csv, json, plot, quiet)
    rigs = [rig, *(_other(rig, name) for name in compare)]
    _report([_run(played, one, stepped) for one in rigs], csv, json, plot, quiet)


def _list(folder: str) -> None:
    from warmflow.simulation.scenario import load_all

    known = load_all(folder or None)
    width = max(len(name) for name in known)
    for name, scenario in known.items():
        console.say(f"{name:{width}}  {scenario.title}")


def _other(rig: "Rig", name: str) -> "Rig":
    from pumpmodel import BODY_NAMES, PROFILE_NAMES
    from warmflow.simulation.rig import SimulateError

    if name in PROFILE_NAMES:
        return rig._replace(profile=name)
    if name in BODY_NAMES:
        return rig._replace(body=name)
    raise SimulateError(
        f"--compare {name}: this is neither a profile ({', '.join(PROFILE_NAMES)}) nor a body ({', '.join(BODY_NAMES)})"
    )


def _run(played: "Scenario", rig: "Rig", stepped: bool) -> "Run":
    from pumpmodel import PumpModelError
    from warmflow.runtime.progress_bar import ProgressBar
    from warmflow.simulation import stepped as truth
    from warmflow.simulation import vectorised

    try:
        with ProgressBar("stepping") as bar:
            return truth.run(played, rig, progress=bar) if stepped else vectorised.run(played, rig)
    except PumpModelError as error:
        raise UserError(f"{played.title}: {error}") from error


def _report(runs: list["Run"], csv: Path | None, json: Path | None, plot: Path | None, quiet: bool) -> None:
    from warmflow.simulation import output
    from warmflow.simulation.summary import judge, outcome_for, summarise

    found = []
    for run in runs:
        summary, outcome = summarise(run), outcome_for(run)
        found.append((run, summary, judge(outcome, summary) if outcome else []))
    if not quiet:
        console.say(NOTICE)
        for one in found:
            console.say(*output.table(*one))
    if csv is not None:
        output.write_csv(csv, runs)
    if json is not None:
        write_text(json, output.as_json(found) + "\n")
    if plot is not None:
        from warmflow.simulation.plot import plot_runs

        plot_runs(plot, [(run, summary) for run, summary, _ in found])


def _sweep(
    played: "Scenario", rig: "Rig", text: str, csv: Path | None, json: Path | None, plot: Path | None, quiet: bool
) -> None:
    from warmflow.runtime.progress_bar import ProgressBar
    from warmflow.simulation import output
    from warmflow.simulation.sweep import parse, sweep

    with ProgressBar("sweeping") as bar:
        found = sweep(played, rig, *parse(text), progress=bar)
    if not quiet:
        console.say(NOTICE, f"{played.title}: {rig.title}", *output.sweep_table(found))
    if csv is not None:
        output.write_sweep_csv(csv, found)
    if json is not None:
        write_text(json, output.sweep_json(found, played.title) + "\n")
    if plot is not None:
        from warmflow.simulation.plot import plot_sweep

        plot_sweep(plot, found, played, rig)
