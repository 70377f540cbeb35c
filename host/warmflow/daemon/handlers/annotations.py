"""Handlers of the requests about annotations: notes of people at a point in time of a pump, stored in the journal. The
author is not checked. An annotation is a note on the plot and not a record of the pump.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from warmflow.api.requests import NotDone
from warmflow.errors import UserError
from warmflow.journal import annotation_rows
from warmflow.journal.annotation_rows import AnnotationRow
from warmflow.journal.journal import Journal
from warmflow.runtime.text import did_you_mean, printable, single_line
from warmflow.runtime.utc import utc_text_ms
from warmflow.runtime.wall_clock import Clock

DAY_MS = 86_400_000
T = TypeVar("T")


class Keeps(Protocol):
    """The annotations of the journal."""

    @property
    def journal(self) -> Journal: ...

    def write(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...


def handlers(async_journal: Keeps, names: Callable[[], Iterable[str]], clock: Clock) -> dict[str, Callable[[Any], Any]]:
    """By kind of request. `names`: pumps that are there now; the journal knows those that were."""

    reader = async_journal.journal.reader

    def ms(time: str | None) -> int:
        """Of a moment that was asked for; of None: now."""
        moment = clock() if time is None else datetime.fromisoformat(time)
        return round(moment.timestamp() * 1000)

    async def listed(ask: Any) -> dict[str, Any]:
        until_ms = ms(ask.until)
        since_ms = min(ms(None), until_ms) - DAY_MS if ask.since is None else ms(ask.since)
        rows = await asyncio.to_thread(reader.annotations, ask.pump, since_ms, until_ms, ask.limit)
        return {"annotations": [_shown(row) for row in rows]}

    async def annotate(ask: Any) -> dict[str, Any]:
        known = sorted({*names(), *await asyncio.to_thread(reader.pumps)})
        if ask.pump not in known:
            raise NotDone(f"{printable(ask.pump, 60)}: no such pump; {did_you_mean(ask.pump, known)}")
        text, by = _plain(ask.text, "text"), _plain(ask.by, "by")
        row = await _written(
            async_journal, lambda db: annotation_rows.store(db, ask.pump, ms(ask.time), text, by, ms(None)), "not saved"
        )
        if row is None:
            raise NotDone(f"not saved: there are already {annotation_rows.KEPT_MAX} annotations; remove some")
        return {"annotation": _shown(row)}

    async def remove(ask: Any) -> dict[str, Any]:
        row = await _written(async_journal, lambda db: annotation_rows.remove(db, ask.annotation), "not removed")
        if row is None:
            raise NotDone(f"annotation {ask.annotation} does not exist; `annotations` lists them")
        return {"removed": _shown(row)}

    return {"annotations": listed, "annotate": annotate, "remove_annotation": remove}


async def _written(async_journal: Keeps, work: Callable[[sqlite3.Connection], T], refused: str) -> T:
    try:
        return await async_journal.write(work)
    except sqlite3.Error as error:
        raise UserError(f"{refused}: {error}") from None


def _shown(row: AnnotationRow) -> dict[str, Any]:
    return {
        "id": row.id, "pump": row.pump, "time": utc_text_ms(row.utc_ms), "text": row.text, "by": row.by,
        "written": utc_text_ms(row.written_ms),
    }  # fmt: skip


def _plain(words: str, field: str) -> str:
    """One line that can be printed. Raises NotDone where nothing is left."""
    line = single_line(words)
    if not line:
        raise NotDone(f"{field}: contains no printable characters")
    return line
