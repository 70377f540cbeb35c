"""`warmflow import`: readings of a CSV file into the journal, under a board of their own. Twice adds nothing.

It writes the journal itself, so no daemon may have it open; the error says so.
"""

from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.export import moment
from warmflow.cli.options import JournalFile
from warmflow.journal import Journal
from warmflow.journal.csv_import import imported
from warmflow.journal.import_names import named
from warmflow.runtime import console
from warmflow.runtime.progress_bar import ProgressBar

BATCH = 2000


def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV file: from `warmflow export`, or time,volume_ul or time,flow_ul_h.")
    ],
    pump: Annotated[str | None, typer.Option(help="Name of the pump. Default: taken from the file.")] = None,
    start: Annotated[str | None, typer.Option(help="UTC time of second 0, if the file counts seconds.")] = None,
    journal: JournalFile = None,
) -> None:
    """Add the readings of a CSV file to the journal."""
    from warmflow.daemon.config import journal_file

    content = imported(file, pump, moment(start))
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
    console.note(f"{counts['appended']} records added, {counts['repeated']} already present")
    if note:
        console.note(note)
    if content.fallen:
        console.note(f"lines with less volume than the line before: {content.fallen}; the flow there is set to 0")
