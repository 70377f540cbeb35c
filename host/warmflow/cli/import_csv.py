"""`warmflow import`: readings of a CSV file into the journal, under a board of their own. Twice adds nothing.

It writes the journal itself, so no daemon may have it open; the error says so.
"""

from pathlib import Path
from typing import Annotated

import typer

from warmflow.cli.export import moment
from warmflow.journal import Journal
from warmflow.journal.csv_import import ImportFault, imported
from warmflow.runtime.progress_bar import ProgressBar

BATCH = 2000


def import_(
    file: Annotated[Path, typer.Argument(help="CSV: our own export, or time,volume_ul, or time,flow_ul_h.")],
    pump: Annotated[str | None, typer.Option(help="Name of the pump. Default: from the file.")] = None,
    start: Annotated[str | None, typer.Option(help="UTC time of second 0, where the file counts seconds.")] = None,
    journal: Annotated[Path | None, typer.Option(help="File of the durable log. Default: the daemon's.")] = None,
) -> None:
    """Take the readings of a CSV file into the journal."""
    from warmflow.daemon.config import journal_file
    from warmflow.device.link.fleet import unfit

    if pump is not None and unfit(pump):
        raise ImportFault(f"--pump {pump}: a name without /, +, #, $ and spaces is needed")
    content = imported(file, pump, moment(start))
    target = Journal(journal_file(journal))
    try:
        with ProgressBar(str(file)) as bar:
            for at in range(0, len(content.records), BATCH):
                bar(at / len(content.records))
                target.append(content.records[at : at + BATCH])
    finally:
        target.close()
    counts = target.counts
    typer.echo(f"{counts['appended']} records added, {counts['repeated']} were there", err=True)
    if content.fallen:
        typer.echo(f"{content.fallen} lines have less volume than the one before: flow 0 there", err=True)
