"""The tables of docs/lessons.md: the lessons that come with the program, with their figures, and the keys of a file.

Figures are those of each lesson played to its end. It writes nothing; docs/generate.py does.
"""

import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from warmflow.training.lesson import Compare, Concentration, Inline, Lesson, Predict, Question, Step
from warmflow.training.lesson_library import Shelf
from warmflow.training.playback_modes import best, ways
from warmflow.training.progress import played
from warmflow.training.quantities import NUMBERS
from warmflow.training.simulated_run import to_the_end
from warmflow.training.step_conditions import When
from warmflow.training.texts import texts
from warmflow.training.views import spoken

BEGIN, END = "<!-- lessons: made from the code by `make generate`, do not edit -->", "<!-- end of lessons -->"
TABLES: dict[str, type[BaseModel]] = {
    "At the top of the file": Lesson,
    "`[[step]]`": Step,
    "`when` of a step": When,
    "`[[predict]]`": Predict,
    "`[[question]]`": Question,
    "`[[compare]]`": Compare,
    "`[concentration]`": Concentration,
    "`[inline]`": Inline,
}
KINDS: dict[Any, str] = {float: "number", int: "whole number", str: "text"}


def replaced(page: str) -> str:
    """The page with new tables. Raises ValueError if it lacks the marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"no place for the tables: the page needs the lines {BEGIN} and {END}")
    return before + "\n".join([BEGIN, *_lessons(), *_numbers(), *_keys(), END]) + after


def _lessons() -> Iterator[str]:
    yield from (
        "",
        "### The lessons",
        "",
        "| name | title | steps | peak % | added, % of 14 days | played as | statement |",
    )
    yield "|---|---|---|---|---|---|---|"
    for name, loaded in Shelf().look().lessons.items():
        progress, way = to_the_end(played(loaded)), best(ways(played(loaded)))
        assert progress.now is not None
        added = 100 * progress.added_nl / progress.now.cycle_nl
        figures = f"{spoken('deviation_percent', progress.peak_percent)} | {spoken('added_percent', added)}"
        how = f"{way.name}, {way.speed_x:,}x, {way.lasts_min:.1f} min"
        said = ", ".join(map(str, loaded.lesson.statement))
        yield f"| `{name}` | {loaded.lesson.title} | {len(loaded.lesson.step)} | {figures} | {how} | {said} |"


def _numbers() -> Iterator[str]:
    yield from ("", "### Numbers", "", "| name | on the screen | unit | kind |", "|---|---|---|---|")
    for name, number in NUMBERS.items():
        say = texts()
        label, unit = say(f"number.{name}.label"), say(f"number.{name}.unit")
        yield f"| `{name}` | {label} | {unit} | {say(f'kind.{number.kind}')} |"


def _keys() -> Iterator[str]:
    for title, model in TABLES.items():
        yield from ("", f"### {title}", "", "| key | value | default | meaning |", "|---|---|---|---|")
        for name, field in model.model_fields.items():
            yield f"| `{name}` | {_value(field)} | {_default(field)} | {field.description} |"
    yield ""


def _value(field: FieldInfo) -> str:
    limits = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    low = f"from {limits['ge']:g}" if "ge" in limits else f"above {limits['gt']:g}" if "gt" in limits else ""
    high = f"to {limits['le']:g}" if "le" in limits else ""
    return " ".join(part for part in (_kind(field.annotation), low, high) if part)


def _kind(annotation: Any) -> str:
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return _kind(next(part for part in inside if part is not types.NoneType))
    if origin is typing.Annotated:
        return _kind(inside[0])
    if origin is typing.Literal:
        return "one of the numbers" if inside == tuple(NUMBERS) else " or ".join(f"`{choice}`" for choice in inside)
    if origin is tuple:
        tables = _kind(inside[0]) == "table"
        return "tables" if tables else f"list of: {_kind(inside[0])}"
    return KINDS.get(annotation, "table")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    default = field.get_default(call_default_factory=True)
    return "" if default in (None, ()) or isinstance(default, BaseModel) else f"`{default}`"
