"""Cells of a time column as seconds: UTC or local times, times of day, numbers since 1970, a spreadsheet's day numbers.

A number without a unit is taken only where its size leaves one meaning. A local time needs its zone where the clocks
may have changed.
"""

import contextlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from warmflow.instruments.columns import Column
from warmflow.instruments.errors import InstrumentFileError

Fault = Callable[[int, str], InstrumentFileError]
WRITE = "write UTC as 2026-11-21T12:00:00.5Z, or seconds"
UTC_WORDS = re.compile(r"\s*(?:utc|gmt|z)$", re.IGNORECASE)
DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)")
SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})(.*)")
YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(.*)")
CLOCK = re.compile(r"(?:(\d+)[d ]\s*)?(\d{1,3}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([ap]\.?m\.?)?", re.IGNORECASE)
UTC_TEXT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z")  # read at once; all else one by one
HOUR_S, DAY_S = 3600.0, 86400.0
EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
EXCEL_DAYS = (20_000.0, 80_000.0)
SINCE_1970 = (8e8, 4.2e9)  # seconds: 1995 to 2103
FASTEST_S = 0.002  # no instrument here writes more than 500 readings a second


class Times(NamedTuple):
    """Seconds from the first reading on; `began` where the file has a date, `day_s` (seconds of the day) where it has
    times of day alone. `notes` say what was recognised.
    """

    t_s: Column
    began: datetime | None
    notes: tuple[str, ...] = ()
    first_s: float = 0.0
    day_s: float | None = None


