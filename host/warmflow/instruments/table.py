"""A file as columns of text: which sign parts the cells, which line is the header, and the line number of each row.

Comma, semicolon, tab, bar or blanks; `sep=` lines, comment lines, lines before the header, a row of units. Built on the
csv module of the standard library: see docs/decisions/0022.
"""

import contextlib
import csv
import gc
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments import columns
from warmflow.instruments.errors import InstrumentFileError, at_line
from warmflow.instruments.no_value import is_word
from warmflow.instruments.text_lines import TextLines

DELIMITERS = (";", "\t", ",", "|")
BLANKS = " "
COMMENTS = ("#", "%", "//", "!")
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\s,;]*', re.IGNORECASE)
HEAD = 60  # lines within which the header has to come
PLACES = re.compile(r"[.,](\d*)$")
FEW_ROWS, SOME_ROWS = 5, 200
NAMES_MAX = 30  # columns that an error lists


@dataclass(frozen=True)
class Table:
    """`names` as they are written, `units` of a row of units. Rows and `lines` have one length."""

    path: Path
    names: tuple[str, ...]
    units: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    lines: NDArray[np.int64]
    delimiter: str
    sha256: str
    header_line: int = 1

    def line(self, row: int) -> int:
        return int(self.lines[row])

    def column(self, name: str) -> Sequence[str]:
        """By its exact name. Raises ValueError."""
        return self.columns[self.names.index(name)]

    def chosen(self, keep: NDArray[np.bool_]) -> "Table":
        at = np.flatnonzero(keep)
        if len(at) == len(keep):
            return self
        cut = tuple([column[row] for row in at.tolist()] for column in self.columns)
        return Table(
            self.path, self.names, self.units, cut, self.lines[at], self.delimiter, self.sha256, self.header_line
        )


def table(text: TextLines) -> Table:
    """Raises InstrumentFileError with the line."""
    with _no_collector():
        return _table(text)


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of small lists are made, none of them garbage: looking for some would take most of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _table(text: TextLines) -> Table:
    numbers = [number for number, line in enumerate(text.lines, 1) if line.strip(" \t\r\ufeff;,")]
    delimiter, numbers = _said_delimiter(text, numbers)
    data = [number for number in numbers if not text.lines[number - 1].lstrip().startswith(COMMENTS)]
    if not data:
        raise InstrumentFileError(
            f"{text.path}: no rows in it; a header with units and a row for each reading are needed"
        )
    delimiter = delimiter or _delimiter([text.lines[number - 1] for number in data])
    rows = _cells(text, data, delimiter)
    at = _header(rows)
    if at is None:
        names, header_line = _commented_header(text, numbers, data, delimiter, len(rows[0]))
    else:
        names, header_line = rows[at], data[at]
        rows, data = rows[at + 1 :], data[at + 1 :]
    units = [""] * len(names)
    if rows and _is_units(rows[0], names):
        units, rows, data = rows[0], rows[1:], data[1:]
    if not rows:
        raise InstrumentFileError(
            f"{text.path}: no rows in it; a header with units and a row for each reading are needed"
        )
    rows = _even(text.path, names, rows, data, delimiter)
    _whole(text, rows, data)
    return Table(
        text.path, tuple(name.strip() for name in names), tuple(units), tuple(zip(*rows, strict=True)),
        np.array(data, dtype=np.int64), delimiter, text.sha256, header_line,
    )  # fmt: skip


def _said_delimiter(text: TextLines, numbers: list[int]) -> tuple[str, list[int]]:
    match = SEPARATOR_LINE.fullmatch(text.lines[numbers[0] - 1].strip(" \r\ufeff")) if numbers else None
    if match is None:
        return "", numbers
    return match[1], numbers[1:]


def _delimiter(lines: list[str]) -> str:
    """The sign that parts most of the lines into one number of cells."""
    some = [*lines[:HEAD], *lines[-5:]]
    best, most = BLANKS, (0, 0)
    for order, sign in enumerate(DELIMITERS):
        counts = Counter(line.count(sign) for line in some)
        count, lines_of = max(
            ((count, n) for count, n in counts.items() if count), key=lambda one: one[1], default=(0, 0)
        )
        if count and (lines_of, -order) > most:
            best, most = sign, (lines_of, -order)
    return best


