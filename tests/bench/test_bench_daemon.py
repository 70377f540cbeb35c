"""The benches of the daemon run, and what they count adds up; their figures are judged by `make bench` only."""

import importlib.util
from types import ModuleType

import pytest
from short_form import few
from wire import ROOT

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs("mosquitto"),
]


def bench(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"tests/bench/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_of_many_pumps_none_loses_a_reading() -> None:
    found = await bench("bench_many_pumps").measure(minutes=0.03, pumps=5, picos=1, warm_up_s=0.5)
    assert found["made"] > 5 * 10
    lost = ("not in the journal", "not delivered", "holes", "gaps")
    assert {name: found[name] for name in lost} == dict.fromkeys(lost, 0)
    assert found["core"] > 0


async def test_alarms_and_round_trips_are_timed() -> None:
    found = await bench("bench_latency").measure(seconds=10, pumps=3, alarming=3, warm_up_s=4)
    for name in ("alarms", "broker's own round trip", "age of readings"):
        assert found[name]["n"] > 0, name
        assert 0 <= found[name]["p50 ms"] <= found[name]["p99 ms"]


@pytest.mark.parametrize("way", few(["daemon", "decoded and published", "one message a reading"], 1))
async def test_every_way_of_the_flood_delivers_all_of_it(way: str) -> None:
    assert await bench("bench_flood").flood(way, 1500) > 0
