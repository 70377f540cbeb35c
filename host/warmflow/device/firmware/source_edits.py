"""Changes to a piece of source that leave every line where it was. Knows nothing of what they are for."""

import ast
from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """What takes the place of a piece of text; (line, column), columns in bytes, as `ast` counts them."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


def at(node: ast.stmt | ast.expr, text: str) -> Edit:
    """In the place of a whole node, decorators included."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    decorators = getattr(node, "decorator_list", [])
    line = min([node.lineno, *(each.lineno for each in decorators)])
    return Edit((line, node.col_offset), (node.end_lineno, node.end_col_offset), text)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits. One inside of another is not made; lines keep their numbers."""
    lines = [line.encode() for line in text.split("\n")]
    outer = (0, 0)
    chosen = []
    for edit in sorted(edits, key=lambda each: (each.start, [-place for place in each.end])):
        if edit.start >= outer:
            chosen.append(edit)
            outer = edit.end
    for (line, column), (end_line, end_column), new in reversed(chosen):
        head, tail = lines[line - 1][:column], lines[end_line - 1][end_column:]
        lines[line - 1 : end_line] = [head + new.encode() + tail, *[b""] * (end_line - line)]
    return b"\n".join(lines).decode()
