"""The deviation as a signed bar with its limits marked, and the point that the probe explains. Pure drawing.

Whole cells only: half a cell is half a percent, less than the meter's noise.
"""

from textual.content import Content

from warmflow.api.vocabulary import LIMITS_PERCENT
from warmflow.cli.watch.text_runs import runs

END_PERCENT = 40  # what lies beyond ends in an arrow
MARGIN = 1  # cells kept free at both ends
FULL, EXPLAINED, ZERO, LIMIT, BEYOND = "█", "◆", "│", "┊", {-1: "◀", 1: "▶"}


def bar(deviation: float | None, explained: float | None, style: str, width: int) -> Content:
    """One line with zero in its middle. Values in percent, `style` for the bar itself."""
    cells = [(" ", "$dim")] * width
    for limit in (*(-limit for limit in LIMITS_PERCENT), *LIMITS_PERCENT):
        cells[column(limit, width)] = (LIMIT, "$dim")
    zero = column(0, width)
    if deviation is not None:
        end = column(deviation, width)
        for at in range(min(zero, end), max(zero, end) + 1):
            cells[at] = (FULL, style)
        if abs(deviation) > END_PERCENT:
            cells[end] = (BEYOND[1 if deviation > 0 else -1], f"{style} reverse")
    cells[zero] = (ZERO, "$text-plain bold")
    if explained is not None:
        at = column(explained, width)
        cells[at] = (EXPLAINED, f"{style} reverse" if cells[at][0] == FULL else "$text-plain bold")
    return runs(cells)


def scale(width: int) -> Content:
    """The numbers under the bar."""
    line = [" "] * width
    for percent in (0, *LIMITS_PERCENT, *(-limit for limit in LIMITS_PERCENT)):
        text = f"{percent:+d}" if percent else "0"
        at = column(percent, width) - len(text) // 2
        line[at : at + len(text)] = text
    for text, at in ((f"-{END_PERCENT} %", MARGIN), (f"+{END_PERCENT} %", width - MARGIN - 5)):
        line[at : at + len(text)] = text
    return Content.styled("".join(line), "$dim")


def column(percent: float, width: int) -> int:
    """The cell in which a value lies; what lies outside is kept at the line's ends."""
    share = (percent + END_PERCENT) / (2 * END_PERCENT)
    return MARGIN + min(width - 2 * MARGIN - 1, max(0, round(share * (width - 2 * MARGIN - 1))))
