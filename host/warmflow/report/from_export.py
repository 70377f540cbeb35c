"""A file of `warmflow export` as a run: readings of one pump's boots, and the gaps between them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from warmflow.device.identity import IMPORTED
from warmflow.instruments import clock, numerals, total
from warmflow.instruments.columns import Column
from warmflow.instruments.errors import InstrumentFileError, at_line
from warmflow.instruments.table import Table
from warmflow.journal.csv_import import INTEGRAL
from warmflow.report.boot_timeline import Pieces, joined
from warmflow.report.run_record import (
    Counts,
    Lost,
    Record,
    ReportError,
    Step,
    holes,
    merged,
    smallest_step,
    unbroken,
    usual_interval_s,
)
from warmflow.runtime.spreadsheet_cells import unguarded

EXPORTED = {"boot", "sequence", "pump_time_s", "flow_uL_h", "volume_uL", "time_utc"}


def is_export(found: Table) -> bool:
    """Whether a table has the columns of an export."""
    return set(found.names) >= EXPORTED


def read(found: Table, pump: str | None) -> Record:
    """Raises ReportError, and InstrumentFileError with the line of a value that is none."""
    title, rows = _of_pump(found, pump)
    is_reading = np.array([bool(text) for text in rows.column("flow_uL_h")])
    readings = rows.chosen(is_reading)
    if not len(readings.lines):
        raise ReportError(f"{found.path}: no readings of {title}")
    _, boots = np.unique(np.array(rows.column("boot")), return_inverse=True)
    sequences = _numbers(rows, "sequence").astype(np.int64)
    utc_s = _utc(readings)
    pieces = joined(boots[is_reading], sequences[is_reading], _numbers(readings, "pump_time_s"), utc_s)

    def sorted_(values: Column) -> Column:
        return np.asarray(values[pieces.order])

    boards = set(rows.column("board")) if "board" in rows.names else set()
    imported = bool(boards) and all(board.startswith(IMPORTED) for board in boards)
    integral = imported and all(board.startswith(IMPORTED + INTEGRAL) for board in boards)
    usual_s = usual_interval_s(pieces.t_s)
    volume_ul, unknown_s, steps, resets = cleaned(sorted_(_numbers(readings, "volume_uL")), pieces, boards)
    status = sorted_(_numbers(readings, "status")).astype(np.int64) if "status" in found.names else None
    return Record(
        title,
        "instrument" if imported else "board",
        f"export {found.path.name}" + (", imported from an instrument's file" if imported else ""),
        pieces.t_s,
        volume_ul - volume_ul[0],
        sorted_(_numbers(readings, "flow_uL_h")),
        _optional(readings, "probe_degC", sorted_),
        _optional(readings, "ambient_kPa", sorted_),
        status,
        datetime.fromtimestamp(float(pieces.utc_s[0]), UTC),
        datetime.fromtimestamp(float(pieces.utc_s[-1]), UTC),
        resolution_ul=None if integral else smallest_step(volume_ul) if imported else 0.001,
        usual_s=usual_s,
        holes_s=merged(holes(pieces.t_s, usual_s), unknown_s),
        unknown_s=unknown_s,
        steps=steps,
        counts=Counts(repeated=pieces.repeated, total_restarts=resets),
        lost=_losses(rows.chosen(~is_reading), boots[~is_reading], pieces.at_sequence),
        is_integral=integral,
        sha256=found.sha256,
        notes=(*pieces.notes, "an export does not say which readings were sent again or contradicted"),
    )


def cleaned(volume_ul: Column, pieces: Pieces, boards: Iterable[str]) -> tuple[Column, Column, tuple[Step, ...], int]:
    """A total without what is not known of it: rows of (from, to) of that, the steps, and how often it was set back.

    Of a board a fall is a total that was set back. Of an instrument it may be noise; a sequence number that is missing
    says that nobody measured there.
    """
    t_s = pieces.t_s
    kinds = set(boards)
    integral = all(board.startswith(IMPORTED + INTEGRAL) for board in kinds)
    if not kinds or not all(board.startswith(IMPORTED) for board in kinds):
        flat, back = unbroken(volume_ul)
        return flat, merged(np.column_stack([t_s[back - 1], t_s[back]])), (), len(back)
    parts = np.diff(volume_ul)
    apart = (np.diff(pieces.sequences) > 1) | (np.diff(pieces.boots) != 0)
    parts[apart] = 0.0
    joined_ul = volume_ul[0] + np.concatenate([[0.0], np.cumsum(parts)])
    at = np.flatnonzero(apart)
    unknown_s = np.column_stack([t_s[at], t_s[at + 1]])
    if integral:
        return joined_ul, merged(unknown_s), (), 0
    clean = total.without_steps(t_s, joined_ul, smallest_step(volume_ul) or 0.001)
    if clean.perhaps:
        raise ReportError(f"{total.words_of(clean.perhaps)} Use a longer run, or the instrument's file itself")
    steps = tuple(Step(float(t_s[one.first]), float(t_s[one.last]), one.size) for one in clean.steps)
    rows = np.array([(one.from_s, one.to_s) for one in steps]).reshape(-1, 2)
    return clean.values, merged(rows, unknown_s), steps, 0


def _numbers(rows: Table, name: str, gaps: bool = False) -> Column:
    """A column as numbers; where `gaps`, what is empty is NaN. Raises InstrumentFileError."""
    try:
        values = numerals.parsed(rows.column(name), "point").values
    except numerals.NoNumber as error:
        raise at_line(rows.path, rows.line(error.row), f"{name}: {error.text!r} is not a number") from None
    missing = np.flatnonzero(np.isnan(values))
    if missing.size and not gaps:
        row = int(missing[0])
        raise at_line(rows.path, rows.line(row), f"{name}: {rows.column(name)[row]!r} is not a number")
    return values


def _utc(rows: Table) -> Column:
    def fault(row: int, text: str) -> InstrumentFileError:
        return at_line(rows.path, rows.line(row), f"time_utc: {text}")

    times = clock.moments(rows.column("time_utc"), "time_utc", "UTC", fault)
    return np.asarray(times.t_s + (times.began.timestamp() if times.began else 0.0))


def _of_pump(found: Table, pump: str | None) -> tuple[str, Table]:
    if "pump" not in found.names:
        return found.path.stem, found
    of = np.array([unguarded(name) for name in found.column("pump")])
    names = sorted(set(of.tolist()))
    if pump is None and len(names) > 1:
        raise ReportError(f"{found.path}: which pump? it has {', '.join(names)}: give one with --pump")
    chosen = names[0] if pump is None else pump
    if chosen not in names:
        raise ReportError(f"{found.path}: no pump {chosen}; it has {', '.join(names)}")
    return chosen, found.chosen(of == chosen)


def _losses(gaps: Table, boots: NDArray[np.intp], at: Callable[[int, int], float | None]) -> tuple[Lost, ...]:
    if not len(gaps.lines):
        return ()
    rows = zip(boots.tolist(), gaps.column("sequence"), gaps.column("lost_through"), strict=True)
    return tuple(
        Lost(at(boot, int(first)), None if last in ("?", "") else int(last) - int(first) + 1, "")
        for boot, first, last in rows
    )


def _optional(rows: Table, name: str, sort: Callable[[Column], Column]) -> Column | None:
    if name not in rows.names:
        return None
    values = sort(_numbers(rows, name, gaps=True))
    return None if np.all(np.isnan(values)) else values
