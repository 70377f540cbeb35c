"""A pump's readings out of the journal, in bulk, read-only: a day at 10 Hz in a second or two.

It changes nothing, waits for nobody, and asks the board nothing: what is not on disk is not in the report.
"""

import contextlib
import hashlib
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pumplink import messages as m
from pumplink.codes import FIRST_TRUTH_EVENT, EventCode, Status, spoken
from pumplink.fastcodec import DECODERS
from warmflow.alarms.limit_registry import ALL_PUMPS, limits_over_time
from warmflow.device.identity import IMPORTED
from warmflow.instruments.columns import Column
from warmflow.journal import alarm_rows
from warmflow.journal.bad_rows import RECORD_KINDS, UTC_MS_MAX, BadRows, NotReadable, decoded, good_rows
from warmflow.journal.csv_import import INTEGRAL
from warmflow.journal.faults import database_errors
from warmflow.journal.tables import connect_reader
from warmflow.monitor import DEFAULT_LIMITS, PumpLimits, Rig
from warmflow.monitor.pump_limits import FIELDS
from warmflow.report.boot_timeline import Pieces, joined
from warmflow.report.from_export import cleaned
from warmflow.report.run_record import (
    Counts,
    Lost,
    Note,
    Record,
    ReportError,
    holes,
    merged,
    smallest_step,
    usual_interval_s,
)

READING, EVENT, GAP = (m.TYPES[kind] for kind in (m.Telemetry, m.Event, m.Gap))
NO_END = 0xFFFFFFFF
NO_PROBE, NO_AMBIENT = -(2**31), 2**32 - 1
LAYOUT = np.dtype(  # of a reading on the wire; tests hold it against the codec
    [("type", "<u1"), ("backlog", "<u1"), ("sequence", "<u4"), ("uptime_ms", "<u8"), ("pump_time_ms", "<u8"),
     ("probe_mc", "<i4"), ("probe_age_ms", "<u2"), ("ambient_pa", "<u4"), ("flow_nl_h", "<u4"), ("volume_nl", "<u8"),
     ("status", "<u2")]
)  # fmt: skip
SOUND = (  # a row that is damaged costs itself
    f"typeof(utc_ms) = 'integer' AND utc_ms BETWEEN 0 AND {UTC_MS_MAX} AND typeof(late) = 'integer' "
    f"AND typeof(payload) = 'blob' AND length(payload) = {LAYOUT.itemsize}"
)
GAP_BYTES = 18  # of a gap on the wire; what follows is the reason in words
OF_PUMP = "boot IN (SELECT id FROM boots WHERE pump = ?)"
WHERE = f"{OF_PUMP} AND utc_ms BETWEEN ? AND ?"
FOREVER_MS = 2**62
READ_MAX = 20_000
ALARM_LINES_MAX = 10_000


class Wanted(NamedTuple):
    """Which readings: of one pump, between two times (UTC), both included."""

    pump: str | None
    since: datetime | None
    until: datetime | None


def read(path: Path, wanted: Wanted) -> Record:
    """Raises JournalError for a file that is no journal or is damaged, ReportError where it has no such readings."""
    with database_errors(path), contextlib.closing(connect_reader(path)) as db:
        return _read(db, path, wanted)


def _read(db: sqlite3.Connection, path: Path, wanted: Wanted) -> Record:
    pump = _pump(db, path, wanted.pump)
    values = (pump, _ms(wanted.since, 0), _ms(wanted.until, FOREVER_MS))
    query = f"SELECT boot, utc_ms, late, payload FROM records WHERE kind = {READING} AND {WHERE} AND {SOUND}"
    boots, utc_ms, late, payloads = _columns(db.execute(query, values))
    others = f"SELECT count(*) FROM records WHERE kind = {READING} AND {WHERE} AND NOT ({SOUND})"
    bad = int(db.execute(others, values).fetchone()[0])
    if not payloads and not bad:
        raise ReportError(f"{path}: no readings of {pump} in this time")
    if not payloads:
        raise ReportError(f"{path}: readings of another version of the protocol; use the warmflow that wrote them")
    wire = np.frombuffer(payloads, LAYOUT)
    pieces = joined(boots, wire["sequence"], wire["pump_time_ms"] / 1000, utc_ms / 1000)
    found = _record(db, path, pump, values, wire, late, pieces)
    words = f"{bad} readings of the journal cannot be read, and are left out"
    return replace(found, notes=(*found.notes, words)) if bad else found


