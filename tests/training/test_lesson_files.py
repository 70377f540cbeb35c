"""Lesson files: what is wrong is named with file, line and key; a folder is looked at anew at each request."""

import os
import re

import pytest
from wire import ROOT

from warmflow.training import lesson_library as libraries
from warmflow.training.dry_run import rehearsed
from warmflow.training.lesson_file import LessonError, load
from warmflow.training.lesson_library import LessonLibrary, UnknownLesson
from warmflow.training.progress import played
from warmflow.training.simulated_run import to_the_end
from warmflow.training.toml_lines import key_lines, line_of

PAGE = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
[ICE_BATH] = [text for text in re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL) if "[[step]]" in text]
INLINE = """[inline]
rest_before_min = 1
rest_after_min = 200
[[inline.event]]
kind = "exposure"
at_min = 0
duration_min = 20
skin_c = 20
"""


def written(folder, text, name="mine.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def line_with(text, words):
    """The last one that has the words."""
    return max(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_the_example_of_the_page_is_a_lesson_that_reaches_all_its_steps(tmp_path):
    loaded = load(written(tmp_path, ICE_BATH, "ice-bath.toml"))
    assert loaded.name == "ice-bath"
    assert rehearsed(loaded).problems == ()


@pytest.mark.parametrize(
    ("old", "new", "key", "complaint"),
    [
        ("below = -20", "belw = -20", "step.2.when.belw", "unknown key; did you mean below?"),
        ("closing =", "closng =", "closng", "unknown key; did you mean closing?"),
        ("closing =", "closng =", "closing", "is missing"),
        ("statement = [4]", "statement = [14]", "statement.1", "has to be 13 or less, not 14"),
        ('"cold-plunge"', '"cold-plung"', "scenario", "did you mean cold-plunge?"),
        ('"cold-plunge"', "7", "scenario", "has to be a text, not 7"),
        ('scenario = "cold-plunge"', "", "inline", "neither is given"),
        ('"vapour_kpa", "visc', '"vapor_kpa", "visc', "step.2.shows.2", "did you mean vapour_kpa?"),
        ('number = "deviation_percent", below = -20', "below = -20", "step.2.when", "of which number?"),
        ("below = -20", "below = -20, above = 3", "step.2.when", "needs one test, not 2"),
        ("below = -20", "falls_percent = 20", "step.2.when", "which is 0 at the start: use above, below or within"),
        ('{ phase = "rest" }', "{}", "step.1.when", "nothing to wait for"),
        ('{ phase = "rest" }', '{ phase = "resting" }', "step.1.when.phase", "did you mean rest?"),
        ('id = "falls"', 'id = "Falls"', "step.2.id", "small letters"),
        ('id = "falls"', 'id = "rest"', "step.2.id", "is the id of an earlier step"),
        ('"flow_ul_h", "pump_c"', '"added_mg", "pump_c"', "step.1.shows", "needs a [concentration]"),
        ('what = "peak_percent"', 'what = "peak_percnt"', "predict.1.what", "did you mean peak_percent?"),
        ("high = 100", "high = -200", "predict.1.high", "no more than low"),
        ("right = 2", "right = 3", "question.1.right", "3, of 2 choices"),
        ("right = 2", "", "question.1.right", "is missing"),
        ('"Less vapour pressure and thicker fluid"', '"a cold battery "', "question.1.choices", "the same"),
        ('part = "drops"', 'part = "drop"', "step.2.part", "did you mean drops?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_line_and_key(tmp_path, old, new, key, complaint):
    text = ICE_BATH.replace(old, new, 1)
    assert text != ICE_BATH
    path = written(tmp_path, text)
    with pytest.raises(LessonError) as caught:
        load(path)
    [problem] = [problem for problem in caught.value.problems if problem.key == key and complaint in problem.text]
    assert f"{path}:{problem.line}: {key}: " in str(caught.value)
    # its own line; where the key is missing its table's first, and at the top of the file line 1
    expected = {"closing": 'title = "Ice', "inline": 'title = "Ice', "question.1.right": "[[question]]"}
    missing = complaint in ("is missing", "neither is given")
    assert problem.line == line_with(text, expected[key] if missing else new)


@pytest.mark.parametrize(
    ("text", "line"), [("title = \n", 1), (ICE_BATH + "\n[[step]\n", len(ICE_BATH.splitlines()) + 2), ('a = "\n', 1)]
)
def test_what_is_no_toml_is_refused_with_its_line(tmp_path, text, line):
    with pytest.raises(LessonError) as caught:
        load(written(tmp_path, text))
    [problem] = caught.value.problems
    assert problem.line == line
    assert "not TOML" in problem.text


def test_everything_that_is_wrong_is_said_at_once_in_the_order_of_lines(tmp_path):
    text = ICE_BATH.replace("below = -20", "belw = -20").replace("right = 2", "right = 9").replace("order", "ordr")
    with pytest.raises(LessonError) as caught:
        load(written(tmp_path, text))
    lines = [problem.line for problem in caught.value.problems]
    assert len(lines) >= 2
    assert lines == sorted(lines)


def test_a_file_that_is_no_text_or_not_there_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    with pytest.raises(LessonError, match="no such file"):
        load(path)
    path.write_bytes(b"title = '\xff'")
    with pytest.raises(LessonError, match="not UTF-8"):
        load(path)


def test_a_lesson_may_have_an_exposure_of_its_own_and_its_keys_are_checked_too(tmp_path):
    text = ICE_BATH.replace('scenario = "cold-plunge"\n', "") + INLINE
    loaded = load(written(tmp_path, text))
    assert loaded.scenario.event[0].skin_c == 20
    assert to_the_end(played(loaded)).peak_percent < -20
    broken = text.replace("skin_c = 20", "skinc = 20")
    with pytest.raises(LessonError) as caught:
        load(written(tmp_path, broken))
    [problem] = caught.value.problems
    assert (problem.key, problem.line) == ("inline.event.1.skinc", line_with(broken, "skinc"))
    assert "did you mean skin_c?" in problem.text


def test_a_scenario_file_may_stand_beside_the_lesson(tmp_path):
    scenario = (ROOT / "host/warmflow/simulation/scenarios/cold-plunge.toml").read_text()
    written(tmp_path, scenario.replace("duration_min = 10", "duration_min = 12"), "own.scenario")
    loaded = load(written(tmp_path, ICE_BATH.replace('"cold-plunge"', '"own.scenario"')))
    assert loaded.scenario.event[0].duration_min == 12


def test_lines_are_found_in_spite_of_strings_comments_and_arrays_over_many_lines():
    text = 'a = """\n[b]\nc = 1\n"""  # [d]\ne = [\n  1, # ]\n  2,\n]\n'
    text += '[[f]]\n"g h".i = "[x]"\n[[f]]\nj = {k = 1}\n[f.l]\nm = 0\n'
    lines = key_lines(text)
    assert lines == {
        ("a",): 1, ("e",): 5, ("f", 0): 9, ("f", 0, "g h"): 10, ("f", 0, "g h", "i"): 10, ("f", 1): 11,
        ("f", 1, "j"): 12, ("f", 1, "l"): 13, ("f", 1, "l", "m"): 14,
    }  # fmt: skip
    assert line_of(("f", 1, "j", "k"), lines) == 12
    assert line_of(("f", 1, "some-kind", "l", "m"), lines) == 14
    assert line_of(("f", 0, "missing"), lines) == 9
    assert line_of((), lines) == 1
    assert line_of(("f",), lines) == 9, "an array of tables stands where its first one is"


def test_a_new_file_is_there_without_a_restart_and_a_broken_one_stops_nobody(tmp_path):
    library = LessonLibrary(tmp_path)
    ours = set(library.look().lessons)
    assert "ice-bath" not in ours
    path = written(tmp_path, ICE_BATH, "ice-bath.toml")
    assert set(library.look().lessons) == ours | {"ice-bath"}

    written(tmp_path, ICE_BATH.replace("below = -20", "belw = -20"), "broken.toml")
    contents = library.look()
    assert set(contents.lessons) == ours | {"ice-bath"}
    [error] = contents.refused.values()
    assert "broken.toml:" in str(error)
    assert "step.2.when.belw" in str(error)
    with pytest.raises(LessonError, match="belw"):
        contents.lesson("broken")

    written(tmp_path, ICE_BATH, "broken.toml")
    assert library.look().refused == {}
    path.unlink()
    with pytest.raises(UnknownLesson, match=r"did you mean hot-tub\?"):
        library.look().lesson("hot-tubb")


def test_what_has_not_changed_is_not_read_again(tmp_path, monkeypatch):
    path = written(tmp_path, ICE_BATH, "ice-bath.toml")
    read = []
    monkeypatch.setattr(libraries, "load", lambda path: read.append(path) or load(path))
    library = LessonLibrary(tmp_path)
    library.look()
    count = len(read)
    library.look()
    assert len(read) == count
    os.utime(path, ns=(1, 1))
    library.look()
    assert read[count:] == [path]


def test_a_lesson_of_the_user_s_goes_before_ours_of_the_same_name(tmp_path):
    written(tmp_path, ICE_BATH, "hot-tub.toml")
    assert LessonLibrary(tmp_path).look().lessons["hot-tub"].lesson.title == "Ice bath"


def test_a_folder_that_is_not_there_is_said_and_ours_go_on(tmp_path):
    contents = LessonLibrary(tmp_path / "none").look()
    assert contents.lessons
    [error] = contents.refused.values()
    assert "no such folder" in str(error)


def test_a_step_that_is_never_reached_and_a_slider_without_the_truth_are_found(tmp_path):
    text = ICE_BATH.replace("below = -20", "below = -90").replace("low = -100", "low = 0")
    found = rehearsed(load(written(tmp_path, text)))
    said = {problem.key: problem for problem in found.problems}
    assert set(said) == {"step.2.when", "step.3.when", "predict.1"}
    assert "falls is never reached" in said["step.2.when"].text
    assert "waits for falls" in said["step.3.when"].text
    assert said["step.2.when"].line == line_with(text, "below = -90")
