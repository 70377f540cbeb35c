"""The boots of a journal: their numbers and names, and how far each has been heard, which is what sessions ask for and
is answered from memory.
"""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from warmflow.device.identity import Boot, PumpName, fitted_name
from warmflow.device.name_registry import NameRegistry
from warmflow.journal import names
from warmflow.journal.bad_rows import BadRows, good_rows

BOOTS_MAX = 10_000  # whose numbers are remembered: there may be one for each minute of a board that restarts
WHERE = "WHERE board_id = ? AND boots = ? AND random = ?"


class Heard(NamedTuple):
    """Of one boot: the last sequence stored or reported lost, and its newest reading or event."""

    through: int
    last_record: int


NOTHING = Heard(0, 0)


class Boots:
    """Of one open journal. Everything with a connection belongs into the caller's transaction."""

    def __init__(self) -> None:
        self.heard: dict[Boot, Heard] = {}
        self._known: dict[Boot, tuple[int, str]] = {}

    def load(self, db: sqlite3.Connection, bad_rows: BadRows) -> None:
        """What the file says; what was remembered is forgotten."""
        self._known.clear()
        columns = "id, board_id, boots, random, pump, through, last_record"
        rows = db.execute(f"SELECT {columns} FROM boots WHERE through OR last_record").fetchall()
        self.heard = {Boot(*each[1:4]): Heard(*each[5:]) for each in good_rows("boots", rows, bad_rows)}

    def forget(self) -> None:
        """Their numbers may have changed: each is looked up again."""
        self._known.clear()

    def through(self, boot: Boot) -> int:
        """The last sequence of a boot that is stored or reported lost; 0 for an unknown boot."""
        return self.heard.get(boot, NOTHING).through

    def latest(self, board_id: str) -> Boot | None:
        """The boot of this board that was heard last."""
        heard = self.heard.copy()  # the writer's thread may add one
        known = (boot for boot in heard if boot.board_id == board_id and heard[boot].last_record)
        return max(known, key=lambda boot: heard[boot].last_record, default=None)

    def number(
        self, db: sqlite3.Connection, registry: NameRegistry, boot: Boot, pump: PumpName, now_ms: int, *, declared: bool
    ) -> tuple[int, bool]:
        """Its number, and whether it has a name that it had not. Only a declaration of the rig renames a boot; records
        of an earlier boot keep its name.
        """
        known = self._known.get(boot)
        if known and (known[1] == pump or not declared):
            return known[0], False
        db.execute(
            "INSERT INTO boots (board_id, boots, random, pump) VALUES (?,?,?,?) ON CONFLICT DO "
            + ("UPDATE SET pump = excluded.pump" if declared else "NOTHING"),
            (*boot, pump),
        )
        number = number_of(db, boot)
        name = names.of_boot(db, boot) or pump
        self._known[boot] = (number, name)
        if name == pump:
            names.store(db, name, boot.board_id, now_ms)
            registry.claim(name, boot.board_id)
        return number, True

    def store_heard(self, db: sqlite3.Connection, heard: Mapping[Boot, Heard]) -> None:
        """Into the file. Their numbers have been asked for in this transaction."""
        db.executemany(
            "UPDATE boots SET through = ?, last_record = ? WHERE id = ?",
            [(*values, self._known[boot][0]) for boot, values in heard.items()],
        )

    def stored(self, heard: Mapping[Boot, Heard]) -> None:
        """They are on disk: from now on this is what sessions are told."""
        self.heard |= heard
        if len(self._known) > BOOTS_MAX:
            self._known.clear()


def number_of(db: sqlite3.Connection, boot: Boot) -> int:
    """Its number in the file; of a boot whose row went with an earlier file a new one."""
    found = db.execute(f"SELECT id FROM boots {WHERE}", boot).fetchone()
    if found is None:
        insert = "INSERT INTO boots (board_id, boots, random, pump) VALUES (?,?,?,?)"
        return int(db.execute(insert, (*boot, fitted_name(f"lost-{boot.board_id[-8:]}"))).lastrowid or 0)
    return int(found[0])
