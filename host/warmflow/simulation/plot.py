"""Plots of runs and sweeps: flow in the bands of the rate limits, temperatures, pressures, cumulative deviation.

Colours that colour-blind eyes tell apart (Okabe and Ito), and never colour alone: runs differ by line style too.
"""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")  # files only: no window, no display

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from warmflow.level_words import level_word
from warmflow.monitor import Level
from warmflow.monitor.pump_limits import DEFAULT_LIMITS
from warmflow.notice import NOTICE
from warmflow.runtime.output_file import write_bytes
from warmflow.simulation.events import Exposure, Fault, Fluid
from warmflow.simulation.output import dose_words, signed
from warmflow.simulation.plot_style import BLUE, GREEN, ORANGE, PURPLE, VERMILION, time_unit
from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import BoardStep, Scenario
from warmflow.simulation.summary import ML_DAY, Summary
from warmflow.simulation.sweep import SWEPT, Sweep
from warmflow.simulation.trace import Column, Run

GREY, INK = "#8A9299", "#22272B"
RUN_COLOURS = (BLUE, VERMILION, GREEN, PURPLE)
RUN_STYLES = ("-", "--", "-.", ":")
BAND_COLOURS = {Level.LOW: "#FFF6D6", Level.MEDIUM: "#FFE7C2", Level.HIGH: "#FBD5C5"}
FLAG_COLOURS = {Level.NORMAL: BLUE, Level.LOW: "#B8860B", Level.MEDIUM: "#C26A00", Level.HIGH: "#A82500"}
DOSE_LIMITS = tuple(100 * limit for limit in DEFAULT_LIMITS.dose.values())  # % of a 14-day dose
SIZE, DPI = (10.5, 10.5), 130
EXPOSED = (
    ("skin_c", "skin", "degC"),
    ("core_c", "core", "degC"),
    ("altitude_m", "altitude", "m"),
    ("depth_m", "depth", "m"),
    ("ambient_kpa", "ambient", "kPa"),
    ("outlet_kpa", "outlet", "kPa"),
)
MORE = 1.12
NO_PEAK_PERCENT = 0.5  # a change that is less is none to point at
HEAD_INCH = 0.6
POINTS = 1500
Runs = list[tuple[Run, Summary]]


def plot_runs(path: Path, runs: Runs) -> None:
    """Four panels for one or several runs of a scenario. Raises UserError if the file cannot be written."""
    scenario = runs[0][0].scenario
    runs = [(replace(run, trace=run.trace.thinned(POINTS)), summary) for run, summary in runs]
    figure = _figure(SIZE)
    panels = figure.subplots(4, 1, sharex=True, height_ratios=(1.5, 1, 1, 1))
    unit = time_unit(60 * scenario.whole_min)
    per_unit_min = unit.seconds / 60
    for axes in panels:
        _tidy(axes)
        _mark_events(axes, scenario, per_unit_min)
    _flow(panels[0], runs, per_unit_min)
    _temperatures(panels[1], runs, per_unit_min)
    _pressures(panels[2], runs, per_unit_min)
    _cumulative(panels[3], runs, per_unit_min)
    _name_events(panels[0], scenario, per_unit_min)
    figure.align_ylabels(panels)
    panels[3].set_xlabel(
        f"pump time, {unit.name}" + (" from the end of the first rest" if scenario.rest_before_min else "")
    )
    panels[3].set_xlim(
        -scenario.rest_before_min / per_unit_min, (scenario.whole_min - scenario.rest_before_min) / per_unit_min
    )
    names = " / ".join(run.rig.title for run, _ in runs)
    _save(figure, path, scenario.title, names)


