"""Under which name the records of a file go into the journal. A file is a board of its own, whose id is made from its
content: the same content again keeps the name that it has, and a name that another board or file has is not shared by
accident.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from warmflow.device.identity import IMPORTED, Boot, PumpName
from warmflow.device.updates import Gap, Reading
from warmflow.errors import UserError
from warmflow.journal.journal import Journal

FOREIGN = "the journal has a pump {name} already, of {owner}: give this file another name with --pump"
OF_ONE_PUMP = (
    "the journal has a pump {name} already, of another file: give --pump {name} if both are of one pump, else another "
    "name"
)
KEPT = "this content is in the journal already, as pump {name}: nothing is renamed"


class NameTaken(UserError):
    """The name belongs to another board or file; the text says what to do."""


class Named(NamedTuple):
    """The records under their names, and what there is to say of that."""

    records: list[Reading | Gap]
    note: str


def named(path: Path, records: Sequence[Reading | Gap], journal: Journal, asked: str | None) -> Named:
    """The records of a file under their names. `asked`: the name that a person gave. Several files may share it: they
    are then of one pump.

    Raises: NameTaken.
    """
    names: dict[tuple[Boot, PumpName], PumpName] = {}
    for each in records:
        key = (each.boot, each.pump)
        if key not in names:
            names[key] = journal.name_of(each.boot) or _free(path, each.pump, each.boot.board_id, journal, asked)
    kept = sorted({name for (_, wanted), name in names.items() if name != wanted})
    return Named(
        [each._replace(pump=names[each.boot, each.pump]) for each in records],
        KEPT.format(name=", ".join(kept)) if kept else "",
    )


def _free(path: Path, name: PumpName, board_id: str, journal: Journal, asked: str | None) -> PumpName:
    owner = journal.names.owner(name)
    if owner is None or owner == board_id:
        return name
    if not owner.startswith(IMPORTED):
        raise NameTaken(f"{path}: " + FOREIGN.format(name=name, owner=f"board {owner}"))
    if asked is None:
        raise NameTaken(f"{path}: " + OF_ONE_PUMP.format(name=name))
    return name
