"""Options that name an output, and the check of all of them before a command begins its work.

An output is declared with `metavar=OUTPUT`: that is how the check, and the test that tries bad outputs, find it.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from warmflow.runtime.input_files import add_input, input_scope
from warmflow.runtime.output_file import check_output, descriptor
from warmflow.runtime.output_rules import OutputError

OUTPUT = "OUTFILE"


def is_output(parameter: Any) -> bool:
    """True for a parameter of a command that names a file to write."""
    return bool(parameter.metavar == OUTPUT)


class Command(TyperCommand):
    """A command whose outputs are compared with its inputs and with one another before it begins."""

    def invoke(self, ctx: Any) -> Any:
        with input_scope():
            outputs = []
            for parameter in self.params:
                paths = list(_paths(ctx.params.get(parameter.name or ""), parameter.param_type_name == "argument"))
                if is_output(parameter):
                    outputs += paths
                else:
                    for path in paths:
                        add_input(path)
            _check(outputs)
            return super().invoke(ctx)


def _paths(value: Any, is_argument: bool) -> Iterator[Path]:
    """The files that a parameter names; an argument may name one by text (`report balance.csv`), an option may not."""
    if isinstance(value, Path) or (isinstance(value, str) and is_argument and value):
        yield Path(value)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _paths(each, is_argument)


def _check(outputs: Iterable[Path]) -> None:
    seen: list[Path] = []
    for path in outputs:
        check_output(path)
        if any(_is_same(path, other) for other in seen):
            raise OutputError(path, "two outputs of this command would go into it; name two files")
        seen.append(path)


def _is_same(path: Path, other: Path) -> bool:
    if None not in (ends := (descriptor(path), descriptor(other))):
        return ends[0] == ends[1]
    try:
        return path.samefile(other) and path.is_file()
    except OSError:
        return os.path.realpath(path) == os.path.realpath(other)
