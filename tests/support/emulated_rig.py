"""An emulated Pico with parts round it: what it says at its port, a command to it, a word to its world.

No daemon's link: that one asks again by this computer's clock, and an emulated board that is slower than that would
have time for nothing but answers.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from wait import wait_until

from pumplink import fastcodec, framing
from pumplink import messages as m
from pumplink.decoder import Decoder, Received
from warmflow.device.virtual import VirtualPico, virtual_pico
from warmflow.device.virtual.rp2040_parts import PORT_FILE

PARTS = Path(__file__).parents[1] / "rp2040" / "parts.py"
DEADLINE_S = 900  # the emulator shares its computer, and a boot takes it long
ACKNOWLEDGE_EVERY = 50


class WiredPico:
    """`records`: readings and events, in order; `truths`, `infos` and `gaps` as they come; `bad`: what was no frame."""

    def __init__(self, pico: VirtualPico) -> None:
        self.pico = pico
        self.hello: m.Hello | None = None
        self.records: list[m.Telemetry | m.Event] = []
        self.truths: list[m.Truth] = []
        self.infos: list[m.Info] = []
        self.gaps: list[m.Gap] = []
        self.hears = True  # False: nobody reads the port
        self.bad: list[object] = []
        self._fd = os.open(pico.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._decoder = Decoder()
        self._answers: dict[int, m.Ack | m.Nack] = {}
        self._acknowledged = self._asked = 0

    def close(self) -> None:
        os.close(self._fd)

    @property
    def greeting(self) -> m.Hello:
        assert self.hello
        return self.hello

    async def tell(self, **words: object) -> dict[str, Any]:
        """Change the world; what the outputs show."""
        port = int((self.pico.state_dir / PORT_FILE).read_text())
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        writer.write(json.dumps(words).encode() + b"\n")
        said: dict[str, Any] = json.loads(await reader.readline())
        writer.close()
        assert "error" not in said, said
        return said

    async def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Fails with what came instead."""

        def check() -> None:
            assert not self.pico.died.is_set(), self.pico.tail()
            assert b">>> " not in bytes(self._decoder.pending), self._received()
            self._hear()

        await wait_until(condition, DEADLINE_S, what=what, check=check, state=self._received)

    def _received(self) -> str:
        return f"{self.records[-3:]}, {self.bad[-3:]}, {bytes(self._decoder.pending)!r}"

    async def board_s(self, seconds: float) -> None:
        """Lets board time pass; the deadline is for each five seconds of it."""
        end_ms = self.now_ms() + seconds * 1000
        while (now_ms := self.now_ms()) < end_ms:
            next_ms = min(end_ms, now_ms + 5000)
            await self.wait_for(lambda next_ms=next_ms: self.now_ms() >= next_ms, f"{seconds} s of board time")  # type: ignore[misc]

    async def configure(self, **settings: object) -> None:
        self._asked += 1
        number = self._asked
        self._send(m.SetConfig(number, json.dumps(settings)))
        await self.wait_for(lambda: number in self._answers, f"answer to {settings}")
        assert isinstance(self._answers[number], m.Ack), self._answers[number]

    def now_ms(self) -> int:
        """Board time of the latest record."""
        self._hear()
        return self.records[-1].uptime_ms if self.records else 0

    def readings(self, since_ms: int = 0) -> list[m.Telemetry]:
        return [each for each in self.records if isinstance(each, m.Telemetry) and each.uptime_ms >= since_ms]

    def events(self, code: int) -> list[m.Event]:
        return [each for each in self.records if isinstance(each, m.Event) and each.code == code]

    def _send(self, command: m.Message) -> None:
        os.write(self._fd, framing.line(fastcodec.ENCODERS[type(command)](command)))

    def _hear(self) -> None:
        if not self.hears:
            return
        try:
            data = os.read(self._fd, 65536)
        except BlockingIOError:
            return
        for event in self._decoder.feed(data):
            if not isinstance(event, Received):
                self.bad.append(event)
            elif isinstance(event.message, (m.Telemetry, m.Event)):
                self.records.append(event.message)
            elif isinstance(event.message, m.Truth):
                self.truths.append(event.message)
            elif isinstance(event.message, m.Info):
                self.infos.append(event.message)
            elif isinstance(event.message, m.Gap):
                self.gaps.append(event.message)
            elif isinstance(event.message, m.Hello):
                self.hello = event.message
            elif isinstance(event.message, (m.Ack, m.Nack)):
                self._answers[event.message.request_id] = event.message
        last = self.records[-1].sequence if self.records else 0
        if self.hello and last >= self._acknowledged + ACKNOWLEDGE_EVERY:
            self._acknowledged = last
            self._send(m.AckThrough(0, self.hello.boot_count, self.hello.boot_random, last))


@asynccontextmanager
async def emulated_rig(
    state_dir: Path, world: dict[str, Any], config: dict[str, Any], firmware: Path | None = None
) -> AsyncIterator[WiredPico]:
    """One that has booted and said HELLO, in this world; with `firmware` in place of the project's own."""
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / "parts.json").write_text(json.dumps(world))
    async with virtual_pico("rp2040", state_dir=state_dir, config=config, firmware=firmware, parts=PARTS) as pico:
        wired = WiredPico(pico)
        try:
            await wired.wait_for(lambda: wired.hello and wired.records, "HELLO")
            yield wired
        finally:
            wired.close()
