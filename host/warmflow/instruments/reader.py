"""A file of an instrument as columns of numbers over time: what `report` and `import` both read.

A text that is not a number, a value that cannot be and two columns of one quantity are refused with the line. What an
instrument writes for "no value" is NaN, and counted.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments import (
    beside,
    catalogue,
    clock,
    columns,
    numerals,
    parquet_file,
    table,
    text_lines,
    unit_cells,
)
from warmflow.instruments.choice import AMOUNTS, Chosen, candidates, listed, one_source, several, time_columns
from warmflow.instruments.columns import Column
from warmflow.instruments.errors import InstrumentFileError, at_line
from warmflow.instruments.table import Table

OFFSET = re.compile(r"(?:GMT|UTC) ?([+-]\d\d?:?\d\d)", re.IGNORECASE)  # a logger's header: Date Time, GMT-07:00
AGREE = 0.01  # two columns of one quantity may differ by so much and be one
CONTRADICT = 0.2  # a total and a flow that differ by more contradict each other
LONGEST_S = 1100 * 86400.0  # chosen: three years; a figure over more would take gigabytes
ASIDE_MAX = 0.5  # of the values of a column beside the amount that may be outside its bounds


class Asked(NamedTuple):
    """What the tester says of the file. `columns`: quantity to the name or number of its column."""

    columns: Mapping[str, str] = {}
    instrument: str | None = None
    time_zone: str | None = None
    decimal: numerals.Decimal | None = None


NOTHING_ASKED = Asked()


class Readings(NamedTuple):
    """Columns in base units (s, µL, g, µL/h, °C, kPa), NaN where there is no value, and how they were read."""

    path: Path
    sha256: str
    t_s: Column
    began: datetime | None
    lines: NDArray[np.int64]
    values: dict[str, Column]
    headers: dict[str, str]
    steps: dict[str, float]  # the last place that is written, in base units
    notes: tuple[str, ...]
    instrument: str
    first_s: float  # what the file's own clock said on the first line, where it has no date
    day_s: float | None = None  # ... where it has times of day

    def line(self, row: int) -> int:
        return int(self.lines[row])


def open_table(path: Path, asked: Asked = NOTHING_ASKED) -> tuple[Table, str]:
    """The file as columns of text, and the name of its instrument ("" for a plain table)."""
    data = text_lines.content(path)
    if data.startswith(text_lines.PARQUET):
        return parquet_file.table(path, data), ""
    text = text_lines.lines(path, data)
    if instrument := catalogue.of_lines(text, asked.instrument):
        return instrument.table(text), instrument.title
    found = table.table(text)
    if asked.instrument:
        instrument = catalogue.named(asked.instrument)
        return instrument.renamed(found), instrument.title
    instrument = catalogue.of_table(found)
    return (instrument.renamed(found), instrument.title) if instrument else (found, "")


def read(path: Path, asked: Asked = NOTHING_ASKED) -> Readings:
    """Raises InstrumentFileError with file, line and remedy."""
    return of_table(*open_table(path, asked), asked)


def of_table(found: Table, instrument: str, asked: Asked, of: Literal["amount", "probe"] = "amount") -> Readings:
    """The readings of a table: of an amount and what is beside it, or of the temperature alone. Raises
    InstrumentFileError.
    """
    one_source(found)
    chosen = beside.units(found, candidates(found, asked.columns))
    times_of = time_columns(found, chosen)
    amounts = [name for name in (one.name for one in AMOUNTS) if chosen.get(name) and of == "amount"]
    if of == "probe" and not chosen.get("probe"):
        raise at_line(
            found.path, found.header_line, "no column of temperature; known are temperature_degC, probe_degC, ...; "
            f"there is: {listed(found)}; or say which with --column probe=NAME:degC"
        )  # fmt: skip
    if of == "amount" and not amounts:
        raise at_line(
            found.path, found.header_line, "no column of volume, mass or flow; known are volume_ul, mass_g, "
            f"flow_ul_min, ...; there is: {listed(found)}; or say which with --column flow=NAME:ul/min"
        )  # fmt: skip
    used = [one for name in (*amounts, "probe", "ambient") for one in chosen.get(name, ())]
    decimal = asked.decimal or _decimal(found, [one.at for one in (*chosen.get("time", ()), *used)])
    times = _one_time(found, times_of, decimal, asked)
    values: dict[str, Column] = {}
    headers: dict[str, str] = {}
    steps: dict[str, float] = {}
    notes = list(times.notes)
    for name in (*amounts, "probe", *(("ambient",) if amounts else ())):
        if which := chosen.get(name):
            column, one, step, words = _agreed(found, name, which, decimal)
            values[name], headers[name], steps[name] = column, one.header, step
            if words:
                notes.append(_without(one.header, words))
    if "mass" in values:
        unstable, said = beside.unstable(found)
        values["mass"] = np.where(unstable, np.nan, values["mass"])
        notes += said
    main = amounts[0] if amounts else of
    if np.all(np.isnan(values[main])):
        raise InstrumentFileError(f"{found.path}: {headers[main]}: no line has a value")
    _rises(found, times.t_s)
    _spans(found, times.t_s)
    _contradiction(found, times.t_s, values, headers)
    return Readings(
        found.path,
        found.sha256,
        times.t_s,
        times.began,
        found.lines,
        values,
        headers,
        steps,
        tuple(notes),
        instrument,
        times.first_s,
        times.day_s,
    )


def _decimal(found: Table, used: Sequence[int]) -> numerals.Decimal:
    """From the columns that are used, and from their neighbours of known meaning."""
    known = [at for at, name in enumerate(found.names) if columns.meaning(name, found.units[at]) and at not in used]
    texts = [(found.names[at], unit_cells.bare(found.columns[at])) for at in (*dict.fromkeys(used), *known)]
    try:
        return numerals.decimal_of(texts, found.delimiter)
    except numerals.Unsure as error:
        raise at_line(
            found.path, found.line(error.row), f"{error.text.strip()!r}: {error.why}; {error.remedy}"
        ) from None  # fmt: skip


def _one_time(found: Table, which: list[Chosen], decimal: numerals.Decimal, asked: Asked) -> clock.Times:
    """The times of the file; of several columns that run alike the one with a date. Raises InstrumentFileError."""
    if len(which) == 1:
        return _times(found, which[0], decimal, asked)
    try:
        each = [_times(found, one, decimal, asked) for one in which]
    except InstrumentFileError:
        raise several(found, "time", which) from None
    usual_s = float(np.median(np.diff(each[0].t_s))) if len(found.lines) > 1 else 0.0
    if any(np.max(np.abs(one.t_s - each[0].t_s)) > max(1.0, 0.5 * abs(usual_s)) for one in each[1:]):
        raise several(found, "time", which)
    return next((one for one in each if one.began), each[0])


def _times(found: Table, one: Chosen, decimal: numerals.Decimal, asked: Asked) -> clock.Times:
    texts = [text.strip() for text in found.columns[one.at]]

    def fault(row: int, text: str) -> InstrumentFileError:
        return at_line(found.path, found.line(row), f"{one.header}: {text}")

    if empty := next((row for row, text in enumerate(texts) if not text), None):
        raise fault(empty, "there is not a time on this line: delete the line, or fill the time in")
    if one.dates is not None and clock.CLOCK.fullmatch(texts[0]):
        texts = [f"{date.strip()} {text}" for date, text in zip(found.columns[one.dates], texts, strict=True)]
    elif numerals.NUMBER.fullmatch(numerals.cleaned(texts[0])):
        try:
            values = numerals.parsed(texts, decimal, is_time=True).values
        except numerals.NoNumber as error:
            raise fault(error.row, f"{error.text!r} is not a number; the first line has one") from None
        if np.isnan(values).any():
            row = int(np.flatnonzero(np.isnan(values))[0])
            raise fault(row, f"{texts[row]!r} is not a time: delete the line, or fill the time in")
        return clock.numbers(values, one.meaning.unit, one.meaning.factor, one.header, fault)
    offset = OFFSET.search(one.header)
    said = offset[1] if offset else "UTC" if "utc" in one.header.lower() else None
    where = asked.time_zone or said
    return clock.moments(texts, one.header, where, fault)


def _agreed(
    found: Table, name: str, which: Sequence[Chosen], decimal: numerals.Decimal
) -> tuple[Column, Chosen, float, dict[str, int]]:
    """The values of a quantity; of two columns that say the same the finer one. Raises InstrumentFileError."""
    if len({one.header for one in which}) < len(which):
        raise several(found, name, list(which))
    parts = [(*_values(found, one, decimal), one) for one in which]
    first = parts[0][0]
    for values, *_ in parts[1:]:
        both = np.isfinite(first) & np.isfinite(values)
        size = np.maximum(np.abs(first), np.abs(values))[both]
        if not both.any() or np.any(np.abs(first - values)[both] > AGREE * size + max(part[1] for part in parts)):
            raise several(found, name, list(which))
    values, step, words, one = min(parts, key=lambda part: part[1])
    return values, one, step, words


def _values(found: Table, one: Chosen, decimal: numerals.Decimal) -> tuple[Column, float, dict[str, int]]:
    quantity = one.meaning.quantity

    def fault(row: int, text: str) -> InstrumentFileError:
        return at_line(found.path, found.line(row), f"{one.header}: {text}")

    cells = unit_cells.read(found.columns[one.at], quantity, one.meaning.factor, fault)
    if np.isnan(cells.factor):
        raise at_line(
            found.path, found.header_line, f"{one.header}: its unit is not said: name it like {quantity.name}_"
            f"{next(iter(quantity.units)).replace('/', '_')}, or give --column {quantity.name}={one.at + 1}:UNIT"
        )  # fmt: skip
    try:
        parsed = numerals.parsed(cells.texts, decimal, quantity.name == "probe")
    except numerals.NoNumber as error:
        raise fault(
            error.row, f"{error.text!r} is not a number; leave the cell empty where there was no value"
        ) from None
    values = parsed.values * cells.factor
    wrong = np.flatnonzero((values < quantity.low) | (values > quantity.high))
    words = dict(parsed.words)
    if wrong.size:
        row = int(wrong[0])
        known = np.isfinite(values).sum()
        if quantity in AMOUNTS or wrong.size > ASIDE_MAX * known:
            raise fault(row, f"{cells.texts[row].strip()} is not from {quantity.low / cells.factor:g} to "
                        f"{quantity.high / cells.factor:g}: is the unit right? Leave the cell empty where there was no "
                        "value")  # fmt: skip
        for row in wrong.tolist():
            words[cells.texts[row].strip()] = words.get(cells.texts[row].strip(), 0) + 1
        values[wrong] = np.nan
    return values, (parsed.step or 1.0) * abs(cells.factor), words


def _without(header: str, words: dict[str, int]) -> str:
    listed_words = ", ".join(f"{word or 'empty'} ({count})" for word, count in list(words.items())[:5])
    return f"{header}: cells without a value: {listed_words}"


def _rises(found: Table, t_s: Column) -> None:
    back = np.flatnonzero(np.diff(t_s) <= 0)
    if back.size:
        row = int(back[0]) + 1
        what = "is the same as" if t_s[row] == t_s[row - 1] else "is before"
        raise at_line(
            found.path, found.line(row), f"time does not rise: it {what} that of the line before; delete the line, or "
            "write times with fractions of a second"
        )  # fmt: skip


def _spans(found: Table, t_s: Column) -> None:
    """Raises for a run of years: a unit that changes within the file."""
    if t_s[-1] - t_s[0] > LONGEST_S:
        row = int(np.argmax(np.diff(t_s))) + 1
        days = (t_s[row] - t_s[row - 1]) / 86400
        raise at_line(
            found.path, found.line(row), f"{days:.4g} days after the line before; no run is longer than "
            f"{LONGEST_S / 86400:.0f} days: does the time change its unit here?"
        )  # fmt: skip


def _contradiction(found: Table, t_s: Column, values: dict[str, Column], headers: dict[str, str]) -> None:
    """Raises where a total and a flow of one file give rates that cannot both be right."""
    rates = {name: _rate(t_s, values[name], name) for name in ("volume", "mass", "flow") if name in values}
    if "mass" in rates:  # of water, about
        rates["mass"] = rates["mass"] * 1000
    names = list(rates)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            a, b = rates[one], rates[other]
            if abs(a - b) > CONTRADICT * max(abs(a), abs(b), 1e-9):
                raise at_line(
                    found.path, found.header_line, f"{headers[one]} gives about {a:.3g} µL/h and {headers[other]} "
                    f"{b:.3g} µL/h: they contradict each other; say which counts: --column {one}={headers[one]} or "
                    f"--column {other}={headers[other]}"
                )  # fmt: skip


def _rate(t_s: Column, values: Column, name: str) -> float:
    good = np.isfinite(values)
    t_s, values = t_s[good], values[good]
    if name == "flow":
        return float(np.mean(values))
    lag = max(1, len(t_s) // 4)
    if len(t_s) < 2:
        return 0.0
    slopes = (values[lag:] - values[:-lag]) / (t_s[lag:] - t_s[:-lag]) * 3600
    return float(np.median(slopes))
