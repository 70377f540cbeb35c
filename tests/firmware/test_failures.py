"""A task that fails is told and goes on; Ctrl-C passes; the ticks may wrap."""

import itertools

import pytest
from firmware_on_cpython import PaperBoard, Rig

from pump.tracebacks import TEXT_BYTES, last_lines
from pumplink import messages as m
from pumplink.codes import EventCode

TICKS = 1 << 30


def failures(said: list[m.Message]) -> list[str]:
    return [one.text for one in said if isinstance(one, m.Event) and one.code == EventCode.TASK_FAILED]


def readings(said: list[m.Message]) -> list[m.Telemetry]:
    return [one for one in said if isinstance(one, m.Telemetry)]


def broken(*_: object) -> None:
    raise ValueError("the cat sat on it")


PARTS = [
    ("commands", lambda app: setattr(app.board, "read", broken)),
    ("probe", lambda app: setattr(app.probe, "read", broken)),
    ("sampling", lambda app: setattr(app.meter, "measure", broken)),
    ("housekeeping", lambda app: setattr(app.diary, "keep", broken)),
    ("housekeeping", lambda app: setattr(app.diary.minutes, "close", broken)),
]


@pytest.mark.parametrize(("task", "breaks"), PARTS)
def test_a_task_that_fails_is_an_event_with_its_traceback(rig, task, breaks) -> None:
    breaks(rig.app)
    texts = failures(rig.run_ms(61_000))
    assert texts
    assert all(text.startswith(task) for text in texts)
    assert "ValueError: the cat sat on it" in texts[0]
    assert "in broken" in texts[0]


@pytest.mark.parametrize(("task", "breaks"), PARTS)
def test_it_is_told_at_most_once_a_second_and_all_are_counted(rig, task, breaks) -> None:
    breaks(rig.app)
    texts = failures(rig.run_ms(61_000))
    assert len(texts) <= 62
    told = [int(text.partition("(and ")[2].partition(" ")[0]) if "(and" in text else 0 for text in texts]
    assert len(texts) + sum(told) <= rig.app.guard.failures < len(texts) + sum(told) + 60


def test_it_goes_on_when_the_fault_is_over(rig) -> None:
    whole, rig.app.probe.read = rig.app.probe.read, broken
    lost = rig.run_ms(2000)
    assert all(one.probe_mc is None for one in readings(lost))
    assert len(readings(lost)) == pytest.approx(20, abs=1)
    rig.app.probe.read = whole
    assert all(one.probe_mc for one in readings(rig.run_ms(2000)))


def test_the_others_go_on_while_sampling_fails_and_the_loop_does_not_spin(rig) -> None:
    rig.app.meter.measure = broken
    rig.run_ms(10_000)
    said = rig.send(m.Ping(7))
    assert any(isinstance(one, m.Ack) and one.request_id == 7 for one in said)
    assert rig.app.guard.failures == pytest.approx(100, abs=2)


def test_a_command_that_fails_inside_is_refused_and_told(rig) -> None:
    def refill(_: object) -> None:
        raise IndexError

    rig.app.pump.refill = refill
    said = rig.send(m.Refill(9, None)) + rig.run_ms(200)
    assert any(isinstance(one, m.Nack) and one.request_id == 9 for one in said)
    assert any("IndexError" in text for text in failures(said))


@pytest.mark.parametrize("where", ["read", "wait", "write"])
def test_ctrl_c_ends_the_loop_wherever_it_strikes_and_the_watchdog_with_it(board, where) -> None:
    calls: list[str] = []
    rig = Rig(board)

    def struck(*_: object) -> None:
        raise KeyboardInterrupt

    board.watch, board.unwatch = lambda: calls.append("watch"), lambda: calls.append("unwatch")
    setattr(board, where, struck)
    with pytest.raises(KeyboardInterrupt):
        rig.app.run()
    assert calls == ["watch", "unwatch"]


def test_the_watchdog_is_fed_at_least_once_a_second(rig, board) -> None:
    fed_ms = [0]
    board.feed = lambda: fed_ms.append(board.now_ms)
    rig.send(m.SetRate(0, 1))
    rig.run_ms(20_000)
    assert max(later - earlier for earlier, later in itertools.pairwise(fed_ms)) <= 1001


def test_the_last_lines_fit_into_an_event_whatever_their_size() -> None:
    for text in ("short", "long " * 300, "öäü€" * 200):
        said = last_lines("task: ", RuntimeError(text))
        assert said.startswith("task: ")
        assert len(said.encode()) <= TEXT_BYTES


class WrappingBoard(PaperBoard):
    """Its ticks wrap as a Pico's do: after 2^30 ms, 12.4 days."""

    def ticks_ms(self) -> int:
        return self.now_ms % TICKS

    def ticks_diff(self, later: int, earlier: int) -> int:
        return (later - earlier + TICKS // 2) % TICKS - TICKS // 2


def test_ticks_that_wrap_change_nothing() -> None:
    board = WrappingBoard()
    board.now_ms = TICKS - 30_000
    rig = Rig(board)
    said = rig.run_ms(60_000)
    uptimes_ms = [one.uptime_ms for one in readings(said)]
    assert uptimes_ms == list(range(0, 60_001, 100))[: len(uptimes_ms)]
    assert len(uptimes_ms) >= 600
    assert rig.app.late_samples == 0
    plain = Rig(PaperBoard())
    assert [one.uptime_ms for one in readings(plain.run_ms(60_000))] == uptimes_ms


def test_the_ticks_may_wrap_more_than_once() -> None:
    board = WrappingBoard()
    rig = Rig(board)
    for _ in range(11):  # a turn at least every 2^29 ms is enough
        board.now_ms += TICKS // 4
        rig.app.uptime_ms()
    assert rig.app.uptime_ms() == 11 * (TICKS // 4)
