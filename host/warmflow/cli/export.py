"""`warmflow export`: readings out of the journal as CSV or Parquet, with units in the column names and UTC times.

Reads beside a running daemon; changes nothing. Gaps are separate rows, so that missing data is visible.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from warmflow.cli.options import JournalFile
from warmflow.cli.outputs import OUTPUT
from warmflow.device.updates import Gap, Reading
from warmflow.errors import UserError
from warmflow.journal import Entry, JournalReader, Wanted
from warmflow.journal.reader import FOREVER_MS
from warmflow.runtime import console
from warmflow.runtime.console import TextOut
from warmflow.runtime.input_files import add_input
from warmflow.runtime.output_file import STDOUT, descriptor, output_file
from warmflow.runtime.progress_bar import ProgressBar
from warmflow.runtime.spreadsheet_cells import guarded
from warmflow.runtime.text import did_you_mean, printable
from warmflow.runtime.utc import utc_text, utc_text_ms

COLUMNS = (
    *("time_utc", "pump", "boot", "sequence", "pump_time_s"),
    *("probe_degC", "ambient_kPa", "flow_uL_h", "volume_uL", "status"),
    *("lost_through", "board"),
)
NOTE_COLUMNS = ("time_utc", "pump", "note", "by", "written_utc")
READ_MAX = 5000
NOTES_MAX = 100_000


class ExportError(UserError):
    """The export is not possible; the text says why."""


def export(
    out: Annotated[
        Path | None,
        typer.Argument(metavar=OUTPUT, help="CSV or .parquet file to write. Default: standard output, as CSV."),
    ] = None,
    pump: Annotated[str | None, typer.Option(help="Only this pump.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", "--since", help="Start, UTC: 2026-11-21 or 2026-11-21T12:00.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", "--until", help="End, UTC.")] = None,
    notes: Annotated[
        Path | None,
        typer.Option(metavar=OUTPUT, help="Also write the notes of this time to this CSV file."),
    ] = None,
    journal: JournalFile = None,
) -> None:
    """Write readings from the journal as CSV or Parquet, with units and UTC times."""
    from warmflow.daemon.config import journal_file

    path = journal_file(journal)
    if not path.exists():
        raise ExportError(f"{path}: there is no journal; `warmflow run` writes one, --journal names another")
    add_input(path)
    begin, end = moment(since), moment(until)
    _require(pump, path)
    to = STDOUT if out is None else out
    with ProgressBar(str(to)) as bar:
        progress = bar if descriptor(to) is None else lambda share: None
        from warmflow.cli import export_parquet  # numpy takes a fifth of a second to import

        if export_parquet.is_parquet(to):
            count = export_parquet.write(to, rows(path, pump, begin, end, progress))
        else:
            with output_file(to) as file:
                count = write(path, file, pump, begin, end, progress)
    console.note(f"{count} rows")
    if notes is not None:
        with output_file(notes) as file:
            console.note(f"{write_notes(path, file, pump, begin, end)} notes")


def write(
    path: Path,
    out: TextOut,
    pump: str | None,
    since: datetime | None,
    until: datetime | None,
    progress: Callable[[float], None],
) -> int:
    """Writes what matches as CSV; the number of rows. Raises JournalError if the file cannot be read."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for time, name, *rest in rows(path, pump, since, until, progress):
        writer.writerow((time, _cell(name), *rest))
        count += 1
    return count


def rows(
    path: Path, pump: str | None, since: datetime | None, until: datetime | None, progress: Callable[[float], None]
) -> Iterator[tuple[Any, ...]]:
    """The matching rows, in the order of COLUMNS. Raises JournalError if the file cannot be read."""
    journal = JournalReader(path)
    wanted = Wanted(pump, _ms(since), _ms(until))
    try:
        last = max(1, journal.last())
        for number, entry in enumerate(_all(journal, wanted), 1):
            if values := _row(entry):
                yield values
            if number % READ_MAX == 0:
                progress(entry.id / last)
        progress(1.0)
    finally:
        journal.close()


def write_notes(path: Path, out: TextOut, pump: str | None, since: datetime | None, until: datetime | None) -> int:
    """Writes the notes of this time; their number. Raises JournalError if the file cannot be read."""
    journal = JournalReader(path)
    until_ms = _ms(until)
    try:
        found = journal.annotations(pump, _ms(since) or 0, FOREVER_MS if until_ms is None else until_ms, NOTES_MAX)
    finally:
        journal.close()
    writer = csv.writer(out)
    writer.writerow(NOTE_COLUMNS)
    for note in found:
        at, written = (utc_text_ms(ms) for ms in (note.utc_ms, note.written_ms))
        writer.writerow((at, _cell(note.pump), _cell(note.text), _cell(note.by), written))
    return len(found)


def _cell(text: str) -> str:
    """Text that neither a spreadsheet takes for a formula nor a terminal for a command."""
    return printable(guarded(text))


def moment(text: str | None) -> datetime | None:
    """A UTC time. Raises ExportError."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise ExportError(f"{text!r} is not a time; write 2026-11-21 or 2026-11-21T12:00 (UTC)") from None
    return given.replace(tzinfo=given.tzinfo or UTC)


def _require(pump: str | None, path: Path) -> None:
    """Raises ExportError with the known names for an unknown pump, and JournalError if the file is not a journal."""
    journal = JournalReader(path)
    try:
        known = journal.pumps()
    finally:
        journal.close()
    if pump is not None and pump not in known:
        raise ExportError(f"{path}: it has no pump {pump!r}; {did_you_mean(pump, known)}")


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _all(journal: JournalReader, wanted: Wanted) -> Iterator[Entry]:
    at = 0
    while entries := journal.after(at, READ_MAX, wanted):
        yield from entries
        at = entries[-1].id


def _row(entry: Entry) -> tuple[Any, ...] | None:
    record = entry.record
    if isinstance(record, Gap):
        last = "?" if record.last is None else record.last
        return ("", record.pump, str(record.boot), record.first, *[""] * 6, last, record.boot.board_id)
    if not isinstance(record, Reading):
        return None
    message, measured = record.message, record.measured
    return (
        utc_text(record.utc),
        record.pump,
        str(record.boot),
        message.sequence,
        message.pump_time_ms / 1000,
        measured.probe_c,
        measured.ambient_kpa,
        message.metered_flow_nl_h / 1000,
        message.metered_volume_nl / 1000,
        message.status,
        "",
        record.boot.board_id,
    )
