"""The journal: each record once, on disk before anybody forgets it."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from records import BOOT, START, framed, reading

from pumplink import messages as m
from warmflow.device.identity import Boot
from warmflow.device.updates import BoardEvent, Gap
from warmflow.journal import Journal, JournalError, JournalReader, Wanted, migration
from warmflow.journal.row_codec import row
from warmflow.monitor import Measured

pytestmark = pytest.mark.time


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite")


def test_what_is_read_back_is_what_was_taken_in(journal: Journal) -> None:
    event = BoardEvent("rig", BOOT, m.Event(0, 3, 250, 250, 2, -1, "Fühler weg"), START, True)
    gap = Gap("rig", BOOT, 4, 9, "the ring was full")
    endless = Gap("rig", BOOT, 11, None, "the board restarted")
    records = [framed(reading(1)), framed(reading(2)), framed(event), gap, framed(reading(10)), endless]
    journal.append(records)
    assert [entry.record for entry in journal.after(0)] == records


def test_a_record_that_comes_again_is_kept_once_whatever_its_backlog_mark(journal: Journal) -> None:
    journal.append([reading(1), reading(2)])
    journal.append([reading(1, backlog=1), reading(2), reading(3)])
    assert [entry.record.message.sequence for entry in journal.after(0)] == [1, 2, 3]  # type: ignore[union-attr]
    assert (journal.counts["appended"], journal.counts["repeated"]) == (3, 2)


def test_the_same_identity_with_other_bytes_is_kept_beside_it_and_counted(journal: Journal) -> None:
    journal.append([reading(1)])
    journal.append([reading(1, flow=1)])
    assert journal.counts["conflicts"] == 1
    db = sqlite3.connect(journal.path)
    assert db.execute("SELECT count(*) FROM conflicts").fetchone() == (1,)


def test_two_boots_with_the_same_numbers_are_two_records(journal: Journal) -> None:
    journal.append([reading(1), reading(1, Boot(BOOT.board_id, 5, 1))])
    assert len(journal.after(0)) == 2


def test_a_cursor_goes_on_where_it_was_also_after_a_restart(journal: Journal) -> None:
    journal.append([reading(n) for n in range(1, 11)])
    journal.move_cursor("mqtt", journal.after(0, 4)[-1].id)
    journal.close()
    again = Journal(journal.path)
    assert [entry.record.message.sequence for entry in again.after(again.cursor("mqtt"))] == list(range(5, 11))  # type: ignore[union-attr]
    assert again.through(BOOT) == 10


def test_a_batch_is_whole_or_not_there(journal: Journal) -> None:
    broken = reading(3)._replace(message=reading(3).message._replace(sequence=-1))
    with pytest.raises(ValueError):
        journal.append([reading(1), reading(2), broken])
    assert journal.after(0) == []
    journal.append([reading(1)])
    assert len(journal.after(0)) == 1


def test_what_was_appended_survives_kill_9(tmp_path: Path) -> None:
    script = f"""
import sys, os, signal
sys.path.insert(0, {str(Path(__file__).parents[1] / "support")!r})
from pathlib import Path
from warmflow.journal import Journal
from records import reading
journal = Journal(Path({str(tmp_path / "j.sqlite")!r}))
for n in range(1, 51):
    journal.append([reading(n)])
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert len(Journal(tmp_path / "j.sqlite").after(0)) == 50


def test_rollups_are_those_of_all_readings_in_whatever_batches(journal: Journal) -> None:
    for start in range(0, 1300, 7):
        journal.append([reading(n) for n in range(max(1, start), min(1300, start + 7))])
    db = sqlite3.connect(journal.path)
    rows = db.execute(
        "SELECT start_s, n, probe_min_mc, probe_sum_mc, probe_max_mc FROM rollups WHERE span_s = 60"
    ).fetchall()
    base = round(START.timestamp())
    assert [(start - base, n) for start, n, *_ in rows] == [(0, 599), (60, 600), (120, 100)]
    assert rows[1][2:] == (24_600, sum(24_000 + n for n in range(600, 1200)), 25_199)
    assert db.execute("SELECT count(*), sum(n) FROM rollups WHERE span_s = 1").fetchone() == (130, 1299)


def test_a_volume_beyond_what_sqlite_can_hold_is_kept_as_it_came_and_the_most_in_its_rollup(journal: Journal) -> None:
    far = reading(1)
    message = far.message._replace(metered_volume_nl=2**64 - 1)
    far = framed(far._replace(message=message, measured=Measured.reading(message)))
    journal.append([far, reading(2)])
    assert next(entry.record for entry in journal.after(0)) == far
    db = sqlite3.connect(journal.path)
    assert {volume for (volume,) in db.execute("SELECT volume_nl FROM rollups")} == {2**63 - 1}


