"""The benchmark of the physics runs and compares like with like; its figures are judged by `make bench` only."""

import importlib.util

import pytest
from wire import ROOT

_spec = importlib.util.spec_from_file_location("bench_physics", ROOT / "tests/bench/bench_physics.py")
bench_physics = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_physics)


def test_the_benchmark_runs_and_both_give_the_same_total():
    found = bench_physics.measure(days=0.25, pumps=3, rounds=1)
    assert min(found[:5]) > 0
    assert found.ratio > 0
    assert found.stepped_nl == pytest.approx(found.vectorised_nl, abs=2.0)
