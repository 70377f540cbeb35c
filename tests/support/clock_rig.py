"""A computer with a date that anybody may set, its boards, and a daemon on it: the real code of clocks, journal and
service over simulated time. A script of blows is played on it, and every stored time is compared with the right one.

The right time of a record is now's date minus how long ago it was made. `true_s` is real time; the steady clock is
behind it where the computer stood still, and begins anew with each start of the computer.
"""

import random
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from pumplink import messages as m
from warmflow.daemon.clock_service import ClockService
from warmflow.device.clock.host_date import HostDate
from warmflow.device.clock.redating import FUTURE_S, Redating, Segment
from warmflow.device.clock.time_sync import EVERY_S, Timekeeper
from warmflow.device.host_clock import LastSeen, Stamp
from warmflow.device.identity import Boot
from warmflow.device.updates import ClockChanged, Reading
from warmflow.journal import Journal
from warmflow.journal.redating import Asked
from warmflow.journal.rollup import rolled_up
from warmflow.monitor import Measured

WALL_S = 1_795_000_000.0  # the date at true_s 0
DELAY_S = 0.008
READ_MAX = 100_000


class Board:
    """One board: it makes readings, keeps them until they are stored, and is restarted now and then."""

    def __init__(self, number: int, drift_ppm: float) -> None:
        self.id, self.rate = f"00112233445566{number:02x}", 1 + drift_ppm * 1e-6
        self.boots = 0
        self.connected = True
        self.made_s: dict[tuple[Boot, int], float] = {}  # true time of each reading
        self.restart(0.0)

    def restart(self, true_s: float) -> None:
        self.boots += 1
        self.boot = Boot(self.id, self.boots, 7)
        self.began_s, self.sequence = true_s, 0
        self.ring: list[m.Telemetry] = []

    def uptime_ms(self, true_s: float) -> int:
        return int((true_s - self.began_s) * self.rate * 1000)

    def read(self, true_s: float) -> None:
        self.sequence += 1
        uptime_ms = self.uptime_ms(true_s)
        self.made_s[self.boot, self.sequence] = true_s
        flow = 48_000 + self.sequence % 100
        self.ring.append(
            m.Telemetry(0, self.sequence, uptime_ms, uptime_ms, 33_000, 0, None, flow, 100 * self.sequence, 0)
        )


