"""One bad file in the lessons' folder costs itself: the others are there, it is named, and nothing waits for it."""

import os
import shutil
import socket

import pytest

from warmflow.runtime.json_bytes import dump
from warmflow.simulation import scenario as scenarios
from warmflow.training import lesson_library, views
from warmflow.training.lesson_library import LESSONS_MAX, LessonLibrary, own_folder

GOOD = own_folder() / "hot-tub.toml"


def _fifo(path):
    os.mkfifo(path)


def _socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


BAD = {
    "fifo": _fifo,
    "socket": _socket,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "loop": lambda path: path.symlink_to(path),
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "huge": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 10**11),
    "zeros": lambda path: path.write_bytes(bytes(5000)),
    "not-utf8": lambda path: path.write_bytes(b"\xff\xfe"),
    "integer": lambda path: path.write_text("order = " + "9" * 5000),
    "deep": lambda path: path.write_text("a = " + "[" * 3000),
    "infinite": lambda path: path.write_text(GOOD.read_text().replace("order = ", "order = inf #", 1)),
    "escape": lambda path: path.write_text('"\\u001b[2J" = 1'),
    "date": lambda path: path.write_text("a = 9999-99-99"),
}


@pytest.mark.needs("POSIX")
@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_named_and_the_others_are_there(tmp_path, kind) -> None:
    shutil.copy(GOOD, tmp_path / "mine.toml")
    BAD[kind](tmp_path / "bad.toml")
    library = LessonLibrary(tmp_path)
    found = library.look()
    assert "mine" in found.lessons
    assert "hot-tub" in found.lessons
    assert list(found.refused) == [tmp_path / "bad.toml"]
    dump(views.listed(found))
    assert all(row["text"].isprintable() for row in views.listed(found)["refused"])


@pytest.mark.needs("Linux")
def test_a_name_that_is_no_text_is_refused_and_shown(tmp_path) -> None:
    shutil.copy(GOOD, tmp_path / "mine.toml")
    for name in (b"\xff.toml", b"a\nb.toml", b"x" * 200 + b".toml"):
        shutil.copy(GOOD, os.fsencode(tmp_path) + b"/" + name)
    found = LessonLibrary(tmp_path).look()
    assert len(found.refused) == 3
    assert "mine" in found.lessons
    dump(views.listed(found))


def test_a_way_to_be_wrong_that_nobody_has_thought_of_costs_its_lesson(tmp_path, monkeypatch) -> None:
    def broken(path):
        if path.stem == "bad":
            raise ZeroDivisionError("nobody knows why")
        return load(path)

    load = lesson_library.load
    monkeypatch.setattr(lesson_library, "load", broken)
    for name in ("bad", "mine"):
        shutil.copy(GOOD, tmp_path / f"{name}.toml")
    found = LessonLibrary(tmp_path).look()
    assert "mine" in found.lessons
    assert "ZeroDivisionError" in str(found.refused[tmp_path / "bad.toml"])


def test_a_folder_of_thousands_is_read_to_a_limit_and_says_so(tmp_path) -> None:
    for number in range(LESSONS_MAX + 5):
        (tmp_path / f"{number:04}.toml").write_text("")
    found = LessonLibrary(tmp_path).look()
    assert len(found.refused) == LESSONS_MAX + 1
    assert "5 of its lessons are not read" in str(found.refused[tmp_path])


@pytest.mark.needs("POSIX")
@pytest.mark.timeout(10)
def test_a_scenario_is_read_by_the_same_rules(tmp_path) -> None:
    os.mkfifo(tmp_path / "x.toml")
    (tmp_path / "digits.toml").write_text("length_min = " + "9" * 5000)
    for name in ("x.toml", "digits.toml"):
        with pytest.raises(scenarios.ScenarioError):
            scenarios.load(str(tmp_path / name))
