"""`warmflow journal`: check a journal's file, salvage what a damaged one holds, forget a sink."""

from pathlib import Path
from typing import Annotated

import typer

from warmflow.errors import UserError
from warmflow.journal import Journal, JournalError
from warmflow.runtime import console

app = typer.Typer(
    help="The journal's file: check it, salvage a damaged one, forget a sink.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
File = Annotated[Path | None, typer.Argument(help="File of the durable log. Default: the daemon's.")]
FAULTY = 1


def _existing(named: Path | None) -> Path:
    from warmflow.daemon.config import journal_file

    path = journal_file(named)
    if not path.exists():
        raise UserError(f"{path}: there is no journal; `warmflow run` writes one")
    return path


@app.command()
def check(file: File = None) -> None:
    """Read a whole journal and say what is wrong with it; also beside a running daemon. Status 1 if single rows are
    damaged, 2 if the file is.
    """
    from warmflow.journal.check import checked
    from warmflow.journal.faults import DatabaseFault, Fault, remedy

    path = _existing(file)
    found = checked(path, console.note)
    for line in found.lines():
        console.say(line)
    if found.damage:
        what = f"{path}: the file is damaged: {found.damage[0]}"
        raise DatabaseFault(f"{what}. {remedy(path, Fault.DAMAGED)}", Fault.DAMAGED)
    if found.bad_rows.counts:
        console.say(f"{path}: single rows are damaged; they are left out everywhere, the rest is sound")
        raise typer.Exit(FAULTY)
    console.say(f"{path}: sound")


@app.command()
def salvage(
    damaged: Annotated[Path, typer.Argument(help="The damaged file; it is not changed.")],
    out: Annotated[Path, typer.Argument(help="The new journal; it must not exist yet.")],
) -> None:
    """Bring what can be read of a damaged journal into a new one; what cannot is a gap there."""
    from warmflow.journal import salvage as salvaging
    from warmflow.runtime.wall_clock import wall_clock

    found = salvaging.salvage(damaged, out, wall_clock(), console.note)
    for table, count in sorted(found.rows.items()):
        console.say(f"{table}: {count} rows")
    for table, count in sorted(found.bad.items()):
        if count:
            console.say(f"{table}: {count} rows that could not be read")
    console.say(f"{found.lost} records could not be read: {found.gaps} gaps")
    console.say(f"{out}: written. Continue with `warmflow run --journal {out}`, or replace the old journal with it")


@app.command()
def forget(
    sink: Annotated[str, typer.Argument(help="Name of the sink's cursor, as `warmflow journal check` lists it.")],
    journal: Annotated[Path | None, typer.Option(help="File of the durable log. Default: the daemon's.")] = None,
) -> None:
    """Delete the cursor of a sink that is no longer used; nothing is kept for it then. The daemon must not run."""
    path = _existing(journal)
    opened = Journal(path)
    try:
        known = sorted(opened.cursors())
        if not opened.forget_cursor(sink):
            there = f"it has {', '.join(known)}" if known else "it has none"
            raise JournalError(f"{path}: no cursor of {sink!r}; {there}")
    finally:
        opened.close()
    console.say(f"{sink}: forgotten; if it is configured again, it gets all records from the beginning")
