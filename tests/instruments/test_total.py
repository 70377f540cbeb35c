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
