"""What this package raises."""

from pathlib import Path

from warmflow.errors import UserError


class InstrumentFileError(UserError):
    """The file cannot be read without a guess; the text names file, line and remedy."""


def at_line(path: Path, line: int, text: str) -> InstrumentFileError:
    return InstrumentFileError(f"{path}:{line}: {text}")