def _columns(cursor: sqlite3.Cursor) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], bytes]:
    """Boots, times, late marks, and all payloads as one: a few thousand rows at a time, for rows are dear."""
    parts: list[list[NDArray[Any]]] = [[], [], []]
    payloads = []
    while rows := cursor.fetchmany(READ_MAX):
        *numbers, blobs = zip(*rows, strict=True)
        payloads.append(b"".join(blobs))
        for part, column in zip(parts, numbers, strict=True):
            part.append(np.array(column))
    boots, utc_ms, late = (np.concatenate(part) if part else np.empty(0, dtype=np.int64) for part in parts)
    return boots, utc_ms, late, b"".join(payloads)


def _record(
    db: sqlite3.Connection, path: Path, pump: str, values: tuple[Any, ...], wire: NDArray[Any], late: NDArray[Any],
    pieces: Pieces,
) -> Record:  # fmt: skip
    order = pieces.order
    wire, t_s = wire[order], pieces.t_s
    usual_s = usual_interval_s(t_s)
    boards = _boards(db, pump)
    imported = all(board.startswith(IMPORTED) for board in boards)
    integral = imported and all(board.startswith(IMPORTED + INTEGRAL) for board in boards)
    volume_ul, unknown_s, steps, resets = cleaned(wire["volume_nl"] / 1000, pieces, boards)
    unknown_s = merged(unknown_s, _other_board(db, pump, pieces))
    lost, events = _said(db, values, pieces)
    declared, firmware, notes = _declared(db, values)
    limits = _limits(db, values)
    notes += tuple(_limit_words(each) for _, each in limits[-1:] if each != DEFAULT_LIMITS)
    return Record(
        pump,
        "instrument" if imported else "board",
        f"journal {path.name}" + (", imported from an instrument's file" if imported else ""),
        t_s,
        volume_ul - volume_ul[0],
        wire["flow_nl_h"] / 1000,
        _missing(wire["probe_mc"], NO_PROBE),
        _missing(wire["ambient_pa"], NO_AMBIENT),
        wire["status"].astype(np.int64),
        datetime.fromtimestamp(float(pieces.utc_s[0]), UTC),
        datetime.fromtimestamp(float(pieces.utc_s[-1]), UTC),
        resolution_ul=None if integral else smallest_step(volume_ul) if imported else 0.001,
        usual_s=usual_s,
        holes_s=merged(holes(t_s, usual_s), unknown_s),
        unknown_s=unknown_s,
        steps=steps,
        is_integral=integral,
        sha256=hashlib.sha256(wire.tobytes()).hexdigest(),
        counts=Counts(
            None if imported else int(late.sum()),
            _conflicts(db, values),
            pieces.repeated,
            _flagged(wire["status"], Status.LATE),
            _flagged(wire["status"], Status.PROBE_FAULT),
            _flagged(wire["status"], Status.METER_RANGE),
            resets,
        ),
        lost=lost,
        events=events,
        notes=(*pieces.notes, *notes),
        declared=(("board", ", ".join(boards)), *firmware),
        rig=declared[-1][1] if declared else None,
        limits=tuple((_at_s(pieces, at), each) for at, each in limits),
        declarations=_over_time(declared, pieces, wire["volume_nl"], volume_ul - volume_ul[0]),
    )


