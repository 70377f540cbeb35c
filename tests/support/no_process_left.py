"""What a test started ends with it: a daemon or a board that it leaves would read the ports of the tests after it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

# helpers of Python's own multiprocessing, shared by all tests of a worker
SHARED = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


def _children() -> set[int]:
    """The process ids of our children. Linux's own list: psutil reads all of /proc, which 4,000 tests would feel."""
    found = set[int]()
    for task in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread that has ended meanwhile
            found.update(map(int, task.read_text().split()))
    return found


def _end(pid: int) -> str | None:
    """Ends a process with all below it; its command line, or None if it had ended or is shared."""
    try:
        process = psutil.Process(pid)
        command = " ".join(process.cmdline())
        if process.status() == psutil.STATUS_ZOMBIE or any(name in command for name in SHARED):
            return None
        family = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return None
    for each in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(family, timeout=10)
    return command


@contextlib.contextmanager
def no_process_left() -> Iterator[None]:
    """Ends what is still running of the children that were started inside, and fails with their commands."""
    before = _children()
    yield
    left = [command for pid in _children() - before if (command := _end(pid)) is not None]
    assert not left, f"the test left {len(left)} running: {left}"
