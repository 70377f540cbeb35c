"""The virtual Pico's contract, with small firmwares: bytes pass unchanged, flash is kept, nothing is left behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager

import psutil
import pytest
from optional_parts import require
from serial_client import SerialClient
from wait import wait_until, wait_until_sync

from warmflow.device.virtual import EngineError, virtual_pico

ALL_BYTES = bytes(range(256)) * 256
DEADLINE_S = 15

# Unbuffered on CPython too; on MicroPython it is so by itself.
STDIO = """
import sys, select
if sys.implementation.name == "micropython":
    port_in, port_out = sys.stdin.buffer, sys.stdout.buffer
else:
    port_in, port_out = open(0, "rb", 0, closefd=False), open(1, "wb", 0, closefd=False)
readable = select.poll()
readable.register(port_in, select.POLLIN)
writable = select.poll()
writable.register(port_out, select.POLLOUT)
def put(data):
    while data:
        writable.poll(1000)
        data = data[port_out.write(data) or 0:]
def count(name):
    try:
        with open(name) as file: n = int(file.read()) + 1
    except OSError:
        n = 1
    with open(name, "w") as file: file.write(str(n))
    return n
"""
ECHO = """
put(b"ready")
while True:
    readable.poll(1000)
    put(port_in.read(1000) or b"")
"""
BOOTS = """
with open("config.json") as file: config = file.read()
put(b"boot %d %s;" % (count("boots"), config.strip().encode()))
while True: readable.poll(1000)
"""
RESETS_ITSELF = """
n = count("boots")
put(b"boot %d;" % n)
if n < 3: sys.exit(3)
while True: readable.poll(1000)
"""
CRASHES = "put(b'up')\nraise ValueError('the pump is on fire')"
UNREAD = """
full = 0
for i in range(3000):
    if not writable.poll(0): full += 1
    elif not port_out.write(b"x" * 100): full += 1
with open("result.txt", "w") as file: file.write(str(full))
while True: readable.poll(1000)
"""
DEAF_AT_FIRST = """
if count("boots") == 1:
    put(b"deaf")
    select.poll().poll(60000)
else:
    put(b"ready")
    while True:
        readable.poll(1000)
        put(port_in.read(1000) or b"")
