"""Power cuts, watchdog and Ctrl-C on the emulated RP2040, with MicroPython's own file system on its flash."""

import asyncio
import json
import os
import random
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from pumplink import messages as m
from pumplink.codes import EventCode
from warmflow.hub import BoardEvent, Hub, Reading
from warmflow.link import PumpLink
from warmflow.source.firmware_files import assemble
from warmflow.source.virtual import ENGINES, EngineError, VirtualPico, find_uf2, virtual_pico

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(900)]

DEADLINE_S = (
    400  # a boot is busy work, which the emulator does at a twentieth of real time, and others use this machine
)
CONFIG = {"rig_name": "bench-1", "sensor": "emulated", "rate_hz": 2, "speed_x": 60}
HANGS_WHEN_IDENTIFIED = """
from board import Board
from pump.app import App
import time
app = App(Board())
def hang():
    while True: time.sleep_ms(100)
app.identify = hang
app.run()
"""


@pytest.fixture(autouse=True)
def _image() -> None:
    if reason := ENGINES["rp2040"].missing():
        pytest.skip(reason)
    try:
        find_uf2()
    except EngineError as error:
        pytest.skip(str(error))


async def until(condition: Callable[[], object], what: str, pico: VirtualPico) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, (what, pico.describe(), pico.tail())
        await asyncio.sleep(0.02)


@asynccontextmanager
async def linked(pico: VirtualPico) -> AsyncIterator[tuple[PumpLink, list[BoardEvent | Reading]]]:
    """The daemon's link, and all records as they come."""
    hub, records = Hub(), list[BoardEvent | Reading]()
    taker, link = hub.taker(), PumpLink(pico.port, hub, lambda line: None)

    async def collect() -> None:
        while True:
            update = await taker.get()
            if isinstance(update, BoardEvent | Reading):
                records.append(update)

    tasks = [asyncio.create_task(link.run()), asyncio.create_task(collect())]
    try:
        yield link, records
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def pull_the_plug(state_dir: Path, cuts: int) -> None:
    """Boots and pulls the plug at a random change of the flash, again and again; the last boot is let live."""
    chance, folder = random.Random(cuts), Path(__file__).parent

    def plan(cut_after: int) -> None:
        words = json.dumps({"cut_after": cut_after, "seed": chance.randrange(1000)})
        (state_dir / "plug.json").write_text(words, encoding="utf-8")

    async def run() -> None:
        plan(chance.randrange(1, 5))
        options = {"state_dir": state_dir, "config": CONFIG, "parts": folder / "plug.py"}
        async with virtual_pico("rp2040", **options) as pico:  # type: ignore[arg-type]
            boots = kept_nl = silent = 0
            for cut in range(cuts + 1):
                async with linked(pico) as (link, records):
                    await until(lambda link=link: link.hello or pico.died.is_set(), "no HELLO", pico)  # type: ignore[misc]
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

    asyncio.run(run())


async def kept(link: PumpLink, records: list[BoardEvent | Reading], pico: VirtualPico) -> int:
    """Lets the board keep its totals now, as it does once a minute: what was metered before is safe then. 0 if it died
    meanwhile.
    """
    metered_nl = max([each.message.metered_volume_nl for each in records if isinstance(each, Reading)], default=0)
    done = asyncio.create_task(link.command(lambda request: m.Flush(request, 1000), DEADLINE_S))
    await until(lambda: done.done() or pico.died.is_set(), "no answer", pico)
    if not done.done():
        done.cancel()
        return 0
    done.result()
    return metered_nl


def test_a_board_whose_power_is_cut_in_a_write_boots_and_goes_on(tmp_path: Path) -> None:
    pull_the_plug(tmp_path, 3)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_twenty_power_cuts_cost_no_boot_and_no_total(tmp_path: Path) -> None:
    pull_the_plug(tmp_path, 20)


def test_a_hang_a_restart_and_ctrl_c_are_told_apart_and_nobody_is_thrown_out_of_the_prompt(tmp_path: Path) -> None:
    firmware = assemble(tmp_path / "firmware")
    (firmware / "main.py").write_text(HANGS_WHEN_IDENTIFIED, encoding="utf-8")

    async def run() -> None:
        options = {"state_dir": tmp_path / "state", "config": CONFIG, "firmware": firmware}
        async with virtual_pico("rp2040", **options) as pico:  # type: ignore[arg-type]
            async with linked(pico) as (link, records):

                def boots() -> list[str]:
                    events = [each.message for each in records if isinstance(each, BoardEvent)]
                    return [event.text for event in events if event.code == EventCode.BOOT]

                await until(lambda: len(boots()) == 1, "no boot", pico)
                link._outbox.put_nowait(m.Reset(0, 0))
                await until(lambda: len(boots()) == 2, "no restart", pico)
                link._outbox.put_nowait(m.Identify(0))
                await until(lambda: len(boots()) == 3, "the watchdog does not bark", pico)
                assert boots()[:2] == ["power on", "restarted on request"]
                assert boots()[2].startswith("watchdog")
            await at_the_prompt(pico)

    asyncio.run(run())


async def at_the_prompt(pico: VirtualPico) -> None:
    """Breaks in, and is still there after more board time than the watchdog has patience."""
    port = os.open(pico.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        os.write(port, b"\r\x03\x03")
        await read_until(port, rb">>> $", pico)
        os.write(port, b"import time; time.sleep_ms(10000); print(6 * 7)\r")
        said = await read_until(port, rb"\n42\r\n>>> $", pico)
        assert b"MPY" not in said
    finally:
        os.close(port)


async def read_until(port: int, pattern: bytes, pico: VirtualPico) -> bytes:
    got = bytearray()

    def come() -> object:
        with suppress(BlockingIOError):
            got.extend(os.read(port, 4096))
        return re.search(pattern, got)

    await until(come, f"no {pattern!r}", pico)
    return bytes(got)
