"""The date of a computer: what is a step, what is slewing, and what is neither."""

from datetime import UTC, datetime, timedelta

import pytest
from handed_clocks import HandedClocks

from warmflow.device.clock.host_date import HostDate
from warmflow.device.host_clock import LastSeen, Stamp, stamps

pytestmark = pytest.mark.time

START_S = 1_795_000_000.0
DAY_S = 86_400.0


class Looked:
    """A computer that looks at its clocks once a second."""

    def __init__(self, host: HostDate | None = None, steady_s: float = 100.0, wall_s: float = START_S) -> None:
        self.host = HostDate("run 1") if host is None else host
        self.steady_s, self.wall_s = steady_s, wall_s
        self.host.look(self.at())

    def at(self) -> Stamp:
        return Stamp(self.steady_s, self.wall_s)

    def passes(self, seconds: int, rate: float = 0.0) -> None:
        """The date gains `rate` on the steady clock."""
        for _ in range(seconds):
            self.steady_s += 1
            self.wall_s += 1 + rate
            self.host.look(self.at())

    def steps(self, seconds: float) -> None:
        self.wall_s += seconds
        self.passes(1)

    def changes(self) -> list[tuple[str, int]]:
        return [(each.kind, round(each.by_s)) for each in self.host.changes]


@pytest.mark.parametrize("by_s", [1.5, -1.5, 3600, -3600, DAY_S, -DAY_S, 400 * DAY_S, -14 * DAY_S])
def test_a_step_is_a_change_and_is_followed_at_once(by_s: float) -> None:
    seen = Looked()
    seen.passes(60)
    before = seen.host.dating
    seen.steps(by_s)
    assert [change.by_s for change in seen.host.changes] == pytest.approx([by_s])
    assert seen.host.date(seen.steady_s).timestamp() == pytest.approx(seen.wall_s)
    assert seen.host.corrected_s == pytest.approx(by_s)
    assert seen.host.dating.corrected_ms - before.corrected_ms == pytest.approx(1000 * by_s)
    assert seen.host.redating_due(seen.steady_s)


def test_a_leap_second_is_crept_after_and_no_change() -> None:
    seen = Looked()
    seen.steps(-0.99)
    assert seen.host.behind_s == pytest.approx(0.98, abs=0.01)
    seen.passes(110)
    assert seen.host.behind_s == 0
    assert not seen.host.changes


@pytest.mark.parametrize("rate", [0.0005, -0.0005, 0.08, -0.08])
def test_slewing_is_one_change_that_is_shown_while_it_lasts(rate: float) -> None:
    seen = Looked()
    seen.passes(30)
    seconds = round(40 / abs(rate)) if abs(rate) > 0.01 else 8000
    seen.passes(seconds, rate)
    assert seen.host.slewing_since_s is not None
    assert abs(seen.host.date(seen.steady_s).timestamp() - seen.wall_s) <= 1.0
    seen.passes(30)
    assert seen.host.slewing_since_s is None
    assert seen.changes() == [("slewed", round(seconds * rate))]
    assert seen.host.corrected_s == pytest.approx(seconds * rate, abs=0.02)


def test_a_drift_of_a_crystal_is_no_change_for_both_clocks_were_right() -> None:
    seen = Looked()
    seen.passes(40_000, 5e-5)
    assert (seen.changes(), seen.host.corrected_s) == ([], 0.0)
    assert seen.host.date(seen.steady_s).timestamp() == pytest.approx(seen.wall_s)


def test_what_happened_to_the_date_between_two_processes_of_one_run_of_the_computer_is_a_change() -> None:
    first = Looked()
    first.steps(-DAY_S)
    last = LastSeen(first.host.dating, round(first.steady_s * 1000), round((first.wall_s - first.steady_s) * 1000))
    away_s = 3600.0
    same = Looked(HostDate("run 1", last), first.steady_s + away_s, first.wall_s + away_s)
    assert not same.host.changes
    assert same.host.corrected_s == pytest.approx(-DAY_S)
    moved = Looked(HostDate("run 1", last), first.steady_s + away_s, first.wall_s + away_s + DAY_S)
    assert [change.by_s for change in moved.host.changes] == pytest.approx([DAY_S])
    assert moved.host.corrected_s == pytest.approx(0.0)
    other = Looked(HostDate("run 2", last), 5.0, first.wall_s + DAY_S)
    assert not other.host.changes
    assert other.host.session == "run 2"


def test_a_steady_clock_that_begins_anew_under_its_old_name_is_another_session() -> None:
    first = Looked(steady_s=5000.0)
    last = LastSeen(first.host.dating, 5_000_000, 0)
    again = Looked(HostDate("run 1", last), 3.0)
    assert again.host.session != "run 1"
    assert not again.host.changes


def test_a_date_of_before_the_software_is_uncertain_until_it_is_set() -> None:
    seen = Looked(wall_s=1000.0)
    assert seen.host.dating.uncertain
    seen.steps(START_S)
    assert not seen.host.dating.uncertain


def test_a_process_that_is_stopped_between_two_clocks_sees_no_step() -> None:
    clocks, stops = HandedClocks(datetime(2026, 11, 21, tzinfo=UTC), 50.0), [300.0, 0.0]

    def date() -> datetime:
        seconds = stops.pop(0) if stops else 0.0
        clocks.go_on(seconds)
        return clocks.date()

    found = stamps(date, clocks.steady)()
    assert found.wall_s - found.steady_s == (clocks.date() - timedelta(seconds=clocks.steady())).timestamp()
