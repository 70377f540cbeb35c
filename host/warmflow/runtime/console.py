"""All output to the terminal: every line that a command prints, on standard output or standard error.

Text from a board, a broker, a file or a journal may contain escape sequences; they are escaped here. If the reader has
ended (`| head`), ClosedPipe is raised. A full disk behind `>` is an error in one line.
"""

import contextlib
import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from warmflow.errors import UserError
from warmflow.runtime.text import printable

STDOUT_NAME = "standard output"
INDENT = "  "


class ClosedPipe(Exception):
    """The reader of the output has ended. Not an OSError, because click would handle that itself."""


class TextOut(Protocol):
    """A stream for text."""

    def write(self, text: str, /) -> object: ...


def say(*lines: str) -> None:
    """Each text as one line on standard output."""
    _write(sys.stdout, lines)


def note(*lines: str) -> None:
    """Each text as one line on standard error, so that standard output stays clean."""
    _write(sys.stderr, lines)


def error_lines(text: str) -> list[str]:
    """An error of several lines: all but the first are indented, so that text in it cannot look like a line of
    warmflow.
    """
    first, *rest = text.split("\n")
    return [first, *(INDENT + line.strip() for line in rest)]


def say_json(value: object, indent: int = 2) -> None:
    say_text(json_text(value, indent))


def say_text(text: str) -> None:
    """Several lines that warmflow made itself, such as a file or JSON."""
    say(*text.split("\n"))


def json_text(value: object, indent: int = 2) -> str:
    """JSON in which every text can be read, and none holds a character that a terminal obeys."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    return text if text.isascii() and "\x7f" not in text else "".join(map(_json_char, text))


def ask(question: str) -> str:
    """The line that a person types; "" at the end of the input."""
    note(question)
    try:
        return sys.stdin.readline().strip() if sys.stdin else ""
    except (OSError, ValueError):
        return ""


def is_terminal() -> bool:
    """True if a person types and sees what is printed."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


class _Printable:
    """Standard output for files that are printed: lines end as they are written, all else is made printable."""

    def write(self, text: str, /) -> int:
        with _guarded():
            return _stream(sys.stdout).write("\n".join(_shown(line) for line in text.split("\n")))


def _shown(line: str) -> str:
    return printable(line.removesuffix("\r")) + "\r" * line.endswith("\r")


def standard_output() -> TextOut:
    return _Printable()


def flush() -> None:
    """Raises ClosedPipe and UserError, as printing does: small outputs fail only here."""
    with _guarded():
        if sys.stdout is not None:
            sys.stdout.flush()


def give_up() -> None:
    """After a failure: what is still buffered goes nowhere, and the interpreter has nothing to complain of at its end.
    Ref: docs.python.org/3/library/signal.html, note on SIGPIPE.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def _json_char(char: str) -> str:
    if char == "\n" or char.isprintable():
        return char
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"


def _write(stream: TextIO | None, lines: tuple[str, ...]) -> None:
    text = "".join(f"{printable(line)}\n" for line in lines)
    if stream is sys.stderr:  # the error cannot be printed anywhere
        with contextlib.suppress(OSError, ValueError, AttributeError):
            _stream(stream).write(text)
            _stream(stream).flush()
        return
    with _guarded():
        _stream(stream).write(text)
        _stream(stream).flush()


def _stream(stream: TextIO | None) -> TextIO:
    if stream is None:
        raise OSError(errno.EBADF, "it is closed")
    return stream


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except (BrokenPipeError, ConnectionResetError):
        raise ClosedPipe(STDOUT_NAME) from None
    except OSError as error:
        if sys.platform == "win32" and error.errno == errno.EINVAL:  # so Windows says that a pipe is closed
            raise ClosedPipe(STDOUT_NAME) from None
        raise UserError(f"{STDOUT_NAME}: cannot be written: {error.strerror or error}") from None


def escape_unknown_characters() -> None:
    """A character that the terminal's encoding lacks is escaped, and ends no command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