def plot_sweep(path: Path, found: Sweep, scenario: Scenario, rig: Rig) -> None:
    """Largest deviation and dose effect against the swept quantity. Raises UserError."""
    figure = _figure((10.5, 7.0))
    top, bottom = figure.subplots(2, 1, sharex=True)
    for axes, values, label in (
        (top, found.peak_percent, "largest deviation\n% of the reference rate"),
        (bottom, found.dose_percent, "dose effect\n% of 14 days"),
    ):
        _tidy(axes)
        axes.plot(found.values, values, color=BLUE, linewidth=2, marker="o" if len(values) < 30 else "", markersize=4)
        axes.axhline(0, color=GREY, linewidth=1)
        axes.set_ylabel(label)
    _bands(top, float(np.min(found.peak_percent)), float(np.max(found.peak_percent)))
    bottom.set_xlabel(f"{SWEPT[found.name].says}, {found.unit}".rstrip(", "))
    bottom.set_xlim(float(found.values[0]), float(found.values[-1]))
    _save(figure, path, f"{scenario.title}: sweep of {found.name}", rig.title)


def _figure(size: tuple[float, float]) -> Figure:
    figure = Figure(figsize=size, layout="constrained")
    if engine := figure.get_layout_engine():
        engine.set(rect=(0.0, 0.0, 1.0, 1.0 - HEAD_INCH / size[1]))  # type: ignore[call-arg]  # of this engine only
    return figure


def _save(figure: Figure, path: Path, title: str, rigs: str) -> None:
    def below(inch: float) -> float:
        return 1.0 - inch / figure.get_figheight()

    figure.text(0.01, below(0.1), title, fontsize=15, fontweight="bold", color=INK, va="top")
    figure.text(0.01, below(0.4), f"{rigs}  |  {NOTICE}", fontsize=9.5, color="#505A64", va="top")
    drawn = BytesIO()
    figure.savefig(drawn, format=path.suffix[1:], dpi=DPI, metadata={"Title": f"{title} ({NOTICE})"})
    write_bytes(path, drawn.getvalue())


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=INK, labelsize=9)
    axes.grid(axis="y", color="#E4E9ED", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0)


def _times(run: Run, per_unit_min: float) -> Column:
    return (run.trace.t_s / 60 - run.scenario.rest_before_min) / per_unit_min


def _mark_events(axes: Axes, scenario: Scenario, per_unit_min: float) -> None:
    for event in scenario.event:
        if isinstance(event, Exposure | Fault):
            end_min = scenario.whole_min if event.duration_min is None else event.end_min
            axes.axvspan(event.at_min / per_unit_min, end_min / per_unit_min, color="#EEF1F4", linewidth=0, zorder=0)
        else:
            axes.axvline(event.at_min / per_unit_min, color=GREY, linewidth=1, linestyle=":")


def _name_events(axes: Axes, scenario: Scenario, per_unit_min: float) -> None:
    names: dict[float, list[str]] = {}
    for event in scenario.events:
        names.setdefault(event.at_min / per_unit_min, []).append(_event_name(event, first=not names))
    for at, several in names.items():
        axes.annotate(
            ", ".join(several), (at, 1.0), xycoords=("data", "axes fraction"), xytext=(3, 3),
            textcoords="offset points", fontsize=8, color="#505A64", annotation_clip=False,
            ha="right" if at * per_unit_min > 0.8 * scenario.whole_min else "left",
        )  # fmt: skip


def _event_name(event: BoardStep, first: bool) -> str:
    match event:
        case Exposure():
            parts = ((getattr(event, name), words, unit) for name, words, unit in EXPOSED)
            return ", ".join(f"{words} {value:g} {unit}" for value, words, unit in parts if value is not None)
        case Fault():
            share = "" if event.magnitude == 1 else f"{100 * event.magnitude:.0f} %"
            return f"{event.fault.replace('_', ' ')} {share}".strip() if first or not share else share
        case Fluid():
            return event.fluid + (f" {100 * event.glycerol_fraction:g} wt%" if event.glycerol_fraction else "")
        case _:
            return event.kind


