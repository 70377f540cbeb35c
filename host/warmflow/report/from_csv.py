"""A file as a run: our own export, or what a real flow meter or balance wrote. Read by `instruments`, as `import` does.

Here a total gets its density and loses its steps, a flow is integrated over the time that was measured, and no more.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warmflow.instruments import reader, total
from warmflow.instruments.columns import Column
from warmflow.instruments.errors import InstrumentFileError
from warmflow.instruments.gravimetry import NO_CORRECTION, Correction, CorrectionError
from warmflow.instruments.reader import NOTHING_ASKED, Asked, Readings
from warmflow.report import from_export, temperature_file
from warmflow.report.run_record import (
    Record,
    ReportError,
    Step,
    holes,
    integral_ul,
    is_hole,
    merged,
    rows_of,
    smallest_step,
    usual_interval_s,
)

FEWEST = 3  # readings of a run; a journal takes less


class Instrument(NamedTuple):
    """What the file cannot say of the instrument."""

    density_g_ml: float | None = None
    resolution_ul: float | None = None
    correction: Correction = NO_CORRECTION
    reference_ul_h: float | None = None  # what the pump is expected to give: how large a step of the total can be
    temperature: Path | None = None  # a file of its own


UNSAID = Instrument()


def read(path: Path, pump: str | None = None, instrument: Instrument = UNSAID, asked: Asked = NOTHING_ASKED) -> Record:
    """Raises ReportError with file, line and remedy."""
    beside = instrument.temperature
    try:
        of_run, of_probe = temperature_file.split(asked) if beside else (asked, asked)
        found, name = reader.open_table(path, of_run)
        if from_export.is_export(found):
            if beside:
                raise ReportError(f"{path}: an export has the temperature of its own probe: leave --temperature out")
            return from_export.read(found, pump)
        readings = reader.of_table(found, name, of_run)
        if beside:
            probe_c, note = temperature_file.beside(readings, beside, of_probe)
            own = (f"{readings.headers['probe']} of {path.name} is not used",) if "probe" in readings.values else ()
            headers = {name: header for name, header in readings.headers.items() if name != "probe"}
            values = readings.values | {"probe": probe_c}
            readings = readings._replace(values=values, headers=headers, notes=(*readings.notes, *own, note))
        return _measured(readings, instrument)
    except (InstrumentFileError, CorrectionError) as error:
        raise ReportError(str(error)) from None


def _measured(found: Readings, instrument: Instrument) -> Record:
    amount = next(name for name in ("volume", "mass", "flow") if name in found.values)
    instrument.correction.check(amount, found.path)
    there = np.isfinite(found.values[amount])
    t_s = found.t_s[there]
    if len(found.t_s) < FEWEST:
        raise ReportError(f"{found.path}: {len(found.t_s)} readings: a report needs at least {FEWEST}")
    usual_s = usual_interval_s(found.t_s)
    if len(t_s) < FEWEST:
        raise ReportError(
            f"{found.path}: {found.headers[amount]}: {len(t_s)} lines have a value: at least {FEWEST} are needed"
        )
    kept = (
        _of_flow(found, there, usual_s, instrument)
        if amount == "flow"
        else _of_total(found, amount, there, usual_s, instrument)
    )
    volume_ul, unknown_s, steps, least_ul, resolution_ul, whence = kept
    if not (there[0] and there[-1]):
        there, t_s, volume_ul, unknown_s = _to_the_ends(found, there, volume_ul, unknown_s)
    origin_s = float(t_s[0])
    began = found.began and datetime.fromtimestamp(found.began.timestamp() + origin_s, UTC)
    by = f", {found.instrument}" if found.instrument else ""
    return Record(
        found.path.stem,
        "instrument",
        f"file {found.path.name}, columns {', '.join(found.headers.values())}{by}",
        t_s - origin_s,
        volume_ul - volume_ul[0],
        found.values["flow"][there] if "flow" in found.values else None,
        _aside(found, "probe", there),
        _aside(found, "ambient", there),
        began_utc=began,
        ended_utc=None if began is None else datetime.fromtimestamp(began.timestamp() + float(t_s[-1]) - origin_s, UTC),
        volume_from=whence,
        resolution_ul=resolution_ul,
        usual_s=usual_s,
        holes_s=merged(holes(t_s - origin_s, usual_s), unknown_s - origin_s),
        unknown_s=unknown_s - origin_s,
        steps=tuple(Step(one.from_s - origin_s, one.to_s - origin_s, one.size_ul) for one in steps),
        least_step_ul=least_ul,
        is_integral=amount == "flow",
        flow_step_ul_h=found.steps.get("flow"),
        sha256=found.sha256,
        notes=found.notes,
    )


def _to_the_ends(
    found: Readings, there: NDArray[np.bool_], volume_ul: Column, unknown_s: Column
) -> tuple[NDArray[np.bool_], Column, Column, Column]:
    """A file that begins or ends without a value was not measured there: its time counts, its volume is not known."""
    first, last = (int(row) for row in np.flatnonzero(there)[[0, -1]])
    whole = there.copy()
    whole[[0, -1]] = True
    rows = np.array([(found.t_s[0], found.t_s[first]), (found.t_s[last], found.t_s[-1])])
    padded = np.concatenate([volume_ul[:1]] * (first > 0) + [volume_ul] + [volume_ul[-1:]] * (last < len(there) - 1))
    return whole, found.t_s[whole], padded, merged(unknown_s, rows[rows[:, 1] > rows[:, 0]])


def _aside(found: Readings, name: str, there: NDArray[np.bool_]) -> Column | None:
    return found.values[name][there] if name in found.values else None


Kept = tuple[Column, Column, tuple[Step, ...], float, float | None, str]


def _of_flow(found: Readings, there: NDArray[np.bool_], usual_s: float, instrument: Instrument) -> Kept:
    """The integral over the time that was measured: not over a hole, nor over a line without a value."""
    rows = np.flatnonzero(there)
    t_s, flow = found.t_s[there], found.values["flow"][there]
    if float(np.mean(flow)) < 0:
        raise ReportError(
            f"{found.path}: {found.headers['flow']}: the flow is negative: is the sensor mounted against the flow? "
            "Turn its sign in the file"
        )
    spikes = total.spikes(flow, instrument.reference_ul_h)
    unknown = is_hole(t_s, usual_s) | (np.diff(rows) > 1) | spikes[1:] | spikes[:-1]
    extra_ul = (flow - np.median(flow)) * usual_s / 3600
    steps = tuple(
        Step(float(t_s[max(0, row - 1)]), float(t_s[min(row + 1, len(t_s) - 1)]), float(extra_ul[row]))
        for row in np.flatnonzero(spikes).tolist()
    )
    whence = "the integral of the flow column"
    return integral_ul(t_s, flow, unknown), rows_of(t_s, unknown), steps, 0.0, None, whence


def _of_total(
    found: Readings, amount: str, there: NDArray[np.bool_], usual_s: float,
    instrument: Instrument,
) -> Kept:  # fmt: skip
    t_s, values = found.t_s[there], found.values[amount][there]
    whence, factor = "the volume column", 1.0
    if amount == "mass":
        factor = instrument.correction.ul_per_g(instrument.density_g_ml, found.path)
        whence = f"the mass column, {instrument.correction.says(instrument.density_g_ml)}"
    reference = None if instrument.reference_ul_h is None else instrument.reference_ul_h / 3600
    volume_ul = values * factor
    written_ul = found.steps[amount] * factor
    clean = total.without_steps(t_s, volume_ul, written_ul, reference, instrument.resolution_ul)
    if clean.perhaps:
        line = found.line(int(np.flatnonzero(there)[clean.perhaps[0].last]))
        raise ReportError(
            f"{found.path}:{line}: {total.words_of(clean.perhaps)} Of drops say the size: "
            f"--resolution-ul {clean.perhaps[0].size:.3g}; or end the file before it was disturbed"
        )
    if total.slope(t_s, volume_ul) < 0 and volume_ul[0] - volume_ul[-1] > clean.room:
        raise ReportError(
            f"{found.path}:{found.line(int(np.flatnonzero(there)[-1]))}: the {amount} falls; does the balance carry "
            "the reservoir? Write what has left it: the first value less each value"
        )
    steps = tuple(Step(float(t_s[one.first]), float(t_s[one.last]), one.size) for one in clean.steps)
    unknown_s = merged(np.array([(one.from_s, one.to_s) for one in steps]).reshape(-1, 2))
    corrected = clean.values + instrument.correction.evaporated_ul(t_s)
    resolution_ul = clean.portion or instrument.resolution_ul or smallest_step(volume_ul)
    return corrected, unknown_s, steps, clean.least_step, resolution_ul, whence
