"""The report's statistics against scipy and statsmodels, which share no code with them."""

import numpy as np
import pytest
import scipy.fft
import scipy.optimize
import scipy.stats
import statsmodels.api as sm

from warmflow.instruments.total import monotone
from warmflow.report import noise, noise_fit, statistics
from warmflow.report.run_record import Record
from warmflow.report.sensitivity import sensitivity
from warmflow.report.trumpet import SHORT, Period, trumpet


@pytest.mark.parametrize("freedom", [2, 2.5, 3, 4, 5, 7.5, 10, 30, 100, 5000, 1e7])
def test_students_quantile_is_scipys(freedom: float) -> None:
    assert statistics.student(freedom) == pytest.approx(scipy.stats.t.ppf(0.975, freedom), rel=1e-3)


def remembering(count: int, memory: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = np.zeros(count)
    for at in range(1, count):
        values[at] = memory * values[at - 1] + random.normal()
    return values


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_the_error_of_a_mean_is_newey_and_wests(memory: float) -> None:
    values = 5 + remembering(500, memory, 3)
    lags = statistics.bandwidth(values)
    fit = sm.OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    expected = statistics.critical(lags / len(values)) * float(fit.bse[0])
    assert statistics.mean_half_width(values) == pytest.approx(expected, rel=1e-9)


def test_the_error_of_a_slope_is_newey_and_wests_or_wider() -> None:
    x, noise_of = remembering(400, 0.95, 1), remembering(400, 0.5, 2)
    found = statistics.line(x, 3 * x + 1 + noise_of)
    fit = sm.OLS(3 * x + 1 + noise_of, sm.add_constant(x)).fit(
        cov_type="HAC", cov_kwds={"maxlags": found.lags, "use_correction": True}
    )
    assert (found.intercept, found.slope) == pytest.approx(tuple(fit.params), rel=1e-9)
    assert found.r_squared == pytest.approx(fit.rsquared, rel=1e-9)
    assert found.half_width >= statistics.critical(found.lags / 400) * float(fit.bse[1]) * 0.999


def test_the_critical_values_of_a_narrow_kernel_are_the_normals() -> None:
    assert statistics.critical(0.0) == pytest.approx(scipy.stats.norm.ppf(0.975), abs=1e-4)


def test_a_monotone_total_is_scipys_isotonic_regression() -> None:
    values = np.cumsum(np.random.default_rng(4).normal(0.1, 1, 500))
    expected = np.clip(scipy.optimize.isotonic_regression(values).x, values[0], values[-1])
    np.testing.assert_allclose(monotone(values), expected, atol=1e-9)
    assert monotone(values)[-1] - monotone(values)[0] == pytest.approx(values[-1] - values[0])


def test_the_sine_transform_is_scipys() -> None:
    values = np.random.default_rng(5).normal(size=357)
    np.testing.assert_allclose(noise._sines(values), scipy.fft.dst(values, type=1, norm="ortho"), atol=1e-9)


def test_the_logarithm_of_a_mean_of_squares_is_as_far_off_as_scipy_says() -> None:
    counts = np.array([1, 2, 3, 10, 100])
    expected = scipy.special.digamma(counts / 2) - np.log(counts / 2)
    np.testing.assert_allclose(noise_fit._log_bias(counts), expected, atol=1e-4)


def test_the_parts_of_the_noise_are_those_of_the_local_level_model() -> None:
    random = np.random.default_rng(6)
    t_s = 10.0 * np.arange(1500)
    volume = 0.1 * np.arange(1500) + np.cumsum(random.normal(0, 0.05, 1500)) + random.normal(0, 0.2, 1500)
    record = Record("made", "instrument", "made", t_s, volume - volume[0], usual_s=10, resolution_ul=0.001)
    fit = sm.tsa.UnobservedComponents(volume, "lldtrend").fit(disp=False)
    by_name = dict(zip(fit.param_names, fit.params, strict=True))
    assert record.noise.reading_ul == pytest.approx(np.sqrt(by_name["sigma2.irregular"]), rel=0.15)
    assert record.noise.walk_ul_root_s * np.sqrt(10) == pytest.approx(np.sqrt(by_name["sigma2.level"]), rel=0.3)


def test_a_trumpet_curve_is_that_of_every_window_taken_singly() -> None:
    random = np.random.default_rng(7)
    flows = 50 + remembering(240, 0.8, 8)
    t_s = 30.0 * np.arange(241)
    volume = np.concatenate([[0.0], np.cumsum(flows * 30 / 3600)])
    record = Record("made", "instrument", "made", t_s, volume, usual_s=30)
    found = trumpet(record, SHORT, Period(60, 120, ""), 48.0)
    errors = 100 * (flows[120:240] / 48.0 - 1)
    for window in found.windows:
        size = 2 * window.window_min
        means = [float(np.mean(errors[at : at + size])) for at in range(len(errors) - size + 1)]
        assert (window.max_percent, window.min_percent) == pytest.approx((max(means), min(means)), abs=1e-9)
    assert found.mean_percent == pytest.approx(float(np.mean(errors)), abs=1e-9)
    assert random is not None


def test_a_sensitivity_is_scipys_line_through_the_same_blocks() -> None:
    random = np.random.default_rng(9)
    t_s = 30.0 * np.arange(721)
    probe = 36.5 + 1.5 * np.sin(t_s[1:] / 3000)
    flows = 50 * (1 + 0.12 * (probe - 36.5)) + random.normal(0, 0.3, 720)
    volume = np.concatenate([[0.0], np.cumsum(flows * 30 / 3600)])
    record = Record("made", "instrument", "made", t_s, volume, probe_c=np.concatenate([probe[:1], probe]), usual_s=30)
    found = sensitivity(record, 50.0)
    expected = scipy.stats.linregress(found.x_c, found.y_percent)
    assert found.percent_per_degc == pytest.approx(expected.slope, rel=1e-9)
    assert found.percent_per_degc == pytest.approx(12, rel=0.03)
