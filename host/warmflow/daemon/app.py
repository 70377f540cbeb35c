"""The composition root: the only module that sees sources, session, monitor and sinks together."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from warmflow.alarms.limit_registry import LimitRegistry
from warmflow.alarms.service import AlarmService
from warmflow.api.requests import Outcome, RequestDone
from warmflow.daemon.clock_service import ClockService
from warmflow.daemon.config import EMBEDDED, Settings
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.daemon.handlers.scenarios import Scenarios
from warmflow.daemon.handlers.table import all_handlers
from warmflow.daemon.health import Health
from warmflow.daemon.loop_lag import LoopLag
from warmflow.daemon.mqtt_setup import mqtt_sink, with_settings
from warmflow.daemon.reservations import Reservations
from warmflow.device.clock.host_date import HostDate
from warmflow.device.host_clock import stamps
from warmflow.device.identity import Boot
from warmflow.device.link.fleet import Fleet
from warmflow.hub import Hub
from warmflow.journal import Journal, Limits, WriteQueue
from warmflow.journal.async_journal import AsyncJournal
from warmflow.runtime.logs import Log, listening, toned, within
from warmflow.runtime.tasks import end, watched
from warmflow.runtime.wall_clock import Clock, SteadyClock, steady_clock, steady_session, wall_clock
from warmflow.sinks.mqtt.broker import Broker, choose, choose_embedded, running_broker
from warmflow.sinks.sink import Sink

# a stop takes at most 3 s, even if the broker and the disk hang
FLUSH_S = 0.5
FAREWELL_S = 1.0  # more than the sink's own time for what waits
OVER_S = 0.1


MakeSink = Callable[[Hub, AsyncJournal, Log], Sink]


class Beat(NamedTuple):
    """Who gets a line on the daemon's health, and how often; None: never."""

    send: Callable[[str], None]
    every_s: float | None


SILENT = Beat(lambda line: None, None)


@dataclass(frozen=True)
class Daemon:
    """A running daemon. `failed` resolves only if one of its tasks breaks, with that exception."""

    broker: Broker
    hub: Hub
    fleet: Fleet
    async_journal: AsyncJournal
    sinks: Sequence[Sink]
    answers: Dispatcher  # to requests of all sinks
    alarms: AlarmService
    scenarios: Scenarios  # that are played
    reservations: Reservations  # of pumps
    health: Health
    pulse: LoopLag  # of the event loop
    failed: asyncio.Future[None]
    clock: Clock
    started: datetime

    async def over(self) -> None:
        """Returns when recordings have ended and every durable sink has delivered them; raises what `failed` would."""
        streams = [stream for sink in self.sinks if (stream := sink.durable())]
        while not (
            self.fleet.ended
            and not self.async_journal.inbox.waiting
            and min((stream.acknowledged for stream in streams), default=sys.maxsize) >= await self.async_journal.last()
        ):
            await asyncio.wait({self.failed}, timeout=OVER_S)
            if self.failed.done():
                self.failed.result()


@asynccontextmanager
async def daemon(
    settings: Settings,
    log: Log,
    clock: Clock = wall_clock,
    steady: SteadyClock = steady_clock,
    beat: Beat = SILENT,
    more_sinks: Sequence[MakeSink] = (),
) -> AsyncIterator[Daemon]:
    """Broker, journal, pumps and sinks while the block lasts; then all is flushed and stopped, sinks last."""
    embedded = settings.broker.url == EMBEDDED
    async with running_broker(
        None if embedded else settings.broker.url,
        port=settings.broker.port,
        state_dir=settings.state_dir,
        log=within(log, "broker"),
        choose=choose_embedded if embedded else choose,
    ) as started:
        broker = with_settings(started, settings.broker)
        log(broker.describe())
        hub = Hub(toned(log, logging.ERROR))
        kept = settings.journal
        limits = Limits(kept.raw_days, kept.raw_bytes, kept.rollup_days)
        journal = Journal(settings.journal_file(), limits, clock, steady)
        inbox = WriteQueue(journal)
        hub.add(inbox)
        now, session = stamps(clock, steady), steady_session()
        host = HostDate(session, journal.last_seen(session))
        pump_limits = LimitRegistry(settings.limits.default, settings.limits.pumps, journal.alarms())
        fleet = Fleet(
            settings.port, hub.publish, within(log, "link"), inbox, settings.record.folder, now, journal.names, host,
            pump_limits.of,
        )  # fmt: skip

        def safe(pump: str, boot: Boot, sequence: int) -> None:
            fleet.safe(boot, sequence)

        async_journal = AsyncJournal(journal, inbox, safe, within(log, "journal"), fleet.summary_safe)
        sinks: list[Sink] = []  # filled below: the handlers use the sinks, and the MQTT sink uses the dispatcher
        reservations, began = Reservations(), clock()
        alarms = AlarmService(
            async_journal, hub.publish, within(log, "alarms"), clock, settings.alarms.latching, pump_limits
        )
        scenarios = Scenarios(fleet.links.values, hub.publish, within(log, "link"), reservations.reason)
        pulse = LoopLag(lambda: beat.send(health.line()), beat.every_s)
        clocks = ClockService(host, async_journal, fleet.links.values, now, hub.publish, within(log, "clock"))
        health = Health(fleet.links.values, async_journal, sinks, pulse, began, clocks)

        def done(outcome: Outcome) -> None:
            hub.publish(RequestDone(outcome, clock()))

        handlers = all_handlers(fleet, hub, sinks, alarms, async_journal, scenarios, health, clock, within(log, "link"))
        answers = Dispatcher(fleet.links.values, handlers, done, reservations.reason)
        mqtt = mqtt_sink(settings, broker, hub, async_journal, fleet, answers, began, clock, within(log, "mqtt"))
        sinks += [mqtt, *(make(hub, async_journal, log) for make in more_sinks)]
        hub.add(alarms)
        hub.add(scenarios)
        alarms.publish_all()
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        desk_task, fleet_task, alarms_task, pulse_task, clocks_task = (
            watched(work.run(), failed, type(work).__name__) for work in (async_journal, fleet, alarms, pulse, clocks)
        )
        sink_tasks = [watched(sink.run(), failed, sink.name) for sink in sinks]
        try:
            with listening(mqtt.log, [broker.password] if broker.password else []):
                yield Daemon(
                    broker, hub, fleet, async_journal, sinks, answers, alarms, scenarios, reservations, health, pulse,
                    failed, clock, began,
                )  # fmt: skip
        finally:
            await scenarios.close()
            await end(fleet_task, clocks_task)
            await end(desk_task, alarms_task)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await alarms.store()
                    await async_journal.flush()
            for sink in sinks:
                await sink.stop()
            await asyncio.wait(sink_tasks, timeout=FAREWELL_S)
            await end(*sink_tasks)
            await async_journal.close()
            await end(pulse_task)  # last: a service manager waits for its sign of life meanwhile
            failed.cancel()
