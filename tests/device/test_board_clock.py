"""The board's clock: its bound holds, whatever crystal, cable and host do; its time never runs backwards."""

import random
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from short_form import few

from pumplink import messages as m
from warmflow.device.clock.board_clock import ODD_AFTER, BoardClock, Moment
from warmflow.device.clock.time_sync import EVERY_S, Timekeeper
from warmflow.device.host_clock import Stamp
from warmflow.device.identity import Boot

pytestmark = pytest.mark.time

WALL_S = 1_795_000_000.0  # where the wall clock stands when the steady one stands at 0


class Bench:
    """A board and a host with clocks of their own; `real_s` is the truth, which the steady clock shows."""

    def __init__(self, drift_ppm: float = 0.0, speed: float = 1.0, seed: int = 1, jitter_s: float = 0.020) -> None:
        self.clock = BoardClock()
        self.real_s = 1000.0
        self.wall_ahead_s = 0.0  # what somebody has set it wrong by
        self.frozen_s = 0.0  # what a steady clock that stops while the host sleeps has missed
        self.worst_s = self.widest_s = 0.0
        self._rate, self._booted_s = speed * (1 + drift_ppm * 1e-6), 900.0
        self._chance, self._jitter_s = random.Random(seed), jitter_s

    def stamp(self) -> Stamp:
        return Stamp(self.real_s - self.frozen_s, WALL_S + self.real_s + self.wall_ahead_s)

    def uptime_ms(self) -> int:
        return int((self.real_s - self._booted_s) * self._rate * 1000)

    def passes(self, seconds: float) -> None:
        self.real_s += seconds

    def asks(self) -> None:
        asked_s = self.stamp().steady_s
        self.passes(self._delay_s())
        uptime_ms = self.uptime_ms()
        self.passes(self._delay_s())
        self.clock.round_trip(asked_s, uptime_ms, self.stamp())

    def reads(self) -> Moment:
        """A reading is taken now, and comes a little later."""
        taken_s, uptime_ms = self.real_s, self.uptime_ms()
        self.passes(self._delay_s())
        self.clock.arrived(uptime_ms, self.stamp())
        moment = self.clock.record(uptime_ms)
        error_s = abs(moment.utc.timestamp() - (WALL_S + taken_s + self.wall_ahead_s))
        self.worst_s = max(self.worst_s, error_s)
        if moment.error_s is not None:
            self.widest_s = max(self.widest_s, moment.error_s)
            assert error_s <= moment.error_s + 1e-6, (error_s, moment.error_s)  # a datetime has microseconds
        return moment

    def runs(self, seconds: float, ask_s: float = EVERY_S, read_s: float = 4.0) -> list[Moment]:
        end_s, next_s, moments = self.real_s + seconds, self.real_s, []
        while self.real_s < end_s:
            if self.real_s >= next_s:
                self.asks()
                next_s = self.real_s + ask_s
            moments.append(self.reads())
            self.passes(read_s)
        return moments

    def _delay_s(self) -> float:
        return self._chance.uniform(0.001, self._jitter_s)


def in_order(moments: list[Moment]) -> bool:
    return all(earlier.utc <= later.utc for earlier, later in pairwise(moments))


@pytest.mark.parametrize("drift_ppm", few([-100.0, 50.0, -50.0, 0.0, 100.0], 2))
def test_a_day_of_a_drifting_crystal_stays_within_the_bound_of_some_milliseconds(drift_ppm: float) -> None:
    bench = Bench(drift_ppm)
    bench.runs(600)
    bench.worst_s = bench.widest_s = 0.0
    moments = bench.runs(86_400, read_s=15.0)
    assert bench.worst_s < 0.010
    assert bench.widest_s < 0.015
    assert in_order(moments)
    assert bench.clock.drift_ppm == pytest.approx(drift_ppm, abs=15)


def test_the_earliest_arrival_alone_would_be_seconds_off_after_a_day() -> None:
    bench = Bench(-50)
    began_s = bench.real_s - bench.uptime_ms() / 1000
    bench.passes(86_400)
    assert abs(began_s + bench.uptime_ms() / 1000 - bench.real_s) > 4