"""


@pytest.fixture(params=["unix", "cpython"])
def engine(request):
    if request.param == "unix":
        require("MicroPython unix port")
    return request.param


@pytest.fixture
def board(engine, tmp_path):
    """Makes a context with a virtual Pico that runs `code`."""

    @asynccontextmanager
    async def run(code, **options):
        firmware = tmp_path / "firmware"
        firmware.mkdir(exist_ok=True)
        (firmware / "main.py").write_text(STDIO + code)
        async with virtual_pico(engine, firmware=firmware, state_dir=tmp_path / "flash", **options) as pico:
            yield pico

    return run


def ends_with(port, end):
    """Reads until `end` came. Fails with what came instead."""
    got, deadline = b"", time.monotonic() + DEADLINE_S
    while not got.endswith(end) and time.monotonic() < deadline:
        got += port.read(max(1, port.in_waiting))
    assert got.endswith(end), got
    return got


def client(pico):
    return SerialClient(pico.port, timeout=0.2)


def running(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def exchange(pico):
    with client(pico) as port:
        ends_with(port, b"ready")
        port.timeout, port.write_timeout = DEADLINE_S, DEADLINE_S
        got = b""
        for start in range(0, len(ALL_BYTES), 2048):
            port.write(ALL_BYTES[start : start + 2048])
            got += port.read(2048)
        return got


async def test_64_kib_of_all_byte_values_pass_unchanged_both_ways(board):
    async with board(ECHO) as pico:
        assert await asyncio.to_thread(exchange, pico) == ALL_BYTES


async def test_the_flash_survives_a_reset_and_the_port_stays_open(board):
    config = {"rig_name": "bench-1"}

    async with board(BOOTS, config=config) as pico:
        with client(pico) as port:
            first = ends_with(port, b";")
            await pico.reset()
            second = ends_with(port, b";")
        assert pico.boots == 2
    assert first.startswith(b"boot 1 ")
    assert second.startswith(b"boot 2 ")
    assert json.loads(second[len("boot 2 ") : -1]) == config


async def test_a_board_that_exits_for_a_reset_comes_back_on_the_same_port(board):
    async with board(RESETS_ITSELF) as pico:
        port_path = pico.port
        with client(pico) as port:
            got = await asyncio.to_thread(ends_with, port, b"boot 3;")
        assert (pico.port, pico.died.is_set()) == (port_path, False)
    assert got == b"boot 1;boot 2;boot 3;"


async def test_a_crash_is_told_with_its_traceback_and_a_reset_starts_again(board):
    async with board(CRASHES) as pico:
        await asyncio.wait_for(pico.died.wait(), DEADLINE_S)
        assert "the pump is on fire" in pico.tail()[-1]
        assert "ended with status 1" in pico.describe()
        await pico.reset()
        assert pico.boots == 2
        await asyncio.wait_for(pico.died.wait(), DEADLINE_S)


async def test_what_a_board_writes_when_it_crashes_is_not_on_the_wire(board):
    async with board(CRASHES) as pico:
        with client(pico) as port:
            await asyncio.wait_for(pico.died.wait(), DEADLINE_S)
            assert port.read(1000) == b"up"


async def test_an_unread_port_does_not_block_the_board(board, tmp_path):
    result = tmp_path / "flash" / "result.txt"

    async with board(UNREAD):
        await wait_until(lambda: result.exists() and result.read_text(), DEADLINE_S)
    assert int(result.read_text()) > 1000


async def test_a_board_does_not_obey_commands_from_before_its_reset(board):
    async with board(DEAF_AT_FIRST) as pico:
        with client(pico) as port:
            ends_with(port, b"deaf")
            port.write(b"old")
            await pico.reset()
            ends_with(port, b"ready")
            port.write(b"new")
            assert ends_with(port, b"new") == b"new"


async def test_two_boards_never_share_a_flash(board):
    async def one():
        async with board(ECHO):
            pass

    async with board(ECHO):
        with pytest.raises(EngineError, match="another virtual Pico"):
            await one()


async def test_no_process_and_no_descriptor_is_left_when_the_context_ends(board):
    def descriptors():
        return len(os.listdir("/dev/fd"))

    def children():
        return {process.pid for process in psutil.Process().children(recursive=True)}

    before, others = descriptors(), children()
    async with board(ECHO) as pico:
        pids = children() - others
        assert pico.pid in pids
    await wait_until(lambda: not any(running(pid) for pid in pids), DEADLINE_S)
    await wait_until(lambda: descriptors() == before, DEADLINE_S)


async def test_a_body_that_fails_leaves_no_process_either(board):
    pids = []

    async def fail():
        async with board(ECHO) as pico:
            pids.append(pico.pid)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await wait_until(lambda: not running(pids[0]), DEADLINE_S)


KILLED_PARENT = """
import asyncio, sys
from pathlib import Path
from warmflow.device.virtual import virtual_pico
async def main():
    async with virtual_pico(sys.argv[1], firmware=Path(sys.argv[2]), state_dir=Path(sys.argv[3])) as pico:
        print(pico.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def test_no_process_is_left_when_the_parent_is_killed(engine, tmp_path):
    (tmp_path / "firmware").mkdir()
    (tmp_path / "firmware" / "main.py").write_text(STDIO + ECHO)
    command = [sys.executable, "-c", KILLED_PARENT, engine, str(tmp_path / "firmware"), str(tmp_path / "flash")]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    family = {pid, *(process.pid for process in psutil.Process(parent.pid).children(recursive=True))}
    assert running(pid)
    parent.send_signal(signal.SIGKILL)
    parent.communicate(timeout=DEADLINE_S)
    wait_until_sync(lambda: not any(running(each) for each in family), DEADLINE_S)


# the firmware of this project


async def test_the_projects_own_firmware_runs_and_keeps_a_number_of_its_boots(engine, tmp_path):
    def frames(port):
        got, deadline = b"", time.monotonic() + DEADLINE_S
        while got.count(b"\x00") < 10 and time.monotonic() < deadline:
            got += port.read(max(1, port.in_waiting))
        assert got.count(b"\x00") >= 10, got

    async with virtual_pico(engine, state_dir=tmp_path, config={"rig_name": "bench-1"}) as pico:
        with client(pico) as port:
            for _ in range(2):
                await asyncio.to_thread(frames, port)
                await pico.reset()
        assert not pico.died.is_set(), pico.tail()
