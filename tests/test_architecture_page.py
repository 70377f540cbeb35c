"""Each path in the table "Where do I add ..." of docs/architecture.md exists, as do the folders of its other table."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
TOPS = ("firmware", "protocol", "tests", "docs", "hardware")  # other paths are inside of host/warmflow
HOST = ROOT / "host" / "warmflow"
PATH = re.compile(r"`([\w./]+/[\w.]*)`|`([\w.]+\.py)`")


def rows() -> list[tuple[str, str]]:
    table = PAGE.partition("## Where do I add")[2].partition("\n## ")[0]
    cells = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| ")]
    return [(what.strip(), where) for what, where in cells[1:]]


def place(path: str) -> Path:
    """What a row names; NAME stands for a file that is new, so its folder counts."""
    full = (ROOT if path.partition("/")[0] in TOPS else HOST) / path
    return full.parent if full.stem == "NAME" else full


@pytest.mark.parametrize(("what", "where"), rows(), ids=lambda value: value if len(value) < 20 else "")
def test_each_row_names_places_that_exist(what: str, where: str) -> None:
    paths = [first or second for first, second in PATH.findall(where)]
    assert paths, f"{what}: no path"
    assert [path for path in paths if not place(path).exists()] == []


def test_the_page_has_every_package() -> None:
    packages = {folder.name for folder in HOST.iterdir() if (folder / "__init__.py").is_file()}
    table = PAGE.partition("## The packages of the host")[2].partition("\n## ")[0]
    assert packages == set(re.findall(r"^\| `(\w+)/` \|", table, re.MULTILINE))
    assert all((HOST / f"{name}.py").is_file() for name in ("errors", "level_words", "notice", "version", "hub"))


def test_the_page_of_tests_has_every_folder_and_real_stand_ins() -> None:
    page = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page.partition("## Folders")[2].partition("\n## ")[0]))
    tests = {folder.name for folder in (ROOT / "tests").iterdir() if any(folder.glob("*.py"))}
    assert tests <= named
    modules = re.findall(r"`(\w+)`", page.partition("| module in `support/`")[2].partition("\n## ")[0])
    assert modules
    assert [name for name in modules if not (ROOT / "tests" / "support" / f"{name}.py").is_file()] == []


def test_the_rows_are_found() -> None:
    assert "a sink" in dict(rows())
    assert not place("sinks/no_such.py").exists()
