"""Readings out of a file: our own export, or what a balance or a flow meter gives, read by `instruments`, as `report`
reads it.

Pure: a file in, records out. Their board is the file itself: its id is made from the content, so the same file twice is
the same records twice, and nothing is added. Noise is kept, not clipped: the flow is the slope of the nearest total
that never falls, and its mean is that of the readings. Where nobody measured, a sequence number is missing, with a gap.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pumplink import messages as m
from pumplink.fastcodec import ENCODERS
from warmflow.device.identity import IMPORTED, BadName, Boot, PumpName, file_name, marked_name, pump_name
from warmflow.device.updates import Gap, Reading
from warmflow.errors import UserError
from warmflow.instruments import clock, numerals, reader, total
from warmflow.instruments.columns import Column
from warmflow.instruments.errors import InstrumentFileError, at_line
from warmflow.instruments.gravimetry import NO_CORRECTION, Correction, CorrectionError
from warmflow.instruments.reader import NOTHING_ASKED, Asked, Readings
from warmflow.instruments.table import Table
from warmflow.monitor import Measured
from warmflow.runtime.spreadsheet_cells import unguarded

OUR_COLUMNS = ("time_utc", "pump", "boot", "sequence", "pump_time_s", "flow_uL_h", "volume_uL", "status")
INTEGRAL = "flow-"  # behind IMPORTED in the id of a board whose volume is an integral of its flow
MAX_NL_H = 0xFFFFFFFE
HOLE_INTERVALS = 2.5  # as in the report: a longer pause of a flow meter was not measured
HOLE_S = 1.0
Fault = Callable[[int, str, str], "ImportFault"]


class ImportFault(UserError):
    """The file cannot be taken; the text names file and line."""


class Weighing(NamedTuple):
    """What a file of masses cannot say."""

    density_g_ml: float | None = None
    correction: Correction = NO_CORRECTION


UNSAID = Weighing()


class Content(NamedTuple):
    """What a file holds. `notes`: what was recognised, left out or found in it, in words."""

    records: list[Reading | Gap]
    notes: tuple[str, ...]

    @property
    def boot(self) -> Boot:
        return self.records[0].boot


def imported(
    path: Path,
    pump: str | None = None,
    start: datetime | None = None,
    asked: Asked = NOTHING_ASKED,
    weighing: Weighing = UNSAID,
) -> Content:
    """All records of a file. `pump`: name to give; default: the file's, with -import behind it, or the file's own name.
    `start`: the time of second 0 where the file counts seconds. Raises ImportFault, also for what is no name.
    """
    try:
        given = None if pump is None else pump_name(pump)
        found, instrument = reader.open_table(path, asked)
        board_id = IMPORTED + found.sha256[:16]
        if set(OUR_COLUMNS) <= set(found.names):
            return Content(list(_ours(found, board_id, given)), ())
        readings = reader.of_table(found, instrument, asked)
        name = given or file_name(path.stem)
        return _measured(readings, name, _begin(readings, start), weighing)
    except BadName as error:
        raise ImportFault(f"{path}: {error}; give one with --pump") from None
    except (InstrumentFileError, CorrectionError) as error:
        raise ImportFault(str(error)) from None


def _begin(found: Readings, start: datetime | None) -> datetime:
    """UTC of the first line. Raises ImportFault where nobody says it, or two do."""
    if found.began is None and start is None:
        raise ImportFault(
            f"{found.path}:{found.line(0)}: the times have no date: give that of second 0 with --start "
            "2026-11-21T12:00:00Z"
        )
    if found.began is not None and start is not None:
        raise ImportFault(f"{found.path}:{found.line(0)}: this file has times of its own: leave --start out")
    first_s = found.first_s if start is not None else 0.0
    begin = found.began or start
    assert begin is not None
    return begin + timedelta(seconds=first_s)


def _measured(found: Readings, pump: PumpName, begin: datetime, weighing: Weighing) -> Content:
    amount = next(name for name in ("volume", "mass", "flow") if name in found.values)
    there = np.isfinite(found.values[amount])
    t_s = found.t_s[there]
    values = found.values[amount][there]
    usual_s = float(np.median(np.diff(found.t_s))) if len(found.t_s) > 1 else 0.0
    notes = list(found.notes)
    weighing.correction.check(amount, found.path)
    if amount == "flow":
        unknown = np.diff(t_s) > max(HOLE_INTERVALS * usual_s, usual_s + HOLE_S)
        unknown |= np.diff(np.flatnonzero(there)) > 1
        spiked = total.spikes(values)
        unknown |= spiked[1:] | spiked[:-1]
        parts = np.where(unknown, 0.0, (values[1:] + values[:-1]) / 2 * np.diff(t_s) / 3600)
        volume_ul = np.concatenate([[0.0], np.cumsum(parts)])
        shape_ul = np.concatenate([[0.0], np.cumsum(values[1:] * np.diff(t_s) / 3600)])
        why = "nobody measured"
    else:
        factor = weighing.correction.ul_per_g(weighing.density_g_ml, found.path) if amount == "mass" else 1.0
        clean = total.without_steps(t_s, values * factor, found.steps[amount] * factor)
        if clean.perhaps:
            line = found.line(int(np.flatnonzero(there)[clean.perhaps[0].last]))
            says = f"{total.words_of(clean.perhaps)} `warmflow report {found.path.name} --resolution-ul` takes drops"
            raise at_line(found.path, line, says)
        if clean.portion:
            notes.append(f"the {amount} comes in portions of {clean.portion:.3g} µL, as drops do")
        unknown = _inside(clean.steps, len(t_s))
        volume_ul = shape_ul = clean.values + weighing.correction.evaporated_ul(t_s)
        if amount == "mass":
            notes.append(f"mass: {weighing.correction.says(weighing.density_g_ml)}")
        notes += [_step_note(found, there, one, t_s) for one in clean.steps]
        why = "a step that no pump makes"
    flow_ul_h = _flows(t_s, shape_ul, unknown, values if amount == "flow" else None)
    board_id = IMPORTED + (INTEGRAL if amount == "flow" else "") + found.sha256[:16]
    boot = Boot(board_id, 1, 0)
    rows = np.flatnonzero(there)
    volume_ul = volume_ul - min(0.0, float(volume_ul.min()))  # the wire has no negative total
    records: list[Reading | Gap] = []
    sequence = 0
    aside = [_aside(found, name, there) for name in ("probe", "ambient")]
    for row in range(len(t_s)):
        sequence += 1
        if row and unknown[row - 1]:
            records.append(Gap(pump, boot, sequence, sequence, f"{why} before line {found.line(int(rows[row]))}"))
            sequence += 1
        since_ms = round((t_s[row] - t_s[0]) * 1000)
        probe_mc, ambient_pa = (column[row] for column in aside)
        nl_h, nl = round(float(flow_ul_h[row]) * 1000), round(float(volume_ul[row]) * 1000)
        if nl_h > MAX_NL_H:
            raise at_line(
                found.path, found.line(int(rows[row])), f"more than {MAX_NL_H / 1000:.0f} µL/h up to this line"
            )
        message = m.Telemetry(0, sequence, since_ms, since_ms, probe_mc, None, ambient_pa, nl_h, nl, 0)
        records.append(_reading(pump, boot, begin + timedelta(seconds=float(t_s[row])), message))
    return Content(records, tuple(notes))


def _inside(steps: tuple[total.Step, ...], count: int) -> NDArray[np.bool_]:
    inside = np.zeros(max(0, count - 1), dtype=bool)
    for one in steps:
        inside[one.first : one.last] = True
    return inside


def _step_note(found: Readings, there: NDArray[np.bool_], one: total.Step, t_s: Column) -> str:
    line = found.line(int(np.flatnonzero(there)[one.last]))
    at = f"{one.size:+.4g} µL at {t_s[one.last] / 60:.4g} min"
    return f"{found.path}:{line}: a step of {at} is not a flow: left out as a gap"


def _flows(t_s: Column, shape_ul: Column, unknown: NDArray[np.bool_], given: Column | None) -> Column:
    """Flow of each reading, never below 0: as given where none is, else the slope of the nearest rising total."""
    if given is not None and not np.any(given < 0):
        return given
    flows = np.zeros(len(t_s))
    starts = [0, *(np.flatnonzero(unknown) + 1).tolist(), len(t_s)]
    for start, end in pairwise(starts):
        if end - start > 1:
            slopes = np.diff(total.monotone(shape_ul[start:end])) / np.diff(t_s[start:end]) * 3600
            flows[start] = slopes[0] if given is None else max(0.0, given[start])
            flows[start + 1 : end] = slopes
        elif start:
            flows[start] = flows[start - 1]
    return flows


def _aside(found: Readings, name: str, there: NDArray[np.bool_]) -> list[int | None]:
    if name not in found.values:
        return [None] * int(there.sum())
    return [None if np.isnan(value) else round(1000 * value) for value in found.values[name][there].tolist()]


def _ours(found: Table, board_id: str, pump: PumpName | None) -> Iterator[Reading | Gap]:
    boots: dict[tuple[str, str], Boot] = {}
    began: dict[Boot, datetime] = {}
    times = _utc(found)
    for row, cells in enumerate(zip(*found.columns, strict=True)):
        cell = dict(zip(found.names, cells, strict=True))

        def number(name: str, low: float = 0, high: float = 1e15, cell: dict[str, str] = cell, row: int = row) -> float:
            return _number(found, row, name, cell[name], low, high)

        boot = boots.setdefault((cell["pump"], cell["boot"]), Boot(_board(cell, board_id), len(boots) + 1, 0))
        name = pump or marked_name(pump_name(unguarded(cell["pump"])), IMPORTED)
        sequence = int(number("sequence", 1, 0xFFFFFFFF))
        if cell.get("lost_through"):
            last = cell["lost_through"]
            yield Gap(name, boot, sequence, None if last == "?" else int(number("lost_through")), "import")
            continue
        utc = times[row]
        uptime = utc - began.setdefault(boot, utc)
        if uptime < timedelta(0):
            raise at_line(found.path, found.line(row), "time_utc: earlier than the boot's first reading")
        kpa, probe = cell.get("ambient_kPa"), cell.get("probe_degC")
        yield _reading(
            name,
            boot,
            utc,
            m.Telemetry(
                0,
                sequence,
                round(uptime / timedelta(milliseconds=1)),
                round(number("pump_time_s") * 1000),
                round(number("probe_degC", -273, 1000) * 1000) if probe else None,
                None,
                round(number("ambient_kPa", 0, 4e6) * 1000) if kpa else None,
                round(number("flow_uL_h", 0, MAX_NL_H / 1000) * 1000),
                round(number("volume_uL") * 1000),
                int(number("status", 0, 0xFFFF)),
            ),
        )


def _board(cell: dict[str, str], board_id: str) -> str:
    """An export of imported readings stays one of an instrument's: its total may fall by noise."""
    said = cell.get("board", "")
    return IMPORTED + INTEGRAL + board_id.removeprefix(IMPORTED) if said.startswith(IMPORTED + INTEGRAL) else board_id


