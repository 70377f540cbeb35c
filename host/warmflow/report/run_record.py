"""What a run is for the report: columns of measured values over pump time, what is missing, and where it comes from.

Every source makes one of these, and no figure of the report sees anything else. It holds no truth of the emulator.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.errors import UserError
from warmflow.instruments.columns import Column
from warmflow.monitor import PumpLimits, Rig
from warmflow.report.noise import Noise, noise_of

Kind = Literal["board", "instrument", "simulated"]
HOLE_INTERVALS = 2.5  # chosen: longer than so many usual intervals, and a second more than one: nobody looked
HOLE_S = 1.0


class ReportError(UserError):
    """No report can be made of this; the text names the file, line or option and what to do."""


class Lost(NamedTuple):
    """Readings that were taken and never arrived. `at_s` is pump time, None where nobody knows it."""

    at_s: float | None
    readings: int | None
    reason: str


class Step(NamedTuple):
    """A jump of the total that no pump makes; what flowed meanwhile is not known. `size_ul` has a sign."""

    from_s: float
    to_s: float
    size_ul: float


class Note(NamedTuple):
    """Something that the board said, at a pump time."""

    at_s: float
    text: str


class Counts(NamedTuple):
    """Of readings. None: this source cannot tell."""

    resent: int | None = None
    conflicts: int | None = None
    repeated: int | None = None
    late_samples: int | None = None
    probe_faults: int | None = None
    meter_cut: int | None = None
    total_restarts: int = 0


NO_COUNTS = Counts()


@dataclass(frozen=True)
class Record:
    """Columns of equal length, NaN where an instrument gave nothing. Time is pump time from the first reading on."""

    title: str
    kind: Kind
    source: str
    t_s: Column
    volume_ul: Column
    flow_ul_h: Column | None = None
    probe_c: Column | None = None
    ambient_kpa: Column | None = None
    status: NDArray[np.int64] | None = None
    began_utc: datetime | None = None
    ended_utc: datetime | None = None
    volume_from: str = "the metered total"
    resolution_ul: float | None = None  # smallest step of the volume; None where the volume is an integral
    usual_s: float = 0.0
    holes_s: Column = field(default_factory=lambda: np.empty((0, 2)))  # rows of (from, to): no reading between
    unknown_s: Column = field(default_factory=lambda: np.empty((0, 2)))  # ... and the volume of these is not known
    steps: tuple[Step, ...] = ()
    least_step_ul: float = 0.0  # a rise of this size is found with 95 % probability; smaller ones may be missed
    is_integral: bool = False  # the volume is the integral of flow readings
    flow_step_ul_h: float | None = None  # one of the last place that a flow reading is written with
    sha256: str = ""  # of the file, or of the readings of a journal
    counts: Counts = NO_COUNTS
    lost: tuple[Lost, ...] = ()
    events: tuple[Note, ...] = ()
    notes: tuple[str, ...] = ()
    declared: tuple[tuple[str, str], ...] = ()  # what the source says of the rig: label, text
    rig: Rig | None = None  # what the board declared last, where that is known
    # all that was declared during the run, each from its pump time on; fills count from this record's total
    declarations: tuple[tuple[float, Rig], ...] = ()
    limits: tuple[tuple[float, PumpLimits], ...] = ()  # of the flags, each from its pump time on

    @property
    def length_s(self) -> float:
        return float(self.t_s[-1])

    @cached_property
    def noise(self) -> Noise:
        """Of the readings of this run, from themselves."""
        return noise_of(self)

    def unknown_before_s(self, at_s: Column) -> Column:
        """For each time, for how long before it the volume was not measured."""
        if not len(self.unknown_s):
            return np.zeros(np.shape(at_s))
        inside = np.clip(np.asarray(at_s)[..., None], self.unknown_s[:, 0], self.unknown_s[:, 1])
        return np.asarray(np.sum(inside - self.unknown_s[:, 0], axis=-1))

    def measured_s(self, from_s: float, to_s: float) -> float:
        """For how long of this stretch the volume was measured: by readings on both ends, or by a total."""
        before = self.unknown_before_s(np.array([from_s, to_s]))
        return float(to_s - from_s - (before[1] - before[0]))


def usual_interval_s(t_s: Column) -> float:
    """The median time between readings. Raises ReportError for fewer than three readings."""
    if len(t_s) < 3:
        raise ReportError(f"{len(t_s)} readings: a report needs at least 3; is the time or pump chosen too narrowly?")
    return float(np.median(np.diff(t_s)))


def is_hole(t_s: Column, usual_s: float) -> NDArray[np.bool_]:
    """Which intervals are too long for their readings to be neighbours."""
    return np.asarray(np.diff(t_s) > max(HOLE_INTERVALS * usual_s, usual_s + HOLE_S))


def rows_of(t_s: Column, intervals: NDArray[np.bool_]) -> Column:
    """The intervals between readings that are marked, as rows of (from, to); neighbours as one."""
    at = np.flatnonzero(intervals)
    return merged(np.column_stack([t_s[at], t_s[at + 1]]))


def holes(t_s: Column, usual_s: float) -> Column:
    """Rows of (from, to) between readings that are too far apart to be neighbours."""
    at = np.flatnonzero(is_hole(t_s, usual_s))
    return np.column_stack([t_s[at], t_s[at + 1]])


def merged(*stretches: Column) -> Column:
    """Rows of (from, to) of several kinds, sorted, overlapping ones as one."""
    rows = np.concatenate([one for one in stretches if len(one)] or [np.empty((0, 2))])
    found: list[list[float]] = []
    for start, end in sorted(rows.tolist()):
        if found and start < found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    return np.array(found).reshape(-1, 2)


def unbroken(volume_ul: Column) -> tuple[Column, NDArray[np.intp]]:
    """A total that only rises, and the indices of the readings before which it was set back.

    What flowed while it was set back is not known: those intervals are holes.
    """
    steps = np.diff(volume_ul, prepend=volume_ul[0])
    back = np.flatnonzero(steps < 0)
    steps[back] = 0.0
    return np.cumsum(steps), back


def integral_ul(t_s: Column, flow_ul_h: Column, unknown: NDArray[np.bool_] | None = None) -> Column:
    """Volume from flow by the trapezoidal rule; nothing over the intervals where nobody measured."""
    parts = (flow_ul_h[1:] + flow_ul_h[:-1]) / 2 * np.diff(t_s) / 3600
    if unknown is not None:
        parts[unknown] = 0.0
    return np.concatenate([[0.0], np.cumsum(parts)])


def smallest_step(values: Column) -> float | None:
    """The smallest difference between distinct values: the resolution is not larger. None for a constant."""
    steps = np.diff(np.unique(np.round(values, 9)))
    return float(steps.min()) if steps.size else None
