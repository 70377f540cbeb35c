"""The keys of a pydantic model as rows of a Markdown table, and such tables in their place in a page.

For the pages of settings, scenarios and lessons. It writes no file.
"""

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

TYPES: dict[Any, str] = {
    bool: "true or false",
    float: "number",
    int: "whole number",
    str: "text",
    Path: "path",
    SecretStr: "text",
}
Names = Mapping[tuple[Any, ...], str]


def between_marks(page: str, begin: str, end: str, lines: Iterable[str]) -> str:
    """The page with these lines between its two marks. Raises ValueError if it lacks them."""
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"no place for the tables: the page needs the lines {begin} and {end}")
    return before + "\n".join([begin, *lines, end]) + after


def key_tables(
    tables: Mapping[str, type[BaseModel]], left_out: Iterable[str] = (), named: Names = MappingProxyType({})
) -> Iterator[str]:
    """A table for each model under its title; `left_out`: keys that have a table of their own or stand in its title."""
    hidden = set(left_out)
    for title, model in tables.items():
        yield from ("", f"### {title}", "", "| key | value | default | meaning |", "|---|---|---|---|")
        for name, field in model.model_fields.items():
            if name not in hidden:
                yield f"| `{name}` | {value_words(field, named=named)} | {_default(field)} | {field.description} |"
    yield ""


def value_words(field: FieldInfo, written: Callable[[Any], str] = str, named: Names = MappingProxyType({})) -> str:
    """What a key may be: its type or choices, and its limits. `named`: words for lists of choices too long to print."""
    limits = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    low = f"from {limits['ge']:.10g}" if "ge" in limits else f"above {limits['gt']:.10g}" if "gt" in limits else ""
    high = f"to {limits['le']:.10g}" if "le" in limits else ""
    return " ".join(part for part in (_type(field.annotation, written, named), low, high) if part)


def _type(annotation: Any, written: Callable[[Any], str], named: Names) -> str:
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return _type(next(part for part in inside if part is not types.NoneType), written, named)
    if origin is typing.Annotated:
        return _type(inside[0], written, named)
    if origin is typing.Literal:
        return named.get(inside) or " or ".join(f"`{written(choice)}`" for choice in inside)
    if origin is tuple and inside[-1] is not Ellipsis:
        return "[low, high]"
    if origin is tuple:
        word = _type(inside[0], written, named)
        if word == "table":
            return "tables"
        return f"list of {word}s" if word in TYPES.values() else f"list of: {word}"
    return TYPES.get(annotation, "table")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    default = field.get_default(call_default_factory=True)
    return "" if default in (None, ()) or isinstance(default, BaseModel) else f"`{default}`"
