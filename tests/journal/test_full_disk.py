"""A disk that takes nothing: memory stays bounded, what was acknowledged is there, what was lost is said.

Real full file systems need root (a small tmpfs); elsewhere RLIMIT_FSIZE stands in for them, which refuses the same
writes with another error number.
"""

import asyncio
import contextlib
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from optional_parts import require
from records import BOOT, reading
from wait import wait_until

from pumplink import messages as m
from pumplink.codes import GapReason
from pumplink.decoder import Received
from warmflow.device import session as s
from warmflow.device.updates import BoardEvent, Gap, Reading, Summary
from warmflow.journal import Journal, JournalReader, WriteQueue
from warmflow.journal.async_journal import AsyncJournal
from warmflow.journal.write_queue import RECORD_BYTES
from warmflow.monitor import Measured

RING = 120  # readings that a board holds


class Board:
    """A board that reads once a second, keeps what is not acknowledged as long as it fits, and says what did not."""

    def __init__(self, number: int) -> None:
        self.id = number.to_bytes(8, "big")
        self.oldest = self.next = self.cursor = 1
        self.acked = 0
        self.answers: list[m.Message] = []

    def reads(self) -> list[m.Message]:
        self.next += 1
        self.oldest = max(self.oldest, self.next - RING)
        out, self.answers = self.answers, []
        if self.cursor < self.oldest:
            out.append(m.Gap(1, 1, self.cursor, self.oldest - 1, GapReason.RING_OVERFLOW))
            self.cursor = self.oldest
        out += [self._telemetry(number) for number in range(self.cursor, self.next)]
        self.cursor = self.next
        return out

    def hears(self, message: m.Message) -> None:
        match message:
            case m.HelloRequest():
                values: dict[str, object] = dict.fromkeys(m.Hello._fields, 0)
                values |= {"protocol_major": m.PROTOCOL_MAJOR, "board_id": self.id, "boot_count": 1, "boot_random": 1}
                self.answers.append(m.Hello(**values | {"rig_name": "t", "profile": "r11"}))  # type: ignore[arg-type]
            case m.AckThrough(sequence=sequence):
                self.acked = max(self.acked, sequence)
                self.oldest = max(self.oldest, sequence + 1)
            case m.ResendFrom(sequence=sequence):
                if sequence < self.oldest:
                    self.answers.append(m.Gap(1, 1, sequence, self.oldest - 1, GapReason.NOT_IN_RING))
                self.cursor = max(sequence, self.oldest)

    def _telemetry(self, number: int) -> m.Telemetry:
        backlog = int(number < self.next - 1)
        return m.Telemetry(backlog, number, number * 1000, number * 1000, 36_000, 0, None, 50_000, number, 0)


class Bench:
    """Boards, sessions, inbox and journal without their ports, tasks and threads."""

    def __init__(self, path: Path, boards: int, records: int) -> None:
        self.journal = Journal(path)
        self.inbox = WriteQueue(self.journal, records * RECORD_BYTES)
        self.boards = [Board(number) for number in range(boards)]
        self.sessions = [s.Session(self.inbox) for _ in range(boards)]
        self.shown = 0
        self.now_s = 0.0
        for board, session in zip(self.boards, self.sessions, strict=True):
            self._do(board, session.opened(0.0))

    def second(self, disk: bool) -> None:
        self.now_s += 1
        for board, session in zip(self.boards, self.sessions, strict=True):
            self._do(board, session.receive([Received(each, b"") for each in board.reads()], self.now_s))
            self._do(board, session.tick(self.now_s))
        if disk:
            batch = self.inbox.head(100_000)
            self.journal.append(batch)
            self.inbox.done(len(batch))
            for record in batch:
                if isinstance(record, Reading):
                    for session in self.sessions:
                        session.safe(record.boot, record.message.sequence)

    def _do(self, board: Board, outcomes: list[s.Outcome]) -> None:
        for outcome in outcomes:
            match outcome:
                case s.Send(message):
                    board.hears(message)
                case s.Record(boot, m.Telemetry() as message, late, _, kept):
                    self.shown += not kept
                    utc = reading(message.sequence).utc
                    measured = Measured.reading(message)
                    self.inbox.on_update(
                        Reading(f"p{board.id[-1]}", boot, message, measured, utc, late, None, None, 1, kept)
                    )
                case s.LostRecords(boot, first, last, reason):
                    self.inbox.on_update(Gap(f"p{board.id[-1]}", boot, first, last, reason))


