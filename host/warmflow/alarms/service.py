"""The alarms of a running daemon: updates in, every change published as an update and written to disk.

It takes updates in the event loop and waits for nothing there; a task of its own lets time pass and keeps what happened
in the journal. While the disk refuses, all of it stays in memory, up to WAITING_MAX lines.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from pumplink.codes import Status
from warmflow.alarms import conditions
from warmflow.alarms.alarm import Alarm, read_back, shown
from warmflow.alarms.alarm_history import row
from warmflow.alarms.catalogue import ALARMS, LATCHING
from warmflow.alarms.conditions import Condition
from warmflow.alarms.engine import AlarmChange, AlarmEngine
from warmflow.alarms.lifecycle import Event, State
from warmflow.alarms.limit_registry import ALL_PUMPS, LimitRegistry
from warmflow.alarms.ordering import urgency
from warmflow.alarms.updates import AlarmChanged, LimitsChanged
from warmflow.device.updates import Assessed, LinkStatus, PumpRemoved, Reading
from warmflow.hub import PumpUpdate
from warmflow.journal.alarm_rows import LIMITS, AlarmRow
from warmflow.journal.journal import Journal
from warmflow.monitor import Diagnosis
from warmflow.runtime.logs import toned
from warmflow.runtime.wall_clock import Clock

TICK_S = 1.0
PROBE_FAULT = int(Status.PROBE_FAULT)
AGAIN_S = 1.0
WAITING_MAX = 10_000
BATCH_MAX = 500
KEPT_WITHIN_S = 2.0  # an operator's answer waits so long for the disk
HISTORY_MAX = 10_000


class Keeps(Protocol):
    """The part of the journal that the service uses."""

    journal: Journal

    async def keep_alarms(self, rows: list[AlarmRow]) -> bool: ...

    async def forget_alarms(self, pump: str) -> None: ...


class AlarmService:
    """Subscriber of the hub; run `run()` as a task. `publish` gets every change, at once."""

    def __init__(
        self,
        async_journal: Keeps,
        publish: Callable[[AlarmChanged | LimitsChanged], None],
        log: Callable[[str], None],
        clock: Clock,
        latching: Collection[str] = LATCHING,
        limits: LimitRegistry | None = None,
    ) -> None:
        self.clock = clock
        self.limits = LimitRegistry() if limits is None else limits
        self._async_journal, self._publish, self._log = async_journal, publish, log
        self._book = AlarmEngine(latching, self._read_back(), clock())
        self._diagnoses: dict[str, Diagnosis] = {}
        self._faulty: dict[str, bool] = {}
        self._rated: set[str] = set()  # pumps whose rate was judged
        self._waiting: list[AlarmRow | str] = []  # rows, and pumps to forget, in their order
        self._keeping: tuple[asyncio.Task[bool], list[AlarmRow | str]] | None = None  # what is on its way to the disk
        self._work = asyncio.Event()
        self._is_kept = asyncio.Event()
        self._is_kept.set()

    def publish_all(self) -> None:
        """How every alarm is that an earlier daemon stored: once, at the start."""
        for held in self._book.all():
            self._publish(AlarmChanged(AlarmChange(held, "", self.clock())))
        self._limits_changed(self.limits.started(self.clock()))

    def on_update(self, update: PumpUpdate) -> None:
        """Takes what concerns alarms."""
        match update:
            case Reading():
                self._reading(update)
            case Assessed():
                self._judged(update)
            case LinkStatus() if update.pump:
                for condition in (conditions.link(update), conditions.telemetry(update)):
                    if condition:
                        self._report(update.pump, condition)
            case PumpRemoved() if update.pump:
                self.forget(update.pump)

    async def run(self) -> None:
        """Until cancelled: time passes, and what happened is kept."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._work.wait()
            self._work.clear()
            self._happened(self._book.tick(self.clock()))
            if not await self.store():
                await asyncio.sleep(AGAIN_S)
                self._work.set()

    async def store(self) -> bool:
        """Puts what waits on disk; False if the disk refused it."""
        while self._waiting or self._keeping:
            if self._keeping is None:
                rows = list(itertools.takewhile(lambda each: isinstance(each, AlarmRow), self._waiting[:BATCH_MAX]))
                count = len(rows) or 1
                taken, self._waiting = self._waiting[:count], self._waiting[count:]
                self._keeping = asyncio.create_task(self._done(taken)), taken
            task, taken = self._keeping
            await asyncio.wait([task])  # does not end it: after a stop the last `keep` waits for the same rows
            self._keeping = None
            if not task.result():
                self._waiting = taken + self._waiting
                return False
        self._is_kept.set()
        return True

    async def _done(self, taken: list[AlarmRow | str]) -> bool:
        """Rows on disk, or a pump forgotten."""
        if isinstance(taken[0], str):
            await self._async_journal.forget_alarms(taken[0])
            return True
        return await self._async_journal.keep_alarms([each for each in taken if isinstance(each, AlarmRow)])

    async def act(
        self, pump: str, name: str, event: Event, by: str, text: str = "", minutes: float | None = None
    ) -> dict[str, Any]:
        """What a person does; how the alarm stands then. Raises NotPossible. It waits a little for the disk, and says
        so in `kept` if that has not taken it.
        """
        now = self.clock()
        until = None if minutes is None else now + timedelta(minutes=minutes)
        happened = self._book.act(pump, name, event, by, now, text, until)
        return await self._answer(happened)

    async def undo(self, pump: str, name: str, by: str) -> dict[str, Any]:
        """Takes an acknowledgement of the last seconds back; answers as `act`. Raises NotPossible."""
        return await self._answer(self._book.undo(pump, name, by, self.clock()))

    async def change_limits(self, pump: str | None, values: Mapping[str, float | None], by: str) -> dict[str, Any]:
        """Sets limits of a pump, None: of all pumps; the limits that are in force then. Raises BadLimits. It waits a
        little for the disk, as `act` does.
        """
        of = ALL_PUMPS if pump is None else pump
        self._limits_changed(self.limits.change(of, values, by, self.clock()), of)
        return self.limits_of(pump) | {"kept": await self._is_on_disk()}

    def limits_of(self, pump: str | None) -> dict[str, Any]:
        """That are in force, and which of them somebody has set for this pump (None: for all pumps)."""
        of = ALL_PUMPS if pump is None else pump
        return {"pump": pump, "limits": self.limits.of(of).values(), "set": self.limits.own(of)}

    async def _answer(self, happened: list[AlarmChange]) -> dict[str, Any]:
        self._happened(happened)
        return {"alarm": shown(happened[-1].held), "kept": await self._is_on_disk()}

    async def _is_on_disk(self) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEPT_WITHIN_S):
                await self._is_kept.wait()
        return self._is_kept.is_set()

    def forget(self, pump: str) -> None:
        """Removes a pump and its alarms; their history stays."""
        self._book.forget(pump)
        self._diagnoses.pop(pump, None)
        self._faulty.pop(pump, None)
        self._rated.discard(pump)
        self._waiting.append(pump)
        self._work.set()

    def all(self, pump: str | None = None) -> list[dict[str, Any]]:
        """Every alarm, also normal ones."""
        return [shown(held) for held in self._book.all() if pump in (None, held.pump)]

    def active(self) -> list[dict[str, Any]]:
        """Every alarm that is not normal, the most urgent first."""
        held = [held for held in self._book.all() if held.standing.state is not State.NORMAL]
        return [shown(each) for each in sorted(held, key=urgency)]

    def of_pump(self, pump: str) -> list[Alarm]:
        """All its alarms, as they stand."""
        return [held for name in ALARMS if (held := self._book.get(pump, name))]

    def history(
        self,
        pump: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = HISTORY_MAX,
    ) -> list[dict[str, Any]]:
        """What happened, oldest first, of more than `limit` the newest: how the alarm stood after it, with `event`,
        `at`, `by` and `said`. Blocks for the disk.
        """
        since_ms, until_ms = (None if each is None else round(each.timestamp() * 1000) for each in (since, until))
        reader = self._async_journal.journal.reader
        return reader.alarm_lines(pump, since_ms or 0, until_ms if until_ms is not None else 2**62, limit)

    def _reading(self, update: Reading) -> None:
        pump, finding = update.pump, update.finding
        if finding and (finding.changed or pump not in self._rated):  # a pump that was renamed has its old finding
            self._rated.add(pump)
            self._report(pump, conditions.rate(finding, self._diagnoses.get(pump), update.utc))
        faulty = bool(int.__and__(update.message.status, PROBE_FAULT))  # a flag of an enum costs a microsecond
        if faulty is not self._faulty.get(pump):
            self._faulty[pump] = faulty
            self._report(pump, conditions.probe(update.message.status, update.utc))

    def _judged(self, update: Assessed) -> None:
        for condition in conditions.judged(update):
            self._report(update.pump, condition)
        diagnosis, finding = update.assessment.diagnosis, update.assessment.finding
        self._diagnoses[update.pump] = diagnosis
        if finding.level:
            self._report(update.pump, conditions.rate(finding, diagnosis, update.utc))

    def _report(self, pump: str, condition: Condition) -> None:
        self._happened(self._book.report(pump, condition, self.clock()))

    def _happened(self, happened: list[AlarmChange]) -> None:
        for each in happened:
            self._publish(AlarmChanged(each))
        self._keep([row(each) for each in happened])

    def _limits_changed(self, changes: list[AlarmChange], pump: str | None = None) -> None:
        """`pump`: whose limits are kept, even if none of them is another one now."""
        for each in changes:
            self._publish(LimitsChanged(each))
        lines = [row(each)._replace(kept=self.limits.kept(each.held.pump)) for each in changes]
        if pump is not None and pump not in [each.pump for each in lines]:
            now_ms = round(self.clock().timestamp() * 1000)
            lines.append(AlarmRow(pump, LIMITS, now_ms, self.limits.kept(pump), None))
        self._keep(lines)

    def _keep(self, rows: list[AlarmRow]) -> None:
        self._waiting += rows
        if rows:
            del self._waiting[:-WAITING_MAX]
            self._is_kept.clear()
            self._work.set()

    def _read_back(self) -> list[Alarm]:
        held = []
        for each in self._async_journal.journal.alarms():
            if each.get("id") == LIMITS:
                continue
            try:
                held.append(read_back(each))
            except (KeyError, TypeError, ValueError) as error:  # of a version that kept something else
                toned(self._log, logging.WARNING)(f"a stored alarm cannot be read: {error!r}")
        return held
