"""A board of which much waits delays no other, in the daemon's records to a peer; nothing is lost, or out of order."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from records import BOOT, START, reading

from pumplink import messages as m
from warmflow.device.updates import BoardEvent, Gap
from warmflow.journal import Journal, WriteQueue
from warmflow.journal.async_journal import AsyncJournal
from warmflow.journal.reader import JournalReader
from warmflow.journal.row_codec import Record
from warmflow.sinks import held_back, record_stream
from warmflow.sinks.backlogs import BOARDS_MAX, Backlogs, Position
from warmflow.sinks.record_batches import Batch
from warmflow.sinks.record_stream import HeldBack, NotAcknowledged, RecordStream

Key = tuple[str, str, int]  # board, kind, sequence


def boot(board: int) -> object:
    return BOOT._replace(board_id=f"{board:016x}")


def made(board: int, sequence: int) -> Record:
    """An event now and then, else a reading. Two boards share a name: it was given on."""
    if sequence % 17 == 0:
        return BoardEvent(f"p{board // 2}", boot(board), m.Event(0, sequence, 0, 0, 4, 0, ""), START, False)  # type: ignore[arg-type]
    return reading(sequence, boot(board), f"p{board // 2}")  # type: ignore[arg-type]


def key(record: Record) -> Key:
    assert not isinstance(record, Gap)
    return record.boot.board_id, type(record).__name__, record.message.sequence  # type: ignore[union-attr]


@pytest.fixture
def async_journal(tmp_path: Path) -> AsyncJournal:
    journal = Journal(tmp_path / "journal.sqlite")
    return AsyncJournal(journal, WriteQueue(journal), lambda *_: None, print)


class Peer:
    def __init__(self, refuses: Callable[[Batch], Exception | None] = lambda batch: None) -> None:
        self.refuses = refuses
        self.got: list[Key] = []
        self.resent: set[Key] = set()

    async def deliver(self, batch: Batch) -> None:
        if error := self.refuses(batch):
            raise error
        self.got += [key(each) for each in batch.records]
        self.resent |= {key(each) for each in batch.records if batch.resent}

    def of(self, board: int) -> list[int]:
        return [sequence for board_id, _, sequence in self.got if board_id == f"{board:016x}"]


async def test_what_one_board_has_kept_for_a_week_delays_no_other(async_journal: AsyncJournal) -> None:
    """Of nine boards one has nearly everything; then each says something new."""
    journal, stream, peer = async_journal.journal, RecordStream(async_journal, "sink", 20), Peer()
    journal.append([reading(n, boot(0), "p0") for n in range(1, 6001)])  # type: ignore[arg-type]
    journal.append([made(board, n) for n in range(1, 11) for board in range(1, 9)])
    await stream.begin()
    while len(peer.of(8)) < 10:
        await stream.send_some(peer.deliver)
    before = len(peer.of(0))
    assert 0 < before <= 3 * record_stream.READ_MAX
    journal.append([made(board, 11) for board in range(1, 9)])
    await stream.send_some(peer.deliver)
    assert all(peer.of(board) == list(range(1, 12)) for board in range(1, 9))
    assert len(peer.of(0)) <= before + 2 * record_stream.READ_MAX  # and it goes on itself
    assert stream.acknowledged < 6000
    while await stream.send_some(peer.deliver):
        pass
    assert peer.of(0) == list(range(1, 6001))
    assert (stream.lag, peer.resent & {key(made(board, 11)) for board in range(1, 9)}) == (0, set())
    await async_journal.close()


async def test_boards_of_which_much_waits_get_the_same_share(async_journal: AsyncJournal) -> None:
    journal, stream, peer = async_journal.journal, RecordStream(async_journal, "sink", 20), Peer()
    for board, count in enumerate((3000, 6000, 9000)):
        journal.append([reading(n, boot(board), f"p{board}") for n in range(1, count + 1)])  # type: ignore[arg-type]
    await stream.begin()
    while len(peer.of(0)) < 3000:
        await stream.send_some(peer.deliver)
    assert {board: len(peer.of(board)) // 1500 for board in (1, 2)} == {1: 2, 2: 2}
    await async_journal.close()


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_or_out_of_order_whatever_breaks(
    async_journal: AsyncJournal, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Backlogs, topics that are refused, connections that end and restarts of the sink, at random. At no time is a
    record acknowledged that the peer does not have.
    """
    monkeypatch.setattr(record_stream, "READ_MAX", 30)
    monkeypatch.setattr(record_stream, "SCAN_MAX", 50)
    monkeypatch.setattr(held_back, "PAUSES_S", (0.0,))
    dice, journal = random.Random(seed), async_journal.journal
    sequences, refused, numbers = Counter[int](), set[tuple[str, str]](), dict[int, Key]()

    gone = False

    def refuses(batch: Batch) -> Exception | None:
        nonlocal gone
        gone = gone or dice.random() < 0.03  # a connection that is lost takes nothing of what comes after, either
        if gone:
            return NotAcknowledged("gone")
        return HeldBack("no") if (batch.pump, type(batch.records[0]).__name__) in refused else None

    peer = Peer(refuses)
    stream = RecordStream(async_journal, "sink", 4)
    await stream.begin()
    for turn in range(150):
        if turn < 100 and dice.random() < 0.5:
            board = dice.choice((0, 0, 0, 1, 2, 3))
            some = []
            for _ in range(dice.choice((1, 5, 60))):
                sequences[board] += 1
                some.append(made(board, sequences[board]))
            journal.append(some)
            numbers |= {each.id: key(each.record) for each in journal.after(max(numbers, default=0), 1000)}
        refused ^= {(f"p{dice.randrange(2)}", dice.choice(("Reading", "BoardEvent")))} if dice.random() < 0.2 else set()
        if turn >= 100:
            refused.clear()
        if dice.random() < 0.05:
            await stream.store_cursor()
            stream = RecordStream(async_journal, "sink", 4)
            await stream.begin()
        try:
            await stream.send_some(peer.deliver)
        except NotAcknowledged:
            gone = False
            await stream.connected()
        assert {numbers[n] for n in numbers if n <= stream.acknowledged} <= set(peer.got)
    peer.refuses = lambda batch: None
    while await stream.send_some(peer.deliver):
        pass
    assert (stream.lag, set(peer.got)) == (0, set(numbers.values()))
    for lane in {each[:2] for each in peer.got}:
        first = list(dict.fromkeys(sequence for *of, sequence in peer.got if tuple(of) == lane))
        assert first == sorted(first), lane
    again = {each for each, times in Counter(peer.got).items() if times > 1}
    assert again <= peer.resent
    await async_journal.close()


