"""The benchmark runs and its memory does not grow; its figures are judged by `make bench` only."""

import importlib.util

import pytest
from wire import ROOT

_spec = importlib.util.spec_from_file_location("bench_monitor", ROOT / "tests/bench/bench_monitor.py")
bench_monitor = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_monitor)


@pytest.mark.soak  # seconds of preparation; `make bench` runs it as it is
def test_the_benchmark_runs_all_its_rows():
    costs, floor_us = bench_monitor.measure(count=60, rounds=1)
    assert floor_us > 0
    assert [cost.row for cost in costs] == list(bench_monitor.ROWS)
    assert all(cost.read_us > 0 for cost in costs)


def test_the_memory_of_the_monitor_does_not_grow_with_the_run():
    """A reading in 30 s, ten times as many: the rings fill up, and then nothing is added."""
    assert bench_monitor.grown_bytes(5_000) < 100_000
