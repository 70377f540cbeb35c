"""The 13 statements of the source documents, from statements.toml: what a lesson ends with, and who says it."""

from functools import cache
from importlib import resources
from typing import NamedTuple

from warmflow.runtime.text_file import parse_toml


class Statement(NamedTuple):
    """One row of the table."""

    number: int
    says: str
    source: str


@cache
def statements() -> dict[int, Statement]:
    """By number."""
    text = (resources.files("warmflow.training") / "statements.toml").read_text(encoding="utf-8")
    return {int(number): Statement(int(number), **row) for number, row in parse_toml(text, "statements.toml").items()}


def illustrates(numbers: tuple[int, ...]) -> str:
    """All of them in one line, each with its source."""
    return " ".join(f"{row.says} ({row.source})." for row in (statements()[number] for number in numbers))
