"""The repository's own source files for the rules that are read from them: each is read and parsed once a process."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a Python file. It is shared: nobody changes it."""
    return ast.parse(text_of(path))


@cache
def python_files(folder: str) -> tuple[Path, ...]:
    """All of a folder of the repository, sorted."""
    return tuple(sorted((ROOT / folder).rglob("*.py")))
