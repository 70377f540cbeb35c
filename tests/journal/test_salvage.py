"""A damaged journal: what can be read is in the new one, what cannot is a gap there, and the old file is as it was."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fuzz_inputs import GOLDEN
from records import BOOT, START, reading

from warmflow.device.updates import Declaration, Gap, Reading
from warmflow.journal import Journal, JournalError, JournalReader
from warmflow.journal.alarm_rows import AlarmRow
from warmflow.journal.check import checked
from warmflow.journal.salvage import salvage

ROWS = 5000
PAGE = 4096


def written(path: Path) -> Path:
    journal = Journal(path)
    hello = GOLDEN["Hello"]._replace(board_id=bytes.fromhex(BOOT.board_id), boot_count=4, boot_random=0xABCD)
    journal.append([Declaration("rig", BOOT, hello._replace(rig_name="rig"), START)])
    for at in range(1, ROWS, 1000):
        journal.append([reading(n) for n in range(at, at + 1000)])
    journal.move_cursor("mqtt", 900)
    journal.keep_alarms([AlarmRow("rig", "rate", 1, {"id": "rate", "pump": "rig"}, None)])
    journal.close()
    return path


def root_page(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0])


def with_pages(pages: Callable[[Path], list[int]]) -> Callable[[Path], None]:
    """These pages are noise."""

    def damage(path: Path) -> None:
        dice, content = random.Random(3), bytearray(path.read_bytes())
        for page in pages(path):
            content[(page - 1) * PAGE : page * PAGE] = dice.randbytes(PAGE)
        path.write_bytes(content)

    return damage


DAMAGE: dict[str, tuple[Callable[[Path], object], int]] = {  # and how many readings are left at least
    "five pages": (with_pages(lambda path: [21, 22, 23, 31, 32]), ROWS - 500),
    "the root of the records": (with_pages(lambda path: [root_page(path, "records")]), ROWS - 100),
    "the boots": (with_pages(lambda path: [root_page(path, "boots")]), ROWS),
    "the identities": (with_pages(lambda path: [root_page(path, "identity")]), ROWS),
    "the beginning": (with_pages(lambda path: [1]), ROWS - 100),
    "torn": (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), ROWS // 5),
    "nothing": (lambda path: None, ROWS),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_can_be_read_is_brought_out_and_the_rest_is_a_gap(damage: str, tmp_path: Path) -> None:
    path, out = written(tmp_path / "journal.sqlite"), tmp_path / "out.sqlite"
    harm, least = DAMAGE[damage]
    harm(path)
    before = path.read_bytes()
    found = salvage(path, out, START)
    assert path.read_bytes() == before
    reader = JournalReader(out)
    records = [entry.record for entry in reader.after(0, 100_000)]
    held = {each.message.sequence for each in records if isinstance(each, Reading)}
    lost = {n for each in records if isinstance(each, Gap) for n in range(each.first, (each.last or 0) + 1)}
    assert len(held) >= least
    assert not held & lost
    assert set(range(min(held), max(held | lost) + 1)) == held | lost
    assert max(held | lost) == ROWS or damage in ("the boots", "the beginning", "torn")
    assert found.lost == len(lost)
    assert {each.pump for each in records} == {"rig"}
    reader.close()
    assert not checked(out).damage
    Journal(out).close()  # the daemon goes on with it


def test_a_journal_that_is_sound_is_brought_out_whole(tmp_path: Path) -> None:
    path, out = written(tmp_path / "journal.sqlite"), tmp_path / "out.sqlite"
    found = salvage(path, out, START)
    assert (found.whole, found.gaps, found.lost) == (True, 0, 0)
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(out)) as new:
        for (table,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            assert new.execute(f"SELECT * FROM {table}").fetchall() == old.execute(f"SELECT * FROM {table}").fetchall()


def test_what_is_no_journal_and_what_is_there_already_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "readings.csv"
    other.write_bytes(b"time,flow\n" * 5000)
    with pytest.raises(JournalError, match="nothing in it that could be"):
        salvage(other, tmp_path / "out.sqlite", START)
    assert not (tmp_path / "out.sqlite").exists()
    with pytest.raises(JournalError, match="already"):
        salvage(written(tmp_path / "journal.sqlite"), other, START)


def test_a_log_beside_a_file_that_was_left_is_read_too(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([reading(n) for n in range(1, 101)])
    found = salvage(journal.path, tmp_path / "out.sqlite", START)
    assert found.rows["records"] == 100
    journal.close()


@pytest.mark.parametrize("damage", [name for name in DAMAGE if name not in ("nothing", "the beginning")])
def test_check_says_that_a_file_is_damaged(damage: str, tmp_path: Path) -> None:
    path = written(tmp_path / "journal.sqlite")
    DAMAGE[damage][0](path)
    try:
        assert checked(path).damage
    except JournalError as error:
        assert "salvage" in str(error)  # noqa: PT017  # it may be found at once, or row by row
