"""The course of a run so far, for the page's plot: a row for each sample, thinned where they are too many."""

from collections.abc import Iterable, Sequence
from typing import Any

from warmflow.training.progress import Progress, advance
from warmflow.training.quantities import value
from warmflow.training.sample import Sample

COLUMNS = ("deviation_percent", "flow_ul_h", "pump_c", "skin_c", "added_percent")
KEPT = 8000  # rows: a replay has 5,000, a board half an hour's; then each second one goes
WHOLE = 1000  # rows that a page gets at once
ROWS_S = 50  # and a second after that
Row = tuple[float | None, ...]


class PlotRows:
    """`epoch` counts its beginnings: who has seen another one needs all of it."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.epoch = 0

    def begin(self, rows: Iterable[Row] = ()) -> None:
        self.rows, self.epoch = list(rows), self.epoch + 1

    def add(self, rows: Iterable[Row]) -> None:
        self.rows += rows
        while len(self.rows) > KEPT:
            self.begin(self.rows[::2])


def followed(progress: Progress, samples: Iterable[Sample]) -> tuple[Progress, list[Row]]:
    """How far the lesson is after these samples, and a row for each of them."""
    rows: list[Row] = []
    for sample in samples:
        after = advance(progress, (sample,))
        if after is not progress and after.now is not None:
            rows.append((sample.t_s, *(value(name, after.now) for name in COLUMNS)))
        progress = after
    return progress, rows


def message(rows: Sequence[Row], most: int, from_start: bool) -> dict[str, Any]:
    """Rows as the page gets them, no more than `most`."""
    columns = [list(column) for column in zip(*thinned(rows, most), strict=True)]
    t_s, *columns = columns or [[], *([] for _ in COLUMNS)]
    named = dict(zip(COLUMNS, columns, strict=True))
    return {"kind": "samples", "t_s": t_s, "columns": named, "from_start": from_start}


def thinned(rows: Sequence[Row], most: int) -> list[Row]:
    """Evenly, but with the first, the last, and the one that deviates most."""
    if len(rows) <= most:
        return list(rows)
    top = max(range(len(rows)), key=lambda at: abs(rows[at][1] or 0.0))
    even = {round(at * (len(rows) - 1) / (most - 2)) for at in range(most - 1)}
    return [rows[at] for at in sorted(even | {top})]
