"""All records, out of the journal and through a cursor that follows what the peer of a sink has acknowledged.

For every durable sink. It knows the journal and a `deliver` coroutine that returns when the peer has acknowledged a
batch; it sends nothing itself. What a connection or a process did not get acknowledged is delivered again by the next
one, marked. What the peer refuses is held back, and tried again; it holds back no other pump, and no other kind. A
board of which more waits than of the others gets its turn among them, and delays none (see `backlogs`).
"""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import NamedTuple

from warmflow.journal import Entry
from warmflow.journal.async_journal import AsyncJournal
from warmflow.journal.reader import Part
from warmflow.sinks.backlogs import Backlogs, Position
from warmflow.sinks.held_back import HeldLanes, Lane, lane_of
from warmflow.sinks.record_batches import Batch, batches, marked
from warmflow.sinks.waiting_age import WaitingAge

READ_MAX = 1000  # records at a time
SCAN_MAX = 200_000  # rows at a time that are passed over: other boards' records, some 20 ms
MINUTE_S = 60.0
CURSOR_S = 0.5  # the cursor is stored so often: what a crash sends again

Deliver = Callable[[Batch], Awaitable[None]]


class NotAcknowledged(Exception):
    """The peer did not acknowledge in time; the records are delivered again."""


class HeldBack(Exception):
    """Raised by `deliver`: the peer does not take this batch now, and may take others."""


class Queue(NamedTuple):
    """Batches on their way from one position. doubtful: records up to this number may have been sent before."""

    position: Position
    due: deque[list[Entry]]
    through: int
    doubtful: int

    def pop(self, count: int) -> None:
        """The first ones are at the peer, or held back."""
        for _ in range(min(count, len(self.due))):
            self.due.popleft()
        self.position.read = self.due[0][0].id - 1 if self.due else self.through


