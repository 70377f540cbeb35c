"""A bench for breaking things: a virtual Pico, mosquitto with persistence, the daemon as a process, a subscriber with a
persistent session, and a checker that compares what the board made with what the journal holds and the subscriber got.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt

from warmflow.broker import Broker, running_broker
from warmflow.hub import BoardEvent, Gap, Reading
from warmflow.journal import Journal
from warmflow.source.virtual import VirtualPico, virtual_pico
from warmflow.tasks import end

Key = tuple[str, int]  # boot, sequence


class Subscriber:
    """Somebody out there, who comes back after every loss of the broker and counts by the key."""

    def __init__(self) -> None:
        self.got: dict[Key, str] = {}
        self.changed: list[Key] = []  # the same key with another content: never
        self.gaps: list[tuple[str, int, int | None]] = []
        self.messages = 0

    async def listen(self, port: int) -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(
                    "127.0.0.1", port, identifier="checker", clean_session=False, keepalive=5, timeout=5
                ) as client:
                    await client.subscribe("warmflow/#", qos=1)
                    async for message in client.messages:
                        self.messages += 1
                        assert isinstance(message.payload, bytes)
                        self._see(message.topic.value.rsplit("/", 1)[1], message.payload)
            await asyncio.sleep(0.1)

    def _see(self, kind: str, payload: bytes) -> None:
        if kind == "telemetry":
            batch = json.loads(payload)
            for reading in batch["readings"]:
                self._keep((batch["boot"], reading["sequence"]), reading)
        elif kind == "event":
            event = json.loads(payload)
            self._keep((event["boot"], event["sequence"]), event)
        elif kind == "gap":
            gap = json.loads(payload)
            self.gaps.append((gap["boot"], gap["first_sequence"], gap["last_sequence"]))

    def _keep(self, key: Key, value: dict[str, Any]) -> None:
        content = json.dumps({name: value[name] for name in value if name not in ("historical", "resent", "time")})
        if self.got.setdefault(key, content) != content:
            self.changed.append(key)


class Bench:
    """What a test breaks, and what it asks afterwards."""

    def __init__(self, pico: VirtualPico, folder: Path, port: int) -> None:
        self.pico, self.folder, self.port = pico, folder, port
        self.subscriber = Subscriber()
        self.journal_path = folder / "journal.sqlite"
        self._daemon: asyncio.subprocess.Process | None = None
        self._broker: contextlib.AbstractAsyncContextManager[Broker] | None = None
        self.broker: Broker | None = None

    async def start_broker(self) -> None:
        self._broker = running_broker(None, port=self.port, state_dir=self.folder / "broker")
        self.broker = await self._broker.__aenter__()

    async def stop_broker(self) -> None:
        """SIGTERM, and what it has is on disk."""
        assert self._broker
        await self._broker.__aexit__(None, None, None)

    async def start_daemon(self) -> None:
        arguments = ["--port", self.pico.port, "--broker", f"mqtt://127.0.0.1:{self.port}"]
        self._daemon = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "warmflow", "run", *arguments, "--journal", str(self.journal_path)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=(self.folder / "daemon.log").open("ab"),
        )

    async def stop_daemon(self, number: signal.Signals) -> None:
        assert self._daemon
        self._daemon.send_signal(number)
        await self._daemon.wait()

    def freeze_broker(self, frozen: bool) -> None:
        assert self.broker
        assert self.broker.pid
        os.kill(self.broker.pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    async def more(self, records: int, seconds: float = 60) -> None:
        """Until the subscriber has got so many more."""
        wanted = len(self.subscriber.got) + records
        await until(lambda: len(self.subscriber.got) >= wanted, seconds)

    def judged(self) -> dict[str, int]:
        """Lost, unsaid and different records, all of which are to be 0, and how many there were."""
        journal = Journal(self.journal_path)
        held: dict[str, set[int]] = {}
        said: dict[str, set[int]] = {}
        for entry in journal.after(0, 10_000_000):
            record = entry.record
            boot = str(record.boot)
            if isinstance(record, Reading | BoardEvent):
                held.setdefault(boot, set()).add(record.message.sequence)
            elif isinstance(record, Gap) and record.last is not None:
                said.setdefault(boot, set()).update(range(record.first, record.last + 1))
        journal.close()
        keys = {(boot, sequence) for boot, sequences in held.items() for sequence in sequences}
        made = sum(max(sequences) for sequences in held.values())
        unsaid = sum(
            len(set(range(1, max(sequences))) - sequences - said.get(boot, set())) for boot, sequences in held.items()
        )
        return {
            "made": made,
            "in the journal": len(keys),
            "got": len(self.subscriber.got),
            "messages": self.subscriber.messages,
            "lost without a gap": unsaid,
            "said to be lost": sum(len(sequences) for sequences in said.values()),
            "not delivered": len(keys - self.subscriber.got.keys()),
            "delivered and not kept": len(self.subscriber.got.keys() - keys),
            "different": len(self.subscriber.changed),
            "boots": len(held),
        }


async def until(what: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.05)


@asynccontextmanager
async def chaos_bench(folder: Path, port: int) -> AsyncIterator[Bench]:
    config = {"rig_name": "chaos", "sensor": "emulated", "rate_hz": 10}
    async with virtual_pico("unix", state_dir=folder / "board", config=config) as pico:
        bench = Bench(pico, folder, port)
        await bench.start_broker()
        listening = asyncio.create_task(bench.subscriber.listen(port))
        await bench.start_daemon()
        try:
            yield bench
        finally:
            if bench._daemon and bench._daemon.returncode is None:
                await bench.stop_daemon(signal.SIGKILL)
            await end(listening)
            await bench.stop_broker()
