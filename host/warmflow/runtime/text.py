"""Makes untrusted text safe to show or to store, and finds the nearest name to an unknown one.

Pure, and without imports of its own weight: the log uses it.
"""

import difflib
from collections.abc import Iterable

CUT = "..."
LISTED_MAX = 30  # names in a hint


def printable(text: str, limit: int | None = None) -> str:
    """The text with an escape (`\\x1b`, `\\u202e`, `\\udc80`) for each character that could steer a terminal.

    Those are control characters, line breaks, marks that turn the direction of writing, lone surrogates, and all else
    that `str.isprintable` refuses. `limit`: at most so many characters, the last three of them dots if more were there.
    """
    if text.isprintable() and (limit is None or len(text) <= limit):
        return text
    pieces: list[str] = []
    size = 0
    for char in text:
        pieces.append(char if char.isprintable() else repr(char)[1:-1])  # no codec: loading one would open a file
        size += len(pieces[-1])
        if limit is not None and size > limit:
            while pieces and size > limit - len(CUT):  # an escape is dropped whole
                size -= len(pieces.pop())
            return "".join(pieces) + CUT[:limit]
    return "".join(pieces)


def printable_value(value: object, limit: int = 60) -> str:
    """A value in an error, as Python writes it: a text in quotes."""
    try:
        return printable(repr(value), limit)
    except (RecursionError, ValueError):  # nested too deep, or an int with more digits than Python writes
        return f"this {type(value).__name__}"


def single_line(text: str) -> str:
    """What a person typed, to be stored: one line, with single blanks for white space and for what can't be printed."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that was probably meant; None if none is like it. `cutoff`: 0 anything, 1 the same."""
    return next(iter(difflib.get_close_matches(word, sorted(set(known)), 1, cutoff)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the nearest known one, else all of them in their order."""
    names = list(dict.fromkeys(known))
    if meant := nearest(word, names):
        return f"did you mean {printable(meant)}?"
    return f"known are {', '.join(map(printable, names[:LISTED_MAX]))}" if names else "there are none"
