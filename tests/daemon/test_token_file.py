"""A new token is in force without a restart; a file that holds none changes nothing."""

import os
from pathlib import Path

import pytest

from warmflow.daemon.config.model import HttpSettings
from warmflow.daemon.token_file import LOOK_EVERY_S, TokenFile

FIRST, SECOND = "first-token-of-length", "second-token-of-length"


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def lines() -> list[str]:
    return []


def written(file: Path, text: str) -> None:
    """As an editor does it: another file takes its name."""
    (file.parent / "new").write_text(text)
    os.replace(file.parent / "new", file)


def test_a_changed_token_is_in_force_within_a_second(tmp_path: Path, lines: list[str]) -> None:
    file, clock = tmp_path / "token", Clock()
    file.write_text(FIRST + "\n")
    token = TokenFile(HttpSettings(token_file=file), lines.append, clock)
    written(file, SECOND)
    assert token() == FIRST  # the file is not looked at for every request
    clock.now_s += LOOK_EVERY_S
    assert token() == SECOND
    assert len(lines) == 1
    assert SECOND not in lines[0]


@pytest.mark.parametrize("content", ["", "short", "two\nlines of length and more"])
def test_a_file_that_holds_no_token_leaves_the_old_one_and_says_so_once(
    tmp_path: Path, lines: list[str], content: str
) -> None:
    file, clock = tmp_path / "token", Clock()
    file.write_text(FIRST)
    token = TokenFile(HttpSettings(token_file=file), lines.append, clock)
    written(file, content)
    for _ in range(3):
        clock.now_s += LOOK_EVERY_S
        assert token() == FIRST
    assert len(lines) == 1


def test_a_file_that_has_gone_leaves_the_old_token(tmp_path: Path, lines: list[str]) -> None:
    file, clock = tmp_path / "token", Clock()
    file.write_text(FIRST)
    token = TokenFile(HttpSettings(token_file=file), lines.append, clock)
    file.unlink()
    clock.now_s += LOOK_EVERY_S
    assert token() == FIRST
    written(file, SECOND)
    clock.now_s += LOOK_EVERY_S
    assert token() == SECOND
