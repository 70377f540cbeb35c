"""A CSV as a run: our own export, or what a real flow meter or balance wrote. Refuses by file and line, never guesses.

Columns are known by name, with their unit in it. Comma, semicolon (then with a decimal comma, if it likes) or tab.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.report.boot_timeline import joined
from warmflow.report.csv_table import Sheet, sheet
from warmflow.report.run_record import (
    Column,
    Counts,
    Lost,
    Record,
    ReportError,
    holes,
    integral_ul,
    smallest_step,
    unbroken,
    usual_interval_s,
)

EXPORTED = {"boot", "sequence", "pump_time_s", "flow_ul_h", "volume_ul"}
TIMES = {"time_s": 1.0, "t_s": 1.0, "time_min": 60.0, "time_h": 3600.0}
VOLUMES = {"volume_ul": 1.0, "volume_ml": 1000.0, "volume_nl": 0.001}
MASSES = {"mass_g": 1.0, "mass_mg": 0.001}  # in g
FLOWS = {"flow_ul_h": 1.0, "flow_nl_h": 0.001, "flow_ml_h": 1000.0, "flow_ml_day": 1000 / 24, "flow_ul_min": 60.0}
PROBES = ("probe_degc", "probe_c", "temp_c", "temp_degc", "temperature_c", "temperature_degc")
AMBIENTS = {"ambient_kpa": 1.0, "pressure_kpa": 1.0, "ambient_hpa": 0.1}


class Instrument(NamedTuple):
    """What the file can not say of the instrument."""

    density_g_ml: float | None = None
    resolution_ul: float | None = None


UNSAID = Instrument()


def read(path: Path, pump: str | None = None, instrument: Instrument = UNSAID) -> Record:
    """Raises ReportError with file and line."""
    found = sheet(path)
    if set(found.names) >= EXPORTED:
        return _exported(path, found, pump)
    return _measured(path, found, instrument)


def _measured(path: Path, found: Sheet, instrument: Instrument) -> Record:
    t_s, began = _times(found)
    back = np.flatnonzero(np.diff(t_s) <= 0)
    if back.size:
        raise ReportError(f"{path}:{found.line(int(back[0]) + 1)}: time does not rise from the line before")
    usual_s = usual_interval_s(t_s)
    flow_ul_h = _scaled(found, FLOWS)
    volume_ul, whence, resolution_ul = _volume(path, found, instrument, t_s, flow_ul_h)
    ambient_kpa = _scaled(found, AMBIENTS)
    return Record(
        path.stem,
        "instrument",
        f"file {path.name}, columns {', '.join(found.names)}",
        t_s,
        volume_ul - volume_ul[0],
        flow_ul_h,
        next((found.numbers(name, gaps=True) for name in PROBES if name in found.names), None),
        ambient_kpa,
        began_utc=began,
        ended_utc=None if began is None else datetime.fromtimestamp(began.timestamp() + float(t_s[-1]), UTC),
        volume_from=whence,
        resolution_ul=resolution_ul,
        usual_s=usual_s,
        holes_s=holes(t_s, usual_s),
    )


def _volume(
    path: Path, found: Sheet, instrument: Instrument, t_s: Column, flow_ul_h: Column | None
) -> tuple[Column, str, float | None]:
    volume_ul, whence = _scaled(found, VOLUMES), "the volume column"
    if volume_ul is None and (mass_g := _scaled(found, MASSES)) is not None:
        if not instrument.density_g_ml:
            raise ReportError(f"{path}: a mass needs a density: give --density in g/mL (water at 20 degC: 0.9982)")
        volume_ul = mass_g / instrument.density_g_ml * 1000
        whence = f"the mass column and a density of {instrument.density_g_ml:g} g/mL (no buoyancy, no evaporation)"
    if volume_ul is None:
        if flow_ul_h is None:
            known = ", ".join([*VOLUMES, *MASSES, *FLOWS])
            raise ReportError(f"{path}:1: no column of volume, mass or flow; known are {known}")
        return integral_ul(t_s, flow_ul_h), "the integral of the flow column", None
    if volume_ul[-1] < volume_ul[0]:
        raise ReportError(f"{path}: the volume falls; does the balance carry the reservoir? Write what has left it")
    return volume_ul, whence, instrument.resolution_ul or smallest_step(volume_ul)


def _times(found: Sheet) -> tuple[Column, datetime | None]:
    for name, factor in TIMES.items():
        if name in found.names:
            seconds = found.numbers(name) * factor
            return seconds - seconds[0], None
    for name in ("time", "time_utc", "utc"):
        if name in found.names:
            if found.is_number(name):
                seconds = found.numbers(name)
                return seconds - seconds[0], None
            utc_s = found.moments(name)
            return utc_s - utc_s[0], datetime.fromtimestamp(float(utc_s[0]), UTC)
    raise ReportError(f"{found.path}:1: no column of time; known are time (seconds or UTC), {', '.join(TIMES)}")


def _scaled(found: Sheet, units: dict[str, float]) -> Column | None:
    return next((found.numbers(name) * factor for name, factor in units.items() if name in found.names), None)


def _exported(path: Path, found: Sheet, pump: str | None) -> Record:
    title, rows = _of_pump(path, found, pump)
    is_reading = np.array([bool(text) for text in rows.column("flow_ul_h")])
    readings = rows.chosen(is_reading)
    _, boots = np.unique(np.array(rows.column("boot")), return_inverse=True)
    sequences = rows.numbers("sequence").astype(np.int64)
    pieces = joined(
        boots[is_reading], sequences[is_reading], readings.numbers("pump_time_s"), readings.moments("time_utc")
    )

    def sorted_(values: Column) -> Column:
        return np.asarray(values[pieces.order])

    volume_ul, back = unbroken(sorted_(readings.numbers("volume_ul")))
    usual_s = usual_interval_s(pieces.t_s)
    cut = np.column_stack([pieces.t_s[back - 1], pieces.t_s[back]])
    status = sorted_(readings.numbers("status")).astype(np.int64) if "status" in found.names else None
    return Record(
        title,
        "board",
        f"export {path.name}",
        pieces.t_s,
        volume_ul - volume_ul[0],
        sorted_(readings.numbers("flow_ul_h")),
        _optional(readings, "probe_degc", sorted_),
        _optional(readings, "ambient_kpa", sorted_),
        status,
        datetime.fromtimestamp(float(pieces.utc_s[0]), UTC),
        datetime.fromtimestamp(float(pieces.utc_s[-1]), UTC),
        resolution_ul=0.001,
        usual_s=usual_s,
        holes_s=np.unique(np.concatenate([holes(pieces.t_s, usual_s), cut]), axis=0),
        counts=Counts(repeated=pieces.repeated, total_restarts=len(back)),
        lost=_losses(rows.chosen(~is_reading), boots[~is_reading], pieces.at_sequence),
        notes=(*pieces.notes, "an export does not say which readings were sent again or contradicted"),
    )


def _of_pump(path: Path, found: Sheet, pump: str | None) -> tuple[str, Sheet]:
    if "pump" not in found.names:
        return path.stem, found
    of = np.array(found.column("pump"))
    names = sorted(set(of.tolist()))
    if pump is None and len(names) > 1:
        raise ReportError(f"{path}: which pump? it has {', '.join(names)}: give one with --pump")
    chosen = names[0] if pump is None else pump
    if chosen not in names:
        raise ReportError(f"{path}: no pump {chosen}; it has {', '.join(names)}")
    return chosen, found.chosen(of == chosen)


def _losses(gaps: Sheet, boots: NDArray[np.intp], at: Callable[[int, int], float | None]) -> tuple[Lost, ...]:
    rows = zip(boots.tolist(), gaps.column("sequence"), gaps.column("lost_through"), strict=True)
    return tuple(
        Lost(at(boot, int(first)), None if last in ("?", "") else int(last) - int(first) + 1, "")
        for boot, first, last in rows
    )


def _optional(rows: Sheet, name: str, sort: Callable[[Column], Column]) -> Column | None:
    if name not in rows.names:
        return None
    values = sort(rows.numbers(name, gaps=True))
    return None if np.all(np.isnan(values)) else values
