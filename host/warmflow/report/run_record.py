"""What a run is for the report: columns of measured values over pump time, what is missing, and where it comes from.

Every source makes one of these, and no figure of the report sees anything else. It holds no truth of the emulator.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.errors import UserError
from warmflow.monitor import Rig

Column = NDArray[np.floating[Any]]
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


class Note(NamedTuple):
    """Something that the board said, at a pump time."""

    at_s: float
    text: str


class Counts(NamedTuple):
    """Of readings. None: this source can not tell."""

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
    holes_s: Column = field(default_factory=lambda: np.empty((0, 2)))  # rows of (from, to): nobody measured there
    counts: Counts = NO_COUNTS
    lost: tuple[Lost, ...] = ()
    events: tuple[Note, ...] = ()
    notes: tuple[str, ...] = ()
    declared: tuple[tuple[str, str], ...] = ()  # what the source says of the rig: label, text
    rig: Rig | None = None  # what the board said that it is, where that is known

    @property
    def length_s(self) -> float:
        return float(self.t_s[-1])


def usual_interval_s(t_s: Column) -> float:
    """The median time between readings. Raises ReportError for fewer than three readings."""
    if len(t_s) < 3:
        raise ReportError(f"{len(t_s)} readings: a report needs at least 3; is the time or pump chosen too narrowly?")
    return float(np.median(np.diff(t_s)))


def holes(t_s: Column, usual_s: float) -> Column:
    """Rows of (from, to) between readings that are too far apart to be neighbours."""
    apart_s = np.diff(t_s)
    at = np.flatnonzero(apart_s > max(HOLE_INTERVALS * usual_s, usual_s + HOLE_S))
    return np.column_stack([t_s[at], t_s[at + 1]])


def unbroken(volume_ul: Column) -> tuple[Column, NDArray[np.intp]]:
    """A total that only rises, and the indices of the readings before which it was set back.

    What flowed while it was set back is not known: those intervals are holes.
    """
    steps = np.diff(volume_ul, prepend=volume_ul[0])
    back = np.flatnonzero(steps < 0)
    steps[back] = 0.0
    return np.cumsum(steps), back


def integral_ul(t_s: Column, flow_ul_h: Column) -> Column:
    """Volume from flow by the trapezoidal rule."""
    parts = (flow_ul_h[1:] + flow_ul_h[:-1]) / 2 * np.diff(t_s) / 3600
    return np.concatenate([[0.0], np.cumsum(parts)])


def smallest_step(values: Column) -> float | None:
    """The smallest difference between distinct values: the resolution is not larger. None for a constant."""
    steps = np.diff(np.unique(np.round(values, 9)))
    return float(steps.min()) if steps.size else None
