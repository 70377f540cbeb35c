"""Time in the one loop: readings keep their beat, and nothing that is due at once is done at once."""

from itertools import pairwise

from firmware_on_cpython import PaperBoard, Rig

from pumplink import fastcodec, framing
from pumplink import messages as m
from pumplink.codes import Status


class LateSleeper(PaperBoard):
    """Oversleeps by a millisecond every other time, as a Pico does."""

    naps = 0

    def wait(self, ms: int, to_write: bool) -> None:
        self.naps += 1
        super().wait(ms + self.naps % 2, to_write)


class SlowPort(PaperBoard):
    """A millisecond for each write."""

    def write(self, data: bytes) -> int:
        self.now_ms += 1
        return super().write(data)


class SlowReader(PaperBoard):
    """15 ms for each command that it reads."""

    def read(self) -> bytes:
        self.now_ms += 15 * bool(self.incoming)
        return super().read()


def readings(said: list[m.Message]) -> list[m.Telemetry]:
    return [message for message in said if isinstance(message, m.Telemetry)]


def test_the_model_steps_on_the_beat_though_readings_come_a_millisecond_late() -> None:
    got = readings(Rig(LateSleeper()).run_ms(3000))
    assert {reading.uptime_ms % 100 for reading in got} == {0, 1}
    assert {later.pump_time_ms - earlier.pump_time_ms for earlier, later in pairwise(got)} == {100}


def test_a_reading_that_is_due_does_not_wait_for_a_command() -> None:
    board = SlowReader()
    rig = Rig(board)
    rig.run_ms(1000)
    board.incoming = framing.line(fastcodec.ENCODERS[m.Ping](m.Ping(2)))
    said = rig.run_ms(200)
    assert [reading.uptime_ms for reading in readings(said)] == [1000, 1100]
    assert any(isinstance(message, m.Ack) for message in said)


def test_after_a_stall_the_model_catches_up_and_the_beat_goes_on_from_there(rig, board) -> None:
    rig.run_ms(1000)
    board.now_ms += 350
    late, *others = readings(rig.run_ms(1000))
    assert late.status & Status.LATE
    assert late.pump_time_ms == late.uptime_ms
    assert not any(reading.status & Status.LATE for reading in others)
    assert {later.uptime_ms - earlier.uptime_ms for earlier, later in pairwise([late, *others])} == {100}


def test_a_hold_up_of_a_few_beats_leaves_none_out_and_the_late_ones_say_so() -> None:
    board = PaperBoard({"config.json": b'{"rate_hz": 100}'})
    rig = Rig(board)
    rig.run_ms(1000)
    board.now_ms += 25
    got = readings(rig.run_ms(500))
    # due at 1000, 1010 and 1020, taken at 1025: three at that true time, of which the last is 5 ms late
    assert [reading.uptime_ms for reading in got[:4]] == [1025, 1025, 1025, 1030]
    assert [bool(reading.status & Status.LATE) for reading in got[:4]] == [True, True, True, False]
    assert {later.pump_time_ms - earlier.pump_time_ms for earlier, later in pairwise(got)} == {10}


def test_a_long_backlog_is_sent_in_shares_between_which_the_loop_goes_on() -> None:
    board = SlowPort()
    rig = Rig(board)
    board.port_takes = 0
    rig.run_ms(10_000)
    board.port_takes = None
    began_ms = board.now_ms
    assert rig.app.link.service()
    assert board.now_ms - began_ms <= 6


def test_a_reading_brings_at_most_one_chore_with_it(rig, board) -> None:
    rig.run_ms(100)
    seen = set()
    while board.now_ms < 61_000:
        kept = dict(board.files)
        rig.app.turn()
        chores = [type(message) for message in rig.said() if isinstance(message, m.Truth | m.Info)]
        chores += ["kept"] * (board.files != kept)
        assert len(chores) <= 1, (board.now_ms, chores)
        seen.update(chores)
    assert seen == {m.Truth, m.Info, "kept"}
