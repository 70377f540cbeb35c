"""Readings out of a CSV file: our own export, or what a balance or a flow meter gives (time and volume, or time and
flow).

Pure: lines in, records out. Their board is the file itself: its id is made from the content, so the same file twice is
the same records twice, and nothing is added. Refuses to guess: a line that does not fit is named, and nothing is taken.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from pumplink import messages as m
from pumplink.fastcodec import ENCODERS
from warmflow.device.identity import IMPORTED, BadName, Boot, PumpName, file_name, marked_name, pump_name
from warmflow.device.updates import Gap, Reading
from warmflow.errors import UserError
from warmflow.monitor import Measured
from warmflow.runtime.text_file import DATA_BYTES, TextFileError, decoded, read_bytes

OUR_COLUMNS = ("time_utc", "pump", "boot", "sequence", "pump_time_s", "flow_uL_h", "volume_uL", "status")
# what a column means: in uL or uL/h
VALUES = {
    **{"volume_ul": 1.0, "volume_ml": 1000.0, "volume_nl": 0.001},
    **{"flow_ul_h": 1.0, "flow_nl_h": 0.001, "flow_ml_h": 1000.0, "flow_ul_min": 60.0, "flow_ml_day": 1000 / 24},
}
MAX_NL_H = 0xFFFFFFFE
Fault = Callable[[str], "ImportFault"]


class ImportFault(UserError):
    """The file can not be taken; the text names file and line."""


class Content(NamedTuple):
    """What a file holds. `fallen`: lines with less volume than the one before, whose flow is taken as 0."""

    records: list[Reading | Gap]
    fallen: int


def imported(path: Path, pump: str | None = None, start: datetime | None = None) -> Content:
    """All records of a file. `pump`: name to give; default: the file's, with -import behind it, or the file's own name.
    `start`: the time of second 0 where the file counts seconds. Raises ImportFault, also for what is no name.
    """
    try:
        return _imported(path, None if pump is None else pump_name(pump), start)
    except BadName as error:
        raise ImportFault(f"{path}: {error}; give one with --pump") from None


def _imported(path: Path, pump: PumpName | None, start: datetime | None) -> Content:
    try:
        data = read_bytes(path, DATA_BYTES)
        lines = decoded(data, path).split("\n")
    except TextFileError as error:
        raise ImportFault(str(error)) from None
    board_id = IMPORTED + hashlib.sha256(data).hexdigest()[:16]
    reader = csv.DictReader(lines)
    columns = tuple(reader.fieldnames or ())

    def fault(text: str) -> ImportFault:
        return ImportFault(f"{path}: line {reader.line_num}: {text}")

    if set(OUR_COLUMNS) <= set(columns):
        return Content(list(_ours(_whole(reader, fault), board_id, pump, fault)), 0)
    value = next((name for name in VALUES if name in columns), None)
    if "time" not in columns or value is None:
        raise ImportFault(
            f"{path}: line 1: the columns of `warmflow export` are needed, or time and one of {', '.join(VALUES)}; "
            f"there is: {','.join(columns) or 'nothing'}"
        )
    name = pump or file_name(path.stem)
    return _meter(_whole(reader, fault), value, Boot(board_id, 1, 0), name, start, fault)


def _whole(reader: "csv.DictReader[str]", fault: Fault) -> Iterator[dict[str, str]]:
    for row in reader:
        if None in row or None in row.values():
            raise fault(f"{len(reader.fieldnames or ())} values are needed")
        yield row


def _ours(
    rows: Iterable[dict[str, str]], board_id: str, pump: PumpName | None, fault: Fault
) -> Iterator[Reading | Gap]:
    boots: dict[tuple[str, str], Boot] = {}
    began: dict[Boot, datetime] = {}
    for row in rows:
        boot = boots.setdefault((row["pump"], row["boot"]), Boot(board_id, len(boots) + 1, 0))
        # an export guards a name that could be a formula
        name = pump or marked_name(pump_name(row["pump"].removeprefix("'")), IMPORTED)
        sequence = int(_number(row["sequence"], "sequence", fault, 1, 0xFFFFFFFF))
        if row.get("lost_through"):
            last = row["lost_through"]
            yield Gap(
                name, boot, sequence, None if last == "?" else int(_number(last, "lost_through", fault)), "import"
            )
            continue
        utc = _time(row["time_utc"], None, fault)
        uptime = utc - began.setdefault(boot, utc)
        if uptime < timedelta(0):
            raise fault("time_utc: earlier than the boot's first reading")
        kpa, probe = row.get("ambient_kPa"), row.get("probe_degC")
        yield _reading(
            name,
            boot,
            utc,
            m.Telemetry(
                0,
                sequence,
                _ms(uptime),
                round(_number(row["pump_time_s"], "pump_time_s", fault) * 1000),
                round(_number(probe, "probe_degC", fault, -273, 1000) * 1000) if probe else None,
                None,
                round(_number(kpa, "ambient_kPa", fault, 0, 4e6) * 1000) if kpa else None,
                round(_number(row["flow_uL_h"], "flow_uL_h", fault, 0, MAX_NL_H / 1000) * 1000),
                round(_number(row["volume_uL"], "volume_uL", fault) * 1000),
                int(_number(row["status"], "status", fault, 0, 0xFFFF)),
            ),
        )


def _meter(
    rows: Iterable[dict[str, str]], value: str, boot: Boot, pump: PumpName, start: datetime | None, fault: Fault
) -> Content:
    points: list[tuple[datetime, float]] = []
    for row in rows:
        utc = _time(row["time"], start, fault)
        if points and utc <= points[-1][0]:
            raise fault("time: not later than the line before")
        points.append((utc, VALUES[value] * _number(row[value], value, fault)))
    records: list[Reading | Gap] = []
    weighed, fallen = value.startswith("volume"), 0
    volume_ul = points[0][1] if points and weighed else 0.0
    for number, (utc, given) in enumerate(points):
        before_utc, before = points[max(0, number - 1)]
        hours = (utc - before_utc) / timedelta(hours=1)
        if weighed:
            fallen += given < before
            flow_ul_h = max(0.0, (given - before) / hours) if hours else 0.0
            volume_ul = given
        else:
            volume_ul += (given + before) / 2 * hours  # between two readings: their mean
            flow_ul_h = given
        if flow_ul_h * 1000 > MAX_NL_H:
            raise fault(f"{value}: more than {MAX_NL_H / 1000:.0f} uL/h up to {utc.isoformat()}")
        since_ms = _ms(utc - points[0][0])
        nl_h, nl = round(flow_ul_h * 1000), round(volume_ul * 1000)
        message = m.Telemetry(0, number + 1, since_ms, since_ms, None, None, None, nl_h, nl, 0)
        records.append(_reading(pump, boot, utc, message))
    return Content(records, fallen)


def _reading(pump: PumpName, boot: Boot, utc: datetime, message: m.Telemetry) -> Reading:
    return Reading(
        pump, boot, message, Measured.reading(message), utc, True, None, None, 1, payload=ENCODERS[m.Telemetry](message)
    )


def _time(text: str, start: datetime | None, fault: Fault) -> datetime:
    try:
        if start is not None:
            return start + timedelta(seconds=float(text))
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "" if start else "; for seconds since a start, name it with --start"
        raise fault(f"time: {text!r} is no time: write 2026-11-21T12:00:00Z{hint}") from None


def _number(text: str, name: str, fault: Fault, low: float = 0, high: float = 1e15) -> float:
    try:
        value = float(text)
    except ValueError:
        raise fault(f"{name}: {text!r} is no number") from None
    if not low <= value <= high:  # a NaN is within nothing
        raise fault(f"{name}: {text} is not from {low:g} to {high:g}")
    return value


def _ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))