def test_two_hours_of_a_full_disk_cost_bounded_memory_and_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "journal.sqlite", boards=6, records=150)
    for _ in range(60):
        bench.second(disk=True)
    for _ in range(7200):
        bench.second(disk=False)
    acked = {board.id.hex(): board.acked for board in bench.boards}
    assert bench.inbox.full
    assert bench.inbox.most < 150 + 6
    assert bench.shown > 6 * 7000  # live state goes on
    for _ in range(120):
        bench.second(disk=True)
    held: dict[str, set[int]] = {}
    said: dict[str, set[int]] = {}
    for entry in bench.journal.after(0, 1_000_000):
        if isinstance(entry.record, Reading):
            held.setdefault(entry.record.boot.board_id, set()).add(entry.record.message.sequence)
        elif isinstance(entry.record, Gap):
            assert entry.record.last is not None
            said.setdefault(entry.record.boot.board_id, set()).update(range(entry.record.first, entry.record.last + 1))
    assert len(held) == 6
    for board, sequences in held.items():
        assert set(range(1, acked[board] + 1)) <= sequences  # acknowledged, and then lost: none
        assert sequences | said[board] == set(range(1, max(sequences) + 1))  # lost without a word: none
        assert not sequences & said[board]
        assert max(sequences) > 7300


def test_a_reading_that_waits_takes_no_more_memory_than_is_reckoned(tmp_path: Path) -> None:
    inbox = WriteQueue(Journal(tmp_path / "journal.sqlite"))
    tracemalloc.start()
    for number in range(1, 2001):
        inbox.on_update(reading(number))
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used / 2000 < RECORD_BYTES


def test_what_a_full_inbox_still_takes_are_gaps_and_it_has_room_again_at_half(tmp_path: Path) -> None:
    inbox = WriteQueue(Journal(tmp_path / "journal.sqlite"), 10 * RECORD_BYTES)
    for number in range(1, 11):
        assert not inbox.full
        inbox.on_update(reading(number))
    assert inbox.full
    inbox.on_update(Gap("rig", BOOT, 11, 12, "the ring was full"))
    inbox.on_update(reading(13)._replace(kept=False))
    assert inbox.waiting == 11
    inbox.done(5)
    assert inbox.full
    inbox.done(1)
    assert not inbox.full


def mount_small_disk(path: Path) -> None:
    """A file system of 12 MB at this path."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(path)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "disk"
    require("root")  # RLIMIT_FSIZE stands in for it in the next test
    mount_small_disk(path)
    yield path
    subprocess.run(["umount", "-l", str(path)], check=False)


@pytest.mark.time
async def test_a_disk_that_is_full_acknowledges_nothing_says_so_and_recovers_by_itself(disk: Path) -> None:
    journal = Journal(disk / "journal.sqlite")
    inbox = WriteQueue(journal)
    safe: list[int] = []
    said: list[str] = []
    async_journal = AsyncJournal(journal, inbox, lambda pump, boot, sequence: safe.append(sequence), said.append)
    running = asyncio.create_task(async_journal.run())
    number = 0

    async def records_until(what: str) -> None:
        nonlocal number
        async with asyncio.timeout(60):
            while not any(what in line for line in said):
                for _ in range(200):
                    number += 1
                    inbox.on_update(reading(number))
                await asyncio.sleep(0.02)

    try:
        with (disk / "filler").open("wb") as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(65536))
                filler.flush()
                if filler.tell() > 11_000_000:
                    break
        await records_until("full")
        kept = JournalReader(journal.path).last()
        assert safe[-1] <= kept
        assert async_journal.trouble
        (disk / "filler").unlink()
        await records_until("written again")
        await wait_until(lambda: safe and safe[-1] >= number, 30)
        assert JournalReader(journal.path).last() == number
        assert not async_journal.trouble
    finally:
        running.cancel()
        await async_journal.close()


LIMITED = """
import resource, signal, sqlite3, sys
sys.path.insert(0, {support!r})
from pathlib import Path
from records import reading
from warmflow.journal import Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path({path!r}))
journal.append([reading(n) for n in range(1, 11)])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
safe = 10
for n in range(11, 4000, 20):
    try:
        journal.append([reading(k) for k in range(n, n + 20)])
        safe = n + 19
    except sqlite3.Error as error:
        print("refused", safe, error)
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
journal.append([reading(k) for k in range(safe + 1, safe + 21)])
print("kept", len(journal.after(0, 10_000)), safe + 20)
"""


@pytest.mark.needs("POSIX")
def test_a_write_that_the_system_refuses_loses_nothing_and_the_next_one_goes_on(tmp_path: Path) -> None:
    script = LIMITED.format(support=str(Path(__file__).parents[1] / "support"), path=str(tmp_path / "j.sqlite"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    refused, kept = done.stdout.splitlines()
    assert refused.startswith("refused")
    _, held, wanted = kept.split()
    assert held == wanted


@pytest.mark.time
def test_events_and_minutes_wait_with_the_readings(tmp_path: Path) -> None:
    inbox = WriteQueue(Journal(tmp_path / "journal.sqlite"))
    minute = m.MinuteSummary(4, 0xABCD, 1, 60_000, 60_000, 600, 1, 1, 1, 1, 1, 1, 1, 0)
    inbox.on_update(BoardEvent("rig", BOOT, m.Event(0, 1, 1, 1, 2, 0, ""), reading(1).utc, False))
    inbox.on_update(Summary("rig", BOOT, minute, None))
    assert inbox.waiting == 2
