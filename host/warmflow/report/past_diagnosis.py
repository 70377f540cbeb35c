"""A past moment told again: the monitor runs over the journal's readings before it, with the rig as it was declared
then. It reads the journal alone, and nothing of the emulator's truth is in there.
"""

import bisect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warmflow.alarms.limit_registry import ALL_PUMPS, limits_over_time
from warmflow.device.updates import Assessed, Reading
from warmflow.errors import UserError
from warmflow.journal import JournalReader
from warmflow.monitor import Assessment, Monitor, PumpLimits, Rig
from warmflow.runtime.text import did_you_mean, printable

REPORTED_EACH = 1000  # readings between two reports of progress
STALE = timedelta(minutes=10)  # an older reading says nothing of the moment that was asked for

Progress = Callable[[float], None]


class NotKnown(UserError):
    """The journal does not say; what would help."""


def judged(
    path: Path, pump: str | None, at: datetime | None, hours: float, progress: Progress = lambda share: None
) -> Assessed:
    """What was known at a time (UTC; None: at the newest reading), from at most so many hours before.

    Raises NotKnown, JournalError, sqlite3.Error.
    """
    reader = JournalReader(path)
    try:
        name = _pump(reader, path, pump)
        at = at or _newest(reader, name)
        since = at - timedelta(hours=hours)
        declared = reader.declared(name, _ms(at))
        if not declared:
            raise NotKnown(f"{path}: what {name} is was never declared before {_words(at)}: no rig, no diagnosis")
        readings = _watched(reader.by_time(name, _ms(since), _ms(at)), since, at, progress)
        try:
            rigs = [(ms, Rig.declared(said)) for ms, said in declared]
            return _run(path, name, readings, rigs, _limits(reader, name, at), at)
        except UserError:
            raise
        except Exception as error:  # as in the daemon: a rig that no model fits is a record all the same
            raise NotKnown(
                f"{path}: {name} cannot be judged: the rig or a reading is outside the range of the model ({error!r})"
            ) from None
    finally:
        reader.close()


def _watched(readings: Iterator[Reading], since: datetime, at: datetime, progress: Progress) -> Iterator[Reading]:
    for number, reading in enumerate(readings):
        if number % REPORTED_EACH == 0:
            progress((reading.utc - since) / (at - since))
        yield reading


def _limits(reader: JournalReader, pump: str, at: datetime) -> list[tuple[datetime, PumpLimits]]:
    return limits_over_time(reader.limit_lines((pump, ALL_PUMPS), _ms(at)), pump)


def _run(
    path: Path, pump: str, readings: Iterator[Reading], rigs: list[tuple[int, Rig]],
    limits: list[tuple[datetime, PumpLimits]], at: datetime,
) -> Assessed:  # fmt: skip
    monitor, times = Monitor(), [ms for ms, _ in rigs]
    declared = last = finding = None
    for reading in readings:
        rig = rigs[max(0, bisect.bisect_right(times, _ms(reading.utc)) - 1)][1]
        if rig is not declared:
            monitor.declare(rig)
            declared = rig
        while limits and limits[0][0] <= reading.utc:
            monitor.use(limits.pop(0)[1])
        found = monitor.read(reading.measured)
        if found:
            last, finding = reading, found
    if last is None or finding is None or declared is None or at - last.utc > STALE:
        heard = f"; the last one before is of {_words(last.utc)}" if last else ""
        raise NotKnown(f"{path}: no readings of {pump} within 10 minutes before {_words(at)}{heard}")
    diagnosis = monitor.diagnosis()
    if diagnosis is None:
        raise NotKnown(f"{path}: too few readings of {pump} before {_words(at)}")
    return Assessed(last.pump, last.utc, Assessment(declared, last.measured, finding, diagnosis))


def _pump(reader: JournalReader, path: Path, asked: str | None) -> str:
    names = reader.pumps()
    if asked in names:
        return str(asked)
    if asked is not None:
        raise NotKnown(f"{path}: no pump {printable(asked)}; {did_you_mean(asked, names)}")
    if len(names) != 1:
        known = f"it has {', '.join(names)}" if names else "it is empty"
        raise NotKnown(f"{path}: which pump? {known}: name one")
    return names[0]


def _newest(reader: JournalReader, pump: str) -> datetime:
    newest_ms = reader.newest_ms(pump)
    if newest_ms is None:
        raise NotKnown(f"no readings of {pump} in the journal")
    return datetime.fromtimestamp(newest_ms / 1000, UTC)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _words(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")
