"""A child process is heard, ended in order, and gone when we are."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from asyncio.subprocess import PIPE

import psutil
import pytest
from wait import wait_until, wait_until_sync

from warmflow.runtime.child_process import LINE_MAX_BYTES, TAIL_LINES, Child, ChildError

DEADLINE_S = 20
pytestmark = pytest.mark.timeout(DEADLINE_S)
STUBBORN = ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done"]


def processes_below(pid):
    return [each.pid for each in psutil.Process(pid).children(recursive=True)]


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def said(child, line):
    await wait_until(lambda: line in child.tail())


async def started_and_waited(argv, **options):
    child = await Child.start(argv, name="sample", **options)
    await child.wait()
    return child


async def test_lines_of_both_outputs_are_in_the_tail_and_given_to_on_line():
    lines = []
    child = await started_and_waited(["sh", "-c", "echo one; echo two >&2; printf three; exit 7"], on_line=lines.append)
    assert child.returncode == 7
    assert sorted(child.tail()) == sorted(lines) == ["one", "three", "two"]
    assert child.last_words().startswith("exit code 7, last lines: ")


async def test_the_tail_keeps_the_last_lines_only():
    child = await started_and_waited(["sh", "-c", "for i in $(seq 500); do echo $i; done"])
    assert child.tail() == [str(i) for i in range(501 - TAIL_LINES, 501)]


async def test_a_megabyte_without_a_line_end_neither_blocks_nor_grows():
    child = await started_and_waited([sys.executable, "-c", "print('x' * 1_000_000)"])
    assert child.returncode == 0
    assert max(len(line) for line in child.tail()) <= 2 * LINE_MAX_BYTES


async def test_an_error_in_on_line_is_reported_and_does_not_stop_the_reading():
    reported = []

    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
    assert (await started_and_waited(["sh", "-c", "echo one; echo two"], on_line=[].index)).tail() == ["one", "two"]
    assert [type(error) for error in reported] == [ValueError, ValueError]


async def test_stdin_and_stdout_given_as_pipes_belong_to_the_caller():
    child = await Child.start(["cat"], name="cat", stdin=PIPE, stdout=PIPE)
    child.stdin.write(b"\x00frame\x00")
    answer = await child.stdout.readexactly(7)
    await child.stop()
    assert (answer, child.tail()) == (b"\x00frame\x00", [])


async def test_a_passed_descriptor_reaches_the_program():
    reading, writing = os.pipe()
    write = f"import os; os.write({writing}, b'hello')"
    child = await Child.start([sys.executable, "-c", write], name="python", pass_fds=[writing])
    os.close(writing)
    await child.wait()
    assert os.read(reading, 100) == b"hello"


@pytest.mark.parametrize(
    ("options", "culprit"),
    [
        ({"argv": ["/no/such/program"]}, "/no/such/program"),
        ({"argv": ["true"], "cwd": "/no/such/folder"}, "/no/such/folder"),
    ],
)
async def test_what_cannot_be_started_is_named_and_leaves_no_process(options, culprit):
    before = processes_below(os.getpid())
    with pytest.raises(ChildError, match=f"cannot start sample: {culprit}: No such file"):
        await Child.start(name="sample", **options)
    assert processes_below(os.getpid()) == before


async def test_a_terminal_interrupt_does_not_reach_the_child():
    child = await Child.start(["sleep", "60"], name="sleep")
    groups = os.getpgid(child.pid), os.getpgrp()
    await child.stop()
    theirs, ours = groups
    assert theirs != ours


async def test_stop_asks_first_and_kills_after_the_timeout():
    polite = await Child.start(["sleep", "60"], name="sleep")
    stubborn = await Child.start(STUBBORN, name="stubborn")
    await said(stubborn, "up")
    assert (await polite.stop(), await stubborn.stop(timeout_s=0.1)) == (-signal.SIGTERM, -signal.SIGKILL)


async def test_stop_can_be_called_twice_and_after_the_end():
    child = await started_and_waited(["true"])
    assert (await child.stop(), await child.stop()) == (0, 0)


@pytest.mark.parametrize("ended_by", ["stop", "its own end", "a cancelled stop"])
async def test_nothing_is_left_of_a_child_and_of_what_it_started(ended_by):
    before = processes_below(os.getpid())
    script = "sleep 60 & echo $!; echo up; " + ("exit 0" if ended_by == "its own end" else "trap '' TERM; wait")
    child = await Child.start(["sh", "-c", script], name="sh")
    await said(child, "up")
    pids = [child.pid, int(child.tail()[0])]
    if ended_by == "a cancelled stop":
        stopping = asyncio.create_task(child.stop(timeout_s=60))
        await asyncio.sleep(0)
        stopping.cancel()
    elif ended_by == "stop":
        await child.stop(timeout_s=0.1)
    await child.wait()
    wait_until_sync(lambda: not any(alive(pid) for pid in pids), DEADLINE_S)
    assert processes_below(os.getpid()) == before


DETACHING = """
import subprocess
print(subprocess.Popen(["sleep", "60"], start_new_session=True).pid, flush=True)
"""


async def test_the_end_is_told_although_a_detached_grandchild_holds_the_output():
    started = time.monotonic()
    child = await started_and_waited([sys.executable, "-c", DETACHING])
    os.kill(int(child.tail()[0]), signal.SIGKILL)
    assert child.returncode == 0
    assert time.monotonic() - started < DEADLINE_S / 2


PARENT = """
import asyncio, sys
from warmflow.runtime.child_process import Child

async def main():
    child = await Child.start(["sh", "-c", sys.argv[1]], name="sh")
    while len(child.tail()) < 2:
        await asyncio.sleep(0.01)
    print(child.pid, child.tail()[0], flush=True)
    await child.wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("obeys", ["obeys SIGTERM", "ignores SIGTERM"])
def test_kill_9_of_the_parent_ends_the_child_and_what_it_started(obeys):
    trap = "trap '' TERM; " if obeys == "ignores SIGTERM" else ""
    script = trap + "sleep 60 & echo $!; echo up; wait"
    with subprocess.Popen([sys.executable, "-c", PARENT, script], stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()] + processes_below(parent.pid)
        assert len(set(pids)) == 3  # the child, what it started, the guard
        parent.kill()
    wait_until_sync(lambda: not any(alive(pid) for pid in pids), DEADLINE_S)
