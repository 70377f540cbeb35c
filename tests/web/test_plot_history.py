"""History for plots: the finest kind that fits, never more points than asked for, and every reading counted once."""

import numpy as np
import pytest
from records import START

from warmflow.journal import JournalReader
from warmflow.sinks.web.binary_columns import Columns, packed, unpacked
from warmflow.sinks.web.plot_history import PlotRequest, series

pytestmark = pytest.mark.time

BEGAN_S = START.timestamp()


def test_what_is_packed_is_what_is_unpacked() -> None:
    blocks = [
        Columns("a", "raw", {"time_s": [1.0, 2.0, 3.0], "probe_c": [36.5, float("nan"), 37.0]}),
        Columns("bé", "spans", {"time_s": [1.0]}, 60),
    ]
    header, again = unpacked(packed(blocks, news=[{"pump": "a"}]))
    assert header["news"] == [{"pump": "a"}]
    for one, other in zip(blocks, again, strict=True):
        assert (one.pump, one.kind, one.span_s, one.n) == (other.pump, other.kind, other.span_s, other.n)
        for name, column in one.columns.items():
            np.testing.assert_array_equal(np.asarray(column), other.columns[name])


@pytest.mark.parametrize(
    "data", [b"", b"\x05\0\0\0{}", b"\xff\xff\xff\xff", packed([Columns("a", "raw", {"t": [1.0]})])[:-1]]
)
def test_half_a_message_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpacked(data)


def test_a_minute_comes_raw_and_whole(reader: JournalReader) -> None:
    block = series(reader, PlotRequest("rig", BEGAN_S + 60, BEGAN_S + 120))
    assert (block.kind, block.n) == ("raw", 601)
    time_s = np.asarray(block.columns["time_s"])
    assert (time_s[0], time_s[-1]) == (BEGAN_S + 60, BEGAN_S + 120)
    assert np.all(np.diff(time_s) > 0)


@pytest.mark.parametrize("points", [7, 100, 599])
def test_what_does_not_fit_comes_as_spans_with_every_reading_in_one_of_them(reader: JournalReader, points: int) -> None:
    block = series(reader, PlotRequest("rig", BEGAN_S, BEGAN_S + 599.9, points))
    assert block.kind == "spans"
    assert block.n <= points + 1
    assert sum(block.columns["n"]) == 6000
    low, mean, high = (np.asarray(block.columns[f"flow_{part}_ul_h"]) for part in ("min", "mean", "max"))
    assert np.all(low <= mean + 1e-9)
    assert np.all(mean <= high + 1e-9)


def test_nothing_there_is_no_points(reader: JournalReader) -> None:
    assert series(reader, PlotRequest("nobody", BEGAN_S, BEGAN_S + 10)).n == 0
    assert series(reader, PlotRequest("nobody", BEGAN_S, BEGAN_S + 1e6)).n == 0
    assert series(reader, PlotRequest("rig", BEGAN_S + 10, BEGAN_S)).n == 0
