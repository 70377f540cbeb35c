"""The journal's desk: when its trouble is over, and when it is not."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from records import reading

from warmflow.journal import Journal, WriteQueue
from warmflow.journal.async_journal import AsyncJournal

WORK: dict[str, Callable[[AsyncJournal], Awaitable[Any]]] = {
    "keep_alarms": lambda async_journal: async_journal.keep_alarms([]),
    "move_cursor": lambda async_journal: async_journal.move_cursor("mqtt", 0),
    "remove_old": lambda async_journal: async_journal._retain(),
}


def full(*arguments: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


async def in_trouble(folder: Path, work: str) -> tuple[AsyncJournal, list[str]]:
    """A desk to which the disk refuses that one piece of work once."""
    said: list[str] = []
    journal = Journal(folder / "journal.sqlite")
    async_journal = AsyncJournal(journal, WriteQueue(journal), lambda *safe: None, said.append)
    async_journal._retained_at = -1e9  # it is time for it
    setattr(journal, work, full)
    await WORK[work](async_journal)
    delattr(journal, work)
    assert "full" in async_journal.trouble
    return async_journal, said


@pytest.mark.parametrize("work", WORK)
async def test_trouble_is_over_with_the_next_write_that_succeeds_though_no_record_comes(
    work: str, tmp_path: Path
) -> None:
    async_journal, said = await in_trouble(tmp_path, work)
    await WORK[work](async_journal)
    assert async_journal.trouble == ""
    assert said[-1].endswith("is written again")
    await async_journal.close()


@pytest.mark.parametrize("work", WORK)
async def test_while_records_wait_no_smaller_write_ends_the_trouble(work: str, tmp_path: Path) -> None:
    async_journal, said = await in_trouble(tmp_path, work)
    async_journal.inbox.on_update(reading(1))
    await WORK[work](async_journal)
    assert "full" in async_journal.trouble
    assert len(said) == 1
    await async_journal.flush()
    assert async_journal.trouble == ""
    await async_journal.close()
