"""Records on their way to the broker: a stop waits for its word on them, or they would be sent twice."""

import asyncio
from collections.abc import Collection

import pytest
from records import reading
from wait import wait_until

from warmflow.journal import Entry
from warmflow.journal.reader import Part
from warmflow.sinks.record_batches import Batch
from warmflow.sinks.record_stream import NotAcknowledged, RecordStream


class Desk:
    """A journal with three records."""

    def __init__(self) -> None:
        self.kept = -1
        self.grown = asyncio.Condition()

    async def cursor(self, name: str) -> int:
        return 0

    async def last(self) -> int:
        return 3

    async def part(self, after_id: int, through_id: int, limit: int, without: Collection[str] = ()) -> Part:
        return Part([Entry(n, reading(n, pump="abc"[n - 1])) for n in range(after_id + 1, 4)], 3)

    async def move_cursor(self, name: str, record_id: int) -> None:
        self.kept = record_id


async def test_what_is_in_flight_lands_before_a_stop_and_is_not_sent_again() -> None:
    records, sent, word = RecordStream(Desk(), "a", in_flight=20), [], asyncio.Event()  # type: ignore[arg-type]
    await records.begin()

    async def deliver(batch: Batch) -> None:
        sent.append(batch.pump)
        await word.wait()

    sending = asyncio.create_task(records.send_some(deliver))
    landing = asyncio.create_task(records.leave(10))
    async with asyncio.timeout(10):
        await wait_until(lambda: len(sent) >= 3, poll_s=0)
        waits = not landing.done()
        word.set()
        await landing
        sending.cancel()
        again = await records.send_some(deliver)
    assert not again
    acknowledged = records.acknowledged
    assert sent == ["a", "b", "c"]
    assert waits
    assert acknowledged == 3


@pytest.mark.parametrize("is_answered", [True, False])
async def test_a_batch_in_several_messages_has_its_time_for_each_of_them(is_answered: bool) -> None:
    records = RecordStream(Desk(), "a", in_flight=20, answer_s=60.0)  # type: ignore[arg-type]
    await records.begin()
    loop = asyncio.get_running_loop()
    began_s, ahead_s, inner = loop.time(), 0.0, loop.time
    loop.time = lambda: inner() + ahead_s  # type: ignore[method-assign]

    async def deliver(batch: Batch) -> None:
        nonlocal ahead_s
        for _ in range(5):  # messages, each of which takes 20 s
            ahead_s += 20.0
            await asyncio.sleep(0)
            if is_answered:
                records.answered()
        await asyncio.sleep(0)

    if is_answered:
        assert await records.send_some(deliver)
        assert records.acknowledged == 3
    else:
        with pytest.raises(NotAcknowledged):
            await records.send_some(deliver)
    assert loop.time() - began_s >= 60.0
