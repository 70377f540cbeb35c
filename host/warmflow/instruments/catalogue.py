"""Instruments by name: each one a TOML file, the supplied ones in `files/`, the user's own in the folder `instruments`
of warmflow's configuration. A file says how a printed line is parted, or what the columns of an export are called.

Recognised by itself only where one instrument alone fits; else `--as NAME` says which.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import platformdirs

from warmflow.instruments import columns
from warmflow.instruments.errors import InstrumentFileError, at_line
from warmflow.instruments.table import Table
from warmflow.instruments.text_lines import TextLines
from warmflow.runtime.text import did_you_mean
from warmflow.runtime.text_file import parse_toml, read_text

STAMP = (
    r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|\d{1,2}\.\d{1,2}\.\d{4}[ ,;]+"
    r"\d\d:\d\d:\d\d|\d+(?:\.\d+)?)[\s,;]+"
)
NUMBER = r"(?P<value>[+-]?\s*\d[\d.,]*(?:E[+-]?\d+)?)"
KINDS = ("balance", "flow sensor", "analyser", "temperature logger")
ORDERS = {"mdy": (2, 0, 1), "dmy": (2, 1, 0), "ymd": (0, 1, 2)}
MATCHED = 0.9  # of a file's lines, to be recognised by itself
SOME = 200
OURS = Path(__file__).parent / "files"
TIME = "time"
ZONE = re.compile(r"(?:GMT|UTC) ?[+-]\d\d?:?\d\d", re.IGNORECASE)  # of a header; kept, for the times have none
IGNORED = "-"  # the name of a column that is left alone


class Instrument(NamedTuple):
    """`pattern` parts a printed line; `renames` gives columns the names that the reader knows."""

    name: str
    title: str
    kind: str
    ref: str
    tried: str
    pattern: re.Pattern[str] | None
    unstable: tuple[str, ...]
    no_value: tuple[str, ...]
    unit_is_stability: bool
    column: str
    renames: tuple[tuple[re.Pattern[str], str], ...]
    certain: tuple[re.Pattern[str], ...]
    date_order: str

    def table(self, text: TextLines) -> Table:
        """Printed lines as a table of time and value. Raises InstrumentFileError for a line that does not fit."""
        assert self.pattern is not None
        times, values, lines = [], [], []
        for number, line in enumerate(text.lines, 1):
            if not line.strip():
                continue
            match = self.pattern.fullmatch(line.rstrip())
            if match is None:
                raise at_line(
                    text.path, number, f"{line.strip()[:40]!r} is not a line of {self.title}; delete the line"
                )
            if match["time"] is None:
                raise at_line(
                    text.path, number, "no time before the value: log with a time stamp on each line, as "
                    "2026-11-21T12:00:00Z"
                )  # fmt: skip
            times.append(match["time"])
            values.append(self._cell(match.groupdict()))
            lines.append(number)
        return Table(
            text.path, ("time", self.column), ("", ""), (times, values), np.array(lines, dtype=np.int64), "\t",
            text.sha256,
        )  # fmt: skip

    def _cell(self, parts: Mapping[str, str | None]) -> str:
        status = (parts.get("status") or "").strip()
        unit = (parts.get("unit") or "").strip()
        value = (parts.get("value") or "").replace(" ", "")
        if not value or status in self.unstable or status in self.no_value or (self.unit_is_stability and not unit):
            return ""
        return f"{value} {unit}".strip()

    def renamed(self, found: Table) -> Table:
        """The table with the names that the reader knows. Raises InstrumentFileError if none of them is there."""
        names = [self._name(name) for name in found.names]
        if self.renames and names == list(found.names) and not any(columns.meaning(name) for name in names):
            raise at_line(found.path, found.header_line, f"no column of {self.title} in it: leave --as {self.name} out")
        cells = tuple(
            [_iso(cell, self.date_order) for cell in column] if self.date_order and name.startswith(TIME) else column
            for name, column in zip(names, found.columns, strict=True)
        )
        return Table(
            found.path, tuple(names), found.units, cells, found.lines, found.delimiter, found.sha256, found.header_line
        )

    def _name(self, header: str) -> str:
        plain = columns.plain(header)
        name = next((name for pattern, name in self.renames if pattern.fullmatch(plain)), header)
        zone = ZONE.search(header) if name == TIME else None
        return f"{name} ({zone[0]})" if zone else name


def of_lines(text: TextLines, asked: str | None) -> Instrument | None:
    """The instrument whose printed lines these are: the one that was asked for, or the only one that fits."""
    if asked:
        instrument = named(asked)
        return instrument if instrument.pattern else None
    some = list(islice((line.rstrip() for line in text.lines if line.strip()), SOME))
    fits = [one for one in known().values() if one.pattern and _certain(one.pattern, some)]
    if len(fits) > 1:
        names = " or ".join(f"--as {one.name}" for one in fits)
        raise InstrumentFileError(f"{text.path}: printed lines of several balances look like this: give {names}")
    return fits[0] if fits else None


def of_table(found: Table) -> Instrument | None:
    """The one instrument whose certain columns are all in this table."""
    plain = [columns.plain(name) for name in found.names]
    fits = [
        one for one in known().values()
        if one.certain and all(any(pattern.fullmatch(name) for name in plain) for pattern in one.certain)
    ]  # fmt: skip
    return fits[0] if len(fits) == 1 else None


def _certain(pattern: re.Pattern[str], lines: list[str]) -> bool:
    """Whether these are its lines from the first one on, and one of them has a unit: a header begins a table."""
    matches = [pattern.fullmatch(line) for line in lines]
    if not matches or matches[0] is None:
        return False
    share = sum(match is not None for match in matches) / len(matches)
    return share >= MATCHED and any(match["unit"] for match in matches if match)


def named(name: str) -> Instrument:
    """Raises InstrumentFileError for a name that there is not."""
    try:
        return known()[name]
    except KeyError:
        raise InstrumentFileError(f"--as {name}: no such instrument; {did_you_mean(name, known())}") from None


def own_folder() -> Path:
    """Where a user's own files are."""
    return platformdirs.user_config_path("warmflow", appauthor=False) / "instruments"


