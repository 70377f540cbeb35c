"""The one progress bar: when it is drawn, where, and what it leaves behind."""

import io

import pytest

from warmflow.runtime.progress_bar import PATIENCE_S, REDRAW_S, ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(autouse=True)
def usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As wide as most, whoever runs the tests."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("stream", "after_s", "shown"),
    [
        (Terminal(), PATIENCE_S + 0.1, True),
        (Terminal(), PATIENCE_S - 0.1, False),
        (io.StringIO(), PATIENCE_S + 0.1, False),
    ],
)
def test_a_bar_is_drawn_on_a_terminal_after_a_second_and_nowhere_else(stream, after_s, shown):
    clock = Clock()
    with ProgressBar("stepping", stream, clock) as bar:
        clock.now_s += after_s
        bar(0.5)
        drawn = stream.getvalue()
    assert ("stepping" in drawn and "50%" in drawn) == shown
    assert bool(stream.getvalue()) == shown


def test_it_is_drawn_again_ten_times_a_second_at_most_and_is_gone_at_the_end():
    stream, clock = Terminal(), Clock()
    with ProgressBar("stepping", stream, clock) as bar:
        clock.now_s += PATIENCE_S + 0.1
        bar(0.1)
        before = stream.getvalue()
        bar(0.2)
        assert stream.getvalue() == before
        clock.now_s += REDRAW_S + 0.01
        bar(1.7)
        assert "100%" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")  # the line is erased


def test_it_is_gone_after_a_failure_too_and_notes_can_not_steer_the_terminal():
    stream, clock = Terminal(), Clock()

    def broken_work() -> None:
        with ProgressBar("[red]", stream, clock) as bar:
            clock.now_s += PATIENCE_S + 0.1
            bar(0.5, "a\x07b\u202e")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_work()
    assert "[red]" in stream.getvalue()
    assert "a\\x07b\\u202e" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")
