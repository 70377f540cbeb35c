"""The journal: each record once, on disk before anybody forgets it."""

import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from records import BOOT, START, reading

from pumplink import messages as m
from warmflow.hub import BoardEvent, Gap
from warmflow.journal import Journal, JournalError
from warmflow.session import Boot


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite")


def test_what_is_read_back_is_what_was_taken_in(journal: Journal) -> None:
    event = BoardEvent("rig", BOOT, m.Event(0, 3, 250, 250, 2, -1, "Fühler weg"), START, True)
    gap = Gap("rig", BOOT, 4, 9, "the ring was full")
    endless = Gap("rig", BOOT, 11, None, "the board restarted")
    records = [reading(1), reading(2), event, gap, reading(10), endless]
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


def test_retention_removes_the_oldest_and_counts_them(journal: Journal) -> None:
    journal.append([reading(n) for n in range(1, 101)])
    now = START + timedelta(days=7, seconds=5)
    assert journal.remove_old(now) == 49
    assert journal.removed() == {"age": 49}
    assert journal.after(0)[0].record.message.sequence == 50  # type: ignore[union-attr]
    assert journal.remove_old(now) == 0


def test_retention_by_size_counts_apart(journal: Journal) -> None:
    journal.append([reading(n) for n in range(1, 101)])
    assert journal.remove_old(START, max_bytes=1000) == 100
    assert journal.removed() == {"size": 100}


def test_numbers_are_never_used_again_after_retention(journal: Journal) -> None:
    journal.append([reading(1), reading(2)])
    last = journal.last()
    journal.remove_old(START + timedelta(days=8))
    journal.append([reading(3)])
    assert journal.after(0)[0].id > last


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
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    many = [reading(n) for n in range(2, 2000)]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        journal.append(many)
    assert len(journal.after(0)) == 1
    journal._db.execute("PRAGMA max_page_count = 1000000")
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
