"""What instruments write where they have no value: words, and numbers that stand for words.

Ref: SCPI-1999 7.2.1.4 and 7.2.1.5 (9.9E37 infinity, 9.91E37 not a number); A&D GH series manual 10.6 (OL, 9999999E+19);
DS18B20 data sheet (85 at power-on); the Arduino library DallasTemperature (-127 disconnected).
"""

import re
from typing import NamedTuple

import numpy as np

from warmflow.instruments.columns import Column

WORDS = frozenset(
    word
    for line in (
        "nan n/a na #n/a #na #nv #value! #ref! #div/0! #num! null none nil missing invalid bad error err fault fail",
        "ol o.l ofl ovl ovld ovr ovfl overload overrange over over-range overflow ul u.l ufl underload underrange",
        "hi lo high low h l -ol +ol oor open short inf -inf +inf infinity -infinity +infinity 1.#inf -1.#inf 1.#qnan",
        "under -1.#ind 1.#ind e-1 err1 err2 under-range unstable disconnected off",
    )
    for word in line.split()
)
DASHES = re.compile(r"[-_.*?\s]+|[\^v]")
NINES = re.compile(r"[+-]?9{3,}(?:[.,]9{1,6}|[.,]0+)?")
HUGE = 1e15  # no instrument here gives more: 9.9E37, 9.91E37, 1e38, 9999999E+19
CODES = (-127.0, 32767.0, -32768.0, 65535.0, -32767.0, 2147483647.0, -2147483648.0, 4294967295.0)
FAR = 1.0  # of the range of the other values: a code inside it is taken for a value


class Found(NamedTuple):
    """Values with NaN where there is none, and how many are missing by each word."""

    values: Column
    words: dict[str, int]


def is_word(text: str) -> bool:
    """Whether a cell says in words that there is no value; an empty one does."""
    plain = text.strip().lower()
    return not plain or plain in WORDS or DASHES.fullmatch(plain) is not None


def without_codes(texts: list[str], values: Column, is_temperature: bool) -> Found:
    """Numbers that stand for "no value" become NaN.

    A code inside the range of the other values (twice as wide) is a value: a mass in mg may well pass 9999.
    """
    found = values.copy()
    huge = np.abs(values) >= HUGE
    rows = np.flatnonzero(np.isin(values, CODES) | (np.abs(values) >= 999) & ~huge)
    coded = np.zeros(len(values), dtype=bool)
    for row in rows.tolist():
        coded[row] = float(values[row]) in CODES or NINES.fullmatch(texts[row].strip()) is not None
    if is_temperature:
        coded |= np.isin(values, (85.0, -127.0, -999.0))
    rest = values[~huge & ~coded & np.isfinite(values)]
    if coded.any() and rest.size and not is_temperature:
        low, high = float(rest.min()), float(rest.max())
        room = FAR * (high - low)
        coded &= (values < low - room) | (values > high + room)
    words: dict[str, int] = {}
    for row in np.flatnonzero(huge | coded).tolist():
        words[texts[row].strip()] = words.get(texts[row].strip(), 0) + 1
    found[huge | coded] = np.nan
    return Found(found, words)
