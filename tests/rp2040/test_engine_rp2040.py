"""The emulated RP2040 under the official MicroPython image: paced, breakable, with a flash and a port like a Pico's."""

import asyncio
import re
import time
from contextlib import asynccontextmanager

import pytest
import serial
from image import needed_image
from wait import wait_until

from warmflow.device.virtual import virtual_pico

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(900)]

DEADLINE_S = 400  # the emulator falls to 0.01 of real time on a busy computer

STREAM = """
import sys, time, json
with open("config.json") as file: name = json.load(file)["rig_name"]
try:
    with open("boots") as file: boots = int(file.read()) + 1
except OSError:
    boots = 1
with open("boots", "w") as file: file.write(str(boots))
print("boot", boots, name)
due = start = time.ticks_ms()
while True:
    print("at", time.ticks_diff(time.ticks_ms(), start))
    due = time.ticks_add(due, 100)
    time.sleep_ms(max(0, time.ticks_diff(due, time.ticks_ms())))
"""
PATIENT = """
import sys, select, time, micropython
micropython.kbd_intr(-1)
writable = select.poll()
writable.register(sys.stdout, select.POLLOUT)
turns = taken = 0
while writable.poll(0) and turns < 2000:
    turns += 1
    taken += sys.stdout.buffer.write(b"x" * 64) or 0
with open("full", "w") as file: file.write(str(taken))
while not writable.poll(0): time.sleep_ms(10)
sys.stdout.buffer.write(b";")
sys.stdout.buffer.write(sys.stdin.buffer.read(256))
"""


@pytest.fixture
def board(tmp_path):
    """Makes a context with an emulated Pico that runs `code`."""
    needed_image()

    @asynccontextmanager
    async def run(code):
        firmware = tmp_path / "firmware"
        firmware.mkdir(exist_ok=True)
        (firmware / "main.py").write_text(code)
        options = {"firmware": firmware, "state_dir": tmp_path / "state", "config": {"rig_name": "bench-1"}}
        async with virtual_pico("rp2040", **options) as pico:
            with serial.Serial(pico.port, timeout=0) as port:
                yield pico, port

    return run


async def read_until(pico, port, pattern):
    """The match of `pattern` in what comes from now on. Fails with what came instead."""
    got = bytearray()

    def match():
        got.extend(port.read(65536))
        return re.search(pattern, bytes(got), re.DOTALL)

    def lives():
        assert not pico.died.is_set(), pico.tail()

    return await wait_until(match, DEADLINE_S, what=repr(pattern), check=lives, state=lambda: bytes(got))


async def test_a_stream_is_paced_to_the_wall_clock_and_the_flash_survives_a_reset(board):
    async with board(STREAM) as (pico, port):
        await read_until(pico, port, rb"boot 1 bench-1\r\n.*at \d+\r\n.*at \d+\r\n")
        start_ms = ms = int((await read_until(pico, port, rb"at (\d+)\r\n"))[1])
        start_s = time.monotonic()
        while time.monotonic() < start_s + 3.5:
            ms = int((await read_until(pico, port, rb"at (\d+)\r\n"))[1])
        pace = (ms - start_ms) / 1000 / (time.monotonic() - start_s)
        await pico.reset()
        await read_until(pico, port, rb"boot 2 bench-1\r\n")
    assert pace == pytest.approx(1, abs=0.1)


async def test_ctrl_c_breaks_into_the_program_and_ctrl_d_starts_it_again(board):
    async with board(STREAM) as (pico, port):
        await read_until(pico, port, rb"boot 1 bench-1\r\n.*at \d+\r\n")
        port.write(b"\r\x03")
        await read_until(pico, port, rb"KeyboardInterrupt:.*>>> ")
        port.write(b"print(6 * 7, 1/3)\r")
        await read_until(pico, port, rb"\r\n42 0\.333333\d+\r\n>>> ")
        port.write(b"\x04")
        await read_until(pico, port, rb"soft reboot.*boot 2 bench-1\r\n.*at \d+\r\n")


async def test_an_unread_port_is_full_for_the_board_as_with_a_real_host_and_no_byte_is_changed(board, tmp_path):
    from warmflow.device.virtual.littlefs_image import read_image

    every_byte = bytes(range(256))

    async with board(PATIENT) as (pico, port):
        flash = tmp_path / "state" / "flash.img"
        full = await wait_until(lambda: read_image(flash.read_bytes()).get("full"), DEADLINE_S, poll_s=0.3)
        assert full
        sent = (await read_until(pico, port, rb"(x*);"))[1]
        assert len(sent) == int(full)
        port.write(every_byte)
        got, deadline = b"", time.monotonic() + DEADLINE_S
        while len(got) < len(every_byte) and time.monotonic() < deadline:
            got += port.read(1000)
            await asyncio.sleep(0.005)
        taken = len(sent)
    assert taken < 2000 * 64, "the board never saw its port full"
    assert got == every_byte
