"""On which line of a TOML file a key stands: tomllib does not say. For error messages of files that tomllib has read.

A small scanner for tables, arrays of tables and keys; what stands inside a value has the line of its key.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

Path = tuple[str | int, ...]
TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""' r"|'''.*?'''" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'" r"|#[^\n]*|[\[\]{}]|\n", re.DOTALL
)
WORD = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')"""
KEY = re.compile(rf"\s*({WORD}(?:\s*\.\s*{WORD})*)\s*=")
HEADER = re.compile(rf"\s*(\[\[?)\s*({WORD}(?:\s*\.\s*{WORD})*)\s*\]")


def key_lines(text: str) -> dict[Path, int]:
    """Each key and table, with the number of its line from 1. Tables of an array are counted from 0."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        if header := HEADER.match(statement):
            table = _table(header, counts)
            found.setdefault(table, line)
        elif key := KEY.match(statement):
            path = table
            for word in _words(key[1]):
                path = (*path, word)
                found.setdefault(path, line)
    return found


def line_of(loc: Sequence[Any], lines: dict[Path, int]) -> int:
    """The line of the nearest thing that there is; parts that no file has, as the kinds of a union, are passed over."""
    at: Path = ()
    for part in loc:
        if (*at, part) in lines or any(path[: len(at) + 1] == (*at, part) for path in lines):
            at = (*at, part)
    below = (line for path, line in lines.items() if at and path[: len(at)] == at)  # an array has no line of its own
    return lines.get(at) or min(below, default=1)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    start, depth, line, first = 0, 0, 1, 1
    for token in TOKEN.finditer(text):
        mark = token[0]
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark, 0)
        line += mark.count("\n")
        if mark == "\n" and depth <= 0:
            yield first, text[start : token.start()]
            start, depth, first = token.end(), 0, line
    yield first, text[start:]


def _table(header: re.Match[str], counts: dict[Path, int]) -> Path:
    *above, last = _words(header[2])
    path: Path = ()
    for word in above:
        path = (*path, word)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, last)
    if header[1] == "[[":
        counts[path] = counts.get(path, -1) + 1
        return (*path, counts[path])
    return path


def _words(dotted: str) -> list[str]:
    inside: Any = tomllib.loads(f"{dotted} = 0")
    words = []
    while isinstance(inside, dict):
        [word] = inside
        words.append(word)
        inside = inside[word]
    return words
