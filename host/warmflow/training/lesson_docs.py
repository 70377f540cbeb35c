"""The tables of docs/lessons.md: the lessons that come with the program, with their figures, and the keys of a file.

Figures are those of each lesson played to its end. It writes nothing; docs/generate.py does.
"""

from collections.abc import Iterator

from pydantic import BaseModel

from warmflow.runtime.model_tables import between_marks, key_tables
from warmflow.training.lesson import Compare, Concentration, Inline, Lesson, Predict, Question, Step
from warmflow.training.lesson_library import LessonLibrary
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


def replaced(page: str) -> str:
    """The page with new tables. Raises ValueError if it lacks the marks."""
    keys = key_tables(TABLES, named={tuple(NUMBERS): "one of the numbers"})
    return between_marks(page, BEGIN, END, [*_lessons(), *_numbers(), *keys])


def _lessons() -> Iterator[str]:
    yield from (
        "",
        "### The lessons",
        "",
        "| name | title | steps | peak % | added, % of 14 days | played as | statement |",
    )
    yield "|---|---|---|---|---|---|---|"
    for name, loaded in LessonLibrary().look().lessons.items():
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
