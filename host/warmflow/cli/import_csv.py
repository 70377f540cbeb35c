"""`warmflow import`: readings of an instrument's file into the journal, under a board of their own. Twice adds nothing.

It writes the journal itself, so no daemon may have it open; the error says so.
"""

from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.export import moment
from warmflow.cli.options import JournalFile
from warmflow.cli.reading_options import As, Columns, DecimalSign, Density, TimeZone, asked
from warmflow.device.identity import Boot
from warmflow.journal import Journal
from warmflow.journal.csv_import import Content, ImportFault, Weighing, imported
from warmflow.runtime import console
from warmflow.runtime.progress_bar import ProgressBar

BATCH = 2000


def import_(
    file: Annotated[
        Path, typer.Argument(help="File from `warmflow export`, or a table of time and volume, mass or flow.")
    ],
    pump: Annotated[str | None, typer.Option(help="Name of the pump. Default: taken from the file.")] = None,
    start: Annotated[str | None, typer.Option(help="UTC time of second 0, if the file counts seconds.")] = None,
    journal: JournalFile = None,
    instrument: As = None,
    column: Columns = None,
    decimal: DecimalSign = None,
    time_zone: TimeZone = None,
    density: Density = None,
) -> None:
    """Add the readings of an instrument's file to the journal."""
    from warmflow.daemon.config import journal_file
    from warmflow.device.link.fleet import unfit

    if pump is not None and (why := unfit(pump)):
        raise ImportFault(f"--pump {pump}: {_as_name(why)}")
    content = imported(file, pump, moment(start), asked(instrument, column, decimal, time_zone), Weighing(density))
    if why := unfit(content.records[0].pump):
        raise ImportFault(f"{file}: {_as_name(why)}; give another name with --pump")
    target = Journal(journal_file(journal))
    try:
        content = _named(target, content, file, pump)
        with ProgressBar(str(file)) as bar:
            for at in range(0, len(content.records), BATCH):
                bar(at / len(content.records))
                target.append(content.records[at : at + BATCH])
    finally:
        target.close()
    counts = target.counts
    names = ", ".join(dict.fromkeys(each.pump for each in content.records))
    console.note(f"{counts['appended']} records added, {counts['repeated']} already present ({names})")
    for note in content.notes:
        console.note(f"note: {note}")


def _as_name(why: str) -> str:
    """The reason of `unfit` without its remedy, which is one for boards."""
    return why.partition(":")[0]


def _named(target: Journal, content: Content, file: Path, pump: str | None) -> Content:
    """What was imported before keeps its name. Raises ImportFault where a name has readings of something else."""
    known: dict[Boot, str] = {boot: name for boot, name in target.reader.boots()}
    boots = {each.boot for each in content.records}
    kept = {boot: known[boot] for boot in boots if boot in known}
    if kept:
        renamed = [each._replace(pump=kept.get(each.boot, each.pump)) for each in content.records]
        return content._replace(records=renamed)
    taken = {name for boot, name in known.items() if boot not in boots}
    if pump is None and (double := sorted({each.pump for each in content.records} & taken)):
        raise ImportFault(
            f"{file}: the journal has readings of {double[0]} from elsewhere: give --pump with another name, or "
            f"--pump {double[0]} if it is the same pump"
        )
    return content
