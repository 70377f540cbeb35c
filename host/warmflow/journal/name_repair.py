"""Names of an older journal that are none: empty ones, which a restart of a board left behind before version 7, and
those of imported files that no board and no topic could have. Pure SQL, for the migration.

An empty name is found again in what the rig declared in that boot, else in the board's other boots. Every other one
gets the nearest name that is allowed, in all tables, and two do not become one.
"""

import json
import sqlite3
from typing import Any

from pumplink.fastcodec import DECODERS
from warmflow.device.identity import IMPORTED, REPLAYED, PumpName, fitted_name, is_name, marked_name
from warmflow.journal.bad_rows import NotReadable, json_object

OF_A_PUMP = ("rollups", "alarms", "alarm_lines", "annotations")  # tables with a column `pump`
NAMED_FROM = 4  # characters of a board's id, as the firmware names a board that nobody has named


def mend(db: sqlite3.Connection) -> None:
    """In the caller's transaction."""
    for number, board_id in db.execute("SELECT id, board_id FROM boots WHERE pump = ''").fetchall():
        name = _declared(db, number, board_id) or _of_board(db, board_id) or _of_id(board_id)
        db.execute("UPDATE boots SET pump = ? WHERE id = ?", (name, number))
    taken = {name for name in _texts(db) if is_name(name)}
    for text in [text for text in _texts(db) if text and not is_name(text)]:
        name = _free(text, taken)
        taken.add(name)
        _rename(db, text, name)


def _declared(db: sqlite3.Connection, boot: int, board_id: str) -> PumpName | None:
    query = "SELECT payload FROM declarations WHERE boot = ? ORDER BY id DESC"
    for (payload,) in db.execute(query, (boot,)):
        try:
            text = DECODERS[payload[0]](payload).rig_name  # type: ignore[union-attr]
        except (ValueError, KeyError, IndexError, AttributeError):
            continue
        if is_name(text):
            return marked_name(PumpName(text), REPLAYED) if board_id.startswith(REPLAYED) else PumpName(text)
    return None


def _of_board(db: sqlite3.Connection, board_id: str) -> PumpName | None:
    """The name of the board's newest boot that has one."""
    query = "SELECT pump FROM boots WHERE board_id = ? ORDER BY last_record DESC, id DESC"
    return next((PumpName(name) for (name,) in db.execute(query, (board_id,)) if is_name(name)), None)


def _of_id(board_id: str) -> PumpName:
    return fitted_name(f"{'import' if board_id.startswith(IMPORTED) else 'pico'}-{board_id[-NAMED_FROM:]}")


def _texts(db: sqlite3.Connection) -> list[str]:
    """Every text that stands where a name should, in the order of arrival."""
    tables = ("boots", *OF_A_PUMP)
    return list(dict.fromkeys(name for table in tables for (name,) in db.execute(f"SELECT DISTINCT pump FROM {table}")))


def _free(text: str, taken: set[str]) -> PumpName:
    name, count = fitted_name(text), 1
    while name in taken:
        count += 1
        name = fitted_name(text, f"-{count}")
    return name


def _rename(db: sqlite3.Connection, text: str, name: PumpName) -> None:
    for table in ("boots", *OF_A_PUMP):
        db.execute(f"UPDATE {table} SET pump = ? WHERE pump = ?", (name, text))
    for table, key, column in (("alarms", "alarm", "kept"), ("alarm_lines", "id", "line")):
        for row, value in db.execute(f"SELECT {key}, {column} FROM {table} WHERE pump = ?", (name,)).fetchall():
            stored = _object(value)
            if "pump" in stored:
                changed = json.dumps(stored | {"pump": name})
                db.execute(f"UPDATE {table} SET {column} = ? WHERE pump = ? AND {key} = ?", (changed, name, row))


def _object(value: object) -> dict[str, Any]:
    """Empty for a row that is damaged: it is left as it is."""
    try:
        return json_object(value)
    except NotReadable:
        return {}


def own(db: sqlite3.Connection) -> None:
    """Each name belongs to the board that had it last: where a Pico was replaced before names had owners, the new one
    goes on. In the caller's transaction.
    """
    db.execute("INSERT OR IGNORE INTO names SELECT pump, board_id, 0 FROM boots ORDER BY last_record DESC, id DESC")
