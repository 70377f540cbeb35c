"""Each promise of docs/security.md and each case of docs/cases.md names tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = {"security": "## What is promised", "cases": "## Loss"}  # with the heading of the first table of promises
HEADS = ("| promise", "| case")
TEST = re.compile(r"`((?:[a-z0-9_]+/)?test_[a-z0-9_]+\.py)::(test_\w+)`")


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


NAMED = [(name, file, test) for name in PAGES for file, test in TEST.findall(page(name))]


@pytest.mark.parametrize(("name", "file", "test"), NAMED)
def test_a_promise_names_a_test_that_is_there(name: str, file: str, test: str) -> None:
    assert re.search(rf"^(async )?def {test}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.M)


@pytest.mark.parametrize("name", PAGES)
def test_no_promise_is_without_a_test(name: str) -> None:
    promised = page(name).partition(PAGES[name])[2]
    promised = promised if name == "cases" else promised.partition("\n## ")[0]
    rows = [line for line in promised.splitlines() if line.startswith("| ") and line.split(" | ")[0] not in HEADS]
    assert len(rows) > 15
    assert all("::test_" in row for row in rows)
