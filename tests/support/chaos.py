"""A bench for breaking things: a virtual Pico on a cable, mosquitto with persistence, the daemon as a process, a
subscriber with a persistent session, and a checker that compares what the board sent and what the daemon acknowledged,
as the cable saw it, with what the journal holds and the subscriber got.
"""

import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import aiomqtt
from cable import BootId, Cable
from faked_date import SLEEP, faketime_library
from wait import wait_until

from warmflow.device.host_clock import stamp
from warmflow.device.updates import BoardEvent, Gap, Reading
from warmflow.device.virtual import VirtualPico, virtual_pico
from warmflow.journal import JournalReader
from warmflow.runtime.tasks import end
from warmflow.sinks.mqtt.broker import Broker, choose, running_broker
from warmflow.sinks.mqtt.broker.server_programs import Recipe, mosquitto_config

Key = tuple[str, int]  # boot, sequence
TIME_MARKS = ("redated", "time_uncertain")
MISDATED_S = 2.0


class Subscriber:
    """Somebody out there, who comes back after every loss of the broker and counts by the key."""

    def __init__(self) -> None:
        self.got: dict[Key, str] = {}
        self.changed: list[Key] = []  # the same key with another content: never
        self.gaps: list[tuple[str, int, int | None]] = []
        self.messages = 0
        self.unmarked: list[Key] = []  # came again without saying so
        self._by_broker = False  # it comes again since the broker does not know whether it came: MQTT's DUP says so
        self.times: dict[Key, str] = {}  # the last one of each
        self.moved: list[Key] = []  # came with another time without saying so

    async def listen(self, port: int) -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                client = aiomqtt.Client(
                    "127.0.0.1", port, identifier="checker", clean_session=False, keepalive=5, timeout=5
                )
                marks = _duplicate_marks(client)  # of a stored session messages come before anything is subscribed to
                async with client:
                    await client.subscribe("warmflow/#", qos=1)
                    async for message in client.messages:
                        self.messages += 1
                        self._by_broker = marks.popleft()
                        assert isinstance(message.payload, bytes)
                        if "/bridge/" not in message.topic.value:
                            self._see(message.topic.value.split("/", 2)[2], message.payload)
            await asyncio.sleep(0.1)

    def _see(self, kind: str, payload: bytes) -> None:
        if kind == "telemetry":
            batch = json.loads(payload)
            for reading in batch["readings"]:
                marks = {name: batch.get(name) for name in ("resent", *TIME_MARKS)}
                self._keep((batch["boot"], reading["sequence"]), reading, marks)
        elif kind == "event":
            event = json.loads(payload)
            self._keep((event["boot"], event["sequence"]), event, event)
        elif kind == "gap":
            gap = json.loads(payload)
            self.gaps.append((gap["boot"], gap["first_sequence"], gap["last_sequence"]))

    def _keep(self, key: Key, value: dict[str, Any], marks: dict[str, Any]) -> None:
        if key in self.got and not (marks["resent"] or self._by_broker):
            self.unmarked.append(key)
        if self.times.setdefault(key, value["time"]) != value["time"] and not any(
            marks.get(name) for name in TIME_MARKS
        ):
            self.moved.append(key)
        self.times[key] = value["time"]
        other = ("historical", "resent", "time", *TIME_MARKS)
        content = json.dumps({name: value[name] for name in value if name not in other})
        if self.got.setdefault(key, content) != content:
            self.changed.append(key)


def _duplicate_marks(client: aiomqtt.Client) -> deque[bool]:
    """MQTT's DUP of each message of this connection, in their order: aiomqtt leaves it out."""
    marks, inner = deque[bool](), client._client.on_message

    def on_message(paho: Any, userdata: Any, message: Any) -> None:
        marks.append(message.dup)
        assert inner
        inner(paho, userdata, message)

    client._client.on_message = on_message
    return marks


class Dated(NamedTuple):
    """A record's times."""

    boot: str
    sequence: int
    uptime_s: float
    utc_s: float
    uncertain: bool


