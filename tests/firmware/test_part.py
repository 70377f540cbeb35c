"""A probe is lost by its own turns, not by a loop that gives it none."""

import pytest
from parts.part import OLDEST_MS, Part


class Probe(Part):
    """Six turns a reading, as a DS18B20 takes: one waits for the conversion, the others want to come at once."""

    def __init__(self) -> None:
        Part.__init__(self)
        self.turn = 0
        self.answers = True

    def work(self, now_ms: int) -> int:
        self.turn += 1
        if not self.answers:
            self.fault = "no answer"
            return 300
        if self.turn % 6 == 0:
            self.keep(36.5, now_ms)
        return 760 if self.turn % 6 == 1 else 0


def run(probe: Probe, from_ms: int, to_ms: int, a_turn_costs_ms: int) -> int:
    """Gives it its turns, each so late; when it is wanted next."""
    now_ms = from_ms
    while now_ms < to_ms:
        now_ms += max(a_turn_costs_ms, probe.step(now_ms))
    return now_ms


@pytest.mark.parametrize("a_turn_costs_ms", [1, 100, 500, 1000])
def test_a_late_loop_calls_no_probe_lost(a_turn_costs_ms: int) -> None:
    probe = Probe()
    now_ms = run(probe, 0, 8000, a_turn_costs_ms)
    for _ in range(30):
        assert probe.read(now_ms)[0] == 36.5
        now_ms = run(probe, now_ms, now_ms + 1, a_turn_costs_ms)


@pytest.mark.parametrize("a_turn_costs_ms", [1, 20])
def test_a_probe_that_does_not_answer_is_lost_within_three_seconds(a_turn_costs_ms: int) -> None:
    probe = Probe()
    now_ms = run(probe, 0, 8000, a_turn_costs_ms)
    probe.answers, unplugged_ms = False, now_ms
    while probe.read(now_ms)[0] is not None:
        now_ms = run(probe, now_ms, now_ms + 1, a_turn_costs_ms)
    assert now_ms - unplugged_ms < 3000


def test_a_value_that_nothing_follows_is_lost_at_last() -> None:
    probe = Probe()
    now_ms = run(probe, 0, 2000, 1)
    assert probe.read(now_ms + 20_000)[0] == 36.5
    assert probe.read(now_ms + OLDEST_MS)[0] is None


def test_work_that_raises_counts_until_its_next_turn() -> None:
    class Broken(Probe):
        def work(self, now_ms: int) -> int:
            if self.answers:
                return Probe.work(self, now_ms)
            raise OSError

    probe = Broken()
    now_ms = run(probe, 0, 2000, 1)
    probe.answers = False
    with pytest.raises(OSError):
        probe.step(now_ms)
    assert probe.read(now_ms + 1000)[0] == 36.5
    assert probe.read(now_ms + 5000)[0] is None
