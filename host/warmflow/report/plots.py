"""The report's plots. Colours that colour-blind eyes tell apart, and never colour alone: lines differ by dash too."""

import math

import numpy as np

from warmflow.instruments.columns import Column
from warmflow.report.build import Curves, Report
from warmflow.report.flags import episodes
from warmflow.report.sampling import sampled
from warmflow.report.start_up_curve import smoothed
from warmflow.report.svg import Plot
from warmflow.report.trumpet import Trumpet
from warmflow.report.volume_uncertainty import legible_s
from warmflow.simulation.plot_style import BLUE, DARK_GREEN, DARK_ORANGE, VERMILION, time_unit

PALE, GREY = "#bcd9ec", "#5b6570"
HOLE, FLAGGED = "#d9dde1", "#fde7d3"
BINS = 480
SHOWN = 0.02  # of the rate: 1 s.d. of a mean rate in the plot
FEWEST = 3


def plots(report: Report) -> dict[str, str]:
    """SVG text by name; a plot that the run gives no data for is not there."""
    drawn = {"flow": flow(report), "start_up": start_up(report), "volume": volume(report)}
    if report.record.probe_c is not None:
        drawn["probe"] = probe(report)
    for curves in report.trumpets:
        if sum(window.max_percent is not None for window in curves.whole.windows) >= FEWEST:
            drawn[f"trumpet_{curves.analysed.method}"] = trumpet(report, curves)
    if report.sensitivity.percent_per_degc is not None:
        drawn["sensitivity"] = sensitivity(report)
    return drawn


def flow(report: Report) -> str:
    """Mean rates over the run, with their range in each stretch of the plot."""
    record = report.record
    step_s = legible_s(record, report.against_ul_h, SHOWN, 30.0)
    samples = sampled(record, step_s)
    per_s, unit = time_unit(record.length_s)
    x, mean, low, high = _binned(samples.middle_s / per_s, samples.flow_ul_h)
    plot = Plot(
        "Flow over the run", (0, record.length_s / per_s),
        _span(low, high, report.rates.reference_ul_h, report.rates.label_ul_h),
        f"pump time, {unit}", "flow, µL/h",
    )  # fmt: skip
    _stretches(plot, report, per_s)
    if len(samples.flow_ul_h) > BINS:
        plot.band(x, low, high, PALE, f"range of means of {step_s:g} s")
    plot.line(x, mean, BLUE, "metered flow")
    _rates(plot, report)
    return plot.svg()


def probe(report: Report) -> str:
    record = report.record
    assert record.probe_c is not None
    per_s, unit = time_unit(record.length_s)
    x, mean, low, high = _binned(record.t_s / per_s, record.probe_c)
    plot = Plot(
        "Temperature of the probe", (0, record.length_s / per_s), _span(low, high),
        f"pump time, {unit}", "probe, °C", height=180,
    )  # fmt: skip
    _stretches(plot, report, per_s)
    plot.band(x, low, high, "#f3d9c9")
    plot.line(x, mean, VERMILION, "probe (mean and range)")
    return plot.svg()


def volume(report: Report) -> str:
    """What was delivered too much or too little since the start."""
    record = report.record
    per_s, unit = time_unit(record.length_s)
    at = np.unique(np.linspace(0, len(record.t_s) - 1, 1000).astype(int))
    t_s = record.t_s[at]
    error_ul = record.volume_ul[at] - report.against_ul_h * (t_s - record.unknown_before_s(t_s)) / 3600
    plot = Plot(
        "Error of the volume", (0, record.length_s / per_s), _span(error_ul, error_ul, 0.0),
        f"pump time, {unit}", "delivered - expected, µL", height=200,
    )  # fmt: skip
    _stretches(plot, report, per_s)
    plot.line(t_s / per_s, error_ul, BLUE, "volume minus that at the rate of comparison")
    return plot.svg()


