"""How a line is put together: styled parts, a rule with titles, left and right ends. Cells are counted, not bytes."""

from collections.abc import Iterable
from itertools import groupby

from textual.content import Content

Part = tuple[str, str]  # text and style; styles may name the themes' variables
GAP = "   "


def runs(parts: Iterable[Part]) -> Content:
    """Parts in a row; neighbours of one style become one span, which draws several times faster."""
    return Content.assemble(
        *(("".join(text for text, _ in same), style) for style, same in groupby(parts, key=lambda part: part[1]))
    )


def rule(width: int, title: str, *more: tuple[int, str]) -> Content:
    """A line across with its title, and further titles each at a column."""
    parts = [Content.assemble(("── ", "$faint"), (title, "$dim bold"), " ")]
    for at, text in more:
        parts.append(_dashes(at - _length(parts)))
        parts.append(Content.assemble((" ", ""), (text, "$dim bold"), " "))
    return Content("").join([*parts, _dashes(width - _length(parts))])


def ends(left: Content, right: Content, width: int) -> Content:
    """`left` at the left end, `right` at the right end; the left one is cut where both do not fit."""
    room = width - right.cell_length - 1
    if left.cell_length > room:
        left = left.truncate(max(0, room), ellipsis=True)
    return Content("").join([left, Content(" " * max(1, width - left.cell_length - right.cell_length)), right])


def hanging(label: Content, text: Content, width: int) -> list[Content]:
    """`text` beside its label, and wrapped under itself where the line is too short for it."""
    first, *rest = text.wrap(max(1, width - label.cell_length))
    return [Content("").join([label, first]), *(line.pad_left(label.cell_length) for line in rest)]


def stack(lines: Iterable[Content]) -> Content:
    return Content("\n").join(list(lines))


def _dashes(count: int) -> Content:
    return Content.styled("─" * max(0, count), "$faint")


def _length(parts: list[Content]) -> int:
    return sum(part.cell_length for part in parts)