def _bands(axes: Axes, low: float, high: float) -> None:
    low, high = min(low * MORE, -12.0), max(high * MORE, 12.0)
    limits = DEFAULT_LIMITS.above
    edges = [*(100 * limit for limit in limits.values()), 1e9]
    for level, from_percent, to_percent in zip(limits, edges, edges[1:], strict=False):
        for side in (1, -1):
            inner, outer = side * from_percent, side * to_percent
            axes.axhspan(inner, outer, color=BAND_COLOURS[level], linewidth=0, zorder=0.5, alpha=0.75)
            if low < inner < high:
                axes.text(
                    1.004, inner, f"{level_word(level)} {inner:+.0f} %", transform=axes.get_yaxis_transform(),
                    fontsize=8, color=FLAG_COLOURS[level], va="center",
                )  # fmt: skip
    axes.set_ylim(low, high)


def _flow(axes: Axes, runs: Runs, per_unit_min: float) -> None:
    for (run, summary), colour, style in zip(runs, RUN_COLOURS, RUN_STYLES, strict=False):
        times, percent = _times(run, per_unit_min), 100 * run.trace.deviation
        axes.plot(times, percent, style, color=colour, linewidth=2, label=_flow_label(run, summary))
        for number, flag in enumerate(summary.flags):
            at = (flag.t_s / 60 - run.scenario.rest_before_min) / per_unit_min
            axes.plot(
                at, 100 * flag.deviation, "o", color=FLAG_COLOURS[flag.level], markersize=6, markeredgecolor="white"
            )
            if len(runs) == 1 and len(summary.flags) <= 8:
                before = summary.flags[number - 1].level if number else Level.NORMAL
                away = (8, -4) if flag.level > before else (6, 5 if flag.deviation > -0.05 else -10)
                axes.annotate(
                    level_word(flag.level), (at, 100 * flag.deviation), xytext=away,
                    textcoords="offset points", fontsize=8, color=FLAG_COLOURS[flag.level],
                )  # fmt: skip
    if len(runs) == 1:
        _name_peak(axes, *runs[0], per_unit_min)
    axes.axhline(0, color=INK, linewidth=1)
    axes.text(1.004, 0, "reference", transform=axes.get_yaxis_transform(), fontsize=8, color=INK, va="center")
    deviations = [100 * run.trace.deviation for run, _ in runs]
    _bands(axes, min(float(np.min(one)) for one in deviations), max(float(np.max(one)) for one in deviations))
    axes.set_ylabel("flow: deviation from\nthe reference rate, %")
    axes.legend(loc="best", fontsize=9, frameon=True, framealpha=0.85, edgecolor="none")


def _name_peak(axes: Axes, run: Run, summary: Summary, per_unit_min: float) -> None:
    """The largest change, and how long after the exposure it came."""
    if abs(summary.peak_percent) < NO_PEAK_PERCENT:
        return
    at = (summary.peak_at_min - run.scenario.rest_before_min) / per_unit_min
    when = late_words(summary.peak_after_min) if any(isinstance(one, Exposure) for one in run.scenario.event) else ""
    side = 1 if at * per_unit_min < 0.6 * run.scenario.whole_min else -1
    axes.annotate(
        f"{signed(summary.peak_percent, 0)} %{', ' if when else ''}{when}", (at, summary.peak_percent),
        xytext=(side * 28, -4), textcoords="offset points", fontsize=9, fontweight="bold", color=INK,
        ha="left" if side > 0 else "right", va="center", arrowprops={"arrowstyle": "-", "color": GREY}, zorder=6,
    )  # fmt: skip


def late_words(after_min: float) -> str:
    """When a peak came, from the end of the exposure on: minutes, hours or days, whichever a person would say."""
    size = abs(after_min)
    if size < 0.5:
        return "at the end of the exposure"
    unit = time_unit(60 * size)
    where = "after the exposure" if after_min > 0 else "before its end"
    span = size * 60 / unit.seconds
    return f"{span:.0f} {unit.name.removesuffix('s') if round(span) == 1 else unit.name} {where}"


