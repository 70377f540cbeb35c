"""History of a pump for a plot: raw readings for short spans, seconds and minutes for long ones, never more points than
asked for. Reads the journal through a reader of its own.
"""

import math
from typing import NamedTuple

import numpy as np

from warmflow.journal import JournalReader
from warmflow.sinks.web.binary_columns import Column, Columns
from warmflow.sinks.web.live_feed import RAW_NAMES
from warmflow.sinks.web.nominal_rate import nominal_ul_h
from warmflow.sinks.web.one_second_bins import NAMES

POINTS, POINTS_MAX = 2000, 20_000
SPANS_S = (1, 60)
ROWS_A_POINT = 10  # so many spans are read and joined for one point, before longer ones are taken
RAW_LONGEST_S = 3600.0  # of longer spans no raw readings are looked at: at 100 Hz they are too many


class PlotRequest(NamedTuple):
    """Which stretch of which pump; Unix seconds, both ends included."""

    pump: str
    since_s: float
    until_s: float
    points: int = POINTS


def series(reader: JournalReader, asked: PlotRequest) -> Columns:
    """Columns in the finest kind that fits `points`; gaps in time stay gaps. Raises sqlite3.Error."""
    length_s = max(0.0, asked.until_s - asked.since_s)
    if length_s <= RAW_LONGEST_S:
        rows = reader.readings(asked.pump, _ms(asked.since_s), _ms(asked.until_s), asked.points + 1)
        if len(rows) <= asked.points:
            raw = _turned(rows, len(RAW_NAMES) - 1)
            return Columns(
                asked.pump, "raw", dict(zip(RAW_NAMES, [*raw, _nominal(reader, asked, raw[0])], strict=True))
            )
    span_s = next((span_s for span_s in SPANS_S if length_s / span_s <= ROWS_A_POINT * asked.points), SPANS_S[-1])
    rows = reader.spans(asked.pump, span_s, math.floor(asked.since_s), math.ceil(asked.until_s))
    columns = _turned(rows, len(NAMES) - 1)
    columns.append(_nominal(reader, asked, columns[0]))
    joined_s = span_s * math.ceil(length_s / span_s / asked.points) if length_s else span_s
    return Columns(asked.pump, "spans", dict(zip(NAMES, _joined(columns, joined_s), strict=True)), joined_s)


def _nominal(reader: JournalReader, asked: PlotRequest, times_s: Column) -> Column:
    return nominal_ul_h(reader.declared(asked.pump, _ms(asked.until_s)), times_s)


def _turned(rows: list[tuple[float | None, ...]], width: int) -> list[Column]:
    return list(np.array(rows, float).reshape(len(rows), width).T)


def _joined(columns: list[Column], span_s: int) -> list[Column]:
    """Spans put together into longer ones on the grid of their own length."""
    time_s = columns[0]
    if not len(time_s):
        return columns
    grid = np.floor(time_s / span_s) * span_s
    starts = np.flatnonzero(np.diff(grid, prepend=grid[0] - span_s))
    n = columns[1]
    total = np.add.reduceat(n, starts)

    def mean(values: Column) -> Column:
        known = np.where(np.isnan(values), 0, n)
        weight = np.add.reduceat(known, starts)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.add.reduceat(np.nan_to_num(values) * known, starts) / weight)

    low, high = np.fmin.reduceat, np.fmax.reduceat
    _, _, flow_min, flow_mean, flow_max, probe_min, probe_mean, probe_max, delivered, nominal = columns
    return [
        grid[starts],
        total,
        low(flow_min, starts),
        mean(flow_mean),
        high(flow_max, starts),
        low(probe_min, starts),
        mean(probe_mean),
        high(probe_max, starts),
        high(delivered, starts),
        mean(nominal),
    ]


def _ms(time_s: float) -> int:
    return round(time_s * 1000)
