"""`warmflow flash` on the emulated RP2040: from a board with nothing but MicroPython to its HELLO, and once more.

The emulator is slower than a Pico, so the default test flashes a firmware that says HELLO and no more; the soak test
flashes ours.
"""

import asyncio
import hashlib
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from image import needed_image
from wait import wait_until

from pumplink import fastcodec, framing
from pumplink import messages as m
from pumplink.decoder import Decoder, Received
from pumplink.schema import PROTOCOL_MAJOR
from warmflow.device.link.one_shot import introduced
from warmflow.device.virtual import find_uf2
from warmflow.device.virtual.pty_port import PtyPort

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(900)]

GREETING = """
import sys, time
from pump.hello import FRAME
while True:
    sys.stdout.buffer.write(FRAME)
    time.sleep_ms(500)
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[str]:
    """The port of a board that has never been flashed."""
    from warmflow.device.virtual.littlefs_image import update_image

    uf2 = needed_image()
    with running(uf2, update_image(None, {"config.json": b'{"rig_name": "mine"}'}), tmp_path) as path:
        yield path


@contextmanager
def running(uf2: Path, file_system: bytes, folder: Path) -> Iterator[str]:
    """The port of a board with these in its flash."""
    image = folder / "flash.img"
    image.write_bytes(file_system)
    command = [sys.executable, "-m", "warmflow.device.virtual.rp2040_child", "--uf2", str(uf2), "--flash", str(image)]
    with closing(PtyPort()) as pty:
        process = subprocess.Popen(command, stdin=pty.board_fd, stdout=pty.board_fd)
        try:
            yield pty.path
        finally:
            process.terminate()
            process.wait(30)


def flash(port: str, *options: object, timeout_s: float) -> str:
    """What it says; its status is 0."""
    command = [sys.executable, "-m", "warmflow", "flash", port, "--timeout", str(timeout_s), *map(str, options)]
    began_s = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    print(f"\n{done.stdout}{done.stderr}{time.monotonic() - began_s:.0f} s")
    assert done.returncode == 0
    assert done.stderr == ""  # no bar where there is no terminal
    return done.stdout


def hello(name: str) -> bytes:
    values: dict[str, Any] = dict.fromkeys(m.Hello._fields, 0)
    values |= {"protocol_major": PROTOCOL_MAJOR, "firmware_minor": 7, "board_id": bytes(8), "boot_count": 1}
    values |= {"boot_random": 2, "rig_name": name, "profile": "r11", "platform": 1, "sensor": 3, "rate_hz": 10}
    values |= {"oldest_sequence": 1, "next_sequence": 1}
    return framing.frame(fastcodec.ENCODERS[m.Hello](m.Hello(**values)))


def test_an_empty_board_is_flashed_to_its_hello_then_nothing_is_copied_then_only_what_changed(
    port: str, tmp_path: Path
) -> None:
    firmware = tmp_path / "firmware"
    (firmware / "pump").mkdir(parents=True)
    (firmware / "main.py").write_text(GREETING)
    for name, source in {"__init__": "", "hello": f"FRAME = {hello('bench-1')!r}\n", "gone": "a = 1\n"}.items():
        (firmware / "pump" / f"{name}.py").write_text(source)

    said = flash(port, "--firmware", firmware, timeout_s=60)
    assert "Raspberry Pi Pico with RP2040, MicroPython 1.26.1, byte code 6.3 for armv6m" in said
    assert "4 files copied, 4 verified" in said
    assert "bench-1: firmware 0.7.0 on rp2040, profile r11, sensor ds18b20" in said

    said = flash(port, "--firmware", firmware, timeout_s=60)
    assert "nothing to copy, 4 verified" in said
    assert "bench-1: firmware" in said

    (firmware / "pump" / "hello.py").write_text(f"FRAME = {hello('bench-2')!r}\n")
    (firmware / "pump" / "gone.py").unlink()
    said = flash(port, "--firmware", firmware, timeout_s=60)
    assert "1 file copied, 1 deleted, 3 verified" in said
    assert "bench-2: firmware" in said


def test_a_full_board_says_so_and_is_itself_again_after_a_rescue(tmp_path: Path) -> None:
    from warmflow.device.virtual.littlefs_image import update_image

    uf2, kept = needed_image(), {"config.json": b'{"rig_name": "mine"}', "boot.py": b"a = 1\n"}
    others = {f"somebody{number}/x": b"" for number in range(170)}  # two blocks of flash each, and little to read
    image = update_image(None, kept | others)
    firmware = tmp_path / "firmware"
    (firmware / "pump").mkdir(parents=True)
    (firmware / "main.py").write_text(GREETING)
    for name, source in {"__init__": "", "hello": f"FRAME = {hello('bench-1')!r}\n"}.items():
        (firmware / "pump" / f"{name}.py").write_text(source)
    command = [sys.executable, "-m", "warmflow", "flash", "--firmware", str(firmware), "--timeout", "120"]
    with running(uf2, image, tmp_path) as port:
        first = subprocess.run([*command, port], capture_output=True, text=True, cwd=tmp_path)
        print(f"\n{first.stdout}{first.stderr}")
        assert first.returncode == 2
        assert "kB are needed" in first.stderr
        assert "warmflow flash --rescue" in first.stderr
        second = subprocess.run([*command, "--rescue", port], capture_output=True, text=True, cwd=tmp_path)
        print(f"\n{second.stdout}{second.stderr}")
        assert second.returncode == 0
        assert "settings and totals are back" in second.stdout
        assert "bench-1: firmware" in second.stdout
        [folder] = tmp_path.glob("rescued-*")
        assert {name: (folder / name).read_bytes() for name in kept} == kept


def dropped(uf2: bytes, flash: dict[int, bytes]) -> None:
    """What the chip's boot ROM does with a file on its drive: each page goes where it says."""
    for at in range(0, len(uf2), 512):
        address, size, family = (struct.unpack_from("<I", uf2, at + place)[0] for place in (12, 16, 28))
        assert (size, family) == (256, 0xE48BFF56)
        flash[address] = uf2[at + 32 : at + 32 + size]


