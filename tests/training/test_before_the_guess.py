"""What is on the screen before the guess tells nothing of how the lesson ends; what is said has its source in full."""

import re

import pytest
from wire import ROOT

from warmflow.training.lesson_file import LessonError, load
from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.predictions import TRUTHS
from warmflow.training.progress import played
from warmflow.training.simulated_run import to_the_end
from warmflow.training.statements import cited, sources, statements
from warmflow.training.views import before, closing

LESSONS = LessonLibrary().look().lessons
STATIC = ROOT / "host/warmflow/sinks/web/static/training"
# words that give away what the sliders ask for
GIVE_AWAY = re.compile(
    r"\b(delay|late|later|lag|behind|small|tiny|little|hardly|tenth|percent|outweigh|more than|peak|rises?|falls?"
    r"|stops?|faster|slower|adds?|times as much)\b|%",
    re.I,
)


def shown_before(name):
    """All texts of the card and of the guess page."""
    found = before(LESSONS[name])
    return [found["title"], found["intro"], *(slider["ask"] for slider in found["predict"])]


@pytest.mark.parametrize("name", LESSONS)
def test_the_card_and_the_guess_page_do_not_give_the_answer_away(name):
    title, intro, *asks = shown_before(name)
    assert LESSONS[name].lesson.intro == intro, "every lesson of ours has a situation to read before the guess"
    assert not GIVE_AWAY.search(intro), intro
    progress = to_the_end(played(LESSONS[name]))
    numbers = {abs(float(number)) for number in re.findall(r"\d+(?:\.\d+)?", " ".join([title, intro, *asks]))}
    for predict in LESSONS[name].lesson.predict:
        truth = abs(TRUTHS[predict.what](progress))
        assert not {number for number in numbers if abs(number - truth) < 0.01 * truth}, predict.what
        assert predict.low < TRUTHS[predict.what](progress) < predict.high or truth == 100


def test_the_pages_of_choosing_and_guessing_show_no_aim_which_tells_how_it_ends():
    for page in ("choose.js", "predict.js"):
        text = (STATIC / page).read_text(encoding="utf-8")
        assert "intro" in text
        assert not re.search(r"\.aim\b(?!\")|\baim\b(?!\")", text.replace('"aim"', "")), page


def test_every_statement_names_its_sources_with_organisation_and_title():
    for row in statements().values():
        named = [str(source) for source in sources().values() if str(source) in row.source]
        assert named, row
    for key, source in sources().items():
        assert source.organisation, key
        assert source.title, key
        assert not re.search(r"[\"“”„]", str(source)), key
    assert sum(bool(source.address) for source in sources().values()) >= 5


@pytest.mark.parametrize("name", LESSONS)
def test_questions_and_statements_of_a_lesson_have_no_short_names_and_no_quotation_marks(name):
    lesson = LESSONS[name].lesson
    said = [one.source for one in lesson.question] + [row["source"] for row in closing(lesson)["statements"]]
    said += [row["says"] for row in closing(lesson)["statements"]]
    for text in said:
        assert not re.search(r"\[[a-z-]+\]|seed|[\"“”„]|Mass General\b|Fight CRC", text), text


def test_a_source_that_nobody_knows_is_named_with_those_that_there_are(tmp_path):
    assert "Penn Medicine" in cited("as [penn] has it")
    text = LESSONS["scuba"].path.read_text(encoding="utf-8").replace("[fight-crc]", "[fight-crk]")
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LessonError, match=r"question\.1\.source: .*fight-crk.* known: mass-general"):
        load(path)


def test_nobody_reads_the_word_seed_and_no_page_puts_a_statement_between_quotation_marks():
    for path in [*STATIC.rglob("*.js"), *(ROOT / "host/warmflow/training").rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"“\$?\{+ ?(?:row\.)?says", text), path
    for path in [*(ROOT / "host/warmflow/training").rglob("*.toml"), *(ROOT / "docs").glob("train*.md")]:
        assert not re.search(r"\bseed\b", path.read_text(encoding="utf-8"), re.I), path