class _Storing:
    """The journal's asynchronous side without threads."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def see(self, seen: LastSeen) -> None:
        self.journal.see(seen)

    async def segments(self, asked: Asked) -> list[Segment]:
        return self.journal.segments(asked)

    async def redate(self, move: Redating) -> int:
        return self.journal.redate(move)


class Verdict(NamedTuple):
    """All of it is to be 0 or empty."""

    lost: int
    doubled: int
    misdated: list[tuple[Boot, int, float]]  # by so many seconds, though a clock could tell; or later than now, unsaid
    not_delivered: int  # a subscriber that goes by the key has another time, or nothing
    unmarked: int  # came again without saying so
    wrong_rollups: int


class ClockRig:
    """`play` one blow after the other, then `settle` and `verdict`."""

    def __init__(self, folder: Path, drifts_ppm: tuple[float, ...] = (40.0,), seed: int = 1) -> None:
        self.true_s, self.wrong_s = 0.0, 0.0  # the date is wrong by so much
        self.slew: tuple[float, float] = (0.0, 0.0)  # seconds to go, and rate
        self.steady_began_s, self.session = -1000.0, "run 1"
        self.boards = [Board(number, ppm) for number, ppm in enumerate(drifts_ppm)]
        self.changes: list[ClockChanged] = []
        self.log: list[str] = []
        self.every_s = 5.0
        self.running = False
        self.last_change_s = 0.0  # true time of the last thing that happened to the date
        self.unbroken_since_s = 0.0  # the steady clock
        self.lasting: dict[Boot, float] = {}  # when a boot was connected last
        self.delivered: dict[tuple[Boot, int], Any] = {}
        self.acknowledged: set[tuple[Boot, int]] = set()
        self.unmarked = 0
        self.cursor = 0
        self._chance, self._path = random.Random(seed), folder / "journal.sqlite"
        self.start()

    # what happens

    def stamp(self) -> Stamp:
        return Stamp(self.true_s - self.steady_began_s, WALL_S + self.true_s + self.wrong_s)

    def start(self) -> None:
        """The daemon."""
        if self.running:
            return
        self.running = True
        self.journal = Journal(self._path, clock=lambda: self.stamp().utc, steady=lambda: self.stamp().steady_s)
        self.journal.file.db.execute("PRAGMA synchronous = OFF")
        self.host = HostDate(self.session, self.journal.last_seen(self.session))
        self.keepers = {board.id: Timekeeper(self.host) for board in self.boards}
        self.waiting: dict[int, float] = {}
        self.links = {
            board.id: SimpleNamespace(
                time=self.keepers[board.id], session=SimpleNamespace(state=SimpleNamespace(is_live=board.connected))
            )
            for board in self.boards
        }
        storing: Any = _Storing(self.journal)
        links: Any = self.links.values
        self.service = ClockService(self.host, storing, links, self.stamp, self.changes.append, self.log.append)
        self.service.begin()

    def stop(self) -> None:
        """SIGKILL: what is not on disk is gone, and stays on the boards."""
        if self.running:
            self.deliver()
            self.journal.close()
        self.running = False

    def step(self, seconds: float) -> None:
        self.wrong_s += seconds
        self.last_change_s = self.true_s

    def slewed(self, seconds: float, rate: float) -> None:
        """From now on, beside all else."""
        self.slew = (seconds, rate)

    def reboot(self, wrong_s: float | None) -> None:
        """The computer, whose steady clock begins anew; with a date that is wrong by so much, or as it was."""
        self.stop()
        self.passes(20)
        self.steady_began_s, self.session = self.true_s - 5, f"run at {self.true_s}"
        if wrong_s is not None:
            self.wrong_s = wrong_s
        self.last_change_s = self.unbroken_since_s = self.true_s
        self.slew = (0.0, 0.0)
        self.start()

    def stand_still(self, seconds: float) -> None:
        """The computer, with both clocks; the boards go on."""
        self._go_on(seconds, frozen=True)
        self.last_change_s = self.unbroken_since_s = (
            self.true_s + EVERY_S + 5
        )  # a board that is gone earlier told nobody

    def restart_board(self, number: int) -> None:
        self.boards[number % len(self.boards)].restart(self.true_s)

    def plug(self, number: int, connected: bool) -> None:
        board = self.boards[number % len(self.boards)]
        board.connected = connected
        if self.running:
            self.links[board.id].session.state.is_live = connected
            if connected:
                self.keepers[board.id].opened()

    def passes(self, seconds: float) -> None:
        """Time, with all that belongs to it."""
        tick_s = max(0.5, min(self.every_s, seconds))
        end_s = self.true_s + seconds
        while self.true_s < end_s:
            self._go_on(min(tick_s, end_s - self.true_s))
            for board in self.boards:
                board.read(self.true_s)
            if self.running:
                self._tick()

    def settle(self) -> None:
        """Everything is connected and right again, and has had some time."""
        self.start()
        for number in range(len(self.boards)):
            self.plug(number, True)
        while self.slew[0]:
            self.passes(20)
        self.passes(300)
        self.deliver()

    # what is found

    def verdict(self) -> Verdict:
        stored: dict[tuple[Boot, int], Any] = {}
        doubled = 0
        for entry in self.journal.after(0, READ_MAX):
            record = entry.record
            assert isinstance(record, Reading)
            key = (record.boot, record.message.sequence)
            doubled += key in stored
            stored[key] = record
        made = {key: at_s for board in self.boards for key, at_s in board.made_s.items()}
        now = self.stamp()
        misdated = []
        for (boot, sequence), record in stored.items():
            wrong_s = record.utc.timestamp() - (now.wall_s - (self.true_s - made[boot, sequence]))
            connected = self.lasting.get(boot, -1.0) >= self.last_change_s
            can_be_dated = connected or made[boot, sequence] >= self.unbroken_since_s
            uncertain = record.dating is not None and record.dating.uncertain
            in_future = record.utc.timestamp() > now.wall_s + FUTURE_S and not uncertain
            if abs(wrong_s) > 2 and (can_be_dated or in_future):
                misdated.append((boot, sequence, wrong_s))
        lost = self.acknowledged - stored.keys()
        late = sum(self.delivered.get(key) != record.utc for key, record in stored.items())
        readings = [record for record in stored.values() if isinstance(record, Reading)]
        right = sorted(rolled_up(sorted(readings, key=lambda each: each.utc)))
        query = "SELECT * FROM rollups ORDER BY pump, span_s, start_s"
        found = [tuple(row) for row in self.journal.file.db.execute(query)]
        return Verdict(len(lost), doubled, misdated, late, self.unmarked, len(set(right) ^ set(found)))

    def deliver(self) -> None:
        """A subscriber that goes by the key gets what is new in the journal."""
        for entry in self.journal.after(self.cursor, READ_MAX):
            record = entry.record
            assert isinstance(record, Reading)
            key = (record.boot, record.message.sequence)
            marked = record.dating is not None and (record.dating.redated or record.dating.uncertain)
            self.unmarked += key in self.delivered and not marked
            self.delivered[key] = record.utc
            self.cursor = entry.id

    def _go_on(self, seconds: float, frozen: bool = False) -> None:
        self.true_s += seconds
        if frozen:
            self.steady_began_s += seconds
            self.wrong_s -= seconds
            return
        left_s, rate = self.slew
        if left_s:
            moved_s = min(abs(left_s), rate * seconds) * (1 if left_s > 0 else -1)
            self.wrong_s += moved_s
            self.slew = (left_s - moved_s if abs(left_s - moved_s) > 1e-9 else 0.0, rate)
            self.last_change_s = self.true_s

    def _tick(self) -> None:
        self.service.look()
        for board in self.boards:
            if board.connected:
                self._talk(board, self.keepers[board.id])
        drive(self.service.redate())
        drive(self.service.see())

    def _talk(self, board: Board, keeper: Timekeeper) -> None:
        self.lasting[board.boot] = self.true_s
        if board.ring:
            keeper.arrived(board.boot, board.ring[-1].uptime_ms, self.stamp())
        ids = iter(range(1, 100))
        for question in keeper.due(self.stamp(), lambda: next(ids)):
            assert isinstance(question, m.Ping)
            self._go_on(self._chance.uniform(0.001, DELAY_S))
            answer = m.Ack(question.request_id, 0x84, board.uptime_ms(self.true_s), "")
            self._go_on(self._chance.uniform(0.001, DELAY_S))
            keeper.answered(answer, board.boot, self.stamp())
        if not keeper.settled(self.stamp()):
            return
        batch = []
        for number, message in enumerate(board.ring):
            utc, error_s = keeper.record(board.boot, message.uptime_ms)
            late = number < len(board.ring) - 1
            batch.append(
                Reading(f"rig{board.id[-1]}", board.boot, message, Measured.reading(message), utc, late, None, None, 1,
                        time_error_s=error_s, dating=keeper.dating)
            )  # fmt: skip
        self.journal.append(batch)
        self.acknowledged |= {(board.boot, each.sequence) for each in board.ring}
        board.ring.clear()


def drive(work: Any) -> None:
    """A coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits")


def days(number: float) -> float:
    return timedelta(days=number).total_seconds()