def test_a_file_of_a_newer_version_or_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    newer = tmp_path / "newer.sqlite"
    sqlite3.connect(newer).execute("PRAGMA user_version = 99")
    with pytest.raises(JournalError, match="newer warmflow"):
        Journal(newer)
    other = tmp_path / "other.sqlite"
    other.write_bytes(b"this is no database at all, but long enough to look like one" * 100)
    with pytest.raises(JournalError, match=r"other\.sqlite"):
        Journal(other)


def test_an_append_that_the_disk_refuses_changes_nothing_and_can_be_repeated(journal: Journal) -> None:
    journal.append([reading(1)])
    pages = journal.file.db.execute("PRAGMA page_count").fetchone()[0]
    journal.file.db.execute(f"PRAGMA max_page_count = {pages}")
    many = [reading(n) for n in range(2, 2000)]
    with pytest.raises(JournalError, match="full"):
        journal.append(many)
    assert len(journal.after(0)) == 1
    journal.file.db.execute("PRAGMA max_page_count = 1000000")
    journal.append(many)
    assert len(journal.after(0, 5000)) == 1999


def test_a_session_goes_on_behind_a_gap_that_is_known_already(journal: Journal) -> None:
    journal.append([reading(n) for n in range(1, 51)])
    journal.append([Gap("rig", BOOT, 51, 100, "the ring was full")])
    assert journal.through(BOOT) == 100
    journal.append([Gap("rig", BOOT, 101, None, "the board restarted")])
    assert journal.through(BOOT) == 100
    assert journal.latest(BOOT.board_id) == BOOT
    assert journal.latest("ffffffffffffffff") is None


