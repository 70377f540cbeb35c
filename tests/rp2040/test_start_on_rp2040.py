"""The start on the chip: what fails is said and tried again, and the prompt can always be had."""

import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from emulated_rig import PARTS
from image import needed_image
from wait import wait_until

from warmflow.device.firmware.files import assemble
from warmflow.device.virtual import VirtualPico, virtual_pico

pytestmark = [pytest.mark.rp2040, pytest.mark.timeout(900)]

DEADLINE_S = 400
BROKEN = 'raise MemoryError("memory allocation failed, allocating 3656 bytes")\n'


class Terminal:
    """Somebody's terminal at the port of a board."""

    def __init__(self, pico: VirtualPico) -> None:
        self._pico = pico
        self._fd = os.open(pico.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self) -> None:
        os.close(self._fd)

    def type(self, data: bytes) -> None:
        os.write(self._fd, data)

    async def reads(self, pattern: bytes) -> bytes:
        got = bytearray()

        def come() -> object:
            assert not self._pico.died.is_set(), self._pico.tail()
            with suppress(BlockingIOError):
                got.extend(os.read(self._fd, 4096))
            return re.search(pattern, got, re.DOTALL)

        await wait_until(come, DEADLINE_S, what=repr(pattern), state=lambda: bytes(got[-500:]))
        return bytes(got)


@asynccontextmanager
async def terminal(folder: Path, world: dict[str, object], app: str | None = None) -> AsyncIterator[Terminal]:
    needed_image()
    firmware = assemble(folder / "firmware")
    if app:
        (firmware / "pump" / "app.py").write_text(app, encoding="utf-8")
    state = folder / "state"
    state.mkdir(exist_ok=True)
    (state / "parts.json").write_text(json.dumps(world), encoding="utf-8")
    async with virtual_pico("rp2040", state_dir=state, config={}, firmware=firmware, parts=PARTS) as pico:
        port = Terminal(pico)
        try:
            yield port
        finally:
            port.close()


async def test_a_start_that_fails_is_said_tried_again_and_can_be_broken_into(tmp_path: Path) -> None:
    async with terminal(tmp_path, {}, BROKEN) as port:
        said = await port.reads(rb"(tries again: [^\n]*MemoryError.*){12}")  # ten in a pause: this is the second start
        assert b">>>" not in said
        port.type(b"\x03")
        await port.reads(rb"KeyboardInterrupt.*>>> $")
        port.type(b"import time; time.sleep_ms(10000); print(6 * 7)\r")
        assert b"tries again" not in await port.reads(rb"\n42\r\n>>> $")


async def test_three_quick_power_ons_leave_the_prompt_alone_and_the_next_one_starts(tmp_path: Path) -> None:
    from warmflow.device.virtual.littlefs_image import read_image

    image = tmp_path / "state" / "flash.img"

    async def counted(stars: bytes) -> None:
        await wait_until(lambda: read_image(image.read_bytes()).get("starts") == stars, DEADLINE_S, what=repr(stars))

    for stars in (b"*", b"**", b""):
        async with terminal(tmp_path, {}) as port:
            await counted(stars)
            if not stars:
                await port.reads(rb"safe mode.*three restarts within ten seconds.*>>> $")
    async with terminal(tmp_path, {}) as port:
        await counted(b"*")
        assert b"safe mode" not in await port.reads(rb"\0[^\0]{40,}\0")  # a frame


async def test_a_pin_held_to_ground_leaves_the_prompt_alone(tmp_path: Path) -> None:
    async with terminal(tmp_path, {"safe_pin": "held"}) as port:
        await port.reads(rb"safe mode.*safe pin.*>>> $")
        port.type(b"import time; time.sleep_ms(10000); print(6 * 7)\r")
        await port.reads(rb"\n42\r\n>>> $")
