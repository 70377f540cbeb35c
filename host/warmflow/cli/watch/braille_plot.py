"""A line plot in braille dots, two by four to a cell, with guide lines and axis labels. Pure drawing.

Each column shows the lowest and the highest value that fall into it, joined to the column before.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.content import Content

from warmflow.cli.watch.format import pump_clock
from warmflow.cli.watch.text_runs import runs
from warmflow.cli.watch.value_history import Bucket

Cell = tuple[int, int]  # row and column
Cells = dict[Cell, tuple[str, str]]  # character and style

BLANK = 0x2800
EMPTY = (" ", "$faint")  # styled as the guides are: one run of a style is one order to the terminal
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # by column, from the top
LABEL_CELLS = 6
MARGIN = 1  # cells kept free at the right
GUIDE_EVERY = 3  # of the dots of a guide line one in three is drawn


class Window(NamedTuple):
    """Pump time from `start_s` to `end_s`."""

    start_s: float
    end_s: float


class Axis(NamedTuple):
    """What is up: the range, and the values that get a guide line and a label."""

    low: float
    high: float
    guides: Sequence[float]
    label: Callable[[float], str]


class Series(NamedTuple):
    """A line to draw. `style` is given the lowest and highest value of a cell; `name` is written above its peak."""

    buckets: Sequence[Bucket]
    bucket_s: float
    style: Callable[[float, float], str]
    name: str = ""


class Extent(NamedTuple):
    low: float
    high: float


def plot(series: Sequence[Series], axis: Axis, window: Window, width: int, height: int) -> Content:
    """`height` lines of `width` cells; the last line is the axis of pump time. Later series lie above earlier ones."""
    columns, rows = max(1, width - LABEL_CELLS - MARGIN), max(1, height - 1)
    cells = _guides(axis, columns, rows)
    peaks = [_draw(cells, one, axis, window, columns, rows) for one in series]
    for one, peak in zip(series, peaks, strict=True):
        if peak and one.name:
            _name(cells, one, peak, columns)
    labels = _labels(axis, rows)
    lines = [
        runs(
            [
                (labels.get(row, "").rjust(LABEL_CELLS - 1) + " ", "$dim"),
                *(cells.get((row, column), EMPTY) for column in range(columns)),
            ]
        )
        for row in range(rows)
    ]
    return Content("\n").join([*lines, Content.styled(time_axis(window, width), "$dim")])


def extents(series: Series, window: Window, dots: int) -> list[Extent | None]:
    """The values of each dot column, straight between readings that belong together; None where nothing is."""
    found: list[Extent | None] = [None] * dots
    dot_s = (window.end_s - window.start_s) / dots
    before: tuple[int, float] | None = None
    for bucket in series.buckets:
        first = math.floor((bucket.start_s - window.start_s) / dot_s)
        last = max(first, math.ceil((bucket.start_s + series.bucket_s - window.start_s) / dot_s) - 1)
        middle = (bucket.low + bucket.high) / 2
        if before and bucket.joined:
            _bridge(found, before, (first, middle))
        for dot in range(max(0, first), min(dots - 1, last) + 1):
            old = found[dot] or Extent(bucket.low, bucket.high)
            found[dot] = Extent(min(old.low, bucket.low), max(old.high, bucket.high))
        before = (last, middle)
    return found


def time_axis(window: Window, width: int) -> str:
    """Pump time at the left end, in the middle and at the right end, under the plot's columns."""
    line = list("h:mm".rjust(LABEL_CELLS - 1).ljust(width))
    middle, right = pump_clock((window.start_s + window.end_s) / 2), pump_clock(window.end_s)
    for text, at in (
        (pump_clock(window.start_s), LABEL_CELLS),
        (middle, LABEL_CELLS + (width - MARGIN - LABEL_CELLS - len(middle)) // 2),
        (right, width - MARGIN - len(right)),
    ):
        line[at : at + len(text)] = text
    return "".join(line)[:width]


def _bridge(found: list[Extent | None], start: tuple[int, float], end: tuple[int, float]) -> None:
    for dot in range(max(0, start[0] + 1), min(len(found), end[0])):
        at = start[1] + (end[1] - start[1]) * (dot - start[0]) / (end[0] - start[0])
        found[dot] = found[dot] or Extent(at, at)


def _draw(cells: Cells, series: Series, axis: Axis, window: Window, columns: int, rows: int) -> Cell | None:
    """Draws the line; where its peak is, if anything of it is to be seen."""
    bits: dict[Cell, int] = {}
    reach: dict[Cell, Extent] = {}
    above: tuple[int, int] | None = None
    for dot, extent in enumerate(extents(series, window, columns * 2)):
        if extent is None or extent.high < axis.low or extent.low > axis.high:
            above = None
            continue
        top, bottom = _dot(extent.high, axis, rows), _dot(extent.low, axis, rows)
        drawn = (top, bottom)
        if above:  # join to the column before
            top, bottom = min(top, above[1]), max(bottom, above[0])
        above = drawn
        for line in range(top, bottom + 1):
            cell = (line // 4, dot // 2)
            bits[cell] = bits.get(cell, 0) | DOTS[dot % 2][line % 4]
            old = reach.get(cell, extent)
            reach[cell] = Extent(min(old.low, extent.low), max(old.high, extent.high))
    for cell, pattern in bits.items():
        cells[cell] = (chr(BLANK | pattern), series.style(*reach[cell]))
    return min(bits, default=None)


def _name(cells: Cells, series: Series, peak: Cell, columns: int) -> None:
    """Above the peak, or below where there is no row, right of its column. A guide gives way to it, a line does not."""
    row = peak[0] - 1 if peak[0] else 1
    style = series.style(0.0, 0.0)
    start = min(peak[1] + 1, columns - len(series.name))
    places = [(row, start + at) for at in range(len(series.name))]
    if all(cells.get(place, ("", "$faint"))[1] == "$faint" for place in places):
        cells.update({place: (letter, style) for place, letter in zip(places, series.name, strict=True)})


def _guides(axis: Axis, columns: int, rows: int) -> Cells:
    bits: dict[Cell, int] = {}
    for guide in axis.guides:
        line = _dot(guide, axis, rows)
        for dot in range(0, columns * 2, 1 if guide == 0 else GUIDE_EVERY):
            cell = (line // 4, dot // 2)
            bits[cell] = bits.get(cell, 0) | DOTS[dot % 2][line % 4]
    return {cell: (chr(BLANK | pattern), "$faint") for cell, pattern in bits.items()}


def _labels(axis: Axis, rows: int) -> dict[int, str]:
    """Guides that share a row share its label as long as it fits; else zero has it, else the highest."""
    labels: dict[int, str] = {}
    for guide in sorted(axis.guides, key=lambda guide: (guide != 0, -guide)):
        row, text = _dot(guide, axis, rows) // 4, axis.label(guide)
        both = f"{labels[row]}/{text}" if row in labels else text
        labels[row] = both if len(both) < LABEL_CELLS else labels[row]
    return labels


def _dot(number: float, axis: Axis, rows: int) -> int:
    share = (axis.high - number) / (axis.high - axis.low)
    return min(rows * 4 - 1, max(0, round(share * (rows * 4 - 1))))
