"""The journal itself: append a batch, read on from a cursor, remove what is old. Synchronous; `desk.py` keeps it
off the loop.

Every method raises sqlite3.Error when the disk does: a full disk is for the caller to show and to try again after.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pumplink import messages as m
from pumplink.fastcodec import DECODERS
from warmflow.hub import Reading
from warmflow.journal import rollup
from warmflow.journal.rows import NO_END, Entry, JournalError, Record, Row, record, row
from warmflow.journal.tables import connect
from warmflow.session import Boot

RAW_DAYS = 7
RAW_BYTES = 2_000_000_000
ROLLUP_DAYS = 366
REMOVE_AT_ONCE = 10_000  # records a call: retention never holds the writer for long


class Journal:
    """One open journal. `counts`: appended, repeated (the same again), conflicts (the same identity with other
    bytes).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        try:
            self._db = connect(path)
        except (sqlite3.Error, OSError, ValueError) as error:
            raise JournalError(f"{path}: {error}") from error
        self._lock = threading.RLock()  # one connection for all threads of this process
        self._boots: dict[Boot, tuple[int, str]] = {}
        self._by_id: dict[int, tuple[str, Boot]] = {}

    def append(self, records: Sequence[Record]) -> None:
        """Keeps the records, all or none; on disk when it returns. What is there already is not kept twice."""
        now = datetime.now(UTC)
        new: list[Reading] = []
        counts: Counter[str] = Counter()
        with self._transaction():
            for each in records:
                boot, values = self._boot(each.boot, each.pump), row(each, now)
                cursor = self._db.execute(
                    "INSERT OR IGNORE INTO records (boot, sequence, kind, utc_ms, late, payload) VALUES (?,?,?,?,?,?)",
                    (boot, *values),
                )
                if not cursor.rowcount:
                    counts[self._again(boot, values)] += 1
                    continue
                counts["appended"] += 1
                if isinstance(each, Reading):
                    new.append(each)
            self._db.executemany(rollup.UPSERT, rollup.rolled_up(new))
        self.counts.update(counts)

    def after(self, record_id: int, limit: int = 1000) -> list[Entry]:
        """The next records after this one, in the order of their arrival."""
        rows = self._db.execute(
            "SELECT id, boot, sequence, kind, utc_ms, late, payload FROM records WHERE id > ? ORDER BY id LIMIT ?",
            (record_id, limit),
        ).fetchall()
        return [Entry(number, record(*self._known(boot), Row(*rest))) for number, boot, *rest in rows]

    def last(self) -> int:
        """Number of the newest record, 0 in an empty journal."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()[0])

    def cursor(self, name: str) -> int:
        """How far this taker has come; 0 for a new one: it gets everything."""
        found = self._db.execute("SELECT record FROM cursors WHERE name = ?", (name,)).fetchone()
        return int(found[0]) if found else 0

    def move_cursor(self, name: str, record_id: int) -> None:
        """This taker has everything up to here."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (name, record_id))

    def through(self, boot: Boot) -> int:
        """The last sequence of a boot that is kept or said to be lost; 0 for a boot that nobody knows."""
        query = (
            "SELECT r.sequence, r.kind, r.payload FROM records r JOIN boots b ON b.id = r.boot "
            "WHERE b.board_id = ? AND b.boots = ? AND b.random = ? AND r.kind IN (3, 6, 7) ORDER BY r.id DESC LIMIT 1"
        )
        with self._lock:
            found = self._db.execute(query, boot).fetchone()
        if found is None:
            return 0
        sequence, kind, payload = found
        last = DECODERS[kind](payload)
        return int(sequence) if not isinstance(last, m.Gap) else int(last.last if last.last != NO_END else sequence - 1)

    def latest(self, board_id: str) -> Boot | None:
        """The boot of this board that was heard last."""
        query = (
            "SELECT b.board_id, b.boots, b.random FROM records r JOIN boots b ON b.id = r.boot "
            "WHERE b.board_id = ? AND r.kind IN (3, 6) ORDER BY r.id DESC LIMIT 1"
        )
        with self._lock:
            found = self._db.execute(query, (board_id,)).fetchone()
        return Boot(*found) if found else None

    def remove_old(self, now: datetime, days: float = RAW_DAYS, max_bytes: int = RAW_BYTES) -> int:
        """Removes some of what retention says; how many records. Counted by reason; call again while it gives more
        than 0.
        """
        oldest_ms = round(now.timestamp() * 1000 - days * 86_400_000)
        with self._transaction():
            gone = self._remove("age", "WHERE utc_ms < ?", (oldest_ms,))
            if not gone and self.size() > max_bytes:
                gone = self._remove("size", "", ())
            self._db.execute("DELETE FROM rollups WHERE start_s < ?", (round(now.timestamp()) - ROLLUP_DAYS * 86_400,))
        return gone

    def removed(self) -> dict[str, int]:
        """Records that retention has removed, by reason."""
        return dict(self._db.execute("SELECT what, records FROM removed").fetchall())

    def size(self) -> int:
        """Bytes in use: the file without what is free inside it."""
        pages, free, page_size = (self._pragma(name) for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * page_size

    def close(self) -> None:
        self._db.close()

    def _remove(self, why: str, where: str, values: tuple[int, ...]) -> int:
        oldest = f"SELECT id FROM records {where} ORDER BY id LIMIT {REMOVE_AT_ONCE}"
        gone = self._db.execute(f"DELETE FROM records WHERE id IN ({oldest})", values).rowcount
        if gone:
            add = "ON CONFLICT DO UPDATE SET records = records + excluded.records"
            self._db.execute(f"INSERT INTO removed VALUES (?, ?) {add}", (why, gone))
        return gone

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    def _boot(self, boot: Boot, pump: str) -> int:
        known = self._boots.get(boot)
        if known is None or known[1] != pump:
            self._db.execute(
                "INSERT INTO boots (board_id, boots, random, pump) VALUES (?,?,?,?) "
                "ON CONFLICT DO UPDATE SET pump = excluded.pump",
                (*boot, pump),
            )
            where = "WHERE board_id = ? AND boots = ? AND random = ?"
            number = int(self._db.execute(f"SELECT id FROM boots {where}", boot).fetchone()[0])
            self._boots[boot] = known = (number, pump)
            self._by_id[number] = (pump, boot)
        return known[0]

    def _known(self, number: int) -> tuple[str, Boot]:
        if number not in self._by_id:
            columns = "pump, board_id, boots, random"
            pump, *boot = self._db.execute(f"SELECT {columns} FROM boots WHERE id = ?", (number,)).fetchone()
            self._by_id[number] = (pump, Boot(*boot))
        return self._by_id[number]

    def _again(self, boot: int, values: Row) -> str:
        """A record that is there already: the same, or a conflict that is kept beside it."""
        where = "boot = ? AND sequence = ? AND kind = ?"
        found = self._db.execute(f"SELECT payload FROM records WHERE {where}", (boot, *values[:2])).fetchone()
        if found[0] == values.payload:
            return "repeated"
        self._db.execute("INSERT INTO conflicts VALUES (?,?,?,?,?)", (boot, *values[:3], values.payload))
        return "conflicts"

    def _transaction(self) -> "_Transaction":
        return _Transaction(self)


class _Transaction:
    """BEGIN and COMMIT; on any error all is as before, the remembered boots too."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __enter__(self) -> None:
        self._journal._lock.acquire()
        try:
            self._journal._db.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._journal._lock.release()
            raise

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if error is None:
                self._journal._db.execute("COMMIT")
            else:
                self._roll_back()
        except sqlite3.Error:
            self._roll_back()
            raise
        finally:
            self._journal._lock.release()

    def _roll_back(self) -> None:
        self._journal._boots.clear()
        if self._journal._db.in_transaction:
            self._journal._db.execute("ROLLBACK")
