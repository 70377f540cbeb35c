"""What the benches of the daemon share: a real broker, the daemon as a process of its own, many boards, a subscriber
that counts and times, and the daemon's processor time and memory.
"""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiomqtt
import psutil

from pumplink import messages as m
from pumplink.decoder import Decoder
from pumplink.fastcodec import encode_telemetry
from pumplink.framing import frame
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker, running_broker

FLEET = Path(__file__).with_name("pty_boards.py")
LINE_BYTES = 1 << 22
PROBE_S = 0.1
PROBE_TOPIC = "probe/round-trip"


def quantile(values: list[float], share: float) -> float:
    """Of sorted values, without interpolation; nan where there are none."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


class Times:
    """Milliseconds, and what is said of them."""

    def __init__(self) -> None:
        self.ms: list[float] = []

    def summary(self) -> dict[str, float]:
        ms = sorted(self.ms)
        return {"p50 ms": quantile(ms, 0.5), "p99 ms": quantile(ms, 0.99), "max ms": quantile(ms, 1.0), "n": len(ms)}


class Listener:
    """A subscriber. `got` counts how often each sequence of a boot came; ages are of the boots in `clocked`, whose
    uptime is this computer's monotonic clock.
    """

    def __init__(self) -> None:
        self.got: dict[str, dict[int, int]] = {}
        self.gaps: list[Any] = []
        self.messages = 0
        self.readings = 0
        self.ages, self.alarms, self.round_trips = Times(), Times(), Times()
        self.timed = False  # times count while it is set
        self.clocked: set[str] = set()
        self.timed_pumps: dict[str, tuple[int, int]] = {}  # of alarms: the pump's start and speed
        self._told: set[tuple[str, float, str | None]] = set()
        self.ready = asyncio.Event()

    async def listen(self, broker: Broker) -> None:
        async with aiomqtt.Client(broker.host, broker.port, timeout=30) as client:
            for kind in ("telemetry", "event", "gap", "alarm/rate"):
                await client.subscribe(f"warmflow/+/{kind}", qos=1)
            await client.subscribe(PROBE_TOPIC, qos=1)
            self.ready.set()
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                try:
                    self._see(message.topic.value, message.payload, time.monotonic() * 1000)
                except Exception as error:  # a bench that does not understand what it gets must not wait in silence
                    print(f"{message.topic}: {error!r}: {message.payload[:200]!r}", file=sys.stderr)
                    raise

    async def probe(self, broker: Broker) -> None:
        """The broker's own round trip, for comparison: from publish to delivery, QoS 1."""
        async with aiomqtt.Client(broker.host, broker.port, timeout=30) as client:
            while True:
                await asyncio.sleep(PROBE_S)
                await client.publish(PROBE_TOPIC, str(time.monotonic() * 1000), qos=1)

    def _see(self, topic: str, payload: bytes, at_ms: float) -> None:
        self.messages += 1
        if topic == PROBE_TOPIC:
            if self.timed:
                self.round_trips.ms.append(at_ms - float(payload))
            return
        if topic.startswith("warmflow/bridge/"):
            return
        value = json.loads(payload)
        match topic.split("/", 2)[2]:
            case "telemetry":
                of_boot = self.got.setdefault(value["boot"], {})
                clocked = self.timed and value["boot"] in self.clocked
                self.readings += len(value["readings"])
                for reading in value["readings"]:
                    sequence = reading["sequence"]
                    of_boot[sequence] = of_boot.get(sequence, 0) + 1
                    if clocked and not reading["historical"]:
                        self.ages.ms.append(at_ms - reading["uptime_ms"])
            case "event":
                of_boot = self.got.setdefault(value["boot"], {})
                of_boot[value["sequence"]] = of_boot.get(value["sequence"], 0) + 1
            case "gap":
                self.gaps.append(value)
            case "alarm/rate":
                self._alarm(topic.split("/")[1], value, at_ms)

    def _alarm(self, pump: str, value: Any, at_ms: float) -> None:
        change = (pump, value["pump_time_s"], value.get("level"))
        if change in self._told:
            return  # the same once more: its cause has become known, or it was looked at
        self._told.add(change)
        if self.timed and pump in self.timed_pumps:
            began_ms, speed_x = self.timed_pumps[pump]
            self.alarms.ms.append(at_ms - began_ms - value["pump_time_s"] * 1000 / speed_x)


