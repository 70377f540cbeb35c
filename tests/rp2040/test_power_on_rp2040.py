"""Power cuts, watchdog and Ctrl-C on the emulated RP2040, with MicroPython's own file system on its flash."""

import asyncio
import json
import os
import random
import re
import select
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
from image import needed_image
from wait import wait_until

from pumplink import messages as m
from warmflow.device.firmware.files import assemble
from warmflow.device.link import PumpLink
from warmflow.device.updates import BoardEvent, Reading
from warmflow.device.virtual import VirtualPico, virtual_pico
from warmflow.hub import Hub

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(900)]

DEADLINE_S = (
    400  # a boot is busy work, which the emulator does at a twentieth of real time, and others use this machine
)
CONFIG = {"rig_name": "bench-1", "sensor": "emulated", "rate_hz": 2, "speed_x": 60}
# The first time restarts itself, the second time hangs, then waits for Ctrl-C as App.run does.
LIVES = """
import time
from board import Board
board = Board()
lives = int(board.load("lives") or b"0")
board.save("lives", str(lives + 1).encode())
print("woke:", board.reset_words)
board.watch()
if lives == 0: board.reset()
while lives == 1: time.sleep_ms(100)
try:
    print("waiting")
    while True:
        board.feed()
        board.wait(100, False)
except KeyboardInterrupt:
    board.unwatch()
    raise
"""


@pytest.fixture(autouse=True)
def _image() -> None:
    needed_image()


async def unless_cut(condition: Callable[[], object], what: str, pico: VirtualPico) -> None:
    """Waits for the condition, or for the end of the emulator, which a cut of the power is."""
    state = lambda: (pico.describe(), pico.tail())  # noqa: E731
    await wait_until(lambda: condition() or pico.died.is_set(), DEADLINE_S, what=what, state=state)


@asynccontextmanager
async def linked(pico: VirtualPico) -> AsyncIterator[tuple[PumpLink, list[BoardEvent | Reading]]]:
    """The daemon's link, and all records as they come; from the board's first byte on, for a board that starts answers
    later all that a host asked it meanwhile, which takes the emulator minutes.
    """
    with opened(pico) as port:
        await unless_cut(lambda: select.select([port], [], [], 0)[0], "byte", pico)
    hub, records = Hub(), list[BoardEvent | Reading]()
    subscriber, link = hub.subscriber(), PumpLink(pico.port, hub.publish, lambda line: None)

    async def collect() -> None:
        while True:
            update = await subscriber.get()
            if isinstance(update, BoardEvent | Reading):
                records.append(update)

    tasks = [asyncio.create_task(link.run()), asyncio.create_task(collect())]
    try:
        yield link, records
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def pull_the_plug(state_dir: Path, cuts: int) -> None:
    """Boots and pulls the plug at a random change of the flash, again and again; the last boot is let live."""
    chance, folder = random.Random(cuts), Path(__file__).parent

    def plan(cut_after: int) -> None:
        words = json.dumps({"cut_after": cut_after, "seed": chance.randrange(1000)})
        (state_dir / "plug.json").write_text(words, encoding="utf-8")

    plan(chance.randrange(1, 5))
    options = {"state_dir": state_dir, "config": CONFIG, "parts": folder / "plug.py"}
    async with virtual_pico("rp2040", **options) as pico:  # type: ignore[arg-type]
        boots = kept_nl = silent = 0
        for cut in range(cuts + 1):
            async with linked(pico) as (link, records):
                await unless_cut(lambda link=link: link.hello, "HELLO", pico)  # type: ignore[misc]
                if hello := link.hello:
                    assert hello.boot_count > boots, "a boot count came twice"
                    assert hello.metered_at_fill_nl >= kept_nl, "totals went back"
                    boots, kept_nl = hello.boot_count, hello.metered_at_fill_nl
                else:
                    silent += 1  # it was cut before it could say hello
                while cut < cuts and not pico.died.is_set():
                    kept_nl = max(kept_nl, await kept(link, records, pico))
                assert (cut == cuts) != pico.died.is_set(), pico.tail()
            plan(chance.randrange(1, 5) if cut + 1 < cuts else 1 << 30)
            await pico.reset()
        assert boots + silent > cuts


async def kept(link: PumpLink, records: list[BoardEvent | Reading], pico: VirtualPico) -> int:
    """Lets the board keep its totals now, as it does once a minute: what was metered before is safe then. 0 if it died
    meanwhile.
    """
    metered_nl = max([each.message.metered_volume_nl for each in records if isinstance(each, Reading)], default=0)
    done = asyncio.create_task(link.command(lambda request: m.Flush(request, 1000), DEADLINE_S))
    await unless_cut(lambda: done.done(), "answer", pico)
    if not done.done():
        done.cancel()
        return 0
    done.result()
    return metered_nl


async def test_a_board_whose_power_is_cut_in_a_write_boots_and_goes_on(tmp_path: Path) -> None:
    await pull_the_plug(tmp_path, 3)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_twenty_power_cuts_cost_no_boot_and_no_total(tmp_path: Path) -> None:
    await pull_the_plug(tmp_path, 20)


async def test_a_hang_and_a_restart_are_told_apart_and_the_watchdog_throws_nobody_out_of_the_prompt(
    tmp_path: Path,
) -> None:
    firmware = assemble(tmp_path / "firmware")
    (firmware / "main.py").write_text(LIVES, encoding="utf-8")

    options = {"state_dir": tmp_path / "state", "config": CONFIG, "firmware": firmware}
    async with virtual_pico("rp2040", **options) as pico:  # type: ignore[arg-type]
        with opened(pico) as port:
            said = await read_until(port, rb"waiting\r\n", pico)
            assert re.findall(rb"woke: (power on|restarted on request|watchdog)", said) == [
                b"power on",
                b"restarted on request",
                b"watchdog",
            ]
            os.write(port, b"\r\x03\x03")
            await read_until(port, rb">>> $", pico)
            os.write(port, b"time.sleep_ms(10000); print(6 * 7)\r")
            assert b"woke" not in await read_until(port, rb"\n42\r\n>>> $", pico)


@contextmanager
def opened(pico: VirtualPico) -> Iterator[int]:
    port = os.open(pico.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield port
    finally:
        os.close(port)


async def read_until(port: int, pattern: bytes, pico: VirtualPico) -> bytes:
    got = bytearray()

    def come() -> object:
        with suppress(BlockingIOError):
            got.extend(os.read(port, 4096))
        return re.search(pattern, got)

    await unless_cut(come, f"no {pattern!r}", pico)
    return bytes(got)