def test_before_the_first_round_trip_there_is_a_time_and_no_bound() -> None:
    bench = Bench()
    moment = bench.reads()
    assert moment.error_s is None
    assert bench.worst_s <= 0.020
    bench.asks()
    assert bench.reads().error_s is not None


def test_a_crystal_that_changes_with_the_temperature_is_followed() -> None:
    bench = Bench(20)
    bench.runs(3600)
    for drift_ppm in (25, 15, 30):
        booted_at_ms = bench.uptime_ms()
        bench._rate = 1 + drift_ppm * 1e-6
        bench._booted_s = bench.real_s - booted_at_ms / 1000 / bench._rate
        bench.clock.record(0)
        for _ in range(300):  # the bound is promised for a steady rate: here only the error counts
            bench.asks()
            taken_s, uptime_ms = bench.real_s, bench.uptime_ms()
            utc_s = bench.clock.moment(uptime_ms).utc.timestamp()
            assert abs(utc_s - WALL_S - taken_s) < 0.03
            bench.passes(EVERY_S)


@pytest.mark.parametrize("clock_stops", [False, True])
def test_a_host_that_sleeps_finds_the_right_time_again(clock_stops: bool) -> None:
    bench = Bench(50)
    before = bench.runs(3600)
    bench.passes(7200)
    bench.frozen_s += 7200 if clock_stops else 0
    backlog = bench.clock.record(bench.uptime_ms() - 60_000)  # what the board kept meanwhile comes first
    assert abs(backlog.utc.timestamp() - (WALL_S + bench.real_s - 60)) < 0.5
    bench.asks()
    after = bench.runs(3600)
    assert in_order([*before, backlog, *after])
    assert bench.worst_s < 0.05


def test_a_wall_clock_that_is_set_an_hour_forward_is_followed_at_once() -> None:
    bench = Bench(-100)
    before = bench.runs(3600)
    bench.wall_ahead_s = 3600
    bench.asks()
    assert in_order([*before, *bench.runs(3600)])
    assert bench.clock.wall_steps == 1
    assert bench.worst_s < 0.02


@pytest.mark.parametrize("back_s", [3, 3600, 86_400, 400 * 86_400])
def test_a_wall_clock_that_is_set_back_is_followed_at_once_for_what_comes_and_for_what_was(back_s: int) -> None:
    bench = Bench(100)
    bench.runs(3600)
    uptime_ms, before = bench.uptime_ms(), bench.reads()
    bench.wall_ahead_s = -back_s
    after = bench.runs(600)
    assert bench.worst_s < 0.02
    assert in_order(after)
    again = bench.clock.moment(uptime_ms)
    assert (before.utc - again.utc).total_seconds() == pytest.approx(back_s, abs=0.02)


def test_a_leap_second_turns_no_reading_round_and_the_bound_says_it() -> None:
    bench = Bench(100)
    before = bench.runs(3600)
    bench.wall_ahead_s = -1 + 0.001
    after = bench.runs(600)
    assert in_order([*before, *after])
    assert 0.9 < bench.widest_s < 1.1
    error_s = after[-1].error_s
    assert error_s is not None
    assert error_s < 0.02


def test_a_board_whose_uptime_runs_at_a_twentieth_is_followed_after_a_few_answers() -> None:
    bench = Bench(speed=0.05)
    for _ in range(8):
        bench.asks()
        bench.passes(2)
    bench.runs(600)
    assert bench.worst_s < 0.2
    assert in_order(bench.runs(600))


