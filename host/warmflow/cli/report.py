"""`warmflow report`: finds the run, asks for the report, writes it. The command line registers it."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warmflow.cli.outputs import OUTPUT
from warmflow.cli.reading_options import AirDensity, As, Columns, DecimalSign, Density, Evaporation, TimeZone
from warmflow.cli.reading_options import asked as asked_of
from warmflow.runtime import console

if TYPE_CHECKING:
    from warmflow.instruments.reader import Asked as AskedOfFile
    from warmflow.report.build import Asked, Lab, Report
    from warmflow.report.declared_rig import Declared
    from warmflow.report.from_csv import Instrument
    from warmflow.report.run_record import Record

SQLITE = b"SQLite format 3\0"
JOURNALS = (".sqlite", ".sqlite3", ".db")  # whatever is in such a file: it may be damaged
RunName = Annotated[
    str, typer.Argument(help="Name of a pump, a journal file, a CSV export, or a file of an instrument.")
]
Scenario = Annotated[str | None, typer.Option(help="Simulate this scenario instead of reading a run.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar=OUTPUT, help="HTML file to write. Default: report-NAME.html."),
]
Json = Annotated[bool, typer.Option("--json", help="Write the numbers as JSON to standard output instead.")]
Limits = Annotated[str | None, typer.Option(help="Limits to judge by: a TOML file, or rate_percent=10,flags=0,...")]
Since = Annotated[str | None, typer.Option("--from", "--since", help="From this UTC time on: 2026-11-21T12:00.")]
Until = Annotated[str | None, typer.Option("--to", "--until", help="Up to this UTC time.")]
JournalFile = Annotated[Path | None, typer.Option(help="File of the durable log. Default: the daemon's.")]
Pump = Annotated[str | None, typer.Option(help="Pump to use, if the file contains several.")]
Profile = Annotated[
    str | None, typer.Option(help="Declared profile: r11, n-butane, ... Default: what the board declared.")
]
Body = Annotated[str, typer.Option(help="Declared body preset: deep, average or slim.")]
Place = Annotated[str, typer.Option(help="Where the probe is: water, skin or pump.")]
Fluid = Annotated[str, typer.Option(help="Fluid in the reservoir: drug, saline or glycerol.")]
Glycerol = Annotated[float, typer.Option(min=0, max=100, help="Glycerol, wt%.")]
SiteKpa = Annotated[float, typer.Option(min=50, max=110, help="Pressure at which the rig was commissioned, kPa.")]
LabelMlDay = Annotated[float | None, typer.Option(help="Labelled rate, mL/day. Default: the profile's.")]
ReferenceUlH = Annotated[float | None, typer.Option("--reference-ul-h", help="Reference rate. Default: the model's.")]
Resolution = Annotated[float | None, typer.Option("--resolution-ul", min=0, help="Of the instrument, µL.")]
Doubt = Annotated[
    float | None, typer.Option("--instrument-uncertainty", min=0, help="Of the instrument, %, expanded (k = 2).")
]
Drift = Annotated[
    float | None, typer.Option("--drift-ul-h", min=0, help="Of the balance and of evaporation, µL/h, expanded (k = 2).")
]
MinCoverage = Annotated[float, typer.Option(min=0, max=100, help="Least measured time for a verdict, %.")]
Number = Annotated[str, typer.Option("--report-number", help="Number of the report. Default: from time and source.")]
Temperature = Annotated[
    Path | None, typer.Option(metavar="<path>", help="File with the temperature, if RUN is a file without it.")
]
T1 = Annotated[float | None, typer.Option("--t1-min", min=0, help="Begin of the analysis period, min.")]
T2 = Annotated[float | None, typer.Option("--t2-min", min=0, help="End of the analysis period, min.")]
Text = Annotated[str, typer.Option()]


def report(
    run: RunName = "",
    scenario: Scenario = None,
    out: Out = None,
    json: Json = False,
    limits: Limits = None,
    since: Since = None,
    until: Until = None,
    journal: JournalFile = None,
    pump: Pump = None,
    profile: Profile = None,
    body: Body = "average",
    place: Place = "skin",
    fluid: Fluid = "drug",
    glycerol: Glycerol = 0.0,
    site_kpa: SiteKpa = 101.325,
    label_ml_day: LabelMlDay = None,
    reference_ul_h: ReferenceUlH = None,
    density: Density = None,
    resolution_ul: Resolution = None,
    instrument_uncertainty: Doubt = None,
    drift_ul_h: Drift = None,
    evaporation_ul_h: Evaporation = 0.0,
    air_density: AirDensity = None,
    min_coverage: MinCoverage = 95.0,
    report_number: Number = "",
    temperature: Temperature = None,
    as_: As = None,
    column: Columns = None,
    decimal: DecimalSign = None,
    time_zone: TimeZone = None,
    t1_min: T1 = None,
    t2_min: T2 = None,
    operator: Text = "",
    device_id: Text = "",
    instrument: Text = "",
    calibration_date: Text = "",
    ambient: Text = "",
    comment: Text = "",
) -> None:
    """Write a bench report of a run: accuracy, start-up, trumpet curve, temperature sensitivity, flags, verdicts.

    The exit status is 1 where a verdict is FAIL, 2 where no report can be made.

    Raises: UserError for what cannot be read, judged or written.
    """
    from warmflow.instruments.gravimetry import Correction
    from warmflow.report import declared_rig as rigs
    from warmflow.report import verdict
    from warmflow.report.build import Asked, Lab
    from warmflow.report.from_csv import Instrument
    from warmflow.report.run_record import ReportError
    from warmflow.runtime.output_file import check_output

    for option, given in (
        ("--density", density), ("--resolution-ul", resolution_ul), ("--drift-ul-h", drift_ul_h),
        ("--instrument-uncertainty", instrument_uncertainty), ("--air-density", air_density),
        ("--evaporation-ul-h", evaporation_ul_h),
        ("--min-coverage", min_coverage), ("--t1-min", t1_min), ("--t2-min", t2_min), ("--glycerol", glycerol),
        ("--site-kpa", site_kpa), ("--label-ml-day", label_ml_day), ("--reference-ul-h", reference_ul_h),
    ):  # fmt: skip
        if given is not None and not math.isfinite(given):
            raise ReportError(f"{option} {given}: give a number")
    if bool(run) == bool(scenario):
        raise ReportError("name a run (a pump, a journal or a CSV), or a scenario with --scenario; not both")
    if scenario and temperature:
        raise ReportError("--temperature goes with a file of an instrument, not with --scenario")
    to = out or Path(f"report-{_file_name(scenario or run)}.html")
    if not json:
        check_output(to)  # before the work, not after it
    if scenario and profile is None:
        profile = "r11"
    label_ul_h = None if label_ml_day is None else label_ml_day * 1000 / 24
    rig = rigs.checked(rigs.Declared(profile, body, place, fluid, glycerol / 100, site_kpa, label_ul_h, reference_ul_h))
    asked = Asked(
        verdict.limits_from(limits), t1_min, t2_min, instrument_uncertainty, drift_ul_h, min_coverage,
        report_number,
    )  # fmt: skip
    lab = Lab(operator, device_id, instrument, calibration_date, ambient, comment)
    if scenario:
        from warmflow.report import from_scenario
        from warmflow.simulation.rig import Rig

        record = from_scenario.read(scenario, Rig(rig.profile or "", rig.body, rig.site_kpa), rig.place)
    else:
        correction = Correction(air_density, evaporation_ul_h)
        expected = rigs.rates(rig).reference_ul_h
        of_file = asked_of(as_, column, decimal, time_zone)
        instrument_ = Instrument(density, resolution_ul, correction, expected, temperature)
        record = _read(run, (since, until), journal, pump, instrument_, of_file)
        if record.rig and profile is None:
            rig = rigs.of_board(record.rig, rig)
    _write(_built(record, rig, lab, asked), to, json)


def _read(
    run: str, times: tuple[str | None, str | None], journal: Path | None, pump: str | None, instrument: "Instrument",
    asked: "AskedOfFile",
) -> "Record":  # fmt: skip
    from warmflow.cli.export import moment
    from warmflow.daemon.config import journal_file
    from warmflow.report import from_csv, from_journal
    from warmflow.report.run_record import ReportError

    since, until = (moment(text) for text in times)
    path = Path(run)
    if instrument.temperature and not _is_table(path):
        raise ReportError(f"{run}: a journal has the temperature of its own probe: leave --temperature out")
    if path.suffix in JOURNALS and path.exists():
        return from_journal.read(path, from_journal.Wanted(pump, since, until))
    if path.is_file():
        if not _is_table(path):
            return from_journal.read(path, from_journal.Wanted(pump, since, until))
        if since or until:
            raise ReportError(
                f"--from and --to choose from a journal; {run} is a CSV: cut it, or use --t1-min, --t2-min"
            )
        return from_csv.read(path, pump, instrument, asked)
    if path.suffix or len(path.parts) > 1:
        raise ReportError(f"{run}: no such file")
    kept = journal_file(journal)
    if not kept.exists():
        raise ReportError(
            f"{run}: not a file, and there is no journal {kept} to find a pump in; --journal names another"
        )
    return from_journal.read(kept, from_journal.Wanted(run, since, until))


def _is_table(path: Path) -> bool:
    """Whether this is a file, and no journal."""
    if path.suffix in JOURNALS or not path.is_file():
        return not path.exists() and bool(path.suffix)  # no such file: said where it is opened
    with path.open("rb") as file:
        return file.read(len(SQLITE)) != SQLITE


def _built(record: "Record", rig: "Declared", lab: "Lab", asked: "Asked") -> "Report":
    from warmflow.report.build import build
    from warmflow.runtime.progress_bar import ProgressBar
    from warmflow.runtime.wall_clock import wall_clock

    with ProgressBar("looking for flags") as bar:
        return build(record, rig, lab, asked, wall_clock(), bar)


def _write(found: "Report", out: Path, json: bool) -> None:
    from warmflow.report.html_page import html
    from warmflow.report.json_document import document
    from warmflow.runtime.output_file import write_text

    if json:
        console.say_json(document(found), indent=1)
    else:
        write_text(out, html(found))
        console.say(str(out))
        for verdict in found.verdicts:
            console.say(f"  {verdict.verdict:10} {verdict.name}" + (f": {verdict.why}" if verdict.why else ""))
    if any(verdict.verdict == "FAIL" for verdict in found.verdicts):
        raise typer.Exit(1)


def _file_name(run: str) -> str:
    stem = Path(run).stem
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in stem)
