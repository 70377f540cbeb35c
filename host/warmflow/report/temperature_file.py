"""Temperature from a file of its own, put beside the readings of a flow meter or a balance by the clocks of both files.

Nothing is guessed: two files without a common clock, or whose times do not overlap, are refused with both names. Where
the temperature was not read, there is none.
"""

from datetime import timedelta
from pathlib import Path

import numpy as np

from warmflow.instruments import reader
from warmflow.instruments.columns import Column
from warmflow.instruments.errors import InstrumentFileError
from warmflow.instruments.reader import Asked, Readings
from warmflow.report.run_record import HOLE_INTERVALS, HOLE_S


def split(asked: Asked) -> tuple[Asked, Asked]:
    """What was asked of the run's file, and what of the temperature's: `--column probe=` is of the latter."""
    of_probe = {name: spec for name, spec in asked.columns.items() if name == "probe"}
    of_run = {name: spec for name, spec in asked.columns.items() if name != "probe"}
    return asked._replace(columns=of_run), Asked(of_probe, None, asked.time_zone, None)


def beside(run: Readings, path: Path, asked: Asked) -> tuple[Column, str]:
    """Temperature in °C at each reading of the run, NaN where it was not read, and a note that states its coverage.

    Raises InstrumentFileError, with the names of both files.
    """
    table, instrument = reader.open_table(path, asked)
    found = reader.of_table(table, instrument, asked, of="probe")
    there = np.isfinite(found.values["probe"])
    t_s, probe_c = found.t_s[there] + _later_s(run, found), found.values["probe"][there]
    if t_s[-1] < run.t_s[0] or t_s[0] > run.t_s[-1]:
        raise InstrumentFileError(
            f"{path} and {run.path}: their times do not overlap: {path.name} is of {_span(run, t_s)}, "
            f"{run.path.name} of {_span(run, run.t_s)}; are both clocks right, and their time zones (--time-zone)?"
        )
    values = _between(run.t_s, t_s, probe_c)
    percent = 100 * float(np.mean(np.isfinite(values)))
    if not percent:
        raise InstrumentFileError(f"{path} and {run.path}: no reading of the run has a temperature near it in time")
    return values, "; ".join((
        f"temperature from file {path.name}, column {found.headers['probe']}, by the clocks of both files: at "
        f"{percent:.3g} % of the readings (SHA-256 {found.sha256})", *found.notes,
    ))  # fmt: skip


def _later_s(run: Readings, found: Readings) -> float:
    """By how much the temperature's first line is later than the run's."""
    if run.began and found.began:
        return float((found.began - run.began).total_seconds())
    kinds = [_clock(one) for one in (run, found)]
    if kinds[0] != kinds[1]:
        raise InstrumentFileError(
            f"{found.path} has {kinds[1]}, {run.path} has {kinds[0]}: the files have no common clock; write the times "
            "of both as UTC, like 2026-11-21T12:00:00Z, or of both as seconds from one moment on"
        )
    if run.day_s is not None and found.day_s is not None:
        return found.day_s - run.day_s
    return found.first_s - run.first_s


def _clock(found: Readings) -> str:
    return "dates" if found.began else "times of day" if found.day_s is not None else "elapsed time"


def _span(run: Readings, t_s: Column) -> str:
    first, last = float(t_s[0]), float(t_s[-1])
    if run.began is None:
        from_s = run.day_s if run.day_s is not None else run.first_s
        return f"{from_s + first:.0f} to {from_s + last:.0f} s"
    moments = (run.began + timedelta(seconds=at_s) for at_s in (first, last))
    return " to ".join(f"{moment:%Y-%m-%d %H:%M:%S} UTC" for moment in moments)


def _between(at_s: Column, t_s: Column, values: Column) -> Column:
    """On straight lines between neighbours; nothing in a pause, and nothing before the first or after the last."""
    found = np.interp(at_s, t_s, values, left=np.nan, right=np.nan)
    if len(t_s) < 2:
        return found
    usual_s = float(np.median(np.diff(t_s)))
    after = np.clip(np.searchsorted(t_s, at_s), 1, len(t_s) - 1)
    paused = t_s[after] - t_s[after - 1] > max(HOLE_INTERVALS * usual_s, usual_s + HOLE_S)
    inside = (at_s > t_s[after - 1]) & (at_s < t_s[after])
    return np.asarray(np.where(paused & inside, np.nan, found))