def _cells(text: TextLines, numbers: list[int], delimiter: str) -> list[list[str]]:
    lines = [text.lines[number - 1] for number in numbers]
    if delimiter == BLANKS:
        return [line.split() for line in lines]
    if not any('"' in line for line in lines):
        return [line.split(delimiter) for line in lines]
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if reader.line_num != len(rows) + 1:
                raise at_line(text.path, numbers[len(rows)], 'a quote (") that is not closed on its line')
            rows.append(row)
    except csv.Error as error:
        raise at_line(text.path, numbers[min(len(rows), len(numbers) - 1)], f"{error}: check the quotes") from None
    return rows


def _is_data(cell: str) -> bool:
    """Whether a cell could stand in a row of values."""
    return is_word(cell) or cell.strip()[:1].isdigit() or cell.strip()[:1] in ("+", "-", "−", ".", ",", "'")


def _header(rows: list[list[str]]) -> int | None:
    """The first of the leading rows that names a time, or the last one of words before the values."""
    for at, row in enumerate(rows[:HEAD]):
        meant = [columns.meaning(cell) for cell in row]
        if len(row) > 1 and any(one and one.quantity is columns.TIME for one in meant) and not _is_data(row[0]):
            return at
    head = rows[: min(HEAD, len(rows) - 1)] or rows
    for at, (row, after) in enumerate(pairwise([*head, rows[min(len(head), len(rows) - 1)]])):
        if len(row) > 1 and not any(_is_data(cell) for cell in row if cell.strip()) and len(after) == len(row):
            return at
    return None if rows and len(rows[0]) > 1 and all(_is_data(cell) for cell in rows[0]) else 0


def _commented_header(
    text: TextLines, numbers: list[int], data: list[int], delimiter: str, width: int
) -> tuple[list[str], int]:
    """The header that numpy.savetxt and others write as a comment. Raises InstrumentFileError where there is none."""
    for number in reversed([number for number in numbers if number < data[0]]):
        line = text.lines[number - 1].strip().lstrip("#%/! ")
        for sign in (delimiter, *DELIMITERS, BLANKS):
            names = line.split() if sign == BLANKS else line.split(sign)
            if len(names) == width and any(columns.meaning(name) for name in names):
                return names, number
    raise at_line(
        text.path, data[0], "no header above the values: write one line with names and units, like time_s,volume_ul"
    )


def _is_units(row: list[str], names: list[str]) -> bool:
    """Whether a row under the header holds units alone: `s;µL/min` or `[s],[g]`."""
    cells = [cell.strip().strip("[](){}") for cell in row]
    if len(cells) != len(names) or not any(cells) or any(cell[:1].isdigit() for cell in cells):
        return False
    rest = [cell for cell in cells if cell and not columns.is_unit(cell)]  # "ul" is a unit here, elsewhere underload
    return len(rest) < sum(1 for cell in cells if cell) and not any(_is_data(cell) for cell in rest)


def _whole(text: TextLines, rows: list[list[str]], data: list[int]) -> None:
    """Raises where the file ends within its last number: no line end, and fewer places than every line before."""
    if data[-1] != len(text.lines) or len(rows) < FEW_ROWS:
        return
    *before, last = [PLACES.search(row[-1].strip()) for row in (*rows[-SOME_ROWS:-1], rows[-1])]
    places = {len(match[1]) if match else 0 for match in before}
    if len(places) == 1 and (len(last[1]) if last else 0) < places.pop():
        raise at_line(text.path, data[-1], "the file seems to be cut off within this number: delete the line")


def _even(path: Path, names: list[str], rows: list[list[str]], data: list[int], delimiter: str) -> list[list[str]]:
    """Rows of one length; a sign at the end of each line is no column. Raises InstrumentFileError."""
    widths = {len(row) for row in rows}
    if widths == {len(names)}:
        return rows
    if widths == {len(names) + 1} and not any(row[-1].strip() for row in rows):
        return [row[:-1] for row in rows]
    if names and not names[-1].strip() and widths == {len(names) - 1}:
        names.pop()
        return rows
    number, row = next((number, row) for number, row in zip(data, rows, strict=True) if len(row) != len(names))
    text = f"{len(row)} values, but the header names {len(names)} columns"
    if delimiter == "," and len(row) > len(names):
        text += "; if these are decimal commas, save the file with semicolons between its columns"
    elif row is rows[-1]:
        text += "; if the file was cut off here, delete this line"
    elif delimiter == BLANKS:
        text += "; put commas or tabs between the columns"
    raise at_line(path, number, text)