def _utc(found: Table) -> list[datetime]:
    """Times of the readings; of a gap, which has none, that of nobody."""

    def fault(row: int, text: str) -> InstrumentFileError:
        return at_line(found.path, found.line(int(at[row])), f"time_utc: {text}")

    texts = found.column("time_utc")
    at = np.flatnonzero([bool(text.strip()) for text in texts])
    nobody = datetime(1970, 1, 1, tzinfo=UTC)
    if not at.size:
        return [nobody] * len(texts)
    times = clock.moments([texts[row] for row in at.tolist()], "time_utc", "UTC", fault)
    moments = [nobody] * len(texts)
    for row, since_s in zip(at.tolist(), times.t_s.tolist(), strict=True):
        moments[row] = (times.began or nobody) + timedelta(seconds=since_s)
    return moments


def _number(found: Table, row: int, name: str, text: str, low: float, high: float) -> float:
    try:
        value = float(numerals.parsed([text], "point").values[0])
    except numerals.NoNumber:
        value = float("nan")
    if not low <= value <= high:  # a NaN is within nothing
        raise at_line(found.path, found.line(row), f"{name}: {text!r} is not a number from {low:g} to {high:g}")
    return value


def _reading(pump: PumpName, boot: Boot, utc: datetime, message: m.Telemetry) -> Reading:
    return Reading(
        pump, boot, message, Measured.reading(message), utc, True, None, None, 1, payload=ENCODERS[m.Telemetry](message)
    )