class Boards:
    """The process with many boards on pseudo-terminals."""

    def __init__(self, process: asyncio.subprocess.Process, ports: list[str]) -> None:
        self.ports, self._process = ports, process

    async def report(self, word: str = "report") -> list[dict[str, Any]]:
        assert self._process.stdin
        self._process.stdin.write(word.encode() + b"\n")
        boards: list[dict[str, Any]] = (await _line(self._process))["boards"]
        return boards


@asynccontextmanager
async def boards(*arguments: object) -> AsyncIterator[Boards]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(FLEET), *map(str, arguments)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES,
    )
    try:
        yield Boards(process, (await _line(process))["ports"])
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _line(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the boards' process ended")
    return json.loads(line)


class Usage(NamedTuple):
    """Of the daemon's process, at one moment."""

    at_s: float
    cpu_s: float
    rss_mb: float


class Daemon:
    """The daemon's process."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.log, self._process = log, process
        self._seen = psutil.Process(process.pid)
        self.course: list[Usage] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    def usage(self) -> Usage:
        times = self._seen.cpu_times()
        usage = Usage(time.monotonic(), times.user + times.system, self._seen.memory_info().rss / 1e6)
        self.course.append(usage)
        return usage

    def check(self) -> None:
        """Raises RuntimeError with its last lines if it has ended."""
        if self._process.returncode is not None:
            raise RuntimeError(f"the daemon ended:\n{self.last_lines()}")

    def last_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def threads(self) -> int:
        return self._seen.num_threads()

    async def profile(self, file: Path) -> None:
        """20 s of the daemon's stacks, if py-spy is installed; it slows the daemon down."""
        command = [
            "record",
            "--pid",
            str(self._process.pid),
            "-o",
            str(file),
            "-d",
            "20",
            "-f",
            "raw",
            "-r",
            "250",
            "--gil",
        ]
        spy = Path(sys.executable).with_name("py-spy")
        await (await asyncio.create_subprocess_exec(str(spy), *command)).wait()

    async def stop(self) -> float:
        """SIGTERM; seconds until it has ended."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        await self._process.wait()
        return time.monotonic() - began


@asynccontextmanager
async def daemon(ports: list[str], broker: Broker, folder: Path) -> AsyncIterator[Daemon]:
    log = folder / "daemon.log"
    arguments = [part for port in ports for part in ("--port", port)]
    arguments += ["--listen", "127.0.0.1:0"]  # everything is on
    arguments += ["--broker", f"mqtt://{broker.host}:{broker.port}", "--journal", str(folder / "journal.sqlite")]
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "warmflow", "run", *arguments), stdout=out, stderr=out
        )
    running = Daemon(process, log)
    try:
        yield running
    finally:
        if process.returncode is None:
            await running.stop()


@asynccontextmanager
async def listening(listener: Listener, folder: Path) -> AsyncIterator[Broker]:
    """mosquitto with persistence, and the listener on it."""
    async with running_broker(None, state_dir=folder / "broker") as broker:
        tasks = [asyncio.create_task(each(broker)) for each in (listener.listen, listener.probe)]
        try:
            await listener.ready.wait()
            yield broker
        finally:
            await end(*tasks)


def held(journal: Path) -> dict[str, set[int]]:
    """Sequences of readings and events by boot, as the journal's file holds them."""
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    found: dict[str, set[int]] = {}
    query = "SELECT b.boots, b.random, r.sequence FROM records r JOIN boots b ON b.id = r.boot WHERE r.kind IN (3, 6)"
    for boots_, number, sequence in db.execute(query):
        found.setdefault(f"{boots_}-{number:08x}", set()).add(sequence)
    db.close()
    return found


def decoding_us() -> float:
    """What one good frame costs the decoder now: how fast this computer is at this moment."""
    reading = m.Telemetry(0, 1, 100, 100, 34_000, 0, None, 48_880, 1, 32)
    data, decoder, rounds = frame(encode_telemetry(reading)), Decoder(), 5000
    began_s = time.process_time()
    for _ in range(rounds):
        decoder.feed(data)
    return 1e6 * (time.process_time() - began_s) / rounds


def load() -> str:
    return "load " + " ".join(f"{each:.2f}" for each in os.getloadavg())


def slope_mb_h(course: list[Usage]) -> float:
    """Least squares over the last half."""
    half = course[len(course) // 2 :]
    n = len(half)
    if n < 3:
        return float("nan")
    mean_s, mean_mb = sum(u.at_s for u in half) / n, sum(u.rss_mb for u in half) / n
    over = sum((u.at_s - mean_s) * (u.rss_mb - mean_mb) for u in half)
    return 3600 * over / sum((u.at_s - mean_s) ** 2 for u in half)
