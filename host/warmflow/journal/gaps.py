"""Gaps for what a journal should hold and does not: after damage, nothing is missing in silence. SQL alone."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from warmflow.device.identity import Boot
from warmflow.device.updates import Gap
from warmflow.journal.migration import through
from warmflow.journal.record_table import INSERT
from warmflow.journal.row_codec import EVENT, GAP, READING, row


class Hole(NamedTuple):
    """Sequences of a boot that no row speaks of, both ends included."""

    boot: int
    first: int
    last: int


def holes(db: sqlite3.Connection, ends: Mapping[int, int], since: Mapping[int, int] | None = None) -> list[Hole]:
    """What is missing of each boot up to its end, from `since` on; of a boot that is not in `since` from its first
    record on, since retention may have removed what was before.
    """
    found = []
    for boot, end in ends.items():
        expected = None if since is None else since.get(boot)
        query = f"SELECT sequence, kind, payload FROM records WHERE boot = ? AND kind IN ({READING}, {EVENT}, {GAP})"
        for sequence, kind, payload in db.execute(f"{query} ORDER BY sequence, kind", (boot,)):
            if expected is not None and sequence > expected:
                found.append(Hole(boot, expected, sequence - 1))
            expected = max(expected or 0, through(sequence, kind, payload) + 1)
        if expected is not None and end >= expected:
            found.append(Hole(boot, expected, end))
    return found


def store(db: sqlite3.Connection, lost: list[Hole], reason: str, now: datetime) -> None:
    """A gap for each, behind all records: sinks meet them, too. Inside a transaction."""
    for hole in lost:
        query = "SELECT pump, board_id, boots, random FROM boots WHERE id = ?"
        pump, *boot = db.execute(query, (hole.boot,)).fetchone()
        values = row(Gap(pump, Boot(*boot), hole.first, hole.last, reason), now)
        db.execute(INSERT.replace("INSERT", "INSERT OR IGNORE"), (hole.boot, *values))
