"""Fuzz target: files that somebody hands over. Each reader gives what is in a file, or one error for people."""

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from fuzz_inputs import mutated
from lab_files import CASES

from warmflow.errors import UserError
from warmflow.instruments.reader import read
from warmflow.runtime.text_file import read_json
from warmflow.simulation import scenario
from warmflow.training import lesson_file, lesson_library

TABLES = [each.encode() if isinstance(each, str) else each for each in CASES.values()]
SCENARIOS = [path.read_bytes() for path in scenario.built_in().values()]
LESSONS = [path.read_bytes() for path in sorted(lesson_library.own_folder().glob("*.toml"))] or SCENARIOS
CASE_CHANGED = (bytes.upper, bytes.lower, lambda data: b"\xef\xbb\xbf" + data, lambda data: data.replace(b",", b";"))


def _instrument(path: Path) -> None:
    read(path)


def _scenario(path: Path) -> None:
    scenario.load(str(path))


def _lesson(path: Path) -> None:
    lesson_file.load(path)


def _json(path: Path) -> None:
    read_json(path)


READERS: list[tuple[str, list[bytes], Callable[[Path], None]]] = [
    (".csv", TABLES, _instrument),
    (".csv", TABLES, _instrument),
    (".toml", SCENARIOS, _scenario),
    (".toml", LESSONS, _lesson),
    (".json", [b'{"a": [1, 2.5, null, "\\u0000"]}'], _json),
]


def files(dice: random.Random) -> None:
    """Raises only UserError, in one line that can be printed."""
    suffix, seeds, reader = dice.choice(READERS)
    data = dice.choice(seeds)
    if dice.random() < 0.3:
        data = dice.choice(CASE_CHANGED)(data)
    if dice.random() < 0.9:
        data = mutated(dice, data)
    path = Path(tempfile.gettempdir()) / f"warmflow-fuzz-{os.getpid()}{suffix}"
    path.write_bytes(data)
    said = "what is in it"
    try:
        reader(path)
    except UserError as error:
        said = str(error)
    finally:
        path.unlink()
    assert said, data
    assert "Traceback" not in said, data
