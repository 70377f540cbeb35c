"""Which board each name belongs to, in the journal's file, and who moved a name to another board. SQL alone: what may
be claimed is decided in `device.name_registry`.
"""

import sqlite3
from typing import Any

from warmflow.device.identity import Boot, PumpName, is_name
from warmflow.device.name_registry import NameRegistry

TABLES = (
    "CREATE TABLE names (name TEXT PRIMARY KEY, board_id TEXT NOT NULL, since_ms INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE adoptions (id INTEGER PRIMARY KEY, name TEXT NOT NULL, board_id TEXT NOT NULL, "
    "board_before TEXT NOT NULL, by TEXT NOT NULL, utc_ms INTEGER NOT NULL)",
)


def load(db: sqlite3.Connection) -> NameRegistry:
    """What the file knows. A row that somebody else wrote and that is no name is left out."""
    rows: list[tuple[str, str]] = db.execute("SELECT name, board_id FROM names").fetchall()
    boards = db.execute("SELECT DISTINCT board_id FROM boots").fetchall()
    return NameRegistry({PumpName(name): board for name, board in rows if is_name(name)}, (each for (each,) in boards))


def store(db: sqlite3.Connection, name: str, board_id: str, utc_ms: int) -> None:
    """This board has this name, unless another had it before. In the caller's transaction."""
    db.execute("INSERT OR IGNORE INTO names VALUES (?,?,?)", (name, board_id, utc_ms))


def adopt(db: sqlite3.Connection, name: str, board_id: str, by: str, utc_ms: int) -> None:
    """The name belongs to this board from now on; who said so is kept. In the caller's transaction."""
    db.execute(
        "INSERT INTO adoptions (name, board_id, board_before, by, utc_ms) "
        "VALUES (?1, ?2, coalesce((SELECT board_id FROM names WHERE name = ?1), ''), ?3, ?4)",
        (name, board_id, by, utc_ms),
    )
    db.execute(
        "INSERT INTO names VALUES (?,?,?) ON CONFLICT DO UPDATE SET board_id = excluded.board_id",
        (name, board_id, utc_ms),
    )


def adoptions(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every adoption, oldest first."""
    rows = db.execute("SELECT name, board_id, board_before, by, utc_ms FROM adoptions ORDER BY id").fetchall()
    return [dict(zip(("name", "board_id", "board_before", "by", "utc_ms"), row, strict=True)) for row in rows]


def of_boot(db: sqlite3.Connection, boot: Boot) -> PumpName | None:
    """The name under which this boot is kept; None for a boot that nobody knows."""
    row = db.execute("SELECT pump FROM boots WHERE board_id = ? AND boots = ? AND random = ?", boot).fetchone()
    return PumpName(row[0]) if row and is_name(row[0]) else None