# the tables as version 1 made them
VERSION_1 = """
CREATE TABLE boots (
  id INTEGER PRIMARY KEY, board_id TEXT NOT NULL, boots INTEGER NOT NULL, random INTEGER NOT NULL,
  pump TEXT NOT NULL, UNIQUE (board_id, boots, random)
);
CREATE TABLE records (
  id INTEGER PRIMARY KEY AUTOINCREMENT, boot INTEGER NOT NULL REFERENCES boots (id), sequence INTEGER NOT NULL,
  kind INTEGER NOT NULL, utc_ms INTEGER NOT NULL, late INTEGER NOT NULL, payload BLOB NOT NULL
);
CREATE UNIQUE INDEX identity ON records (boot, sequence, kind);
CREATE INDEX by_time ON records (utc_ms);
CREATE TABLE conflicts (
  boot INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL, utc_ms INTEGER NOT NULL,
  payload BLOB NOT NULL
);
CREATE TABLE cursors (name TEXT PRIMARY KEY, record INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE rollups (
  pump TEXT NOT NULL, span_s INTEGER NOT NULL, start_s INTEGER NOT NULL, n INTEGER NOT NULL, probes INTEGER NOT NULL,
  probe_min_mc INTEGER, probe_sum_mc INTEGER, probe_max_mc INTEGER, flow_min_nl_h INTEGER NOT NULL,
  flow_sum_nl_h INTEGER NOT NULL, flow_max_nl_h INTEGER NOT NULL, volume_nl INTEGER NOT NULL,
  PRIMARY KEY (pump, span_s, start_s)
) WITHOUT ROWID;
CREATE TABLE removed (what TEXT PRIMARY KEY, records INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


def version_1(path: Path) -> None:
    """A journal as the first version left it: records 1 to 20, a gap to 30 and one without an end, a cursor at 7."""
    db = sqlite3.connect(path)
    db.executescript(VERSION_1)
    db.execute("INSERT INTO boots VALUES (1, ?, ?, ?, 'rig')", BOOT)
    records = [*(reading(n) for n in range(1, 21)), Gap("rig", BOOT, 21, 30, "full"), Gap("rig", BOOT, 31, None, "off")]
    for each in records:
        db.execute("INSERT INTO records VALUES (NULL, 1, ?, ?, ?, ?, ?)", row(each, START))
    db.execute("INSERT INTO cursors VALUES ('mqtt', 7)")
    db.commit()
    db.close()


def test_a_journal_of_version_1_becomes_one_of_today_with_all_that_it_holds(tmp_path: Path) -> None:
    version_1(tmp_path / "j.sqlite")
    journal = Journal(tmp_path / "j.sqlite")
    assert len(journal.after(0)) == 22
    assert (journal.through(BOOT), journal.latest(BOOT.board_id), journal.cursor("mqtt")) == (30, BOOT, 7)
    fresh = Journal(tmp_path / "fresh.sqlite")
    fresh.append([entry.record for entry in journal.after(0)])
    assert journal.raw_bytes() == fresh.raw_bytes()
    journal.append([reading(32)])
    assert journal.through(BOOT) == 32
    journal.close()
    assert Journal(tmp_path / "j.sqlite").through(BOOT) == 32


def test_a_migration_that_breaks_off_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(db: sqlite3.Connection) -> None:
        migration._boots_remember(db)
        raise sqlite3.OperationalError("database or disk is full")

    version_1(tmp_path / "j.sqlite")
    with monkeypatch.context() as patch:
        patch.setattr(migration, "STEPS", (breaks,))
        with pytest.raises(JournalError, match="full"):
            Journal(tmp_path / "j.sqlite")
    assert Journal(tmp_path / "j.sqlite").through(BOOT) == 30


def test_what_raw_records_take_is_reckoned_within_a_fifth(journal: Journal) -> None:
    empty = journal.size()
    for start in range(1, 20_001, 1000):
        journal.append([reading(n) for n in range(start, start + 1000)])
    with journal.file.lock:
        journal.file.db.execute("DELETE FROM rollups")
    assert 0.8 < journal.raw_bytes() / (journal.size() - empty) < 1.2


def test_a_second_writer_is_refused_with_the_files_name_and_the_holders_pid(journal: Journal) -> None:
    with pytest.raises(JournalError, match=rf"journal\.sqlite: another warmflow writes it \(process {os.getpid()}\)"):
        Journal(journal.path)
    script = "import sys; from pathlib import Path; from warmflow.journal import Journal; Journal(Path(sys.argv[1]))"
    other = subprocess.run(
        [sys.executable, "-c", script, str(journal.path)], capture_output=True, text=True, timeout=60
    )
    assert f"process {os.getpid()}" in other.stderr
    journal.close()
    Journal(journal.path).close()


def test_a_reader_waits_for_nobody_and_holds_nobody_up(journal: Journal) -> None:
    journal.append([reading(1)])
    reader = JournalReader(journal.path)
    with journal.file.transaction():
        journal.file.db.execute("DELETE FROM records")
        assert len(reader.after(0)) == 1  # the writer is in the middle of something
        journal.file.db.execute("ROLLBACK")
        journal.file.db.execute("BEGIN")
    journal.append([reading(2)])
    assert [entry.record.message.sequence for entry in reader.after(0)] == [1, 2]  # type: ignore[union-attr]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._db.execute("DELETE FROM records")


def test_readers_in_many_threads_see_whole_batches_while_one_thread_writes(journal: Journal) -> None:
    stop, faults = threading.Event(), []

    def reads() -> None:
        while not stop.is_set():
            try:
                got = len(journal.after(0, 100_000))
                if got % 20:
                    faults.append(f"{got} records: part of a batch")
                journal.latest(BOOT.board_id)
                journal.through(BOOT)
            except Exception as error:
                faults.append(repr(error))

    readers = [threading.Thread(target=reads) for _ in range(4)]
    for thread in readers:
        thread.start()
    for start in range(1, 1001, 20):
        journal.append([reading(n, Boot(BOOT.board_id, 4 + start, 1)) for n in range(start, start + 20)])
    stop.set()
    for thread in readers:
        thread.join()
    assert faults == []
    assert journal.latest(BOOT.board_id) == Boot(BOOT.board_id, 985, 1)


def test_a_batch_that_was_rolled_back_leaves_no_boot_behind(journal: Journal) -> None:
    broken = reading(3)._replace(message=reading(3).message._replace(sequence=-1))
    first, second = Boot("aa", 1, 1), Boot("bb", 1, 1)
    with pytest.raises(ValueError):
        journal.append([reading(1, first, "left"), broken])
    journal.append([reading(1, second, "right")])
    [entry] = journal.after(0)
    assert (entry.record.pump, entry.record.boot) == ("right", second)
    assert journal.through(first) == 0


def test_of_two_boots_in_one_batch_the_later_one_is_the_latest(journal: Journal) -> None:
    later = Boot(BOOT.board_id, 5, 1)
    journal.append([reading(n) for n in range(1, 10)] + [reading(n, later) for n in range(1, 5)])
    assert journal.latest(BOOT.board_id) == later
    journal.append([reading(n) for n in range(1, 10)])  # again: nothing new was heard
    assert journal.latest(BOOT.board_id) == later


def test_records_are_chosen_by_pump_and_time(journal: Journal) -> None:
    journal.append(
        [reading(n) for n in range(1, 11)] + [reading(n, BOOT._replace(boots=9), "other") for n in range(1, 4)]
    )
    since_ms = round(START.timestamp() * 1000) + 900
    chosen = journal.reader.after(0, 100, Wanted("rig", since_ms, since_ms + 50))
    assert [entry.record.message.sequence for entry in chosen] == [9]  # type: ignore[union-attr]
    assert len(journal.reader.after(0, 100, Wanted("other"))) == 3
