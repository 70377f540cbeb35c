"""docs/settings.md's tables and the annotated example file, from the models. It writes nothing by itself.

`replaced` keeps what people wrote around the tables.
"""

import textwrap
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from warmflow.daemon.config.keys import KEYS, SECTIONS, Key, shown
from warmflow.daemon.config.load import FLAGS

BEGIN, END = "<!-- settings: made from the models by `make generate`, do not edit -->", "<!-- end of settings -->"
KINDS: dict[Any, str] = {
    bool: "true or false",
    float: "number",
    int: "whole number",
    str: "text",
    Path: "path",
    SecretStr: "text",
}
EXAMPLE_HEAD = """\
# Settings of `warmflow run`. What is commented out stands at its default.
# `warmflow check-config THIS_FILE` tells whether it is right, and what is in force.
"""


def replaced(page: str) -> str:
    """The page with new tables. Raises ValueError if it lacks the marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"no place for the tables: the page needs the lines {BEGIN} and {END}")
    return before + "\n".join([BEGIN, *_tables(), END]) + after


def example() -> str:
    """A file with every key, commented out, with what it does."""
    lines = [EXAMPLE_HEAD]
    for section, keys in sections().items():
        if section:
            lines += [_comment(_says(section)), f"[{section}]"]
        for key in keys:
            default = key.field.get_default(call_default_factory=True)
            value = "..." if default is None else shown(default)
            if key.secret:
                lines += [_comment(f"{key.description} {key.variable} holds it.")]
            else:
                lines += [_comment(key.description), f"#{key.name} = {value}"]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def sections() -> dict[str, list[Key]]:
    """The keys of each section, the top level first."""
    found: dict[str, list[Key]] = {}
    for key in KEYS.values():
        found.setdefault(key.section, []).append(key)
    return found


def _says(section: str) -> str:
    return " ".join((SECTIONS[section].__doc__ or "").split())


def _tables() -> Iterator[str]:
    for section, keys in sections().items():
        says = _says(section) if section else "At the top of the file, above all sections."
        yield from ("", f"## {f'`[{section}]`' if section else 'Top level'}", "", says, "")
        yield from ("| key | value | default | what it does |", "|---|---|---|---|")
        yield from (_row(key) for key in keys)
    yield ""
    yield from ("## Environment variables and flags", "")
    yield from ("| key | environment variable | flag of `warmflow run` |", "|---|---|---|")
    yield from (
        f"| `{key.dotted}` | `{key.variable}` | {f'`{FLAGS[key.dotted]}`' if key.dotted in FLAGS else ''} |"
        for key in KEYS.values()
    )
    yield ""


def _row(key: Key) -> str:
    default = key.field.get_default(call_default_factory=True)
    value = "" if default is None else f"`{shown(default)}`"
    return f"| `{key.name}` | {_kind(key)} | {value} | {key.description} |"


def _kind(key: Key) -> str:
    limits = {
        name: getattr(rule, name) for rule in key.field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    low = f"from {limits['ge']}" if "ge" in limits else f"above {limits['gt']:g}" if "gt" in limits else ""
    high = f"to {limits['le']}" if "le" in limits else ""
    return " ".join(part for part in (_type(key.field.annotation), low, high) if part)


def _type(annotation: Any) -> str:
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        return _type(next(part for part in annotation.__args__ if part is not types.NoneType))
    if origin is typing.Annotated:
        return _type(annotation.__args__[0])
    if origin is typing.Literal:
        return " or ".join(f"`{shown(choice)}`" for choice in annotation.__args__)
    if origin is dict:
        return "table"
    return "list of texts" if origin is tuple else KINDS[annotation]


def _comment(text: str) -> str:
    return textwrap.fill(text, 110, initial_indent="# ", subsequent_indent="# ")