def known() -> dict[str, Instrument]:
    """All instruments by name; one of the user overrides a supplied one of the same name. Raises
    InstrumentFileError.
    """
    return _ours() | {path.stem: _loaded(path.stem, read_text(path), path) for path in _own()}


def _own() -> Iterator[Path]:
    folder = own_folder()
    return iter(sorted(folder.glob("*.toml"))) if folder.is_dir() else iter(())


@cache
def _ours() -> dict[str, Instrument]:
    return {path.stem: _loaded(path.stem, read_text(path), path) for path in sorted(OURS.glob("*.toml"))}


KEYS = {"title", "kind", "ref", "tried", "line", "table"}
LINE_KEYS = {"pattern", "unstable", "no_value", "unit_is_stability", "column"}
TABLE_KEYS = {"columns", "certain", "date_order"}


def _loaded(name: str, text: str, where: Path) -> Instrument:
    given = parse_toml(text, where)
    line, table = given.get("line", {}), given.get("table", {})
    for keys, section, values in ((KEYS, "", given), (LINE_KEYS, "line.", line), (TABLE_KEYS, "table.", table)):
        for key in values:
            if key not in keys:
                raise InstrumentFileError(f"{where}: {section}{key}: no such key; {did_you_mean(key, keys)}")
    for key in ("title", "kind", "ref"):
        if not isinstance(given.get(key), str):
            raise InstrumentFileError(f"{where}: {key}: a text is needed")
    if given["kind"] not in KINDS:
        raise InstrumentFileError(f"{where}: kind = {given['kind']!r}: {did_you_mean(given['kind'], KINDS)}")
    if table.get("date_order", "ymd") not in ORDERS:
        raise InstrumentFileError(f"{where}: table.date_order: give one of {', '.join(ORDERS)}")
    pattern = line.get("pattern")
    return Instrument(
        name, given["title"], given["kind"], given["ref"], given.get("tried", ""),
        _regex(where, pattern.replace("{stamp}", f"(?:{STAMP})?").replace("{number}", NUMBER)) if pattern else None,
        tuple(line.get("unstable", ())), tuple(line.get("no_value", ())), bool(line.get("unit_is_stability", False)),
        line.get("column", "mass"), _renames(where, table.get("columns", {})),
        tuple(_regex(where, one) for one in table.get("certain", ())), table.get("date_order", ""),
    )  # fmt: skip


def _renames(where: Path, given: Mapping[str, Any]) -> tuple[tuple[re.Pattern[str], str], ...]:
    for name in given.values():
        if name != IGNORED and (not isinstance(name, str) or columns.meaning(name) is None):
            raise InstrumentFileError(f"{where}: table.columns: {name!r} is not a name with a unit, like flow_ul_min")
    return tuple((_regex(where, header), name) for header, name in given.items())


def _regex(where: Path, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise InstrumentFileError(f"{where}: {text!r} is not a regular expression: {error}") from None


def _iso(cell: str, order: str) -> str:
    """A date of known order, with a year of two digits or four, as ISO writes it; anything else as it is."""
    match = re.match(r"\s*(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})(.*)", cell)
    if not match:
        return cell
    year, month, day = (match[1 + at] for at in ORDERS[order])
    return f"{'20' + year if len(year) == 2 else year}-{int(month):02d}-{int(day):02d}{match[4]}"
