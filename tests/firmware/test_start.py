"""From power to the loop: watched from the first moment, tried again after a failure, kept from starting on request."""

import pytest
from firmware_on_cpython import PaperBoard, Rig

from pump import start
from pump.app import App
from pumplink import messages as m
from pumplink.codes import EventCode


class Restarted(Exception):
    pass


class Interrupted(PaperBoard):
    """One whose loop is broken into after a while; it writes down what is done to it."""

    def __init__(self, files: dict[str, bytes] | None = None, ends_ms: int = 500) -> None:
        PaperBoard.__init__(self, files)
        self.done: list[str] = []
        self.ends_ms = ends_ms

    def watch(self) -> None:
        self.done.append("watch")

    def unwatch(self) -> None:
        self.done.append("unwatch")

    def free_heap(self) -> int:
        self.done.append("app")
        return self.heap

    def wait(self, ms: int, to_write: bool) -> None:
        PaperBoard.wait(self, ms, to_write)
        if self.now_ms >= self.ends_ms:
            raise KeyboardInterrupt

    def reset(self) -> None:
        self.done.append("reset")
        raise Restarted


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(app: App, board: PaperBoard) -> None:
        raise MemoryError("memory allocation failed, allocating 3656 bytes")

    monkeypatch.setattr(App, "__init__", fail)


def test_the_watchdog_runs_before_the_program_is_made_and_ctrl_c_ends_it() -> None:
    board = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        start.run(lambda: board)
    assert board.done[:2] == ["watch", "app"]
    assert board.done[-1] == "unwatch"


@pytest.mark.usefixtures("broken")
def test_a_start_that_fails_is_said_and_tried_again_after_a_pause(capsys: pytest.CaptureFixture[str]) -> None:
    board = Interrupted(ends_ms=10**9)
    with pytest.raises(Restarted):
        start.run(lambda: board)
    assert start.PAUSE_MS <= board.now_ms < start.PAUSE_MS + 1000
    said = capsys.readouterr().out
    assert said.count("memory allocation failed") >= 9
    assert board.done == ["watch", "reset"]


@pytest.mark.usefixtures("broken")
def test_the_pause_ends_at_ctrl_c_with_the_watchdog_off(capsys: pytest.CaptureFixture[str]) -> None:
    board = Interrupted(ends_ms=2000)
    with pytest.raises(KeyboardInterrupt):
        start.run(lambda: board)
    assert board.done == ["watch", "unwatch"]
    assert "MemoryError" in capsys.readouterr().out


def test_what_the_last_start_died_of_is_an_event_of_the_next_one_and_said_once() -> None:
    board = PaperBoard({start.FAILURE: b"MemoryError: memory allocation failed" + b"x" * 300})
    [event] = [each for each in Rig(board).said() if isinstance(each, m.Event) and each.code == EventCode.TASK_FAILED]
    assert event.text.startswith("start: MemoryError")
    assert not [each for each in Rig(board).said() if isinstance(each, m.Event) and each.code == EventCode.TASK_FAILED]


@pytest.mark.usefixtures("broken")
def test_where_somebody_sees_the_program_end_it_ends() -> None:
    board = Interrupted()
    board.unattended = False
    with pytest.raises(MemoryError):
        start.run(lambda: board)


def test_a_pin_that_is_held_leaves_the_prompt_alone(capsys: pytest.CaptureFixture[str]) -> None:
    board = Interrupted()
    board.held = lambda: True  # type: ignore[method-assign]
    start.run(lambda: board)
    assert board.done == ["watch", "unwatch"]
    assert "safe mode" in capsys.readouterr().out
    assert board.lamp


def test_the_third_power_on_within_ten_seconds_leaves_the_prompt_alone_and_the_fourth_starts() -> None:
    files: dict[str, bytes] = {}
    ran = []
    for _ in range(4):
        board = Interrupted(files)
        try:
            start.run(lambda board=board: board)
            ran.append(False)
        except KeyboardInterrupt:
            ran.append(True)
    assert ran == [True, True, False, True]


@pytest.mark.parametrize(("powered_on", "lived_ms"), [(False, 500), (True, start.SETTLED_MS + 500)])
def test_restarts_of_its_own_and_starts_that_lived_do_not_count(powered_on: bool, lived_ms: int) -> None:
    files: dict[str, bytes] = {}
    for _ in range(6):
        board = Interrupted(files, lived_ms)
        board.powered_on = powered_on
        with pytest.raises(KeyboardInterrupt):
            start.run(lambda board=board: board)


def test_a_host_that_asks_makes_a_short_start_a_good_one() -> None:
    board = PaperBoard({start._STARTS: b"**"})
    rig = Rig(board)
    assert board.files[start._STARTS] == b"**"
    rig.send(m.HelloRequest(1, 7))
    assert board.files[start._STARTS] == b""


@pytest.mark.parametrize("name", ["starts", start.FAILURE])
def test_a_flash_that_refuses_every_write_stops_no_start_and_no_run(name: str) -> None:
    class Full(Interrupted):
        def save(self, name: str, data: bytes) -> None:
            raise OSError(28)

    board = Full({name: b"**"}, ends_ms=start.SETTLED_MS + 2000)
    with pytest.raises(KeyboardInterrupt):
        start.run(lambda: board)
    assert board.now_ms >= start.SETTLED_MS + 2000
    assert "reset" not in board.done
