"""A second durable sink is one class and one entry in the daemon's list: it has a cursor of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import pytest
from records import reading
from wait import wait_until

from warmflow.daemon import metrics
from warmflow.daemon.app import Daemon, daemon
from warmflow.daemon.config import BrokerSettings, HttpSettings, JournalSettings, Settings
from warmflow.device.updates import Reading
from warmflow.hub import Hub
from warmflow.journal import Journal, WriteQueue
from warmflow.journal.async_journal import AsyncJournal
from warmflow.runtime.logs import Log
from warmflow.runtime.tasks import end
from warmflow.sinks.record_batches import Batch
from warmflow.sinks.record_stream import NotAcknowledged, RecordStream
from warmflow.sinks.sink import Figure, Sink


class FileSink(Sink):
    """Sequence and `resent` of every reading, a line each."""

    name, peer = "lines", "file"

    def __init__(self, path: Path, async_journal: AsyncJournal) -> None:
        self.records = RecordStream(async_journal, self.name)
        self.broken = ""
        self._path = path
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        await self.records.begin()
        await self.records.connected()
        following = asyncio.create_task(self.records.follow(self._deliver))
        await self._stopping.wait()
        await end(following)
        await self.records.store_cursor()

    async def stop(self) -> None:
        self._stopping.set()

    def durable(self) -> RecordStream:
        return self.records

    def failure(self) -> str:
        return self.broken

    def figures(self) -> Iterable[Figure]:
        yield Figure("warmflow_dropped_updates", 0, (self.name,))

    async def _deliver(self, batch: Batch) -> None:
        with self._path.open("a") as file:
            for record in batch.records:
                assert isinstance(record, Reading)
                file.write(f"{record.message.sequence} {batch.resent}\n")


class Bench:
    """A daemon without boards whose broker never answers, and the second sink beside it."""

    def __init__(self, folder: Path) -> None:
        self.lines, self.journal = folder / "lines", folder / "journal.sqlite"
        self.settings = Settings(
            port=(str(folder / "not-there"),),
            broker=BrokerSettings(url="mqtt://127.0.0.1:1"),
            journal=JournalSettings(file=self.journal),
            http=HttpSettings(listen="off"),
        )

    def make(self, hub: Hub, async_journal: AsyncJournal, log: Log) -> Sink:
        return FileSink(self.lines, async_journal)

    def written(self) -> list[str]:
        return self.lines.read_text().splitlines() if self.lines.exists() else []

    def cursors(self) -> dict[str, int]:
        journal = Journal(self.journal)
        try:
            return journal.cursors()
        finally:
            journal.close()

    async def run(self, check: Callable[[Daemon], Awaitable[None]]) -> None:
        async with asyncio.timeout(30), daemon(self.settings, print, more_sinks=[self.make]) as running:
            await check(running)


async def test_each_durable_sink_has_a_cursor_of_its_own_and_goes_on_there(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    async def publish(running: Daemon, first: int, last: int) -> None:
        for sequence in range(first, last + 1):
            running.hub.publish(reading(sequence))
        await wait_until(lambda: len(bench.written()) == last)

    await bench.run(lambda running: publish(running, 1, 300))
    assert bench.cursors() == {"mqtt": 0, "lines": 300}
    await bench.run(lambda running: publish(running, 301, 310))
    assert bench.cursors() == {"mqtt": 0, "lines": 310}
    assert bench.written() == [f"{sequence} False" for sequence in range(1, 311)]


async def test_health_and_metrics_know_every_sink(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    async def check(running: Daemon) -> None:
        running.hub.publish(reading(1))
        await wait_until(lambda: bench.written() != [])
        await wait_until(lambda: running.async_journal.journal.last() == 1)
        samples = await metrics.sample(running)
        lags = {each.labels: each.value for each in samples if each.name == "warmflow_sink_lag_records"}  # type: ignore[union-attr]
        assert lags == {("mqtt",): 1, ("lines",): 0}

        async def ages() -> dict[tuple[str, ...], float]:
            name = "warmflow_sink_oldest_undelivered_seconds"
            return {each.labels: each.value for each in await metrics.sample(running) if each.name == name}  # type: ignore[union-attr]

        assert (await ages())["lines",] == 0.0
        before_s = (await ages())["mqtt",]

        async def has_grown() -> bool:
            return (await ages())["mqtt",] > before_s

        await wait_until(has_grown, 10)
        assert ("lines",) in [each.labels for each in samples if each.name == "warmflow_dropped_updates"]  # type: ignore[union-attr]
        lines = running.sinks[1]
        assert isinstance(lines, FileSink)
        lines.broken = "no space left"
        reasons = running.health.now()["reasons"]
        assert {"failing": True, "part": "file", "text": "no space left"} in reasons

    await bench.run(check)


async def test_the_end_of_a_recording_waits_for_every_durable_sink(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    async def check(running: Daemon) -> None:
        running.hub.publish(reading(1))
        await wait_until(lambda: bench.written() != [])
        ends = asyncio.create_task(running.over())
        running.fleet._tasks = {"recording": asyncio.create_task(asyncio.sleep(0))}
        await asyncio.wait({ends}, timeout=0.5)
        assert not ends.done()  # the broker has nothing yet
        for sink in running.sinks:
            stream = sink.durable()
            assert stream
            stream.acknowledged = 1
        await ends

    await bench.run(check)


async def test_a_peer_that_does_not_acknowledge_in_time_leaves_the_cursor_where_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    async_journal = AsyncJournal(journal, WriteQueue(journal), lambda *_: None, print)
    journal.append([reading(1)])
    records = RecordStream(async_journal, "slow", answer_s=0.01)
    await records.begin()

    async def deliver(batch: Batch) -> None:
        await asyncio.Event().wait()

    with pytest.raises(NotAcknowledged, match=r"no answer within 0.01 s"):
        await records.follow(deliver)
    assert (records.acknowledged, records.lag) == (0, 1)
    resent = []

    async def works(batch: Batch) -> None:
        resent.append(batch.resent)

    assert await records.send_some(works)
    assert (records.acknowledged, records.lag, resent) == (1, 0, [True])
    await async_journal.close()
