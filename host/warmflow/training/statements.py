"""The 13 statements that lessons illustrate, from statements.toml, and the sources that they rest on.

A source is named in full: organisation, title, year, page address where there is one. A statement is in our words and
is never shown between quotation marks.
"""

import re
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from warmflow.runtime.text_file import parse_toml

CITED = re.compile(r"\[([a-z]+(?:-[a-z]+)*)\]")


class Source(NamedTuple):
    """A page, label or trial. `year` says so where the page has none; `address` may be empty."""

    organisation: str
    title: str
    year: str = ""
    address: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (f"{self.organisation}: {self.title}", self.year, self.address) if part)


class Statement(NamedTuple):
    """One row of the table; `source` names all its sources in full."""

    number: int
    says: str
    source: str


@cache
def sources() -> dict[str, Source]:
    """By the key that statements and lessons use."""
    return {key: Source(**row) for key, row in _file()["source"].items()}


@cache
def statements() -> dict[int, Statement]:
    """By number."""
    rows = {int(number): row for number, row in _file().items() if number != "source"}
    return {
        number: Statement(number, row["says"], "; ".join(str(sources()[key]) for key in row["sources"]))
        for number, row in rows.items()
    }


def cited(text: str) -> str:
    """A text with every `[key]` of a source in full. Raises ValueError for a key that no source has."""

    def full(found: re.Match[str]) -> str:
        if found[1] not in sources():
            raise ValueError(f"[{found[1]}] is no source; known: {', '.join(sources())}")
        return str(sources()[found[1]])

    return CITED.sub(full, text)


def illustrates(numbers: tuple[int, ...]) -> str:
    """All of them in one line, each with its source."""
    return " ".join(f"{row.says} ({row.source})." for row in (statements()[number] for number in numbers))


def _file() -> dict[str, Any]:
    text = (resources.files("warmflow.training") / "statements.toml").read_text(encoding="utf-8")
    return parse_toml(text, "statements.toml")
