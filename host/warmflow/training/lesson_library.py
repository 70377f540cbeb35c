"""All lessons that there are: those of the program and those of a user's folder, looked at anew at each request.

By stat: what has not changed is not read again, a new file is there at once, a broken one is refused by name while the
others go on. A lesson of the user overrides a supplied one of the same name.
"""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from warmflow.errors import UserError
from warmflow.runtime.text import did_you_mean, printable
from warmflow.training.lesson_file import LessonError, Loaded, Problem, load

LESSONS_MAX = 200  # of a user's folder: each look compares the files of refused ones with all others
NAME_MAX = 100

Stamp = tuple[tuple[str, int, int, int], ...]


class UnknownLesson(UserError):
    """No such lesson; the text has the nearest."""


class Contents(NamedTuple):
    """Lessons by name, in their order; refused files with what is wrong in each."""

    lessons: Mapping[str, Loaded]
    refused: Mapping[Path, LessonError]

    def lesson(self, name: str) -> Loaded:
        """Raises LessonError for a refused one, UnknownLesson for one that there is not."""
        for path, error in self.refused.items():
            if path.stem == name and name not in self.lessons:
                raise error
        if name in self.lessons:
            return self.lessons[name]
        raise UnknownLesson(f"{printable(name)}: no such lesson; {did_you_mean(name, self.lessons)}")


def same(before: Contents, now: Contents) -> bool:
    """Whether no lesson came, went or changed: a file that did not is not read again."""
    if before.lessons.keys() != now.lessons.keys() or before.refused.keys() != now.refused.keys():
        return False
    return all(before.lessons[name] is one for name, one in now.lessons.items()) and all(
        str(before.refused[path]) == str(error) for path, error in now.refused.items()
    )


def own_folder() -> Path:
    """Where the lessons of the program are."""
    return Path(str(resources.files("warmflow.training"))) / "lessons"


class LessonLibrary:
    """Keeps what it has read, and nothing else. `folder` is the user's; it need not be there yet."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[Stamp, Loaded | LessonError]] = {}

    def look(self) -> Contents:
        """What there is now. Never raises: what cannot be read is among the refused."""
        found: dict[str, Loaded] = {}
        refused: dict[Path, LessonError] = {}
        paths = [*sorted(own_folder().glob("*.toml")), *self._users()]
        for path in paths:
            one = self._one(path)
            if isinstance(one, LessonError):
                refused[path] = one
            else:
                found[one.name] = one
        self._read = {path: kept for path, kept in self._read.items() if path in paths}
        if self._folder is not None and (more := len(self._all_users()) - LESSONS_MAX) > 0:
            why = f"{more} of its lessons are not read: {LESSONS_MAX} at most, in the order of their names"
            refused[self._folder] = LessonError([Problem(self._folder, 1, "", why)])
        if self._folder is not None and not self._folder.is_dir():
            why = "no such folder; make it, or change training.lessons in the settings"
            refused[self._folder] = LessonError([Problem(self._folder, 1, "", why)])
        return Contents(dict(sorted(found.items(), key=lambda item: (item[1].lesson.order, item[0]))), refused)

    def _users(self) -> list[Path]:
        return self._all_users()[:LESSONS_MAX]

    def _all_users(self) -> list[Path]:
        return sorted(self._folder.glob("*.toml")) if self._folder is not None and self._folder.is_dir() else []

    def _one(self, path: Path) -> Loaded | LessonError:
        if path in self._read:
            stamp, one = self._read[path]
            if stamp == _stamp(_files(path, one)):
                return one
        one = _loaded(path)
        self._read[path] = (_stamp(_files(path, one)), one)
        return one


def _loaded(path: Path) -> Loaded | LessonError:
    """Whatever is wrong with a file costs this lesson, and no other."""
    if not path.stem.isprintable() or len(path.stem) > NAME_MAX:
        why = f"the name of a lesson's file has {NAME_MAX} printable characters at most: rename it"
        return LessonError([Problem(path, 1, "", why)])
    try:
        return load(path)
    except LessonError as error:
        return error
    except Exception as error:  # a way to be wrong that nobody has thought of
        return LessonError([Problem(path, 1, "", f"cannot be read: {type(error).__name__}: {error}")])


def _files(path: Path, one: Loaded | LessonError) -> tuple[Path, ...]:
    # a refused lesson may be mended by another file than its own: any TOML beside it counts
    return one.read if isinstance(one, Loaded) else (path, *sorted(path.parent.glob("*.toml")))


def _stamp(paths: tuple[Path, ...]) -> Stamp:
    stamps = []
    for path in paths:
        try:
            stat = path.stat()
            stamps.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
        except OSError:
            stamps.append((str(path), 0, 0, 0))
    return tuple(stamps)
