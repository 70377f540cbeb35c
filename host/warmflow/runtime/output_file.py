"""Files that a person asked for by name: a missing folder, a full disk or a lack of rights is an error in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from warmflow.errors import UserError


@contextmanager
def writes(path: Path) -> Iterator[None]:
    """Around whatever writes this file. Raises UserError with the file's name for an error of the system with it."""
    try:
        yield
    except OSError as error:
        if error.filename not in (None, path, str(path)):  # of another file: not ours to explain
            raise
        raise UserError(f"{path}: can not be written: {error.strerror or error}") from error


@contextmanager
def output_file(path: Path) -> Iterator[TextIO]:
    """The file, open for text in UTF-8; what was in it is gone. Lines end as they are written. Raises UserError."""
    with writes(path), path.open("w", encoding="utf-8", newline="") as file:
        yield file


def write_text(path: Path, text: str) -> None:
    """Raises UserError."""
    with output_file(path) as file:
        file.write(text)
