"""The pause between two attempts."""

from warmflow.runtime.backoff import pause_s


def test_pauses_grow_to_a_limit_and_differ() -> None:
    assert [pause_s(attempt, 0.2, 30, lambda: 1.0) for attempt in (0, 1, 2, 7, 8, 500)] == [0.2, 0.4, 0.8, 25.6, 30, 30]
    assert pause_s(8, 0.2, 30, lambda: 0.0) == 15
    assert len({pause_s(3, 0.2, 30) for _ in range(20)}) > 10
