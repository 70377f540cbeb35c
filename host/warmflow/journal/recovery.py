"""The journal of a file that was lost while it was open: made anew at its place, then filled with what memory holds,
and a gap for everything that neither has.
"""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from warmflow.device.identity import Boot
from warmflow.journal import cursors, gaps, held, remake
from warmflow.journal.boots import Heard, number_of
from warmflow.journal.memory import Memory
from warmflow.journal.numbering import number_from

LOST = "lost with the journal's file"


class Copy(NamedTuple):
    """A closed file that is to take the place of one that is lost. `whole`: everything that was stored is in it."""

    path: Path
    whole: bool


def copied(db: sqlite3.Connection, path: Path, newest_id: int, reason: str) -> Copy:
    """What the process still holds open of the lost file. `reason`: in which words it was lost. Raises JournalError."""
    return Copy(*remake.copied(db, path, newest_id, "truncated" in reason))


def put_in_place(copy: Copy, path: Path) -> list[Path]:
    """What was moved aside for it. Nothing is done where an earlier attempt has done it. Raises JournalError."""
    return remake.put_in_place(copy.path, path) if copy.path.exists() else []


def store_cursors(db: sqlite3.Connection, memory: Memory, newest_id: int) -> None:
    """Numbers go on behind the newest one of the lost file, since cursors count in them. Inside a transaction."""
    number_from(db, "records", newest_id)
    for name, record_id in memory.cursors.items():
        cursors.move(db, name, record_id)


def store_gaps(db: sqlite3.Connection, heard: Mapping[Boot, Heard], reason: str, now: datetime) -> int:
    """Gaps for what was heard and is not in the file; of how many records. Inside a transaction."""
    ends = dict[int, int]()
    for boot, known in heard.items():
        number = number_of(db, boot)
        ends[number] = known.through
        db.execute("UPDATE boots SET through = max(through, ?) WHERE id = ?", (known.through, number))
    lost = gaps.holes(db, ends, dict.fromkeys(ends, 1))
    gaps.store(db, lost, f"{LOST}: {reason}", now)
    held.recount(db)
    return sum(hole.last - hole.first + 1 for hole in lost)


def in_words(lost: int | None, moved: list[Path]) -> str:
    """How the file was made anew; `lost` is None if it is whole."""
    what = (
        "with everything that was stored" if lost is None else f"without {lost} records that could not be read (gaps)"
    )
    aside = f"; moved aside: {', '.join(str(each) for each in moved)}" if moved else ""
    return f"made anew {what}{aside}"
