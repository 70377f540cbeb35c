"""Alarms in the journal's file: how each stands, and every line of its history. SQL alone: what an alarm is, is not
known here.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from warmflow.journal.bad_rows import BadRows, NotReadable, check, json_object
from warmflow.journal.queries import newest, with_all
from warmflow.level_words import BEFORE

LINES_MAX = 200_000  # [chosen] of all pumps; the oldest go
LIMITS = "limits"  # a row that is no alarm: the limits that people set for a pump

TABLES = (
    "CREATE TABLE alarms (pump TEXT NOT NULL, alarm TEXT NOT NULL, kept TEXT NOT NULL, PRIMARY KEY (pump, alarm)) "
    "WITHOUT ROWID",
    "CREATE TABLE alarm_lines (id INTEGER PRIMARY KEY AUTOINCREMENT, pump TEXT NOT NULL, utc_ms INTEGER NOT NULL, "
    "line TEXT NOT NULL)",
    "CREATE INDEX alarm_times ON alarm_lines (pump, utc_ms)",
)


class AlarmRow(NamedTuple):
    """How an alarm stands after something happened, and the line about it; None for a line that nobody has to read."""

    pump: str
    alarm: str
    utc_ms: int
    kept: dict[str, Any]
    line: dict[str, Any] | None


def store(db: sqlite3.Connection, rows: Sequence[AlarmRow]) -> None:
    """In the caller's transaction."""
    db.executemany(
        "INSERT OR REPLACE INTO alarms VALUES (?,?,?)", [(row.pump, row.alarm, json.dumps(row.kept)) for row in rows]
    )
    lines = [(row.pump, row.utc_ms, json.dumps(row.line)) for row in rows if row.line is not None]
    db.executemany("INSERT INTO alarm_lines (pump, utc_ms, line) VALUES (?,?,?)", lines)
    if lines:
        db.execute("DELETE FROM alarm_lines WHERE id <= (SELECT max(id) FROM alarm_lines) - ?", (LINES_MAX,))


def forget(db: sqlite3.Connection, pump: str) -> None:
    """Removes the present alarms of a pump that was removed; their history and the pump's limits stay."""
    db.execute("DELETE FROM alarms WHERE pump = ? AND alarm != ?", (pump, LIMITS))


def standing(db: sqlite3.Connection, bad_rows: BadRows) -> list[dict[str, Any]]:
    """How each alarm stands; rows that cannot be read are counted."""
    return [row.kept for row in rows(db, bad_rows)]


def rows(db: sqlite3.Connection, bad_rows: BadRows) -> list[AlarmRow]:
    """The same as they were stored, without a line about each."""
    found = []
    for pump, alarm, text in db.execute("SELECT pump, alarm, kept FROM alarms"):
        try:
            check("alarms", (pump, alarm, text))
        except NotReadable as error:
            bad_rows.add("alarms", f"{pump} {alarm}", error)
        else:
            found.append(AlarmRow(pump, alarm, 0, json_object(text), None))
    return found


def lines(
    db: sqlite3.Connection,
    pump: str | None,
    since_ms: int,
    until_ms: int,
    limit: int,
    bad_rows: BadRows | None = None,
) -> list[dict[str, Any]]:
    """The newest lines of this time, oldest first; none out of a file that knows no alarms yet."""
    return _objects(
        "alarm_lines", newest(db, "id, line", "alarm_lines", pump, since_ms, until_ms, limit), bad_rows or BadRows()
    )


def limit_lines(
    db: sqlite3.Connection, pumps: Sequence[str], until_ms: int, bad_rows: BadRows | None = None
) -> list[dict[str, Any]]:
    """Every change of a limit of these pumps up to this time, oldest first; none out of a file that knows no alarms."""
    of = f"pump IN ({', '.join('?' for _ in pumps)})"
    like = f'%"id": "{LIMITS}"%'
    found = with_all(db, "id, line", "alarm_lines", f"{of} AND utc_ms <= ? AND line LIKE ?", (*pumps, until_ms, like))
    return [line for line in _objects("alarm_lines", found, bad_rows or BadRows()) if line.get("id") == LIMITS]


def _in_todays_words(line: dict[str, Any]) -> dict[str, Any]:
    """A line whose level may have been written in words of before."""
    for each in (line, line.get("was")):
        if isinstance(each, dict) and each.get("level") in BEFORE:
            each["level"] = BEFORE[each["level"]]
    return line


def _objects(table: str, rows: Iterable[tuple[Any, Any]], bad_rows: BadRows) -> list[dict[str, Any]]:
    found = []
    for key, text in rows:
        try:
            found.append(_in_todays_words(json_object(text)))
        except NotReadable as error:
            bad_rows.add(table, key, error)
    return found
