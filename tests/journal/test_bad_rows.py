"""A row of the journal is a stranger's word: one that cannot be read costs itself, is counted, and nothing fails."""

import csv
import io
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fuzz_inputs import GOLDEN
from journal_rows import TABLES_OF_ROWS, all_read, spoil, written
from records import BOOT, reading

from warmflow.cli.export import write
from warmflow.device.updates import Gap, Reading
from warmflow.journal import Journal, JournalReader, WriteQueue
from warmflow.journal.async_journal import AsyncJournal

BAD_VALUES: dict[str, object] = {
    "a text": "\ud7ffx", "no value": None, "bytes": b"\x03\xff", "a huge number": 2**63 - 1, "below 0": -(2**63),
    "a fraction": 0.5, "no bytes": b"",
}  # fmt: skip
COLUMNS = {"boot", "sequence", "kind", "utc_ms", "late", "payload"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "journal.sqlite")


def spoilt(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA ignore_check_constraints = 1")
        db.execute(statement, values)
        db.commit()


def readings(reader: JournalReader) -> Iterator[int]:
    at = 0
    while entries := reader.after(at, 3):
        yield from (each.record.message.sequence for each in entries if isinstance(each.record, Reading))
        at = entries[-1].id


@pytest.mark.parametrize("column", sorted(COLUMNS - {"late"}))
@pytest.mark.parametrize("value", BAD_VALUES)
def test_a_bad_value_of_a_record_costs_that_record_alone(path: Path, column: str, value: str) -> None:
    try:
        spoilt(path, f"UPDATE records SET {column} = ? WHERE id = 5", BAD_VALUES[value])
    except sqlite3.IntegrityError:
        return  # the table itself refuses this value
    reader = JournalReader(path)
    found = list(readings(reader))
    assert set(range(1, 10)) - {5} <= set(found)
    if 5 not in found:
        assert reader.bad_rows.counts["records"] == 1
        list(readings(reader))
        assert reader.bad_rows.counts["records"] == 1  # once for each row, not for each look at it
    reader.close()


def test_a_record_whose_row_cannot_be_read_is_a_gap_for_sinks_and_in_the_export(path: Path) -> None:
    spoilt(path, "UPDATE records SET payload = x'03ff' WHERE id = 5")
    reader = JournalReader(path)
    lost = [entry.record for entry in reader.after(0) if isinstance(entry.record, Gap) and entry.record.first == 5]
    assert lost == [Gap("rig", BOOT, 5, 5, "its row in the journal could not be read")]
    reader.close()
    out = io.StringIO()
    write(path, out, None, None, None, lambda share: None)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["lost_through"] for row in rows if row["sequence"] == "5"] == ["5"]


def test_many_bad_rows_in_sequence_do_not_hide_what_is_behind_them(path: Path) -> None:
    spoilt(path, "UPDATE records SET boot = 99 WHERE id BETWEEN 2 AND 8")
    reader = JournalReader(path)
    assert list(readings(reader)) == [1, 9, 10]
    reader.close()


async def test_the_daemon_counts_and_logs_them(path: Path) -> None:
    spoilt(path, "UPDATE records SET payload = x'03ff' WHERE id = 5")
    spoilt(path, "UPDATE alarms SET kept = '{'")
    spoilt(path, "UPDATE cursors SET record = 'far'")
    journal, said = Journal(path), list[str]()
    async_journal = AsyncJournal(journal, WriteQueue(journal), lambda *safe: None, said.append)
    assert len(await async_journal.after(0, 100)) > 8
    assert journal.alarms() == []
    async_journal._retained_at = -1e9
    await async_journal._retain()
    assert async_journal.bad_rows == {"alarms": 1, "cursors": 1, "records": 1}
    [line] = [line for line in said if "cannot be read" in line]
    assert "1 rows of records" in line
    await async_journal.close()


def test_a_boot_that_cannot_be_read_stops_no_writer(path: Path) -> None:
    spoilt(path, "UPDATE boots SET through = 'x' WHERE id = 1")
    journal = Journal(path)
    journal.append([reading(1000), reading(1001)])
    assert journal.through(BOOT) == 1001
    journal.close()


@pytest.mark.parametrize("table", TABLES_OF_ROWS)
def test_no_row_of_any_table_stops_a_reader_or_the_writer(table: str, tmp_path: Path) -> None:
    for number in range(12):
        path = written(tmp_path / f"{number}.sqlite")
        spoil(path, random.Random(f"{table} {number}"), table)
        all_read(path)
        journal = Journal(path)
        journal.append([reading(500), reading(501)])
        journal.remove_old()
        journal.close()
    assert GOLDEN