def _flow_label(run: Run, summary: Summary) -> str:
    reference = float(run.trace.reference_nl_h[0]) * ML_DAY
    return f"{run.rig.title}: peak {signed(summary.peak_percent, 1)} %, reference {reference:.3f} mL/day"


def _temperatures(axes: Axes, runs: Runs, per_unit_min: float) -> None:
    for number, ((run, _), style) in enumerate(zip(runs, RUN_STYLES, strict=False)):
        if number and run.rig.body == runs[0][0].rig.body:
            continue
        times, trace = _times(run, per_unit_min), run.trace
        body = f" ({run.rig.body})" if len({other.rig.body for other, _ in runs}) > 1 else ""
        for values, colour, name in ((trace.skin_c, ORANGE, "skin"), (trace.core_c, GREY, "core")):
            if not number:
                axes.plot(times, values, color=colour, linewidth=1.5, label=name)
        axes.plot(times, trace.pump_c, style, color=BLUE, linewidth=2, label=f"pump{body}")
    axes.set_ylabel("temperature, degC")
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.legend(loc="best", fontsize=9, ncols=4, frameon=True, framealpha=0.85, edgecolor="none")


def _pressures(axes: Axes, runs: Runs, per_unit_min: float) -> None:
    if len(runs) == 1:
        times, trace = _times(runs[0][0], per_unit_min), runs[0][0].trace
        against = trace.ambient_kpa + trace.outlet_kpa
        axes.plot(times, trace.vapour_kpa, color=BLUE, linewidth=2, label="propellant")
        axes.plot(times, against, color=GREY, linewidth=1.5, label="ambient + outlet")
        axes.fill_between(
            times,
            against,
            np.maximum(trace.vapour_kpa, against),
            color=BLUE,
            alpha=0.12,
            label="drive",
        )
        axes.set_ylabel("pressure, kPa")
    else:
        for (run, _), colour, style in zip(runs, RUN_COLOURS, RUN_STYLES, strict=False):
            axes.plot(
                _times(run, per_unit_min), run.trace.drive_kpa, style, color=colour, linewidth=2, label=run.rig.title
            )
        axes.set_ylabel("drive pressure, kPa")
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.legend(loc="best", fontsize=9, ncols=3, frameon=True, framealpha=0.85, edgecolor="none")


def _cumulative(axes: Axes, runs: Runs, per_unit_min: float) -> None:
    low = high = 0.0
    for (run, summary), colour, style in zip(runs, RUN_COLOURS, RUN_STYLES, strict=False):
        percent = 100 * run.trace.extra_nl / run.lesson_nl
        label = f"{signed(summary.extra_ul, 1)} µL = {dose_words(summary.dose_percent)} % of 14 days"
        axes.plot(_times(run, per_unit_min), percent, style, color=colour, linewidth=2, label=label)
        low, high = min(low, float(np.min(percent))), max(high, float(np.max(percent)))
    axes.axhline(0, color=INK, linewidth=1)
    # the first limit is always there on the side of the change: beside it a small dose looks as small as it is
    least = DOSE_LIMITS[0] * MORE
    low, high = (min(low * MORE, -least), high) if -low > high else (low, max(high * MORE, least))
    for limit, word in zip(DOSE_LIMITS, ("notice", "act"), strict=True):
        for inner in (limit, -limit):
            if low < inner < high:
                axes.axhline(inner, color="#C26A00", linewidth=1, linestyle="--")
                axes.text(
                    1.004, inner, f"{word} {inner:+.0f} %", transform=axes.get_yaxis_transform(),
                    fontsize=8, color="#C26A00", va="center",
                )  # fmt: skip
    axes.set_ylabel("cumulative deviation,\n% of a 14-day dose")
    axes.yaxis.set_major_locator(MaxNLocator(5))
    room = 0.06 * (high - low)
    axes.set_ylim(low - room, high + room)
    axes.legend(loc="best", fontsize=9, frameon=True, framealpha=0.85, edgecolor="none")