def test_a_board_is_behind_from_its_whole_share_on(async_journal: AsyncJournal) -> None:
    async_journal.journal.append([made(0, n) for n in range(1, 31)])
    entries = async_journal.journal.after(0)
    backlogs = Backlogs()
    assert backlogs.over_share(entries, 31) == set()
    assert backlogs.over_share(entries, 30) == {f"{0:016x}"}
    backlogs.add(["another"], Position())
    assert backlogs.over_share(entries, 60) == {f"{0:016x}"}
    backlogs.add([f"board {n}" for n in range(BOARDS_MAX)], Position())
    assert backlogs.over_share(entries, 30) == set()  # their number has an end


def test_a_part_of_the_journal_leaves_out_boards_and_no_row(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.append([made(board, n) for n in range(1, 5) for board in range(3)])
    with journal.file.lock:
        journal.file.db.execute("UPDATE records SET boot = 'x' WHERE id = 7")  # nobody's
    reader = JournalReader(tmp_path / "journal.sqlite")
    one, others = ([f"{1:016x}"], [f"{0:016x}", f"{2:016x}"])
    assert [each.id for each in reader.part(0, 12, 99, only=one).entries] == [2, 5, 8, 11]
    assert reader.part(0, 12, 99, without=others) == reader.part(0, 12, 99, only=one)
    assert reader.part(0, 12, 2, only=one).through == 5
    assert reader.part(0, 10, 99, only=one).through == 10
    assert [each.id for each in reader.part(0, 12, 99).entries] == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]
    assert sum(reader.bad_rows.counts.values())
    reader.close()
    journal.close()
