"""Cells that carry their unit, as balances print them: `+ 0.0012 g`. A unit that is left out says "not stable"."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from warmflow.instruments.columns import Quantity, unit_factor
from warmflow.instruments.errors import InstrumentFileError

CELL = re.compile(r"\s*([+-]?\s*[\d.,]*\d[.,]?(?:[eE][+-]?\d+)?)\s*([A-Za-zµμ°%][^\d]*?(?:\s*/\s*\w+)?|\[[^\]]*\])\s*")
SOME = 50


class Cells(NamedTuple):
    """Texts without units, "" where one is missing, and the factor of the unit."""

    texts: Sequence[str]
    factor: float


def has_units(texts: Sequence[str]) -> bool:
    """Whether one of the first cells carries a unit."""
    return any(CELL.fullmatch(text) and not _is_exponent(text) for text in texts[:SOME])


def _is_exponent(text: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[\d.,]+[eE]\s*", text) is not None


def bare(texts: Sequence[str]) -> Sequence[str]:
    """The numbers of such cells, for a look at their decimal sign."""
    if not has_units(texts):
        return texts
    return [match[1] if (match := CELL.fullmatch(text)) else text for text in texts]


def read(
    texts: Sequence[str], quantity: Quantity, factor: float, fault: Callable[[int, str], InstrumentFileError]
) -> Cells:
    """Raises by `fault` where a unit differs from the header's or from that of the lines before."""
    if not has_units(texts):
        return Cells(texts, factor)
    found = []
    for row, text in enumerate(texts):
        match = CELL.fullmatch(text)
        if match is None:
            found.append("")
            continue
        here = unit_factor(quantity, match[2].strip("[]"))
        if here is None:
            raise fault(row, f"{text.strip()!r}: {match[2].strip()} is not a unit of {quantity.name}")
        if not np.isnan(factor) and abs(here / factor - 1) > 1e-9:
            raise fault(row, f"{text.strip()!r}: another unit than before: save the file with one unit")
        factor = here
        found.append(match[1])
    return Cells(found, factor)