class Bench:
    """What a test breaks, and what it asks afterwards."""

    def __init__(self, pico: VirtualPico, folder: Path, port: int) -> None:
        self.pico, self.folder, self.port = pico, folder, port
        self.cable = Cable(pico.port, folder / "tty")
        self.subscriber = Subscriber()
        self.disk = folder / "disk"
        self.disk_is_real = _mounted(self.disk)
        self.journal_path = self.disk / "journal.sqlite"
        self._said: asyncio.Task[None] | None = None
        self._daemon: asyncio.subprocess.Process | None = None
        self._broker: contextlib.AbstractAsyncContextManager[Broker] | None = None
        self.broker: Broker | None = None
        self.date_wrong_s = 0.0  # the daemon's
        self._date_file = folder / "date"
        self._faketime: dict[str, str] = {}

    def set_date(self, wrong_s: float) -> None:
        """The daemon's date is wrong by so much from now on; the first time it has to be before the daemon starts."""
        if not self._faketime:
            (self.folder / "python").mkdir()
            (self.folder / "python" / "sitecustomize.py").write_text(SLEEP, encoding="utf-8")
            self._faketime = {
                "LD_PRELOAD": faketime_library() or "",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_CACHE_DURATION": "1",  # to read the file at each look at a clock takes half a processor
                "FAKETIME_TIMESTAMP_FILE": str(self._date_file),
                "PYTHONPATH": str(self.folder / "python"),
            }
        self.date_wrong_s = wrong_s
        new = self._date_file.with_suffix(".new")
        new.write_text(f"{wrong_s:+.3f}\n", encoding="utf-8")
        new.replace(self._date_file)

    async def slew_date(self, to_s: float, seconds: float) -> None:
        """The same, little by little."""
        from_s, steps = self.date_wrong_s, max(1, round(seconds / 0.1))
        for number in range(1, steps + 1):
            self.set_date(from_s + (to_s - from_s) * number / steps)
            await asyncio.sleep(0.1)

    async def start_broker(self, *limits: str) -> None:
        """With these lines in its configuration."""

        def config(port: int, state_dir: Path | None) -> str:
            return mosquitto_config(port, state_dir) + "".join(f"{line}\n" for line in limits)

        def chosen() -> Recipe:
            return replace(choose(), write_config=config)

        self._broker = running_broker(None, port=self.port, state_dir=self.folder / "broker", choose=chosen)
        self.broker = await self._broker.__aenter__()

    async def stop_broker(self) -> None:
        """SIGTERM, and what it has is on disk."""
        assert self._broker
        await self._broker.__aexit__(None, None, None)

    async def start_daemon(self) -> None:
        arguments = ["--port", str(self.cable.path), "--broker", f"mqtt://127.0.0.1:{self.port}", "--listen", "off"]
        self._daemon = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "warmflow", "run", *arguments, "--journal", str(self.journal_path)),
            stdout=asyncio.subprocess.DEVNULL,
            env={**os.environ, **self._faketime},
            stderr=asyncio.subprocess.PIPE,  # by way of this process: a limit on files is not to hit its log
        )
        assert self._daemon.stderr
        self._said = asyncio.create_task(self._listen(self._daemon.stderr))

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        with (self.folder / "daemon.log").open("ab") as log:
            while line := await stream.readline():
                log.write(line)
                log.flush()

    def said(self) -> str:
        """Everything that the daemons have said."""
        return (self.folder / "daemon.log").read_text(errors="replace")

    async def stop_daemon(self, number: signal.Signals) -> None:
        assert self._daemon
        self._daemon.send_signal(number)
        await self._daemon.wait()
        if self._said:
            await self._said

    async def poison_record(self) -> None:
        """Returns when the daemon has said what it lost."""
        told = self.said().count("could not be read")
        self.cable.poison()
        await wait_until(lambda: self.said().count("could not be read") > told, 60)

    async def remove_journal(self) -> None:
        """By a slip of the hand, while the daemon writes it. Returns when it was made anew."""
        told = self.said().count("made anew")
        for path in self.disk.glob(f"{self.journal_path.name}*"):
            path.unlink()
        await wait_until(lambda: self.said().count("made anew") > told, 30)

    async def damage_journal(self) -> None:
        """A page of an index that every record needs. Only while no daemon runs: a running one has it in memory."""
        with contextlib.closing(sqlite3.connect(self.journal_path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [root] = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'by_time'").fetchone()
            [size] = db.execute("PRAGMA page_size").fetchone()
        with self.journal_path.open("r+b") as file:
            file.seek((root - 1) * size)
            file.write(random.Random(root).randbytes(size))

    async def ended_status(self) -> int:
        """Of a daemon that ends by itself."""
        assert self._daemon
        async with asyncio.timeout(30):
            return await self._daemon.wait()

    async def salvage_journal(self) -> None:
        """As the daemon's last line says; the new one takes the old one's place."""
        salvaged = self.disk / "salvaged.sqlite"
        command = (sys.executable, "-m", "warmflow", "journal", "salvage", str(self.journal_path), str(salvaged))
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        assert await process.wait() == 0
        for path in self.disk.glob(f"{self.journal_path.name}*"):
            path.unlink()
        salvaged.rename(self.journal_path)

    async def fill_disk(self) -> None:
        """Returns when the daemon has noticed."""
        told = self.said().count("wait in memory")
        if self.disk_is_real:
            with (self.disk / "filler").open("wb", 0) as filler, contextlib.suppress(OSError):
                while True:
                    filler.write(bytes(4096))
        else:
            assert self._daemon
            hard = resource.prlimit(self._daemon.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(self._daemon.pid, resource.RLIMIT_FSIZE, (4096, hard))
        await wait_until(lambda: self.said().count("wait in memory") > told, 120)

    async def free_disk(self) -> None:
        """Returns when the daemon has noticed."""
        told = self.said().count("is written again")
        if self.disk_is_real:
            (self.disk / "filler").unlink()
        else:
            assert self._daemon
            hard = resource.prlimit(self._daemon.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(self._daemon.pid, resource.RLIMIT_FSIZE, (hard, hard))
        await wait_until(lambda: self.said().count("is written again") > told, 30)

    def freeze_broker(self, frozen: bool) -> None:
        assert self.broker
        assert self.broker.pid
        os.kill(self.broker.pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    async def more(self, records: int, seconds: float = 60) -> None:
        """Until the subscriber has got so many more."""
        wanted = len(self.subscriber.got) + records
        await wait_until(lambda: len(self.subscriber.got) >= wanted, seconds)

    def _misdated(self, times: list[Dated]) -> list[tuple[Dated, float]]:
        """Records whose time is wrong by more than MISDATED_S, by the cable's clock and the daemon's date of now."""
        now, loop_s = stamp(), asyncio.get_running_loop().time()
        began_s = {
            _text(boot): now.wall_s + self.date_wrong_s + began_s - loop_s
            for boot, began_s in self.cable.began_s.items()
        }
        wrong = [(each, each.utc_s - began_s[each.boot] - each.uptime_s) for each in times]
        return [(each, by_s) for each, by_s in wrong if abs(by_s) > MISDATED_S]

    def unmount(self) -> None:
        if self.disk_is_real:
            subprocess.run(["umount", "-l", str(self.disk)], check=False)

    def judged(self) -> dict[str, int]:
        """Lost, unsaid and different records, all of which are to be 0, and how many there were."""
        journal = JournalReader(self.journal_path)
        held: dict[str, dict[int, Any]] = {}
        said: dict[str, set[int]] = {}
        ends: dict[str, int] = {}  # of a boot that is over: nothing from this on
        times: list[Dated] = []
        for entry in journal.after(0, 10_000_000):
            record = entry.record
            boot = str(record.boot)
            if isinstance(record, Reading | BoardEvent):
                held.setdefault(boot, {})[record.message.sequence] = record.message
                uncertain = record.dating is not None and record.dating.uncertain
                at = (record.message.uptime_ms / 1000, record.utc.timestamp())
                times.append(Dated(boot, record.message.sequence, *at, uncertain))
            elif isinstance(record, Gap) and record.last is None:
                ends[boot] = min(record.first, ends.get(boot, record.first))
            elif isinstance(record, Gap):
                said.setdefault(boot, set()).update(range(record.first, (record.last or 0) + 1))
        journal.close()
        utc_s = {(entry.boot, entry.sequence): entry.utc_s for entry in times}
        keys = {(boot, sequence) for boot, records in held.items() for sequence in records}
        accounted = {boot: set(records) | said.get(boot, set()) for boot, records in held.items()}
        acked = {(_text(boot), number) for boot, last in self.cable.acked.items() for number in range(1, last + 1)}
        newest = max(held, key=lambda boot: int(boot.partition("-")[0]))
        on_the_board = max(held[newest])  # what came after it is not acknowledged: the board still has it
        sent = {(_text(boot), number): record for (boot, number), record in self.cable.sent.items()}
        unsaid = {
            (boot, number)
            for boot, number in {*sent, *((boot, n) for boot in held for n in range(1, max(held[boot])))}
            if number not in accounted.get(boot, set())
            and number < ends.get(boot, 1 << 32)
            and not (boot == newest and number > on_the_board)
        }
        return {
            "sent by the board": len(sent),
            "acknowledged": len(acked),
            "in the journal": len(keys),
            "got": len(self.subscriber.got),
            "messages": self.subscriber.messages,
            "acknowledged and lost": sum(number not in accounted.get(boot, set()) for boot, number in acked),
            "lost without a gap": len(unsaid),
            "said to be lost": sum(len(sequences) for sequences in said.values()),
            "doubled in the journal": _doubled(self.journal_path),
            "other than sent": sum(
                held[boot][number] != record for (boot, number), record in sent.items() if number in held.get(boot, {})
            )
            + len(self.cable.different),
            "not delivered": len(keys - self.subscriber.got.keys()),
            "delivered and not kept": len(self.subscriber.got.keys() - keys),
            "doubled after the key": len(self.subscriber.changed),
            "again without saying so": len(self.subscriber.unmarked),
            "time moved without saying so": len(self.subscriber.moved),
            "misdated": len(self._misdated(times)),
            "time uncertain": sum(each.uncertain for each in times),
            "other time delivered": sum(
                utc_s[key] != datetime.fromisoformat(text).timestamp()
                for key, text in self.subscriber.times.items()
                if key in utc_s
            ),
            "boots": len(held),
            "names of the port": len(set(self.cable.names)),
        }


def _text(boot: BootId) -> str:
    return f"{boot[0]}-{boot[1]:08x}"


def _doubled(path: Path) -> int:
    """Records of one identity that are there more than once, or were kept apart because their bytes differ."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        twice = db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM records r JOIN boots b ON b.id = r.boot "
            "GROUP BY b.board_id, b.boots, b.random, r.sequence, r.kind HAVING count(*) > 1)"
        ).fetchone()[0]
        return int(twice + db.execute("SELECT count(*) FROM conflicts").fetchone()[0])


def _mounted(path: Path) -> bool:
    """A file system of 24 MB at this path, if we may mount one; else a folder, and a limit on files stands in."""
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(path)]
    return sys.platform == "linux" and subprocess.run(command, capture_output=True, check=False).returncode == 0


@asynccontextmanager
async def chaos_bench(folder: Path, port: int, date_wrong_s: float | None = None) -> AsyncIterator[Bench]:
    """With `date_wrong_s` the daemon's date can be set."""
    config = {"rig_name": "chaos", "sensor": "emulated", "rate_hz": 10}
    async with virtual_pico("unix", state_dir=folder / "board", config=config) as pico:
        bench = Bench(pico, folder, port)
        if date_wrong_s is not None:
            bench.set_date(date_wrong_s)
        bench.cable.plug()
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
            bench.cable.close()
            bench.unmount()
