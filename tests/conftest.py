"""Rules for all tests: each has an asyncio loop if it is a coroutine, leaves no process, and is skipped only for a part
of the table in support/optional_parts.py. Under WARMFLOW_CI=1 a skip that the table does not allow to CI fails the run.
"""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import memory_files
import optional_parts
import pytest
from no_process_left import no_process_left

sys.path.insert(0, str(Path(__file__).parents[1] / "firmware" / "src"))  # board, pump: never on an installed path

memory_files.use()  # before pytest makes its first folder, in each worker
# what a test or a program that it starts keeps as its user, or finds there, is this run's own
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="warmflow-test-state-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

IN_CI = os.environ.get("WARMFLOW_CI", "") not in {"", "0"}


@pytest.fixture
def anyio_backend() -> str:
    """The product runs on asyncio alone."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_process_left() -> Iterator[None]:
    with no_process_left():
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m "not mosquitto"` finds the tests by the part that they need."""
    for item in items:
        for name in _needs(item):
            if marker := optional_parts.PARTS[name].marker:
                item.add_marker(marker)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    optional_parts.require(*_needs(item))


def _needs(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("needs") for name in mark.args]


def _skipped(terminal: pytest.TerminalReporter) -> list[str]:
    """The reason of each skip, without what pytest writes before it."""
    reports = terminal.stats.get("skipped", [])
    texts = [str(each.longrepr[2] if isinstance(each.longrepr, tuple) else each.longrepr) for each in reports]
    return [text.removeprefix("Skipped: ") for text in texts]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and terminal and not all(map(optional_parts.ci_allows, _skipped(terminal))):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = _skipped(terminalreporter)
    if not reasons:
        return
    terminalreporter.write_sep("=", "tests that were skipped", yellow=True)
    for line in optional_parts.summary(reasons):
        terminalreporter.write_line(line)
    if IN_CI:
        for line in optional_parts.summary(reason for reason in reasons if not optional_parts.ci_allows(reason)):
            terminalreporter.write_line(f"not allowed in CI: {line.strip()}", red=True)
