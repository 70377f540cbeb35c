"""A lesson's file into a lesson, with its scenario; what is wrong is named with file, line and key, all of it at once.

Looks for nothing by itself: which files there are is the shelf's matter.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from warmflow.errors import UserError
from warmflow.runtime.text import printable, printable_value
from warmflow.runtime.text_file import AT_LINE, TextFileError, parse_toml, read_text
from warmflow.runtime.validation_text import Loc, fault_words, key_of, keys_at
from warmflow.simulation import scenario as scenarios
from warmflow.simulation.events import KINDS
from warmflow.simulation.scenario import Scenario, ScenarioError
from warmflow.training.lesson import Lesson
from warmflow.training.statements import illustrates
from warmflow.training.toml_lines import key_lines, line_of


class Problem(NamedTuple):
    """One thing that is wrong. Rows of a key are counted from 1."""

    file: Path
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        where = f"{printable(str(self.file))}:{self.line}: "
        return where + printable(f"{self.key}: {self.text}" if self.key else self.text)


class LessonError(UserError):
    """A lesson cannot be used. `problems` has each thing by itself."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class Loaded(NamedTuple):
    """A lesson by the name of its file, with what is played in it and in its comparisons."""

    name: str
    path: Path
    lesson: Lesson
    scenario: Scenario
    others: tuple[Scenario, ...]  # one for each [[compare]]
    read: tuple[Path, ...]  # all files that it was made from


def load(path: Path) -> Loaded:
    """Reads one file. Raises LessonError."""
    try:
        text = read_text(path)
        values = parse_toml(text, path)
    except TextFileError as error:
        raise LessonError([Problem(path, max(1, error.line), "", AT_LINE.sub("", error.why))]) from None
    lines = key_lines(text)

    def problem(loc: Loc, words: str) -> Problem:
        return Problem(path, line_of(loc, lines), key_of(loc, KINDS), words)

    try:
        lesson = Lesson.model_validate(values)
    except ValidationError as error:
        found = [problem(one["loc"], _words(one)) for one in _telling(error)]
        raise LessonError(sorted(found, key=lambda one: one.line)) from None
    known, wrong = _scenarios(lesson, path.parent)
    wrong += list(_does_not_fit(lesson))
    if wrong:
        raise LessonError([problem(*one) for one in wrong])
    (first, _), *rest = known
    read = (path, *(file for _, file in known if file is not None))
    return Loaded(path.stem, path, lesson, first, tuple(scenario for scenario, _ in rest), read)


def _scenarios(lesson: Lesson, folder: Path) -> tuple[list[tuple[Scenario, Path | None]], list[tuple[Loc, str]]]:
    found: list[tuple[Scenario, Path | None]] = []
    wrong: list[tuple[Loc, str]] = []
    if (lesson.scenario is None) == (lesson.inline is None):
        said = "neither is given" if lesson.scenario is None else "both are given"
        return found, [(("inline",), f"a lesson has a scenario or an [inline] one: {said}")]
    wanted: list[tuple[Loc, str | None]] = [(("scenario",), lesson.scenario)]
    wanted += [(("compare", at, "scenario"), one.scenario) for at, one in enumerate(lesson.compare)]
    for loc, name in wanted:
        try:
            found.append(_scenario(lesson, name, folder) if name or not found else found[0])
        except ScenarioError as error:
            wrong.append((loc, str(error)))
        except ValidationError as error:
            wrong.append((("inline",), _words(error.errors()[0])))
    return found, wrong


def _scenario(lesson: Lesson, name: str | None, folder: Path) -> tuple[Scenario, Path | None]:
    if name is None:
        return lesson.inline_scenario(illustrates(lesson.statement)), None
    if name in scenarios.built_in():
        return scenarios.load(name), None
    beside = folder / name
    return scenarios.load(str(beside) if beside.is_file() else name), beside


def _does_not_fit(lesson: Lesson) -> Iterator[tuple[Loc, str]]:
    seen: set[str] = set()
    for at, step in enumerate(lesson.step):
        if step.id in seen:
            yield ("step", at, "id"), f"{step.id} is the id of an earlier step, too"
        seen.add(step.id)
        waits_for = (step.when.number, step.when.peak_of)
        if lesson.concentration is None and "added_mg" in (*step.shows, *waits_for):
            yield ("step", at, "shows"), "added_mg needs a [concentration]: without one nobody knows the mg"
    whats = [predict.what for predict in lesson.predict]
    for at, what in enumerate(whats):
        if what in whats[:at]:
            yield ("predict", at, "what"), f"{what} is guessed twice"


def _telling(error: ValidationError) -> Iterator[ErrorDetails]:
    """All but the emptiness of a list of which each row was refused by itself."""
    found = error.errors()
    for one in found:
        loc = one["loc"]
        if one["type"] != "too_short" or not any(
            other["loc"][: len(loc)] == loc for other in found if other is not one
        ):
            yield one


def _words(problem: ErrorDetails) -> str:
    if problem["type"] == "string_pattern_mismatch":
        return f"{printable_value(problem['input'])}: small letters, digits and single hyphens only"
    return fault_words(problem, keys_at(Lesson, problem["loc"], KINDS))
