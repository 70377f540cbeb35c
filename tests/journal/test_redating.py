"""Records that get another time: what follows them, what stays, and what an older file knows of them."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from handed_clocks import HandedClocks
from records import BOOT, START, reading

from pumplink import messages as m
from warmflow.device.clock.redating import Redating, Segment
from warmflow.device.host_clock import Dating
from warmflow.device.updates import BoardEvent, Gap, Reading
from warmflow.journal import Journal
from warmflow.journal.redating import AT_ONCE, Asked

pytestmark = pytest.mark.time

WRONG = Dating("run 1", 0, 0, 0)
RIGHT = Dating("run 1", 0, 86_400_000, 5_000, redated=True)
DAY = timedelta(days=1)


def open_journal(path: Path, clocks: HandedClocks | None = None) -> Journal:
    clocks = clocks or HandedClocks()
    return Journal(path, clock=clocks.date, steady=clocks.steady)


def dated(sequence: int) -> Reading:
    return reading(sequence)._replace(dating=WRONG)


def wrong_ones(journal: Journal) -> list[Segment]:
    return journal.segments(Asked(frozenset(), {"run 1": 86_400.0}, 2**62))


def redate(journal: Journal) -> int:
    moved = 0
    while found := [Redating(each, RIGHT, 86_400_000) for each in wrong_ones(journal)]:
        moved += journal.redate(found[0])
    return moved


def test_records_get_their_times_as_the_newest_ones_and_keep_their_identity(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j.sqlite")
    journal.append([dated(n) for n in range(1, 6)])
    journal.append([BoardEvent("rig", BOOT, m.Event(0, 6, 600, 600, 4, 0, ""), START, False, dating=WRONG)])
    last, size = journal.last(), journal.raw_bytes()
    assert redate(journal) == 6
    entries = journal.after(0)
    assert [each.record.message.sequence for each in entries] == [1, 2, 3, 4, 5, 6]  # type: ignore[union-attr]
    assert all(each.id > last for each in entries)
    assert journal.last() == entries[-1].id
    assert [each.record.utc for each in entries[:5]] == [reading(n).utc + DAY for n in range(1, 6)]  # type: ignore[union-attr]
    assert all(each.record.dating == RIGHT for each in entries)  # type: ignore[union-attr]
    assert (journal.raw_bytes(), journal.through(BOOT), wrong_ones(journal)) == (size, 6, [])
    journal.append([dated(3)])
    assert journal.counts["repeated"] == 1
    journal.close()


def test_roll_ups_follow_their_readings_and_keep_those_of_others(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j.sqlite")
    journal.append([dated(n) for n in range(1, 400)])
    journal.append([reading(n)._replace(dating=RIGHT) for n in range(400, 700)])
    redate(journal)
    start_s = int(START.timestamp())
    old, new = (journal.reader.rollups("rig", 1, start_s + by_s, start_s + by_s + 80) for by_s in (0, 86_400))
    assert (sum(each.n for each in old), sum(each.n for each in new)) == (300, 399)
    assert min(each.start_s for each in old) == start_s + 40
    [minute] = [each for each in journal.reader.rollups("rig", 60, start_s + 86_400, start_s + 86_459)]
    assert (minute.n, minute.volume_nl) == (399, 399 * 81)
    journal.close()


def test_many_records_go_in_several_transactions_none_of_which_is_half(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j.sqlite")
    count = AT_ONCE + 50
    journal.append([dated(n) for n in range(1, count + 1)])
    [segment] = wrong_ones(journal)
    assert journal.redate(Redating(segment, RIGHT, 86_400_000)) == AT_ONCE
    [rest] = wrong_ones(journal)
    assert (rest.first, rest.last) == (AT_ONCE + 1, count)
    journal.close()
    journal = open_journal(tmp_path / "j.sqlite")  # as after a crash
    assert redate(journal) == 50
    assert len(journal.after(0, 10_000)) == count
    journal.close()


def test_a_cursor_that_has_passed_them_gets_them_again_and_a_gap_stays(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j.sqlite")
    journal.append([*(dated(n) for n in range(1, 4)), Gap("rig", BOOT, 4, 9, "full")])
    journal.move_cursor("mqtt", journal.last())
    redate(journal)
    again = journal.after(journal.cursor("mqtt"))
    assert [type(each.record).__name__ for each in again] == ["Reading"] * 3
    assert [each.record.first for each in journal.after(0) if isinstance(each.record, Gap)] == [4]
    journal.close()


def test_a_file_of_version_7_can_be_dated_by_its_board(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j.sqlite")
    journal.append([reading(n) for n in range(1, 4)])
    journal.close()
    db = sqlite3.connect(tmp_path / "j.sqlite")
    db.executescript("DROP TABLE dated; DROP TABLE datings; PRAGMA user_version = 7")
    db.close()
    journal = open_journal(tmp_path / "j.sqlite")
    [found] = journal.segments(Asked(frozenset([BOOT]), {}, 2**62))
    assert (found.first, found.last, found.oldest.uptime_ms, found.newest.uptime_ms) == (1, 3, 100, 300)
    assert not [each for each in journal.after(0) if each.record.dating]  # type: ignore[union-attr]
    journal.close()