@pytest.mark.timeout(1800)
async def test_one_file_on_an_empty_board_is_all_that_its_hello_needs(tmp_path: Path) -> None:
    one = tmp_path / "one.uf2"
    command = [sys.executable, "-m", "warmflow", "firmware", "--uf2", str(one), "--image", str(needed_image())]
    done = await asyncio.to_thread(lambda: subprocess.run(command, capture_output=True, text=True))
    assert done.returncode == 0, done.stderr
    assert "is replaced, also its settings" in done.stdout
    flash = dict.fromkeys(range(0x100A0000, 0x10200000, 256), b"\xff" * 256)
    dropped(one.read_bytes(), flash)
    file_system = b"".join(flash[at] for at in range(0x100A0000, 0x10200000, 256))
    with running(one, file_system, tmp_path) as path:
        # nothing is asked: a board that starts under a busy computer would come to nothing but answers
        port, decoder = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK), Decoder()
        greetings: list[m.Hello] = []

        def greeted() -> object:
            with suppress(BlockingIOError):
                for event in decoder.feed(os.read(port, 65536)):
                    if isinstance(event, Received) and isinstance(event.message, m.Hello):
                        greetings.append(event.message)
            return greetings

        await wait_until(greeted, 900, what="HELLO", state=lambda: bytes(decoder.pending))
        os.close(port)
        print(f"\n{introduced(greetings[0])}")
        assert greetings[0].boot_count == 1


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_our_firmware_from_an_empty_board_to_its_hello_and_again_copying_nothing(port: str) -> None:
    image = find_uf2()
    print(f"\nimage {image.name}, SHA-256 {hashlib.sha256(image.read_bytes()).hexdigest()}")
    said = flash(port, timeout_s=300)
    assert "files copied" in said
    assert "mine: firmware" in said  # the config.json that was on the board is still in force
    assert "nothing to copy" in flash(port, timeout_s=300)
