"""The journal's files removed, renamed, replaced or truncated while it is written: noticed before anything more is
acknowledged, made anew, and nothing that was acknowledged is missing in silence.
"""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz_inputs import GOLDEN
from records import BOOT, reading
from wait import wait_until

from warmflow.device.updates import Declaration, Gap, Reading
from warmflow.journal import Journal, JournalError, JournalReader, WriteQueue
from warmflow.journal.alarm_rows import AlarmRow
from warmflow.journal.async_journal import AsyncJournal
from warmflow.runtime.tasks import end

Harm = Callable[[Path], object]
STORED = 3000


def files(path: Path) -> list[Path]:
    return [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]


def remove_all(path: Path) -> None:
    for each in (*files(path), path.with_name(path.name + ".lock")):
        each.unlink()


def remove_log(path: Path) -> None:
    for each in files(path)[1:]:
        each.unlink()


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"another file " * 100_000)
    other.rename(path)


def rename_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("renamed"))


HARMS: dict[str, Harm] = {
    "all removed": remove_all,
    "the file removed": lambda path: path.unlink(),
    "log and index removed": remove_log,
    "renamed": lambda path: path.rename(path.with_name("old.sqlite")),
    "folder renamed": rename_folder,
    "folder removed": lambda path: shutil.rmtree(path.parent),
    "replaced": replace,
    "emptied": lambda path: os.truncate(path, 0),
    "truncated": lambda path: os.truncate(path, 40_960),
    "log emptied": lambda path: os.truncate(files(path)[1], 0),
    "all emptied": lambda path: [os.truncate(each, 0) for each in files(path)[:2]],
}
WHOLE = [harm for harm in HARMS if harm not in ("emptied", "truncated", "log emptied", "all emptied")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "journal.sqlite"


def stored(path: Path) -> Journal:
    journal = Journal(path)
    for at in range(1, STORED, 500):
        journal.append([reading(n) for n in range(at, at + 500)])
    journal.move_cursor("mqtt", 700)
    journal.keep_alarms([AlarmRow("rig", "rate", 1, {"id": "rate", "pump": "rig"}, None)])
    return journal


def spoken_of(path: Path) -> set[int]:
    """Sequences that are there, or are said to be lost."""
    reader, found, at = JournalReader(path), set[int](), 0
    while entries := reader.after(at):
        for entry in entries:
            match entry.record:
                case Reading(message=message):
                    found.add(message.sequence)
                case Gap(first=first, last=last):
                    assert last is not None
                    found.update(range(first, last + 1))
        at = entries[-1].id
    reader.close()
    return found


@pytest.mark.parametrize("harm", HARMS)
def test_a_commit_counts_only_while_the_file_has_its_name(harm: str, path: Path) -> None:
    journal = stored(path)
    HARMS[harm](path)
    with pytest.raises(JournalError, match="while warmflow writes it"):
        journal.append([reading(STORED + 1)])
    journal.close()


@pytest.mark.parametrize("harm", HARMS)
def test_a_file_that_is_lost_is_made_anew_and_nothing_is_missing_in_silence(harm: str, path: Path) -> None:
    journal = stored(path)
    second = journal.open_reader()
    last = journal.last()
    HARMS[harm](path)
    with pytest.raises(JournalError):
        journal.append([reading(STORED + 1)])
    journal.remake()
    assert not journal.lost_file()
    journal.append([reading(STORED + 1), reading(STORED + 2)])
    assert journal.through(BOOT) == STORED + 2
    assert journal.last() > last  # numbers are not given twice: cursors count in them
    assert journal.cursor("mqtt") == 700
    assert [each["id"] for each in journal.alarms()] == ["rate"]
    assert second.last() == journal.reader.last() == journal.last()
    journal.close()
    assert spoken_of(path) == set(range(1, STORED + 3))


@pytest.mark.parametrize("harm", WHOLE)
def test_while_the_old_file_can_be_read_nothing_at_all_is_lost(harm: str, path: Path) -> None:
    journal = stored(path)
    HARMS[harm](path)
    assert "everything" in journal.remake()
    journal.close()
    entries = JournalReader(path).after(0, 10_000)
    assert len(entries) == STORED
    assert not any(isinstance(entry.record, Gap) for entry in entries)


def test_what_stood_in_the_way_is_moved_aside_and_not_removed(path: Path) -> None:
    journal = stored(path)
    replace(path)
    said = journal.remake()
    journal.close()
    aside = path.with_name("journal.sqlite.found-1")
    assert str(aside) in said
    assert aside.read_bytes().startswith(b"another file")


def test_a_file_that_is_back_in_its_place_goes_on(path: Path) -> None:
    journal = stored(path)
    aside = path.with_name("aside")
    path.rename(aside)
    with pytest.raises(JournalError):
        journal.append([reading(STORED + 1)])
    aside.rename(path)
    journal.remake()
    journal.append([reading(STORED + 1), reading(STORED + 2)])
    assert journal.last() == journal.reader.last()
    journal.close()
    assert spoken_of(path) == set(range(1, STORED + 3))


def test_a_place_that_cannot_be_written_is_said_and_tried_again(path: Path) -> None:
    journal = stored(path)
    folder = path.parent
    rename_folder(path)
    folder.write_text("a file in place of the folder")
    with pytest.raises(JournalError, match=str(folder)):
        journal.remake()
    folder.unlink()
    assert "everything" in journal.remake()
    journal.close()
    assert spoken_of(path) == set(range(1, STORED + 1))


def test_another_journal_cannot_be_opened_in_the_place_of_one_that_is_being_made_anew(path: Path) -> None:
    journal = stored(path)
    remove_all(path)
    second = Journal(path)
    with pytest.raises(JournalError, match="another warmflow writes it"):
        journal.remake()
    second.close()
    journal.remake()
    journal.close()
    assert spoken_of(path) == set(range(1, STORED + 1))


async def test_the_daemon_notices_says_it_and_acknowledges_what_is_in_the_new_file(path: Path) -> None:
    journal = stored(path)
    queue, said, acknowledged = WriteQueue(journal), list[str](), list[int]()
    async_journal = AsyncJournal(
        journal, queue, lambda pump, boot, sequence: acknowledged.append(sequence), said.append
    )
    running = asyncio.create_task(async_journal.run())
    try:
        remove_all(path)
        await wait_until(lambda: async_journal.remade[0], 10, what="the file made anew, though no record comes")
        assert path.exists()
        remove_all(path)
        queue.on_update(reading(STORED + 1))
        await wait_until(lambda: acknowledged, 10, what="an acknowledgement")
        assert STORED + 1 in spoken_of(path)
        assert not async_journal.trouble
        assert any("removed or renamed" in line and "nothing" not in line for line in said)
        assert any("made anew" in line for line in said)
    finally:
        await end(running)
        await async_journal.close()


def test_declarations_come_back_from_memory(path: Path) -> None:
    journal = Journal(path)
    journal.append([Declaration("rig", BOOT, GOLDEN["Hello"], reading(1).utc), reading(1)])
    for each in files(path)[:2]:
        os.truncate(each, 0)
    journal.remake()
    assert journal.reader.declared("rig")
    journal.close()