def start_up(report: Report) -> str:
    samples = report.start_up.samples
    width = max(1, round(report.start_up.smooth_s / samples.step_s))
    x = samples.middle_s / 60
    plot = Plot(
        "Start-up curve", (0, max(1.0, float(x[-1]) if len(x) else 1.0)),
        _span(samples.flow_ul_h, samples.flow_ul_h, report.rates.reference_ul_h, report.rates.label_ul_h),
        "minutes from the first reading", "flow, µL/h",
    )  # fmt: skip
    plot.line(x, samples.flow_ul_h, PALE, f"means of {samples.step_s:g} s", wide=1.2)
    if len(x) > width:
        middle = x[width // 2 : len(x) - (width - 1) // 2][: len(x) - width + 1]
        name = f"means of {report.start_up.smooth_s / 60:g} min"
        plot.line(middle, smoothed(samples.flow_ul_h, width), BLUE, name)
    _rates(plot, report)
    return plot.svg()


def trumpet(report: Report, curves: Curves) -> str:
    """Extremes over the window's length, on an axis of equal ratios."""
    windows = [window.window_min for window in curves.whole.windows if window.max_percent is not None]
    ticks = [(math.log10(minutes), str(minutes)) for minutes in windows]
    both = [_extremes(curve) for curve in (curves.whole, curves.analysed)]
    plot = Plot(
        f"Trumpet curve, {curves.analysed.method} set", (ticks[0][0] - 0.05, ticks[-1][0] + 0.05),
        _span(np.concatenate([one[2] for one in both]), np.concatenate([one[1] for one in both]), 0.0),
        "observation window, min", "deviation of the mean rate, %", ticks,
    )  # fmt: skip
    if curves.analysed.windows != curves.whole.windows:
        x, top, bottom = both[0]
        plot.line(x, top, GREY, "whole run", "4 3", 1.3)
        plot.line(x, bottom, GREY, "", "4 3", 1.3)
    x, top, bottom = both[1]
    for values, name in ((top, "largest, analysis period"), (bottom, "smallest, analysis period")):
        colour = BLUE if values is top else VERMILION
        plot.line(x, values, colour, name, "" if values is top else "8 3", 2)
        plot.points(x, values, colour, size=3)
    if curves.analysed.mean_percent is not None:
        plot.level(curves.analysed.mean_percent, DARK_GREEN, "overall mean error", "2 3")
    return plot.svg()


def sensitivity(report: Report) -> str:
    fit = report.sensitivity
    assert fit.percent_per_degc is not None
    assert fit.at_c is not None
    x = np.array([fit.x_c.min(), fit.x_c.max()])
    plot = Plot(
        "Flow against temperature", (float(x[0]), float(x[1])), _span(fit.y_percent, fit.y_percent),
        f"probe, lagged by {fit.lag_min:g} min, °C", "deviation of the flow, %",
    )  # fmt: skip
    plot.points(fit.x_c, fit.y_percent, "#7fb2d3", f"means of {fit.block_s:g} s")
    plot.line(x, fit.percent_per_degc * (x - fit.at_c), VERMILION, "fit")
    return plot.svg()


def _extremes(found: Trumpet) -> tuple[Column, Column, Column]:
    rows = [
        (math.log10(one.window_min), one.max_percent, one.min_percent)
        for one in found.windows
        if one.max_percent is not None
    ]
    x, top, bottom = np.array(rows, dtype=float).reshape(-1, 3).T
    return x, top, bottom


def _stretches(plot: Plot, report: Report, per_s: float) -> None:
    for hole in report.quality.holes:
        plot.stretch(hole.from_s / per_s, hole.to_s / per_s, HOLE)
    for from_s, to_s in episodes(report.flags.flags):
        plot.stretch(from_s / per_s, (report.record.length_s if to_s is None else to_s) / per_s, FLAGGED)


def _rates(plot: Plot, report: Report) -> None:
    if report.rates.reference_ul_h is not None:
        plot.level(report.rates.reference_ul_h, DARK_GREEN, "reference rate")
    if report.rates.label_ul_h not in (None, report.rates.reference_ul_h):
        plot.level(float(report.rates.label_ul_h or 0), DARK_ORANGE, "label", "2 3")


def _binned(x: Column, y: Column) -> tuple[Column, Column, Column, Column]:
    """Middle, mean, least and largest of each of BINS stretches; NaN where one has no value."""
    size = max(1, math.ceil(len(x) / BINS))
    pad = -len(x) % size
    xs = np.concatenate([x, np.full(pad, np.nan)]).reshape(-1, size)
    ys = np.concatenate([y, np.full(pad, np.nan)]).reshape(-1, size)
    good = ~np.isnan(ys)
    some = good.any(axis=1)
    mean = np.where(some, np.where(good, ys, 0).sum(axis=1) / np.maximum(1, good.sum(axis=1)), np.nan)
    low = np.where(some, np.where(good, ys, np.inf).min(axis=1), np.nan)
    high = np.where(some, np.where(good, ys, -np.inf).max(axis=1), np.nan)
    return np.nanmean(xs, axis=1), mean, low, high


def _span(low: Column, high: Column, *levels: float | None) -> tuple[float, float]:
    values = [float(np.nanmin(low)), float(np.nanmax(high))] if np.any(~np.isnan(low)) else []
    values += [level for level in levels if level is not None]
    return (min(values), max(values)) if values else (0.0, 1.0)
