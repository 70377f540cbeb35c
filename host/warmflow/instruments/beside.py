"""Columns beside the amount that say how to read it: one of units, one of stability flags."""

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments import columns
from warmflow.instruments.choice import AMOUNTS, Chosen
from warmflow.instruments.columns import Meaning
from warmflow.instruments.errors import at_line
from warmflow.instruments.table import Table

UNIT_NAMES = columns.words("unit, units, uom, einheit, einheiten")
FLAG_NAMES = columns.words("stable, stability, stab, stabil, status, state, stability flag, is stable, weight status")
STABLE = columns.words("s, st, stable, 1, true, yes, y, ok, stabil, g, n")
UNSTABLE = columns.words("d, us, sd, u, unstable, dynamic, 0, false, no, ?, instabil, nicht stabil, not stable")


def units(found: Table, chosen: dict[str, list[Chosen]]) -> dict[str, list[Chosen]]:
    """The amounts with the unit of a column of units, where there is one. Raises InstrumentFileError where it changes,
    or is another than the header's.
    """
    at = next((at for at, name in enumerate(found.names) if columns.plain(name) in UNIT_NAMES), None)
    amounts = [one.name for one in AMOUNTS if one.name in chosen]
    if at is None or len(amounts) != 1 or len(chosen[amounts[0]]) != 1:
        return chosen
    [one] = chosen[amounts[0]]
    texts = [text.strip() for text in found.columns[at]]
    first = next((text for text in texts if text), "")
    factor = columns.unit_factor(one.meaning.quantity, first)
    if factor is None:
        return chosen
    if other := next((row for row, text in enumerate(texts) if text not in ("", first)), None):
        raise at_line(
            found.path, found.line(other), f"{found.names[at]}: {texts[other]!r} after {first!r}: save the file with "
            "one unit"
        )  # fmt: skip
    if one.meaning.unit and abs(one.meaning.factor / factor - 1) > 1e-9:
        raise at_line(
            found.path, found.header_line, f"{one.header} and the unit {first!r} of {found.names[at]} contradict "
            f"each other: say which counts: --column {amounts[0]}={one.at + 1}:UNIT"
        )  # fmt: skip
    return chosen | {amounts[0]: [one._replace(meaning=Meaning(one.meaning.quantity, first, factor))]}


def unstable(found: Table) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Rows that a column of flags says are not stable, and a note; none where a cell is no such flag."""
    for at, header in enumerate(found.names):
        flags = [text.strip().lower() for text in found.columns[at]]
        if columns.plain(header) not in FLAG_NAMES or not set(flags) <= STABLE | UNSTABLE:
            continue
        rows = np.array([flag in UNSTABLE for flag in flags])
        if rows.any():
            return rows, (f"{header}: {np.count_nonzero(rows)} weights that were not stable are no values",)
    return np.zeros(len(found.lines), dtype=bool), ()
