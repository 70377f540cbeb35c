"""The benchmark of the codec runs and measures all that it claims to; its figures are judged by `make bench` only."""

import importlib.util

from wire import ROOT

_spec = importlib.util.spec_from_file_location("bench_codec", ROOT / "tests/bench/bench_codec.py")
bench_codec = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_codec)


def test_the_benchmark_runs_and_has_a_figure_for_every_contestant():
    tables = bench_codec.measure(rounds=1, repeats=25)
    assert set(tables) == {"decode", "decode, no barometer", "stream", "encode"}
    assert all(us > 0 for times in tables.values() for us in times.values())
    assert bench_codec.ratio(tables) > 0
