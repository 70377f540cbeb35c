"""A paragraph as parts: plain words, and numbers that say where they come from. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

MEASURED, MODELLED, DECLARED = "measured", "modelled", "declared"


class Part(NamedTuple):
    """Some words; `mark` is empty where they hold no number."""

    text: str
    mark: str = ""


Words = Iterable["Part | str"]


def number(value: float, digits: int, unit: str, mark: str, sign: str = "") -> Part:
    """`+26.2 %`, marked. A zero has no sign."""
    shown = f"{value:{sign}.{digits}f}"
    if float(shown) == 0.0:
        shown = f"{0:.{digits}f}"
    return Part(f"{shown} {unit}".rstrip(), mark)


def parts(words: Words) -> list[Part]:
    """Plain words become parts of their own."""
    return [Part(each) if isinstance(each, str) else each for each in words]


def text(words: Words) -> str:
    """The paragraph: each number with its mark behind it."""
    return "".join(f"{part.text} ({part.mark})" if part.mark else part.text for part in parts(words))
