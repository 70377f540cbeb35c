"""`warmflow export`: readings out of the journal as CSV, with units in the column names and UTC times.

Reads beside a running daemon; changes nothing. Gaps are rows of their own, so that nobody takes a hole for continuity.
"""

import csv
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from warmflow.device.updates import Gap, Reading
from warmflow.errors import UserError
from warmflow.journal import Entry, JournalReader, Wanted
from warmflow.journal.reader import FOREVER_MS
from warmflow.runtime.output_file import output_file
from warmflow.runtime.progress_bar import ProgressBar
from warmflow.runtime.text import did_you_mean
from warmflow.runtime.utc import utc_text, utc_text_ms

COLUMNS = (
    *("time_utc", "pump", "boot", "sequence", "pump_time_s"),
    *("probe_degC", "ambient_kPa", "flow_uL_h", "volume_uL", "status"),
    "lost_through",
)
NOTE_COLUMNS = ("time_utc", "pump", "note", "by", "written_utc")
READ_MAX = 5000
NOTES_MAX = 100_000


class ExportError(UserError):
    """What was asked for can not be exported."""


def export(
    out: Annotated[Path | None, typer.Argument(help="CSV file; default: standard output.")] = None,
    pump: Annotated[str | None, typer.Option(help="Only this pump.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", "--since", help="From this UTC time on: 2026-11-21 or 2026-11-21T12:00.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", "--until", help="Up to this UTC time.")] = None,
    notes: Annotated[Path | None, typer.Option(help="Another CSV file, for what people wrote at its moments.")] = None,
    journal: Annotated[Path | None, typer.Option(help="File of the durable log. Default: the daemon's.")] = None,
) -> None:
    """Write readings from the journal as CSV, with units and UTC times."""
    from warmflow.daemon.config import journal_file

    path = journal_file(journal)
    if not path.exists():
        raise ExportError(f"{path}: no journal there; `warmflow run` writes one, --journal names another")
    # before `out` is opened: a slip of the pen must not empty an earlier export
    begin, end = moment(since), moment(until)
    _require(pump, path)
    if out is None:
        count = write(path, sys.stdout, pump, begin, end, lambda share: None)
    else:
        with (
            output_file(out) as file,
            ProgressBar(str(out)) as bar,
        ):
            count = write(path, file, pump, begin, end, bar)
    typer.echo(f"{count} rows", err=True)
    if notes is not None:
        with output_file(notes) as file:
            typer.echo(f"{write_notes(path, file, pump, begin, end)} notes", err=True)


def write(
    path: Path,
    out: TextIO,
    pump: str | None,
    since: datetime | None,
    until: datetime | None,
    progress: Callable[[float], None],
) -> int:
    """Writes what matches; the number of rows. Raises JournalError if the file can not be read."""
    journal = JournalReader(path)
    wanted = Wanted(pump, _ms(since), _ms(until))
    try:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        count, last = 0, max(1, journal.last())
        for number, entry in enumerate(_all(journal, wanted), 1):
            if values := _row(entry):
                writer.writerow(values)
                count += 1
            if number % READ_MAX == 0:
                progress(entry.id / last)
        progress(1.0)
        return count
    finally:
        journal.close()


def write_notes(path: Path, out: TextIO, pump: str | None, since: datetime | None, until: datetime | None) -> int:
    """What people wrote at moments of this time; how many. Raises JournalError if the file can not be read."""
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
        writer.writerow((at, _no_formula(note.pump), _no_formula(note.text), _no_formula(note.by), written))
    return len(found)


def _no_formula(text: str) -> str:
    """A spreadsheet must not take a stranger's words for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def moment(text: str | None) -> datetime | None:
    """A UTC time. Raises ExportError for what is none."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise ExportError(f"{text!r}: no time; write it as 2026-11-21 or 2026-11-21T12:00 (UTC)") from None
    return given.replace(tzinfo=given.tzinfo or UTC)


def _require(pump: str | None, path: Path) -> None:
    """Raises ExportError, with the names that there are, for a pump that the journal does not know; JournalError for
    what is no journal.
    """
    journal = JournalReader(path)
    try:
        known = journal.pumps()
    finally:
        journal.close()
    if pump is not None and pump not in known:
        raise ExportError(f"{path}: no pump {pump!r} in it; {did_you_mean(pump, known)}")


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
        return ("", _no_formula(record.pump), str(record.boot), record.first, *[""] * 6, last)
    if not isinstance(record, Reading):
        return None
    message, measured = record.message, record.measured
    return (
        utc_text(record.utc),
        _no_formula(record.pump),
        str(record.boot),
        message.sequence,
        message.pump_time_ms / 1000,
        measured.probe_c,
        measured.ambient_kpa,
        message.metered_flow_nl_h / 1000,
        message.metered_volume_nl / 1000,
        message.status,
        "",
    )