class RecordStream:
    """Of one sink, over all its connections. `cursor` is its name in the journal, no other sink's; so many batches are
    `in_flight` at once; a round of them is over after `answer_s` without an answer of the peer.

    A sink calls `begin` once, then for each connection `connected` and `follow`: that ends with what `deliver` raised,
    and the sink calls both again after a pause. It stops with `leave`, ends `follow` and calls `store_cursor`.

    `acknowledged` is the number of the last record up to which the peer has everything; -1 before the cursor is read.
    Some later ones may be there, too: those go out again if the process ends before the gap is closed.
    """

    def __init__(self, async_journal: AsyncJournal, cursor: str, in_flight: int = 1, answer_s: float = 10.0) -> None:
        self.acknowledged = -1
        self.held = HeldLanes()
        self._async_journal, self._cursor, self._in_flight, self._answer_s = async_journal, cursor, in_flight, answer_s
        self._position = Position()  # of all boards that are not behind
        self._backlogs = Backlogs()
        self._age = WaitingAge()
        self._waited = 0  # records up to this number waited for the present connection
        self._stored_at_s = 0.0
        self._sending = asyncio.Lock()  # held while batches are in flight
        self._until_s = math.inf  # of the event loop's clock: no further round begins after it
        self._limit: asyncio.Timeout | None = None  # of the round that is in flight

    @property
    def lag(self) -> int:
        """Records in the journal that the peer has not acknowledged."""
        return max(0, self._async_journal.journal.last() - max(0, self.acknowledged))

    async def begin(self) -> None:
        """Once, before the first connection."""
        self.acknowledged = await self._async_journal.cursor(self._cursor)
        self._position = Position(self.acknowledged, await self._async_journal.last())

    async def connected(self) -> None:
        """A connection begins: what there is has waited for it."""
        self._waited = await self._async_journal.last()
        self.held.try_all(_now_s())

    def oldest_waiting_s(self) -> float:
        """Age of the oldest record that the peer does not have, since a call of this saw it wait; 0 without one. So
        the sink calls it once a second.
        """
        if self.acknowledged < 0:
            return 0.0
        now_s = _now_s()
        self._age.note(self._async_journal.journal.last(), self.acknowledged, now_s)
        return self._age.age_s(self.acknowledged, now_s)

    async def follow(self, deliver: Deliver) -> None:
        """Until cancelled: delivers what there is and what comes. Raises what `deliver` raises, or NotAcknowledged."""
        while True:
            if not await self.send_some(deliver):
                await self._some()

    async def send_some(self, deliver: Deliver) -> bool:
        """Delivers some of what the journal has after the cursor, a share of each board; False if there is nothing,
        or no time left.

        Raises: what `deliver` raises but HeldBack, or NotAcknowledged.
        """
        async with self._sending:
            tried = await self._try_held(deliver)
            new = await self._send_new(deliver)
            return await self._send_backlogs(deliver) or new or tried

    def answered(self) -> None:
        """The peer has taken something: a batch that goes in several messages has its time for each of them."""
        if self._limit is not None:
            self._limit.reschedule(_now_s() + self._answer_s)

    async def leave(self, drain_s: float) -> None:
        """Starts no new round after `drain_s`. Waits for the acknowledgement of the one in flight; if it does not come,
        those batches are sent again later.
        """
        self._until_s = 0.0
        async with self._sending:
            self._until_s = asyncio.get_running_loop().time() + drain_s

    async def store_cursor(self) -> None:
        """On disk: the next process goes on there."""
        await self._async_journal.move_cursor(self._cursor, self.acknowledged)

    async def _some(self) -> None:
        """Waits for new records, or for the time at which one that is held back is tried again."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min(self.held.next_try_s - _now_s(), MINUTE_S))):
                async with self._async_journal.grown:
                    if await self._async_journal.last() <= self._position.read:
                        await self._async_journal.grown.wait()

    async def _send_new(self, deliver: Deliver) -> bool:
        """What comes next in the order of arrival, without boards that are behind; False if there is nothing."""
        position, last = self._position, await self._async_journal.last()
        if last <= position.read:
            return False
        while True:
            through = min(last, position.read + SCAN_MAX)
            part = await self._async_journal.part(position.read, through, READ_MAX, without=self._backlogs.boards)
            boards = self._backlogs.over_share(part.entries, READ_MAX) if part.through < through else ()
            if not boards:
                return await self._send(deliver, [(position, part)])
            self._backlogs.add(boards, position)

    async def _send_backlogs(self, deliver: Deliver) -> bool:
        """A turn for some of the boards that are behind; False if there are none."""
        turn = self._backlogs.turn()
        if not turn:
            return False
        parts = []
        for board, position in turn:
            through = min(self._position.read, position.read + SCAN_MAX)
            share = READ_MAX // len(turn)
            parts.append((position, await self._async_journal.part(position.read, through, share, only=(board,))))
        sent = await self._send(deliver, parts)
        self._backlogs.caught_up(self._position.read)
        return sent

    async def _send(self, deliver: Deliver, parts: list[tuple[Position, Part]]) -> bool:
        """Delivers these and moves each position; False if there is no time left."""
        queues = [
            Queue(position, deque(batches(part.entries)), part.through, position.sent) for position, part in parts
        ]
        at_once = max(1, self._in_flight // len(queues))
        begun = False
        while not begun or any(queue.due for queue in queues):
            if _now_s() > self._until_s:
                return begun
            begun, round_ = True, list[tuple[list[Entry], int]]()
            for queue in queues:
                some = list(islice(queue.due, at_once))
                round_ += [(each, queue.doubtful) for each in some if self._may_go(each)]
                queue.position.sent = max([queue.position.sent, *(each[-1].id for each in some)])
            await self._deliver_all(deliver, round_)
            for queue in queues:
                queue.pop(at_once)
            await self._move_cursor()
        return True

    def _may_go(self, entries: list[Entry]) -> bool:
        lane = lane_of(entries[0].record)
        if lane in self.held:
            self.held.passed_over(lane, entries[0].id)
            return False
        return True

    async def _try_held(self, deliver: Deliver) -> bool:
        """A part of one lane that was held back; False if none is due."""
        due = self.held.due(_now_s())
        if due is None or _now_s() > self._until_s:
            return False
        (lane, held), read = due, self._position.read
        entries = [each for each in await self._async_journal.after(held.first_id - 1, READ_MAX) if each.id <= read]
        # a board that is behind gets the others of its lane in its turn
        own = [each for each in entries if each.id <= self._backlogs.read_of(each.record.boot.board_id, read)]
        for batch in batches([each for each in own if lane_of(each.record) == lane]):
            if not await self._deliver_all(deliver, [(batch, self._position.sent)]):
                break
            self.held.advanced(lane, batch[-1].id + 1)
        else:
            self._tried(lane, entries)
        await self._move_cursor()
        return True

    def _tried(self, lane: Lane, entries: list[Entry]) -> None:
        """The peer has all of the lane's records among these."""
        if not entries or entries[-1].id >= self._position.read:
            self.held.done(lane)
        else:
            self.held.advanced(lane, entries[-1].id + 1)

    async def _move_cursor(self) -> None:
        """Everything before the first record that is held back, or waits for its board's turn, is at the peer."""
        held, behind = self.held.first_id, self._backlogs.read
        first = [*([held - 1] if held is not None else []), *([behind] if behind is not None else [])]
        self.acknowledged = min([self._position.read, *first])
        now_s = _now_s()
        if now_s - self._stored_at_s > CURSOR_S:
            self._stored_at_s = now_s
            await self.store_cursor()

    async def _deliver_all(self, deliver: Deliver, round_: list[tuple[list[Entry], int]]) -> bool:
        """Batches, each with the number up to which its records may have been sent before. False if some of it is held
        back. Raises NotAcknowledged.
        """

        async def taken(entries: list[Entry], doubtful: int) -> bool:
            try:
                await deliver(marked(entries, self._waited, doubtful))
            except HeldBack:
                self.held.refused(lane_of(entries[0].record), entries[0].id, _now_s())
                return False
            return True

        try:
            async with asyncio.timeout(self._answer_s) as self._limit:
                return all(await asyncio.gather(*(taken(*each) for each in round_)))
        except TimeoutError:
            if self._limit is None or not self._limit.expired():
                raise
            raise NotAcknowledged(f"no answer within {self._answer_s:g} s") from None
        finally:
            self._limit = None


def _now_s() -> float:
    return asyncio.get_running_loop().time()
