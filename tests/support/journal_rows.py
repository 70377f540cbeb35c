"""A small journal with rows in every table, rows of it spoilt at random, and everything that reads a journal."""

import io
import random
import sqlite3
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from fuzz_inputs import GOLDEN, mutated
from records import BOOT, START, reading

from warmflow.cli.export import write, write_notes
from warmflow.device.updates import BoardEvent, Declaration, Gap, Summary
from warmflow.errors import UserError
from warmflow.journal import Journal, JournalReader, annotation_rows
from warmflow.journal.alarm_rows import AlarmRow
from warmflow.report import from_journal, past_diagnosis
from warmflow.sinks.web.plot_history import PlotRequest, series

TABLES_OF_ROWS = (
    "alarm_lines", "alarms", "annotations", "boots", "conflicts", "cursors", "declarations", "held", "marks", "records",
    "removed", "rollups",
)  # fmt: skip
AT_MS = round(START.timestamp() * 1000)
FOREVER_MS = 2**62


def written(path: Path) -> Path:
    """Ten readings, and something of everything else."""
    journal = Journal(path)
    hello = GOLDEN["Hello"]._replace(boot_count=BOOT.boots, boot_random=BOOT.random)
    journal.append([Declaration("rig", BOOT, hello, START), *(reading(n) for n in range(1, 11))])
    journal.append([reading(1, flow=1), Gap("rig", BOOT, 11, 12, "the ring was full")])
    event = GOLDEN["Event"]._replace(sequence=13)
    journal.append([BoardEvent("rig", BOOT, event, START, False), Summary("rig", BOOT, GOLDEN["MinuteSummary"], START)])
    journal.move_cursor("mqtt", 3)
    line = {"pump": "rig", "id": "rate", "event": "raise", "at": START.isoformat(), "by": "Kim", "said": "x"}
    journal.keep_alarms([AlarmRow("rig", "rate", AT_MS, {"pump": "rig", "id": "rate"}, line)])
    note = partial(annotation_rows.store, pump="rig", utc_ms=AT_MS, text="tub", by="Kim", written_ms=AT_MS)
    journal.write(note)
    journal.write(lambda db: db.execute("INSERT INTO removed VALUES ('age', 3)"))
    journal.write(lambda db: db.execute("INSERT INTO marks VALUES (1.5, 3, 1)"))
    journal.close()
    return path


def _value(dice: random.Random, old: Any) -> Any:
    choices: list[Any] = [None, "", "x", b"", b"\x03", 0, -1, 2**63 - 1, -(2**63), 1.5, 1e300, "#", "\x00", "{", "[1]"]
    if isinstance(old, bytes):
        choices += [mutated(dice, old) for _ in range(10)]
    if isinstance(old, str):
        choices += [mutated(dice, old.encode()).decode("latin-1") for _ in range(6)]
    if isinstance(old, int):
        choices += [old + 1, old ^ 1 << dice.randrange(62)]
    return dice.choice(choices)


def spoil(path: Path, dice: random.Random, table: str | None = None) -> None:
    """One or some values of one or some rows are others."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA writable_schema = 1")
        for _ in range(dice.choice((1, 1, 1, 3, 10))):
            of = table or dice.choice(TABLES_OF_ROWS)
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({of})")]
            rows = db.execute(f"SELECT * FROM {of}").fetchall()
            if not rows:
                continue
            row, index = dice.choice(rows), dice.randrange(len(columns))
            where = " AND ".join(f"{column} IS ?" for column in columns)
            with suppress(sqlite3.Error, OverflowError):  # what the table itself refuses
                db.execute(f"UPDATE {of} SET {columns[index]} = ? WHERE {where}", (_value(dice, row[index]), *row))
        db.commit()


def all_read(path: Path) -> None:
    """Everything that reads a journal reads this one. Only errors for people come out of it."""
    reader = JournalReader(path)
    at = 0
    while entries := reader.after(at):
        at = entries[-1].id
    for pump in ("rig", *reader.pumps()):
        reader.declared(pump)
        list(reader.by_time(pump, 0, FOREVER_MS))
        reader.newest_ms(pump)
        reader.rollups(pump, 1, 0, FOREVER_MS)
        for length_s in (100, 100_000):
            series(reader, PlotRequest(pump, AT_MS / 1000, AT_MS / 1000 + length_s, 100))
    reader.removed()
    reader.last()
    reader.alarm_lines(None, 0, FOREVER_MS, 100)
    reader.annotations(None, 0, FOREVER_MS, 100)
    reader.close()
    write(path, io.StringIO(), None, None, None, lambda share: None)
    write_notes(path, io.StringIO(), None, None, None)
    with suppress(UserError):
        from_journal.read(path, from_journal.Wanted("rig", None, None))
    with suppress(UserError):
        past_diagnosis.judged(path, "rig", None, 1.0)
