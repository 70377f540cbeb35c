"""An emulated Pico with parts round it and the daemon's link at its port: what it says, and a word to its world."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pumplink import messages as m
from warmflow.hub import BoardEvent, Gap, Hub, Inner, Reading
from warmflow.link import CommandError, PumpLink
from warmflow.source.virtual import VirtualPico, virtual_pico
from warmflow.source.virtual.rp2040_parts import PORT_FILE

PARTS = Path(__file__).parents[1] / "rp2040" / "parts.py"
DEADLINE_S = 300  # the emulator shares its computer


class WiredPico:
    """`records` in order: readings and events; `truths` as they come."""

    def __init__(self, pico: VirtualPico, link: PumpLink, hub: Hub) -> None:
        self.pico, self.link = pico, link
        self._taker = hub.taker()
        self.records: list[m.Telemetry | m.Event] = []
        self.truths: list[m.Truth] = []
        self.gaps: list[Gap] = []

    async def tell(self, **words: object) -> dict[str, Any]:
        """Change the world; what the outputs show."""
        port = int((self.pico.state_dir / PORT_FILE).read_text())
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(json.dumps(words).encode() + b"\n")
        said: dict[str, Any] = json.loads(await reader.readline())
        writer.close()
        assert "error" not in said, said
        return said

    async def until(self, condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, f"not in {DEADLINE_S} s: {what}; last {self.records[-3:]}"
            assert not self.pico.died.is_set(), self.pico.tail()
            await asyncio.sleep(0.02)
            self._take()

    async def board_s(self, seconds: float) -> None:
        """Lets board time pass."""
        until_ms = self.now_ms() + seconds * 1000
        await self.until(lambda: self.now_ms() >= until_ms, f"{seconds} s of board time")

    def now_ms(self) -> int:
        self._take()
        return self.records[-1].uptime_ms if self.records else 0

    def readings(self, since_ms: int = 0) -> list[m.Telemetry]:
        self._take()
        return [each for each in self.records if isinstance(each, m.Telemetry) and each.uptime_ms >= since_ms]

    def events(self, code: int) -> list[m.Event]:
        self._take()
        return [each for each in self.records if isinstance(each, m.Event) and each.code == code]

    async def configure(self, **settings: object) -> None:
        await self.link.command(lambda number: m.SetConfig(number, json.dumps(settings)), DEADLINE_S)

    def _take(self) -> None:
        for update in self._taker.get_all():
            if isinstance(update, (Reading, BoardEvent)):
                self.records.append(update.message)
                self.link.safe(update.boot, update.message.sequence)
            elif isinstance(update, Inner):
                self.truths.append(update.message)
            elif isinstance(update, Gap):
                self.gaps.append(update)


@asynccontextmanager
async def wired_pico(state_dir: Path, world: dict[str, Any], config: dict[str, Any]) -> AsyncIterator[WiredPico]:
    """One that has booted and said HELLO, in this world."""
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / "parts.json").write_text(json.dumps(world))
    async with virtual_pico("rp2040", state_dir=state_dir, config=config, parts=PARTS) as pico:
        hub = Hub()
        said: list[str] = []
        link = PumpLink(pico.port, hub, said.append)
        wired = WiredPico(pico, link, hub)
        task = asyncio.create_task(link.run())
        try:
            try:
                await link.greeted(DEADLINE_S)
            except CommandError as error:
                raise AssertionError(f"{error}; heard {said}, {bytes(link.decoder.pending)!r}") from error
            yield wired
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