def _pump(db: sqlite3.Connection, path: Path, asked: str | None) -> str:
    names = [str(name) for (name,) in db.execute("SELECT DISTINCT pump FROM boots ORDER BY pump")]
    if asked is None and len(names) == 1:
        return str(names[0])
    known = f"it has {', '.join(names)}" if names else "it is empty"
    if asked is None:
        raise ReportError(f"{path}: which pump? {known}: give one with --pump")
    if asked not in names:
        raise ReportError(f"{path}: no pump {asked}; {known}")
    return asked


def _said(db: sqlite3.Connection, values: tuple[Any, ...], pieces: Pieces) -> tuple[tuple[Lost, ...], tuple[Note, ...]]:
    lost, events = [], []
    everything = values[1:] == (0, FOREVER_MS)
    # a gap has the date of when it was stored, which nothing puts right: it belongs to the readings beside it
    query = f"SELECT boot, utc_ms, payload FROM records WHERE kind = {EVENT} AND {WHERE} OR kind = {GAP} AND {OF_PUMP}"
    for boot, utc_ms, payload in db.execute(f"{query} ORDER BY id", (*values, values[0])):
        try:
            message = decoded(RECORD_KINDS, payload[:1][0], payload)
        except (NotReadable, LookupError, TypeError):
            continue  # `warmflow journal check` counts them
        if isinstance(message, m.Gap):
            if not everything and not pieces.touches(boot, message.first, message.last):
                continue
            count = None if message.last == NO_END else message.last - message.first + 1
            why = payload[GAP_BYTES:].decode(errors="replace")
            lost.append(Lost(pieces.at_sequence(boot, message.first), count, why))
        elif isinstance(message, m.Event) and message.code < FIRST_TRUTH_EVENT:
            text = spoken(EventCode, message.code) + (f": {message.text}" if message.text else "")
            events.append(Note(pieces.at_pump_time(boot, message.pump_time_ms / 1000, utc_ms / 1000), text))
    return tuple(lost), tuple(sorted([*events, *_done(db, values, pieces)], key=lambda note: note.at_s))


def _done(db: sqlite3.Connection, values: tuple[Any, ...], pieces: Pieces) -> list[Note]:
    """What people did about alarms: acknowledged them, shelved them, left a comment."""
    notes = []
    pump, since_ms, until_ms = values
    for line in alarm_rows.lines(db, pump, since_ms, until_ms, ALARM_LINES_MAX):
        with contextlib.suppress(LookupError, TypeError, ValueError):  # a line that is damaged costs itself
            if line["by"]:
                said = f": {line['said']}" if line["said"] else ""
                what = line["text"] if line["id"] == alarm_rows.LIMITS else ""
                words = f"limit changed, {what}" if what else f"alarm {line['id']} {line['event']}"
                at_s = _at_s(pieces, datetime.fromisoformat(line["at"]))
                notes.append(Note(at_s, f"{words} by {line['by']}{said}"))
    return notes


def _at_s(pieces: Pieces, at: datetime) -> float:
    return float(np.interp(at.timestamp(), pieces.utc_s, pieces.t_s))


def _limits(db: sqlite3.Connection, values: tuple[Any, ...]) -> list[tuple[datetime, PumpLimits]]:
    """That were in force in this time, the first of them since before it."""
    pump, since_ms, until_ms = values
    found = limits_over_time(alarm_rows.limit_lines(db, (pump, ALL_PUMPS), until_ms), pump)
    before = [one for one in found if _ms(one[0], 0) <= since_ms][-1:]
    return [*before, *(one for one in found if _ms(one[0], 0) > since_ms)]


def _limit_words(limits: PumpLimits) -> str:
    """The values that are not the usual ones, at the end of this time."""
    own = [name for name in FIELDS if limits[name] != DEFAULT_LIMITS[name]]
    words = (f"{FIELDS[name].label} {limits[name]:g} {FIELDS[name].unit}" for name in own)
    return f"limits of the flags other than the usual ones: {', '.join(words)}"


