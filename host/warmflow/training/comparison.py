"""Two runs on one time axis: minutes from the first event, the flow's deviation and the dose added by then.

What a run does not have at a minute is None. Each is measured against its own reference rate.
"""

from typing import NamedTuple

import numpy as np

from warmflow.simulation.rig import Rig
from warmflow.simulation.summary import summarise
from warmflow.simulation.trace import Column, Run
from warmflow.training.lesson_file import Loaded
from warmflow.training.simulated_run import simulated

POINTS = 600  # of each run: a screen shows no more


class Side(NamedTuple):
    """One of the two. The columns are as long as the axis."""

    title: str
    rig: str
    deviation_percent: list[float | None]
    added_percent: list[float | None]
    flow_ul_h: list[float | None]
    pump_c: list[float | None]
    peak_percent: float
    peak_after_min: float
    added_ul: float
    dose_percent: float


class Comparison(NamedTuple):
    """`more_dose` and `higher_peak` are 0 or 1: which side; None if they are equal. `times_dose` is how many times."""

    title: str
    lesson: str
    minute: list[float]
    sides: tuple[Side, Side]
    higher_peak: int | None
    more_dose: int | None
    times_dose: float | None


def comparison(loaded: Loaded, which: int = 0) -> Comparison:
    """The lesson's run beside that of one of its [[compare]], counted from 0. Raises IndexError, UserError."""
    lesson, row = loaded.lesson, loaded.lesson.compare[which]
    rig = Rig(lesson.profile, lesson.body)
    other = rig._replace(profile=row.profile or rig.profile, body=row.body or rig.body)
    first, second = simulated(loaded.scenario, rig), simulated(loaded.others[which], other)
    return compare(first, second, row.title, row.lesson)


def compare(first: Run, second: Run, title: str = "", lesson: str = "", points: int = POINTS) -> Comparison:
    """Any two runs of one pump each."""
    axes_s = [run.trace.thinned(points).t_s - run.scenario.rest_before_min * 60 for run in (first, second)]
    axis_s = np.unique(np.concatenate(axes_s))
    left, right = _side(first, axis_s), _side(second, axis_s)
    peaks, doses = [abs(one.peak_percent) for one in (left, right)], [abs(one.dose_percent) for one in (left, right)]
    times = max(doses) / min(doses) if min(doses) > 1e-6 else None
    minutes = (axis_s / 60).tolist()
    return Comparison(title, lesson, minutes, (left, right), _larger(peaks), _larger(doses), times)


def _larger(pair: list[float]) -> int | None:
    return None if abs(pair[0] - pair[1]) < 1e-6 else int(pair[1] > pair[0])


def _side(run: Run, axis_s: Column) -> Side:
    trace, found = run.trace, summarise(run)
    t_s = trace.t_s - run.scenario.rest_before_min * 60
    inside = (axis_s >= t_s[0] - trace.dt_s[0]) & (axis_s <= t_s[-1])
    # flows are means of the step that ends at t: the row that covers a moment is the first that ends at or after it
    at = np.minimum(np.searchsorted(t_s, axis_s - 1e-6), len(t_s) - 1)
    added = 100 * np.interp(axis_s, t_s, trace.extra_nl) / run.lesson_nl
    return Side(
        run.scenario.title,
        run.rig.title,
        _where(inside, 100 * trace.deviation[at]),
        _where(inside, added),
        _where(inside, trace.flow_nl_h[at] / 1000),
        _where(inside, np.interp(axis_s, t_s, trace.pump_c)),
        found.peak_percent,
        found.peak_after_min,
        found.extra_ul,
        found.dose_percent,
    )


def _where(inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], values: Column) -> list[float | None]:
    return [value if there else None for there, value in zip(inside.tolist(), values.tolist(), strict=True)]
