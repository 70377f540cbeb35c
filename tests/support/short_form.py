"""Which cases of a long table run each time, and which with `make soak` only.

A table of many like cases costs seconds and finds with the twentieth what the second found. The rest stays a test.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def few(cases: Iterable[Any], keep: int) -> list[Any]:
    """The first `keep` cases each time, all others with the soak. A case with several values is a tuple."""
    return [each if at < keep else _later(each) for at, each in enumerate(cases)]


def each_once(outer: Sequence[Any], inner: Sequence[Any]) -> list[Any]:
    """All pairs. Each time run as many as it takes to have every value of both once; the rest runs with the soak."""
    count = max(len(outer), len(inner))
    now = {(at % len(outer), at % len(inner)) for at in range(count)}
    return [
        (one, other) if (at, place) in now else _later((one, other))
        for at, one in enumerate(outer)
        for place, other in enumerate(inner)
    ]


def _later(case: Any) -> Any:
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.soak)
