"""A CSV file as columns of text that become numbers or times on demand; what is none is refused by file and line."""

import contextlib
import csv
import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from warmflow.report.run_record import Column, ReportError
from warmflow.runtime.text_file import DATA_BYTES, TextFileError, read_text

DELIMITERS = (";", "\t", ",")


@dataclass(frozen=True)
class Sheet:
    """Names are in lower case. `lines`: the number of each row in the file."""

    path: Path
    names: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    lines: NDArray[np.int64]
    comma: bool  # decimal comma

    def column(self, name: str) -> Sequence[str]:
        return self.columns[self.names.index(name)]

    def line(self, row: int) -> int:
        return int(self.lines[row])

    def chosen(self, keep: NDArray[np.bool_]) -> "Sheet":
        at = np.flatnonzero(keep)
        if len(at) == len(keep):
            return self
        columns = tuple([column[row] for row in at.tolist()] for column in self.columns)
        return Sheet(self.path, self.names, columns, self.lines[at], self.comma)

    def is_number(self, name: str) -> bool:
        """Whether the first value of a column is one."""
        try:
            self._number(self.column(name)[0])
        except ValueError:
            return False
        return True

    def numbers(self, name: str, gaps: bool = False) -> Column:
        """A column as numbers; where `gaps`, what is empty is NaN. Raises ReportError."""
        texts = self.column(name)
        if gaps:
            texts = [text or "nan" for text in texts]
        try:
            values = np.array(list(map(self._number if self.comma else float, texts)))
        except ValueError:
            row = next(row for row, text in enumerate(texts) if not self._is_number(text))
            raise self._refused(row, name, "no number") from None
        finite = np.isfinite(values) | (np.isnan(values) if gaps else False)
        if not finite.all():
            raise self._refused(int(np.flatnonzero(~finite)[0]), name, "no number to reckon with")
        return values

    def moments(self, name: str) -> Column:
        """A column of UTC times as seconds since 1970. Raises ReportError."""
        texts = self.column(name)
        if all(text.endswith("Z") for text in texts):
            with contextlib.suppress(ValueError):  # the loop below says which one it is
                bare = np.array([text[:-1] for text in texts], dtype="datetime64[us]")
                if not np.isnat(bare).any():
                    return np.asarray(bare.astype(np.int64) / 1e6)
        seconds = []
        for row, text in enumerate(texts):
            try:
                given = datetime.fromisoformat(text)
            except ValueError:
                raise self._refused(row, name, "no time: write UTC as 2026-11-21T12:00:00.5Z, or seconds") from None
            seconds.append(given.replace(tzinfo=given.tzinfo or UTC).timestamp())
        return np.array(seconds)

    def _number(self, text: str) -> float:
        return float(text.replace(",", ".") if self.comma else text)

    def _is_number(self, text: str) -> bool:
        try:
            self._number(text)
        except ValueError:
            return False
        return True

    def _refused(self, row: int, name: str, why: str) -> ReportError:
        return ReportError(f"{self.path}:{self.line(row)}: {name}: {self.column(name)[row]!r} is {why}")


def sheet(path: Path) -> Sheet:
    """Reads a file whole. Lines that are empty or begin with # are left out. Raises ReportError."""
    try:
        lines = read_text(path, DATA_BYTES).split("\n")
    except TextFileError as error:
        raise ReportError(str(error)) from None
    kept = np.array([bool(line.strip()) and line[0] != "#" for line in lines], dtype=bool)
    numbers = np.flatnonzero(kept) + 1
    if len(numbers) < 2:
        raise ReportError(f"{path}: no rows in it; a header with units and a row for each reading are needed")
    if not kept.all():
        lines = [lines[number - 1] for number in numbers.tolist()]
    delimiter = next((one for one in DELIMITERS if one in lines[0]), ",")
    with _no_collector():
        names, *rows = csv.reader(lines, delimiter=delimiter)
        _even(path, [names, *rows] if len({len(names), *map(len, rows)}) > 1 else [], numbers)
        columns = tuple(zip(*rows, strict=True))
    plain = tuple(name.strip().lower().replace("µ", "u") for name in names)
    return Sheet(path, plain, columns, numbers[1:], delimiter == ";")


def _even(path: Path, rows: list[list[str]], numbers: NDArray[np.int64]) -> None:
    for number, row in zip(numbers.tolist(), rows, strict=False):
        if len(row) != len(rows[0]):
            raise ReportError(f"{path}:{number}: {len(row)} values, but the header names {len(rows[0])} columns")


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
