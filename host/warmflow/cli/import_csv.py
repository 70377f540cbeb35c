"""`warmflow import`: readings of an instrument's file into the journal, under a board of their own. Twice adds nothing.

It writes the journal itself, so no daemon may have it open; the error says so.
"""

from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.export import moment
from warmflow.cli.options import JournalFile
from warmflow.cli.reading_options import AirDensity, As, Columns, DecimalSign, Density, Evaporation, TimeZone, asked
from warmflow.journal import Journal
from warmflow.journal.import_names import named
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
    evaporation_ul_h: Evaporation = 0.0,
    air_density: AirDensity = None,
) -> None:
    """Add the readings of an instrument's file to the journal."""
    from warmflow.daemon.config import journal_file
    from warmflow.instruments.gravimetry import Correction
    from warmflow.journal.csv_import import Weighing, imported  # numpy takes a fifth of a second to import

    weighing = Weighing(density, Correction(air_density, evaporation_ul_h))
    content = imported(file, pump, moment(start), asked(instrument, column, decimal, time_zone), weighing)
    target = Journal(journal_file(journal))
    try:
        records, note = named(file, content.records, target, pump)
        with ProgressBar(str(file)) as bar:
            for at in range(0, len(records), BATCH):
                bar(at / len(records))
                target.append(records[at : at + BATCH])
    finally:
        target.close()
    counts = target.counts
    names = ", ".join(dict.fromkeys(each.pump for each in records))
    console.note(f"{counts['appended']} records added, {counts['repeated']} already present ({names})")
    for line in (*content.notes, note):
        if line:
            console.note(f"note: {line}")
