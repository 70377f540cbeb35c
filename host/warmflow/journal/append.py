"""The write path: a batch of records and declarations into the file, with roll-ups, dates, and how far each boot came.

One batch is one transaction of the caller: all of it or nothing. How the records themselves are stored is
`record_table`'s.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from pumplink.fastcodec import ENCODERS
from warmflow.device.identity import Boot
from warmflow.device.name_registry import NameRegistry
from warmflow.device.updates import Declaration, Reading
from warmflow.journal import datings, record_table, rollup
from warmflow.journal.boots import NOTHING, Boots, Heard
from warmflow.journal.migration import through
from warmflow.journal.record_table import Values
from warmflow.journal.row_codec import EVENT, READING, Record, ms, row


class Appended(NamedTuple):
    """What became of a batch; true once its transaction is on disk."""

    counts: Counter[str]  # appended, repeated, conflicts
    newest_id: int  # of its records, 0 if none is new
    heard: dict[Boot, Heard]
    renamed: bool  # some boot has a name that it had not


def append(
    db: sqlite3.Connection,
    boots: Boots,
    registry: NameRegistry,
    records: Sequence[Record],
    declarations: Sequence[Declaration],
    now: datetime,
) -> Appended:
    """In the caller's transaction. What is there already is not kept twice."""
    now_ms = ms(now)
    declared = [boots.number(db, registry, each.boot, each.pump, now_ms, declared=True) for each in declarations]
    numbered = [boots.number(db, registry, each.boot, each.pump, now_ms, declared=False) for each in records]
    dated = _declare(db, declarations, [number for number, _ in declared])
    rows: list[Values] = [(number, *row(each, now)) for (number, _), each in zip(numbered, records, strict=True)]
    counts: Counter[str] = Counter()
    kept = record_table.store(db, rows, counts)
    new = [each for each, number in zip(records, kept, strict=True) if number and isinstance(each, Reading)]
    db.executemany(rollup.UPSERT, rollup.rolled_up(new))
    heard = _heard(boots, records, rows, kept)
    boots.store_heard(db, heard)
    datings.store(db, [*dated, *_dated(records, rows, kept)])
    renamed = any(is_new for _, is_new in (*declared, *numbered))
    return Appended(counts, max(kept, default=0), heard, renamed)


def _declare(
    db: sqlite3.Connection, declarations: Sequence[Declaration], numbers: Sequence[int]
) -> list[datings.Dated]:
    dated: list[datings.Dated] = []
    for each, boot in zip(declarations, numbers, strict=True):
        values = (boot, ms(each.utc), ENCODERS[type(each.message)](each.message))
        cursor = db.execute("INSERT INTO declarations (boot, utc_ms, payload) VALUES (?,?,?)", values)
        dated.append((boot, datings.DECLARATION, cursor.lastrowid or 0, each.dating))
    return dated


def _dated(records: Sequence[Record], rows: Sequence[Values], kept: Sequence[int]) -> Iterator[datings.Dated]:
    """What the times of the new records were derived from."""
    for each, (boot, sequence, kind, *_), is_new in zip(records, rows, kept, strict=True):
        if is_new:
            yield boot, kind, sequence, getattr(each, "dating", None)


def _heard(boots: Boots, records: Sequence[Record], rows: Sequence[Values], kept: Sequence[int]) -> dict[Boot, Heard]:
    heard: dict[Boot, Heard] = {}
    for each, (_, sequence, kind, *_, payload), number in zip(records, rows, kept, strict=True):
        old = heard.get(each.boot) or boots.heard.get(each.boot, NOTHING)
        newest = number if kind in (READING, EVENT) else 0
        heard[each.boot] = Heard(max(old.through, through(sequence, kind, payload)), max(old.last_record, newest))
    return {boot: values for boot, values in heard.items() if any(values)}  # not those of which minutes alone came
