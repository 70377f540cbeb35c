"""The files that a command reads, so that it never overwrites one of them. Readers add their file; `output_file`
compares each output with all of them. Outside a scope nothing is remembered, so the list does not grow in a daemon.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_SCOPE: ContextVar[dict[Path, None] | None] = ContextVar("input files", default=None)


@contextmanager
def input_scope() -> Iterator[None]:
    """Inputs are remembered until the end of the block. A scope inside another one adds to the outer one's inputs."""
    before = _SCOPE.get()
    token = _SCOPE.set(dict(before or {}))
    try:
        yield
    finally:
        _SCOPE.reset(token)


def add_input(path: Path | str) -> None:
    """Call it before the file is read. A name that is not a file may be added as well; it equals no output."""
    scope = _SCOPE.get()
    if scope is not None and str(path):
        scope[Path(os.path.abspath(path))] = None


def inputs() -> tuple[Path, ...]:
    """All inputs of this scope, oldest first."""
    return tuple(_SCOPE.get() or ())
