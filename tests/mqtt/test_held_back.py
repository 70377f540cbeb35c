"""A lane that the peer refuses is held back and tried again; all others go on, and the cursor stays before it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from records import BOOT, START, reading
from wait import wait_until

from pumplink import messages as m
from warmflow.device.updates import BoardEvent
from warmflow.journal import Journal, WriteQueue
from warmflow.journal.async_journal import AsyncJournal
from warmflow.runtime.tasks import end
from warmflow.sinks import held_back
from warmflow.sinks.record_batches import Batch
from warmflow.sinks.record_stream import HeldBack, RecordStream
from warmflow.sinks.waiting_age import MARKS_MAX, WaitingAge


class Peer:
    """One that refuses what `refuses` says."""

    def __init__(self, refuses: Callable[[Batch], bool]) -> None:
        self.refuses = refuses
        self.got: list[tuple[str, int]] = []

    async def deliver(self, batch: Batch) -> None:
        if self.refuses(batch):
            raise HeldBack("no")
        self.got += [(record.pump, record.message.sequence) for record in batch.records]  # type: ignore[union-attr]


@pytest.fixture
def async_journal(tmp_path: Path) -> AsyncJournal:
    journal = Journal(tmp_path / "journal.sqlite")
    return AsyncJournal(journal, WriteQueue(journal), lambda *_: None, print)


def records(first: int, last: int, *pumps: str) -> list[object]:
    boots = {pump: BOOT._replace(board_id=f"{number:016x}") for number, pump in enumerate(pumps)}
    return [reading(n, boots[pump], pump) for n in range(first, last + 1) for pump in pumps]


async def test_a_pump_that_is_refused_delays_no_other_and_comes_when_it_is_allowed(
    async_journal: AsyncJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_back, "PAUSES_S", (0.02,))
    async_journal.journal.append(records(1, 1500, "a", "b"))  # type: ignore[arg-type]
    stream, peer = RecordStream(async_journal, "sink", 20), Peer(lambda batch: batch.pump == "b")
    await stream.begin()
    following = asyncio.create_task(stream.follow(peer.deliver))
    try:
        await wait_until(lambda: len(peer.got) == 1500)
        assert {pump for pump, _ in peer.got} == {"a"}
        assert (stream.acknowledged, stream.lag) == (1, 2999)
        peer.refuses = lambda batch: False
        await wait_until(lambda: stream.lag == 0)
        assert [n for pump, n in peer.got if pump == "b"] == list(range(1, 1501))
        assert len(peer.got) == 3000
    finally:
        await end(following)
        await stream.store_cursor()
        await async_journal.close()


async def test_after_a_restart_nothing_that_was_refused_is_lost(async_journal: AsyncJournal) -> None:
    async_journal.journal.append(records(1, 50, "a", "b"))  # type: ignore[arg-type]
    stream, peer = RecordStream(async_journal, "sink", 20), Peer(lambda batch: batch.pump == "b")
    await stream.begin()
    await stream.send_some(peer.deliver)
    await stream.store_cursor()
    again, later = RecordStream(async_journal, "sink", 20), Peer(lambda batch: False)
    await again.begin()
    await again.send_some(later.deliver)
    assert {pump: [n for name, n in later.got if name == pump] for pump in "ab"} == {
        "a": list(range(2, 51)),
        "b": list(range(1, 51)),
    }
    assert again.lag == 0
    await async_journal.close()


async def test_events_that_are_refused_delay_no_readings_of_their_pump(async_journal: AsyncJournal) -> None:
    event = BoardEvent("a", BOOT, m.Event(0, 2, 0, 0, 4, 0, ""), START, False)
    async_journal.journal.append([reading(1, pump="a"), event, reading(3, pump="a")])
    stream, peer = RecordStream(async_journal, "sink", 20), Peer(lambda batch: isinstance(batch.records[0], BoardEvent))
    await stream.begin()
    await stream.send_some(peer.deliver)
    assert peer.got == [("a", 1), ("a", 3)]
    assert stream.acknowledged == 1
    await async_journal.close()


def test_the_age_is_that_of_the_oldest_record_that_waits() -> None:
    age = WaitingAge()
    for second in range(100):
        age.note(last_id=second + 1, acknowledged_id=min(second, 10), now_s=float(second))
    assert age.age_s(10, 100.0) == 90.0
    assert age.age_s(50, 100.0) == 50.0
    assert age.age_s(100, 100.0) == 0.0


def test_the_age_of_a_long_outage_is_kept_in_bounds() -> None:
    age = WaitingAge()
    for second in range(100_000):
        age.note(second + 1, 0, float(second))
    assert age.age_s(0, 100_000.0) == 100_000.0
    assert len(age._marks) <= MARKS_MAX
