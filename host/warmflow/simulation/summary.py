"""The figures of a run, and whether they are what the scenario expects. Reads a trace, runs nothing."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pumpmodel import PROFILES
from warmflow.level_words import level_word
from warmflow.monitor import Level
from warmflow.simulation.flag_times import Flag, flags
from warmflow.simulation.scenario import Outcome
from warmflow.simulation.trace import Column, Run

SETTLED = 0.10  # of the reference rate: where the notice begins
ML_DAY = 24e-6  # mL/day for each nL/h
SEA_LEVEL_KPA = 101.325
FIGURES = (  # what an outcome may give a range for, with the unit
    ("peak_percent", "%"),
    ("peak_after_min", "min"),
    ("settles_min", "min"),
    ("starts_min", "min"),
    ("empty_day", "days"),
    ("dose_percent", "%"),
    ("withdrawn_ml", "mL"),
    ("flow_ml_day", "mL/day"),
)


@dataclass(frozen=True)
class Summary:
    """Named as in an outcome; None where a thing did not happen. Percent of the reference rate, or of 14 days at it."""

    peak_percent: float
    peak_at_min: float
    peak_after_min: float
    label_percent: float  # the same flow, from the label
    settles_min: float | None
    starts_min: float | None
    empty_day: float | None
    extra_ul: float
    dose_percent: float
    pumped_ml: float
    delivered_ml: float
    withdrawn_ml: float
    reservoir_ml: float
    flow_ml_day: float
    reference_ml_day: float
    level: str
    flags: tuple[Flag, ...]


class Judged(NamedTuple):
    """One figure beside what was expected of it."""

    name: str
    expected: str
    found: str
    met: bool


def first_peak(deviation: Column) -> NDArray[np.intp]:
    """Index of the largest deviation along time: on a plateau the first, whatever the last digits say."""
    peak: NDArray[np.intp] = np.argmax(np.round(np.abs(deviation), 9), axis=-1)
    return peak


def summarise(run: Run) -> Summary:
    """The figures of a run of one pump."""
    trace, deviation = run.trace, run.trace.deviation
    end_s = (run.scenario.rest_before_min + run.scenario.last_end_min) * 60
    peak = int(first_peak(deviation))
    far = np.flatnonzero(np.abs(deviation) >= SETTLED)
    flowing = np.flatnonzero(trace.flow_nl_h > 0)
    empty = np.flatnonzero(trace.reservoir_nl < 0.5)
    extra_nl = float(trace.extra_nl[-1])
    found = flags(trace)
    label_nl_h = PROFILES[run.rig.profile].label_nl_h
    return Summary(
        peak_percent=100 * float(deviation[peak]),
        peak_at_min=float(trace.t_s[peak]) / 60,
        peak_after_min=(float(trace.t_s[peak]) - end_s) / 60,
        label_percent=100 * (float(trace.flow_nl_h[peak]) / label_nl_h - 1),
        settles_min=(float(trace.t_s[far[-1]]) - end_s) / 60 if far.size else None,
        starts_min=float(trace.t_s[flowing[0]] - trace.dt_s[flowing[0]]) / 60 if flowing.size else None,
        empty_day=float(trace.t_s[empty[0]]) / 86400 if empty.size else None,
        extra_ul=extra_nl / 1e3,
        dose_percent=100 * extra_nl / run.lesson_nl,
        pumped_ml=float(trace.pumped_nl[-1]) / 1e6,
        delivered_ml=float(trace.delivered_nl[-1]) / 1e6,
        withdrawn_ml=run.withdrawn_nl / 1e6,
        reservoir_ml=float(trace.reservoir_nl[-1]) / 1e6,
        flow_ml_day=float(trace.flow_nl_h[-1]) * ML_DAY,
        reference_ml_day=float(trace.reference_nl_h[-1]) * ML_DAY,
        level=level_word(max((flag.level for flag in found), default=Level.NORMAL)),
        flags=tuple(found),
    )


def outcome_for(run: Run) -> Outcome | None:
    """What the scenario expects of this very pump at sea level, if it says so."""
    if run.rig.site_kpa != SEA_LEVEL_KPA:
        return None
    rows = (row for row in run.scenario.outcome if (row.profile, row.body) == (run.rig.profile, run.rig.body))
    return next(rows, None)


def judge(outcome: Outcome, summary: Summary) -> list[Judged]:
    """Every figure that the outcome names, beside what was found."""
    judged = []
    for name, unit in FIGURES:
        limits, found = getattr(outcome, name), getattr(summary, name)
        if limits is not None:
            text = "never" if found is None else f"{found:.4g} {unit}"
            met = found is not None and limits[0] <= found <= limits[1]
            judged.append(Judged(name, f"{limits[0]:g} to {limits[1]:g} {unit}", text, met))
    level = outcome.level
    if level is not None:
        judged.append(Judged("level", level, summary.level, level == summary.level))
    return judged
