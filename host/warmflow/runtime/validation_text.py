"""Pydantic's faults in words: one table for the settings, for scenario and lesson files, and for requests.

Describes the fault of a value; the caller adds file, line and origin.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from warmflow.runtime.text import did_you_mean, printable, printable_value

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Loc = Sequence[int | str]
NONE: Mapping[str, Any] = MappingProxyType({})
# kind of fault: words; {x} is from pydantic's context
WORDS = {
    "greater_than": "has to be more than {gt:.10g}",
    "greater_than_equal": "has to be {ge:.10g} or more",
    "less_than": "has to be less than {lt:.10g}",
    "less_than_equal": "has to be {le:.10g} or less",
    "finite_number": "has to be a finite number",
    "int_type": "has to be a whole number",
    "int_from_float": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "float_type": "has to be a number",
    "float_parsing": "has to be a number",
    "string_type": "has to be a text",
    "string_too_short": "may not be empty",
    "string_too_long": "is too long: at most {max_length} characters",
    "bool_type": "has to be true or false",
    "bool_parsing": "has to be true or false",
    "dict_type": "has to be an object",
    "model_type": "has to be an object",
    "model_attributes_type": "has to be an object",
    "list_type": "has to be a list",
    "tuple_type": "has to be a list",
    "path_type": "has to be a path",
}
# the same for faults whose input says nothing more
BARE_WORDS = {
    "missing": "is missing",
    "too_short": "has {actual_length}: at least {min_length} needed",
    "too_long": "has {actual_length}: at most {max_length} allowed",
    "union_tag_not_found": "{discriminator} is missing",
    "json_invalid": "not JSON: {error}",
}
QUOTED = re.compile(r"'([^']*)'")


def fault_words(
    problem: "ErrorDetails",
    known: Collection[str] = (),
    *,
    noun: str = "key",
    words: Mapping[str, str] = NONE,
    is_secret: bool = False,
) -> str:
    """What is wrong, and what is allowed or was given instead.

    `known`: the names that may stand at the place of an unknown one. `noun`: what such a name is called. `words`: goes
    before WORDS. `is_secret`: the value is not shown.
    """
    kind, given, context = problem["type"], problem["input"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        hint = did_you_mean(str(problem["loc"][-1]), known)
        return f"unknown {noun}" + (f"; {hint}" if known else "")
    if kind == "value_error":
        return str(context["error"])
    if kind in BARE_WORDS:
        return BARE_WORDS[kind].format(**context)
    shown = "" if is_secret else printable_value(given)
    if template := words.get(kind) or WORDS.get(kind):
        return template.format(**context) + (f", not {shown}" if shown else "")
    if kind in ("literal_error", "union_tag_invalid"):
        word, allowed = (
            str(context.get("tag", given)),
            QUOTED.findall(context.get("expected_tags", context.get("expected", ""))),
        )
        return f"{printable_value(word)} is not known; {did_you_mean(word, allowed)}"
    return printable(problem["msg"]) + (f", not {shown}" if shown else "")


def key_of(loc: Loc, tags: Collection[str] = ()) -> str:
    """The key as a person finds it in a TOML file: rows of a table are counted from 1.

    `tags`: kinds of rows, which pydantic writes behind the number of a row; they are no keys.
    """
    where = [part for at, part in enumerate(loc) if not (part in tags and at and isinstance(loc[at - 1], int))]
    return ".".join(str(part + 1) if isinstance(part, int) else printable(part, 60) for part in where)


def keys_at(model: type[BaseModel], loc: Loc, tags: Mapping[str, type[BaseModel]] = NONE) -> list[str]:
    """The keys that are allowed where the last part of `loc` is. `tags`: the model of each kind of row."""
    for part in loc[:-1]:
        if part in model.model_fields:
            model = _inner(model.model_fields[str(part)].annotation) or model
        elif part in tags:
            model = tags[str(part)]
    return [field.alias or name for name, field in model.model_fields.items()]


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _inner(part))), None)