def _declared(
    db: sqlite3.Connection, values: tuple[Any, ...]
) -> tuple[list[tuple[int, Rig]], tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The rigs that were declared for this time, with their UTC in ms, the firmware, and a note if they differ."""
    pump, since_ms, until_ms = values
    query = (
        "SELECT id, boot, utc_ms, payload FROM declarations WHERE boot IN (SELECT id FROM boots WHERE pump = ?) "
        "AND utc_ms <= ? ORDER BY utc_ms, id"
    )
    rows = good_rows("declarations", db.execute(query, (pump, until_ms)), BadRows())
    said = [(utc_ms, DECODERS[payload[0]](payload)) for _, _, utc_ms, payload in rows]
    hello = next((each for _, each in reversed(said) if isinstance(each, m.Hello)), None)
    firmware = (f"{hello.firmware_major}.{hello.firmware_minor}.{hello.firmware_patch}",) if hello else ()
    rigs = []
    for utc_ms, each in said:
        assert isinstance(each, m.Hello | m.Info)
        with contextlib.suppress(ValueError):  # a newer firmware than this program knows
            rigs.append((utc_ms, Rig.declared(each)))
    if not rigs:
        return [], tuple(("firmware", version) for version in firmware), ()
    before = [one for one in rigs if one[0] <= since_ms][-1:]
    used = [*before, *(one for one in rigs if one[0] > since_ms)]
    others = {rig[:6] for _, rig in used}
    note = (
        "the rig was declared anew during this time; the last declaration is used for all figures, each for its own "
        "time for the flags",
    )
    return used, tuple(("firmware", version) for version in firmware), note if len(others) > 1 else ()


def _over_time(
    declared: list[tuple[int, Rig]], pieces: Pieces, total_nl: NDArray[np.int64], volume_ul: Column
) -> tuple[tuple[float, Rig], ...]:
    """By pump time, the fill counted from the record's total: the board counts from its own."""
    found = []
    for utc_ms, rig in declared:
        at_s = float(np.interp(utc_ms / 1000, pieces.utc_s, pieces.t_s))
        row = min(int(np.searchsorted(pieces.t_s, at_s)), len(volume_ul) - 1)
        offset_nl = int(total_nl[row]) - round(1000 * float(volume_ul[row]))
        found.append((at_s, rig._replace(metered_at_fill_nl=rig.metered_at_fill_nl - offset_nl)))
    return tuple(found)


def _conflicts(db: sqlite3.Connection, values: tuple[Any, ...]) -> int:
    return int(db.execute(f"SELECT count(*) FROM conflicts WHERE {WHERE}", values).fetchone()[0])


def _boards(db: sqlite3.Connection, pump: str) -> list[str]:
    query = "SELECT DISTINCT board_id FROM boots WHERE pump = ? ORDER BY 1"
    return [str(board) for (board,) in db.execute(query, (pump,))]


def _other_board(db: sqlite3.Connection, pump: str, pieces: Pieces) -> Column:
    """Where one board's readings end and another's begin: their totals have nothing to do with each other."""
    board_of = dict(db.execute("SELECT id, board_id FROM boots WHERE pump = ?", (pump,)))
    at = np.flatnonzero(np.diff(pieces.boots))
    rows = [
        (pieces.t_s[one], pieces.t_s[one + 1])
        for one in at.tolist()
        if board_of[int(pieces.boots[one])] != board_of[int(pieces.boots[one + 1])]
    ]
    return np.array(rows).reshape(-1, 2)


def _flagged(status: NDArray[Any], flag: Status) -> int:
    return int(np.count_nonzero(status & int(flag)))


def _missing(values: NDArray[Any], none: int) -> Column | None:
    there = values != none
    return np.where(there, values / 1000, np.nan) if there.any() else None


def _ms(moment: datetime | None, default: int) -> int:
    return default if moment is None else round(moment.timestamp() * 1000)
