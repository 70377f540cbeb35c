"""An end for what a board can make the journal keep beside its records: declarations, conflicts, boots.

Each board has a share of its own, so that one that says something else each time pushes out only what it said itself.
What goes is counted. The newest boots stay: their high-water marks say what a board need not send again.
"""

import sqlite3
from collections.abc import Callable

DECLARATIONS_MAX = 2000  # [chosen] of one board
CONFLICTS_MAX = 10_000  # of one board
BOOTS_MAX = 500  # of one board that have no records any more
BOARDS_MAX = 10_000  # boots without records of all boards

Counted = Callable[[str, int], None]


def remove_beyond(db: sqlite3.Connection, counted: Counted) -> list[int]:
    """Removes what is too much; the numbers of the boots that went. `counted` gets a reason and how many. Inside a
    transaction.
    """
    for table, most in (("declarations", DECLARATIONS_MAX), ("conflicts", CONFLICTS_MAX)):
        counted(table, _remove_rows(db, table, most))
    boots = _boots_without_records(db)
    db.executemany("DELETE FROM declarations WHERE boot = ?", [(boot,) for boot in boots])
    db.executemany("DELETE FROM conflicts WHERE boot = ?", [(boot,) for boot in boots])
    db.executemany("DELETE FROM boots WHERE id = ?", [(boot,) for boot in boots])
    counted("boots", len(boots))
    return boots


def _remove_rows(db: sqlite3.Connection, table: str, most: int) -> int:
    if db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] <= most:
        return 0
    ranked = "row_number() OVER (PARTITION BY boots.board_id ORDER BY own.rowid DESC)"
    query = f"SELECT own.rowid AS number, {ranked} AS place FROM {table} AS own JOIN boots ON boots.id = own.boot"
    return db.execute(
        f"DELETE FROM {table} WHERE rowid IN (SELECT number FROM ({query}) WHERE place > ?)", (most,)
    ).rowcount


def _boots_without_records(db: sqlite3.Connection) -> list[int]:
    """The oldest of them, beyond what each board and all together may have."""
    empty = "SELECT id, board_id FROM boots WHERE NOT EXISTS (SELECT 1 FROM records WHERE records.boot = boots.id)"
    if db.execute("SELECT count(*) FROM boots").fetchone()[0] <= BOOTS_MAX:
        return []
    of_board = "row_number() OVER (PARTITION BY board_id ORDER BY id DESC)"
    of_all = "row_number() OVER (ORDER BY id DESC)"
    query = f"SELECT id, {of_board} AS own, {of_all} AS place FROM ({empty})"
    chosen = f"SELECT id FROM ({query}) WHERE own > ? OR place > ?"
    return [boot for (boot,) in db.execute(chosen, (BOOTS_MAX, BOARDS_MAX))]
