"""The rules of the house for its own tests, read from their source by `ast`."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from optional_parts import PARTS, Part, ci_allows, summary
from source_files import python_files, tree_of

TESTS = Path(__file__).parent


@cache
def trees() -> dict[str, ast.Module]:
    """Of every Python file of the tests, by its path from their folder."""
    return {str(path.relative_to(TESTS)): tree_of(path) for path in python_files("tests")}


def private_waits(tree: ast.Module) -> list[int]:
    """Lines of functions that are called like a wait, and of loops that do nothing but sleep."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in {"until", "wait_until"})
        or (isinstance(node, ast.While) and len(node.body) == 1 and _is_sleep(node.body[0]))
    ]


def _is_sleep(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    call = value.value if isinstance(value, ast.Await) else value
    return isinstance(call, ast.Call) and ast.unparse(call.func) in {"asyncio.sleep", "anyio.sleep", "time.sleep"}


def test_a_wait_for_a_condition_is_in_support_wait():
    found = {
        name: lines for name, tree in trees().items() if name != "support/wait.py" and (lines := private_waits(tree))
    }
    assert not found, "wait with support/wait.py: its error names what did not come"


def test_the_rule_on_waits_sees_a_loop_and_a_function():
    assert private_waits(ast.parse("async def x():\n    while not come():\n        await asyncio.sleep(1)\n")) == [2]
    assert private_waits(ast.parse("def until(x): ...\n")) == [1]


def loops_of_their_own(tree: ast.Module) -> list[int]:
    """Lines that start an event loop: a test that is a coroutine has one, and its leftover tasks are cancelled."""
    return [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "asyncio.run"
    ]


def test_a_test_that_needs_a_loop_is_a_coroutine():
    programs = ("bench/bench_", "support/plain_relay.py", "support/hostile_visitor.py")  # started from a command line
    found = {
        name: lines
        for name, tree in trees().items()
        if not name.startswith(programs) and (lines := loops_of_their_own(tree))
    }
    assert not found, "write `async def test_...`: anyio's plugin gives it a loop"


SKIPS = {"pytest.skip", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.skipif", "unittest.skip"}


def bare_skips(tree: ast.Module) -> list[int]:
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node) in SKIPS]


def parts_named(tree: ast.Module) -> set[str]:
    """The parts that a test file asks for."""
    asks = {
        "pytest.mark.needs": None,
        "require": None,
        "module_of": 1,
    }  # the function, and how many arguments are parts
    return {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (function := ast.unparse(node.func)) in asks
        for argument in node.args[: asks[function]]
        if isinstance(argument, ast.Constant)
    }


def test_a_test_is_skipped_only_for_a_part_of_the_table():
    found = {
        name: lines
        for name, tree in trees().items()
        if name != "support/optional_parts.py" and (lines := bare_skips(tree))
    }
    assert not found, 'write @pytest.mark.needs("..."), or require("...") in a fixture: see support/optional_parts.py'


def test_the_parts_that_tests_need_are_in_the_table():
    found = {name: unknown for name, tree in trees().items() if (unknown := parts_named(tree) - PARTS.keys())}
    assert not found
    assert len({part.reason for part in PARTS.values()}) == len(PARTS)  # CI tells the parts by it


def test_the_rule_on_skips_sees_each_way_to_skip():
    source = "\n".join(f"@{each}\ndef test(): ..." for each in sorted(SKIPS))
    assert len(bare_skips(ast.parse(source))) == len(SKIPS)
    assert parts_named(ast.parse("@pytest.mark.needs('a', 'b')\ndef test(): require('c'); module_of('d', 'e')")) == set(
        "abcd"
    )


def test_skips_are_counted_by_part_and_ci_allows_only_its_own():
    mosquitto, image = PARTS["mosquitto"].reason, PARTS["MicroPython image"].reason
    assert summary([image, mosquitto, "too late today", mosquitto]) == [
        "    2 need mosquitto: apt install mosquitto",
        f"    1 needs {image}",
        "    1 skipped: too late today",
    ]
    assert ci_allows(image)
    assert not ci_allows(mosquitto)
    assert not ci_allows("too late today")


PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "anyio"]
FEW_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # those of browsers and generators take a second to load
SUITE = """
import pytest

def test_that_runs():
    pass

@pytest.mark.needs("{part}")
def test_that_needs_a_part():
    pass
"""


@pytest.mark.parametrize(("part", "in_ci", "status"), [("first", "1", 1), ("second", "1", 0), ("first", "", 0)])
def test_a_run_of_ci_fails_for_a_skip_that_it_is_not_allowed(tmp_path, part, in_ci, status):
    """The conftest of this folder, with a table of two parts that are nowhere; only the second may be missing in CI."""
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("no_process_left.py", "memory_files.py"):
        shutil.copy(TESTS / "support" / name, tmp_path)
    missing = [
        Part(name, "a test", f"bring the {name}", lambda: None, name == "second") for name in ("first", "second")
    ]
    table = "\n".join(f"PARTS[{each.name!r}] = Part(*{tuple(each._replace(found=None))!r})" for each in missing)
    table = table.replace("None", "lambda: None")
    source = (TESTS / "support" / "optional_parts.py").read_text(encoding="utf-8")
    (tmp_path / "optional_parts.py").write_text(f"{source}\n{table}\n", encoding="utf-8")
    (tmp_path / "test_suite.py").write_text(SUITE.format(part=part), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = needs\npythonpath = .\nanyio_mode = auto\n")
    done = subprocess.run(
        [*PYTEST, str(tmp_path)],
        env=os.environ | FEW_PLUGINS | {"WARMFLOW_CI": in_ci}, cwd=tmp_path,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout
    assert f"1 needs {part}: bring the {part}" in done.stdout
    assert ("not allowed in CI" in done.stdout) == bool(status)


@pytest.mark.parametrize(("named", "status"), [("none", 0), ("/no/such.uf2", 1)])
def test_a_test_on_the_chip_that_does_not_run_fails_where_an_image_was_named(tmp_path, named, status):
    for name in ("conftest.py", "support/memory_files.py", "support/no_process_left.py", "support/optional_parts.py"):
        shutil.copy(TESTS / name, tmp_path)
    suite = "import pytest\n\n@pytest.mark.rp2040\ndef test_on_the_chip():\n    pytest.skip('no image')\n"
    (tmp_path / "test_suite.py").write_text(suite, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = needs\n    rp2040\npythonpath = .\nanyio_mode = auto\n")
    done = subprocess.run(
        [*PYTEST, str(tmp_path)],
        env=os.environ | FEW_PLUGINS | {"WARMFLOW_CI": "", "WARMFLOW_UF2": named},
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout
    assert ("this has to run: test_suite.py::test_on_the_chip" in done.stdout) == bool(status)


def test_a_warning_is_an_error_and_what_is_filtered_is_named():
    tool = tomllib.loads((TESTS.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    first, *filters = tool["pytest"]["ini_options"]["filterwarnings"]
    assert first == "error"
    assert all(re.fullmatch(r"ignore:[^:]{10,}:\w+Warning(:[\w.]+)?", each) for each in filters), filters