def zone(name: str) -> tzinfo:
    """Raises InstrumentFileError for a zone that there is not."""
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    if name[:1] in ("+", "-"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(name, "%z").tzinfo or UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InstrumentFileError(f"--time-zone {name}: no such zone; give one like Europe/Berlin, or UTC") from None


def numbers(values: Column, unit: str, factor: float, name: str, fault: Fault) -> Times:
    """Numbers of a column with this unit, "" for none. Raises by `fault`, with the row."""
    apart = float(np.median(np.diff(values))) if len(values) > 1 else 0.0
    size = float(np.median(np.abs(values)))
    if not unit or unit in ("utc", "unix", "epoch"):
        for per_s, word in ((1.0, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")):
            if SINCE_1970[0] * per_s <= size <= SINCE_1970[1] * per_s:
                began = datetime.fromtimestamp(float(values[0]) / per_s, UTC)
                return Times((values - values[0]) / per_s, began, (f"{name}: {word} since 1970, by the size",))
        if EXCEL_DAYS[0] <= size <= EXCEL_DAYS[1] and 0 < apart < FASTEST_S:
            began = EXCEL_EPOCH + timedelta(days=float(values[0]))
            t_s = _whole((values - values[0]) * DAY_S)
            return Times(t_s, began, (f"{name}: day numbers of a spreadsheet, by the size; read as UTC",))
        if EXCEL_DAYS[0] <= size <= EXCEL_DAYS[1] and apart < 1.5:
            raise fault(
                0, f"{values[0]:g} may be seconds or a spreadsheet's day number: name the column time_s or time_d"
            )
        if apart >= 100 and not _even_seconds(apart):
            raise fault(0, f"steps of {apart:g}: seconds or milliseconds? Name the column time_s or time_ms")
    t_s = (values - values[0]) * factor
    if len(values) > 1 and 0 < apart * factor < FASTEST_S:
        hint = "day numbers of a spreadsheet? Name the column time_d" if EXCEL_DAYS[0] <= size <= EXCEL_DAYS[1] else (
            "give the column's true unit in its name, like time_s or time_min")  # fmt: skip
        raise fault(0, f"readings {apart * factor:.2g} s apart are faster than any instrument here: {hint}")
    if factor == 1.0 and size > SINCE_1970[1] * 100:
        raise fault(0, f"{values[0]:g} s are more than 10,000 years: milliseconds? Name the column time_ms")
    dated: datetime | None = None
    if factor == 1.0 and SINCE_1970[0] <= size <= SINCE_1970[1]:
        dated = datetime.fromtimestamp(float(values[0]), UTC)
    elif factor == 0.001 and SINCE_1970[0] <= size / 1000 <= SINCE_1970[1]:
        dated = datetime.fromtimestamp(float(values[0]) / 1000, UTC)
    elif factor == DAY_S and EXCEL_DAYS[0] <= size <= EXCEL_DAYS[1]:
        dated = EXCEL_EPOCH + timedelta(days=float(values[0]))
        t_s = _whole(t_s)
    notes = () if unit or dated else (f"{name}: numbers without a unit, read as seconds",)
    return Times(t_s, dated, notes, 0.0 if dated else float(values[0]) * factor)


def _whole(t_s: Column) -> Column:
    """A day number of six places is 0.09 s coarse: where all lie that near to whole seconds, these are meant."""
    whole = np.round(t_s)
    return np.asarray(whole if np.all(np.abs(t_s - whole) < 0.1) and np.all(np.diff(whole) > 0) else np.round(t_s, 3))


def _even_seconds(apart: float) -> bool:
    """Whether a step of 100 or more looks like seconds: whole minutes, or whole hours above two."""
    per = HOUR_S if apart > 2 * HOUR_S else 60.0
    return abs(apart / per - round(apart / per)) < 0.01


def moments(texts: Sequence[str], name: str, zone_name: str | None, fault: Fault) -> Times:
    """Cells with dates, or with times of day. Raises by `fault`, with the row."""
    fast = _all_utc(texts)
    if fast is not None:
        return Times(fast - fast[0], datetime.fromtimestamp(float(fast[0]), UTC))
    if all(CLOCK.fullmatch(text.strip()) for text in texts):
        of_day_s = _times_of_day(texts, fault)
        note = (f"{name}: times of day, without a date",)
        return Times(of_day_s - of_day_s[0], None, note, day_s=float(of_day_s[0]))
    _whose_slashes(texts, fault)
    day_first = any((match := SLASHED.match(text.strip())) and int(match[1]) > 12 for text in texts)
    given = [_moment(text, day_first) or _refuse(row, text, fault) for row, text in enumerate(texts)]
    bare = [moment.tzinfo is None for moment in given]
    notes: tuple[str, ...] = ()
    if any(bare):
        if zone_name is None:
            if all(bare):
                _clocks_changed(given, fault)
            notes = (f"{name}: times without a zone, read as UTC (--time-zone names another)",)
        given = _placed(given, zone(zone_name or "UTC"))
    seconds = np.array([moment.timestamp() for moment in given])
    return Times(seconds - seconds[0], given[0].astimezone(UTC), notes)


def _all_utc(texts: Sequence[str]) -> Column | None:
    if all(UTC_TEXT.fullmatch(text) for text in texts):
        with contextlib.suppress(ValueError):
            bare = np.array([text[:-1] for text in texts], dtype="datetime64[us]")
            if not np.isnat(bare).any():
                return np.asarray(bare.astype(np.int64) / 1e6)
    return None


def _whose_slashes(texts: Sequence[str], fault: Fault) -> None:
    """03/04/2026 is a day in March or in April: one line of the file has to tell."""
    matches = [SLASHED.match(text.strip()) for text in texts]
    firsts = [int(match[1]) for match in matches if match]
    seconds = [int(match[3]) for match in matches if match]
    if not firsts:
        return
    if max(firsts) <= 12 and max(seconds) <= 12:
        row = next(row for row, match in enumerate(matches) if match)
        raise fault(row, f"{texts[row].strip()!r}: day or month first? Write dates as 2026-11-21")
    if max(firsts) > 12 and max(seconds) > 12:
        raise fault(0, "days and months are mixed up in this column; write dates as 2026-11-21")


def _moment(text: str, day_first: bool) -> datetime | None:
    text = text.strip().strip("'")
    utc = UTC_WORDS.search(text)
    bare = text[: utc.start()] if utc else text
    if match := DAY_FIRST.fullmatch(bare):
        bare = f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}{match[4]}"
    elif match := YEAR_FIRST.fullmatch(bare):
        bare = f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}{match[4]}"
    elif match := SLASHED.fullmatch(bare):
        day, month = (match[1], match[3]) if day_first else (match[3], match[1])
        bare = f"{match[4]}-{int(month):02d}-{int(day):02d}{match[5]}"
    bare = re.sub(r"[,;]?\s+", " ", bare.replace("T", " ")).strip()
    date, _, clock = bare.partition(" ")
    if clock and (match := CLOCK.fullmatch(clock)) and match[1] is None:
        hour = int(match[2])
        if match[6]:
            hour = hour % 12 + (12 if match[6].lower().startswith("p") else 0)
        fraction = f".{match[5][:6]:0<6}" if match[5] else ""
        bare = f"{date} {hour:02d}:{match[3]}:{match[4] or '00'}{fraction}"
    try:
        found = datetime.fromisoformat(bare)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if utc and found.tzinfo is None else found


def _refuse(row: int, text: str, fault: Fault) -> datetime:
    raise fault(row, f"{text.strip()!r} is not a time: {WRITE}")


def _clocks_changed(given: list[datetime], fault: Fault) -> None:
    """Raises where local clocks may have been put forward or back, for then times without a zone are off by an hour."""
    seconds = np.array([moment.replace(tzinfo=UTC).timestamp() for moment in given])
    apart_s = np.diff(seconds)
    usual_s = float(np.median(apart_s)) if len(apart_s) else 0.0
    slack_s = max(60.0, 2.5 * abs(usual_s))
    for row in np.flatnonzero(np.abs(apart_s) > 0.4 * HOUR_S).tolist():
        off_s = apart_s[row] - usual_s
        after = given[row + 1]
        night = after.hour <= 4 or given[row].hour <= 3 or given[row].hour == 23
        if night and abs(abs(off_s) - HOUR_S) <= slack_s and abs(off_s) > 0.5 * HOUR_S:
            raise fault(row + 1, "one hour is missing or comes twice: were clocks changed? Give --time-zone, like "
                        "Europe/Berlin, or UTC if the times are UTC")  # fmt: skip
        if apart_s[row] > HOUR_S and usual_s < apart_s[row] / 2.5 and _over_a_change(given[row], after):
            raise fault(row + 1, "clocks may have been changed in this gap: give --time-zone, like Europe/Berlin, or "
                        "UTC if the times are UTC")  # fmt: skip


def _over_a_change(before: datetime, after: datetime) -> bool:
    """Whether a gap spans a night of Saturday to Sunday in a month in which clocks are changed somewhere."""
    day = before.replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= after:
        night = day.replace(hour=2)
        if day.weekday() == 6 and day.month in (3, 4, 9, 10, 11) and before <= night <= after:
            return True
        day += timedelta(days=1)
    return False


def _placed(given: list[datetime], where: tzinfo) -> list[datetime]:
    """Local times in their zone. An hour that comes twice is told by the order of the lines."""
    placed: list[datetime] = []
    for moment in given:
        if moment.tzinfo is not None:
            placed.append(moment)
            continue
        early = moment.replace(tzinfo=where, fold=0)
        late = moment.replace(tzinfo=where, fold=1)
        use_late = bool(placed) and early.timestamp() <= placed[-1].timestamp() < late.timestamp()
        placed.append(late if use_late else early)
    return placed


def _times_of_day(texts: Sequence[str], fault: Fault) -> Column:
    seconds = []
    for row, text in enumerate(texts):
        match = CLOCK.fullmatch(text.strip())
        assert match is not None
        days, hours, minutes, secs, fraction, half = match.groups()
        if secs is None:
            raise fault(row, f"{text.strip()!r}: hours and minutes, or minutes and seconds? {WRITE}")
        hour = int(hours) % 12 + (12 if half.lower().startswith("p") else 0) if half else int(hours)
        seconds.append(
            int(days or 0) * DAY_S + hour * HOUR_S + int(minutes) * 60 + int(secs) + float(f"0.{fraction or 0}")
        )
    found = np.array(seconds)
    back = np.flatnonzero(np.diff(found) < 0)
    if back.size:
        raise fault(int(back[0]) + 1, "the time of day begins anew: write the date with it, as 2026-11-21T00:00:10Z")
    return np.asarray(found)