def test_a_crystal_that_was_taken_for_none_is_one_again_after_as_many_samples() -> None:
    bench = Bench(40)
    for _ in range(ODD_AFTER + 1):
        bench.asks()
        bench.passes(5)
        bench.frozen_s += 2  # a steady clock that stands still, some times one after the other
    assert not bench.clock.steady_rate
    began_s = bench.real_s
    while not bench.clock.steady_rate:
        bench.asks()
        error_s = bench.clock.moment(bench.uptime_ms()).error_s
        assert error_s is not None
        assert error_s < 0.05  # of one sample the place is known, if not the rate
        bench.passes(5)
    assert bench.real_s - began_s <= (ODD_AFTER + 3) * 6
    assert bench.clock.breaks == ODD_AFTER
    assert bench.clock.missed_s == pytest.approx(2 * ODD_AFTER, abs=0.1)


@pytest.mark.parametrize("speed", [0.05, 0.9, 1.05, 3.0])
def test_a_board_of_another_speed_is_never_taken_for_a_crystal(speed: float) -> None:
    bench = Bench(speed=speed)
    for _ in range(ODD_AFTER + 2):
        bench.asks()
        bench.passes(2)
    for _ in range(100):
        bench.asks()
        bench.passes(4)
        assert not bench.clock.steady_rate


def test_an_answer_that_took_long_makes_nothing_worse() -> None:
    bench = Bench(50)
    bench.runs(600)
    narrow_s = bench.reads().error_s
    asked_s = bench.stamp().steady_s
    bench.passes(1)
    uptime_ms = bench.uptime_ms()
    bench.passes(30)
    bench.clock.round_trip(asked_s, uptime_ms, bench.stamp())
    wide_s = bench.reads().error_s
    assert narrow_s is not None
    assert wide_s is not None
    assert wide_s < narrow_s + 0.005


def test_the_board_is_asked_closely_at_first_and_then_every_few_seconds() -> None:
    keeper, boot, sent = Timekeeper(), Boot("00", 1, 2), []
    ids = iter(range(2, 1000))
    for tenth in range(1000):
        now = Stamp(tenth / 10, WALL_S)
        for message in keeper.due(now, lambda: next(ids)):
            assert isinstance(message, m.Ping)
            sent.append(now.steady_s)
            keeper.answered(m.Ack(message.request_id, 0x85, 5000 + tenth * 100, ""), boot, now)
    assert len([at for at in sent if at < 20]) >= 5
    assert max(later - earlier for earlier, later in pairwise(sent)) <= EVERY_S + 0.2
    assert keeper.moment(boot, 5000).error_s is not None


def test_the_bound_and_the_drift_are_there_to_be_shown() -> None:
    keeper, boot = Timekeeper(), Boot("00", 1, 2)
    keeper.arrived(boot, 5000, Stamp(0, WALL_S))
    assert (keeper.error_s, keeper.drift_ppm) == (None, None)
    [question] = keeper.due(Stamp(0, WALL_S), lambda: 7)
    assert isinstance(question, m.Ping)
    keeper.answered(m.Ack(7, 0x85, 5010, ""), boot, Stamp(0.02, WALL_S + 0.02))
    assert keeper.error_s is not None
    assert keeper.error_s < 0.015
    assert keeper.drift_ppm is not None


def test_a_new_boot_has_a_clock_of_its_own() -> None:
    keeper, first, second = Timekeeper(), Boot("00", 1, 2), Boot("00", 2, 3)
    keeper.arrived(first, 1_000_000, Stamp(10, WALL_S))
    keeper.arrived(second, 100, Stamp(20, WALL_S + 10))
    assert keeper.record(second, 100).utc == datetime.fromtimestamp(WALL_S + 10, UTC)


def test_an_answer_of_before_the_reset_tells_nothing_of_the_new_boot() -> None:
    keeper, first, second = Timekeeper(), Boot("00", 1, 2), Boot("00", 2, 3)
    keeper.arrived(first, 1_000_000, Stamp(10, WALL_S))
    [question] = keeper.due(Stamp(11, WALL_S), lambda: 7)
    assert isinstance(question, m.Ping)
    keeper.arrived(second, 100, Stamp(12, WALL_S))
    keeper.answered(m.Ack(7, 0x85, 1_001_000, ""), second, Stamp(13, WALL_S))
    assert keeper.moment(second, 100).error_s is None
