"""Steps of a total: what no pump makes is found, and what a pump does is left alone."""

import numpy as np
import pytest

from warmflow.instruments.total import monotone, spikes, without_steps

T_S = 10.0 * np.arange(1000)
FLOWED = T_S * 48.9 / 3600


def noisy(values: np.ndarray, sigma: float, seed: int = 1) -> np.ndarray:
    return values + np.random.default_rng(seed).normal(0, sigma, len(values)) if sigma else values


@pytest.mark.parametrize("sigma", [0.0, 0.02, 0.2])
@pytest.mark.parametrize("size", [-4.0, 7.0, -60.0, 5000.0])
def test_a_step_is_found_at_its_place_and_what_flowed_stays(sigma: float, size: float) -> None:
    values = noisy(FLOWED, sigma)
    values = values + np.where(np.arange(1000) >= 400, size, 0.0)
    found = without_steps(T_S, values, 0.01)
    [step] = found.steps
    assert step.first <= 399 < step.last <= 401
    assert step.size == pytest.approx(size, abs=max(0.3, 9 * sigma))
    rise = found.values[-1] - found.values[0]
    assert rise == pytest.approx(FLOWED[-1], abs=max(0.3, 9 * sigma))


@pytest.mark.parametrize("sigma", [0.0, 0.05, 1.0])
@pytest.mark.parametrize(
    "course",
    [
        np.ones(1000), np.where(np.arange(1000) < 700, 0.0, 1.0), np.where(np.arange(1000) < 950, 0.0, 1.0),
        np.where(np.arange(1000) % 200 < 100, 1.0, 0.0), 1 + np.sin(np.arange(1000) / 100), np.zeros(1000),
        np.where((np.arange(1000) > 300) & (np.arange(1000) < 500), 3.0, 1.0),
    ],
    ids=["steady", "begins late", "begins very late", "on and off", "waves", "still", "three times as much"],
)  # fmt: skip
def test_what_a_pump_does_is_no_step(course: np.ndarray, sigma: float) -> None:
    values = noisy(np.cumsum(course * 48.9 / 360), sigma)
    assert without_steps(T_S, values, 0.001).steps == ()


def test_a_touch_is_one_disturbance() -> None:
    values = FLOWED.copy()
    values[500:503] += [30.0, 45.0, 12.0]
    found = without_steps(T_S, values, 0.01)
    assert len(found.steps) == 1
    assert found.values[-1] - found.values[0] == pytest.approx(FLOWED[-1], abs=2)  # what flowed meanwhile is not known


def test_readings_of_coarse_steps_have_none() -> None:
    assert without_steps(T_S, np.floor(FLOWED), 1.0).steps == ()
    assert without_steps(T_S, np.floor(noisy(FLOWED, 0.5)), 1.0).steps == ()


def test_a_spike_of_a_flow_is_found_and_a_lasting_change_is_none() -> None:
    flow = noisy(np.full(500, 48.9), 1.0)
    flow[100], flow[200:203] = 5000.0, -900.0
    assert np.flatnonzero(spikes(flow)).tolist() == [100, 200, 201, 202]
    flow[300:400] = 400.0
    assert not spikes(flow)[300:400].any()


def test_a_monotone_total_keeps_the_rise_of_its_readings() -> None:
    values = noisy(FLOWED, 0.5)
    fitted = monotone(values)
    assert np.all(np.diff(fitted) >= 0)
    assert fitted[-1] - fitted[0] == pytest.approx(values[-1] - values[0])
    assert np.all(monotone(-FLOWED) == 0)


RUNS = {0.1: 720, 1: 1800, 10: 6000}  # Hz, readings


def found_of(hertz: float, share: float, sign: int, records: int) -> tuple[float, float]:
    """Share of steps found that are so much of the stated least size; that size in multiples of the noise."""
    count, sigma, found, sizes = RUNS[hertz], 0.2, 0, []
    t_s = np.arange(count) / hertz
    for seed in range(records):
        random = np.random.default_rng((seed, count))
        values = 50 * t_s / 3600 + random.normal(0, sigma, count)
        least = without_steps(t_s, values, 0.001, 50 / 3600).least_step
        at = int(random.integers(count // 5, 4 * count // 5))
        values[at:] += sign * share * least
        sizes.append(least / sigma)
        found += any(abs(one.first - at) <= 6 for one in without_steps(t_s, values, 0.001, 50 / 3600).steps)
    return found / records, float(np.mean(sizes))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("hertz", RUNS)
def test_a_step_of_the_stated_least_size_is_found(hertz: float, sign: int) -> None:
    assert found_of(hertz, 1.0, sign, 20)[0] >= 0.9


@pytest.mark.parametrize("hertz", RUNS)
def test_the_stated_least_size_is_not_larger_than_it_has_to_be(hertz: float) -> None:
    assert found_of(hertz, 0.5, 1, 20)[0] <= 0.2


@pytest.mark.soak  # 200 records of each; prints the table of docs/report.md
@pytest.mark.parametrize("hertz", RUNS)
def test_a_step_of_the_stated_least_size_is_found_in_95_of_100(hertz: float) -> None:
    rises, size = found_of(hertz, 1.0, 1, 200)
    falls, _ = found_of(hertz, 1.0, -1, 200)
    half, _ = found_of(hertz, 0.5, 1, 200)
    print(f"{hertz:g} Hz: {size:.1f} times, rises {rises:.3f}, falls {falls:.3f}, rises of half of it {half:.3f}")
    assert min(rises, falls) >= 0.95


@pytest.mark.parametrize("sigma", [0.0, 0.02])
@pytest.mark.parametrize(("portion", "interval_s"), [(0.5, 1), (5.0, 10), (20.0, 30), (50.0, 60)])
def test_a_total_that_comes_in_drops_keeps_all_of_them(portion: float, interval_s: int, sigma: float) -> None:
    t_s = np.arange(0, 43_200, interval_s, dtype=float)
    evaporated = 3.0 * t_s / 3600
    values = noisy(np.floor(48.9 * t_s / 3600 / portion) * portion - evaporated, sigma)
    found = without_steps(t_s, values, 0.001, 48.9 / 3600)
    assert found.steps == ()
    assert found.portion == pytest.approx(portion, abs=max(0.1 * portion, 6 * sigma))


def test_few_rises_of_a_total_that_stands_still_are_drops_or_a_disturbance() -> None:
    t_s = np.arange(0, 10_800, 10, dtype=float)
    values = np.floor(48.9 * t_s / 3600 / 50) * 50
    assert [one.size for one in without_steps(t_s, values, 0.001).perhaps] == [50, 50]
    assert without_steps(t_s, values, 0.001, portion=50).steps == ()
    assert without_steps(t_s, values, 0.001, portion=50).portion == 50


def test_a_heavy_beaker_on_a_balance_where_nothing_flows_is_no_drop() -> None:
    values = np.where(np.arange(1000) < 500, 0.0, 5000.0)
    found = without_steps(T_S, values, 0.001)
    assert len(found.steps) == 1
    assert found.perhaps == ()
    assert without_steps(T_S, np.floor(FLOWED * 10), 1.0, portion=0.001).portion is None


def test_many_touches_of_a_pump_that_flows_are_no_drops() -> None:
    values = FLOWED + 40.0 * (np.arange(1000) // 150)
    found = without_steps(T_S, values, 0.01)
    assert len(found.steps) == 6
    assert found.portion is None
