"""The composition root: the only module that sees sources, session, monitor and sinks together."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from warmflow.alarms.service import Alarms
from warmflow.alarms.updates import AlarmChanged
from warmflow.daemon.bridge_info import contract, serve
from warmflow.daemon.config import EMBEDDED, BrokerSettings, Settings
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.daemon.handlers.scenarios import Scenarios
from warmflow.device.host_clock import stamps
from warmflow.device.identity import Boot
from warmflow.device.link.fleet import Fleet
from warmflow.hub import Hub
from warmflow.journal import Inbox, Journal, Limits
from warmflow.journal.async_journal import Desk
from warmflow.runtime.logs import Log, listening, toned, within
from warmflow.runtime.tasks import end, watched
from warmflow.runtime.wall_clock import Clock, SteadyClock, steady_clock, wall_clock
from warmflow.sinks.mqtt.broker import Broker, choose, choose_embedded, running_broker
from warmflow.sinks.mqtt.publisher import MqttSink
from warmflow.sinks.sink import Sink

# a stop takes 3 s at most, in all: with a broker that is frozen, and with a disk that takes nothing
FLUSH_S = 0.5
FAREWELL_S = 1.0  # more than the sink's own time for what waits
OVER_S = 0.1


MakeSink = Callable[[Hub, Desk, Log], Sink]


@dataclass(frozen=True)
class Daemon:
    """A running daemon. `failed` resolves only if one of its tasks breaks, with that exception."""

    broker: Broker
    hub: Hub
    fleet: Fleet
    desk: Desk
    sinks: Sequence[Sink]
    answers: Dispatcher  # to requests, whoever carries them
    alarms: Alarms
    scenarios: Scenarios  # that are played
    failed: asyncio.Future[None]
    clock: Clock
    started: datetime

    async def over(self) -> None:
        """Returns when recordings have ended and every durable sink has delivered them; raises what `failed` would."""
        streams = [stream for sink in self.sinks if (stream := sink.durable())]
        while not (
            self.fleet.ended
            and not self.desk.inbox.waiting
            and min((stream.acknowledged for stream in streams), default=sys.maxsize) >= await self.desk.last()
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
        broker = _reached(started, settings.broker)
        log(broker.describe())
        hub = Hub(toned(log, logging.ERROR))
        kept = settings.journal
        limits = Limits(kept.raw_days, kept.raw_bytes, kept.rollup_days)
        journal = Journal(settings.journal_file(), limits, clock, steady)
        inbox = Inbox(journal)
        hub.add(inbox)
        fleet = Fleet(
            settings.port, hub.publish, within(log, "link"), inbox, settings.record.folder, stamps(clock, steady)
        )

        def safe(pump: str, boot: Boot, sequence: int) -> None:
            fleet.safe(boot, sequence)

        desk = Desk(journal, inbox, safe, within(log, "journal"), fleet.summary_safe)
        answers = Dispatcher(fleet.links.values)
        mqtt = MqttSink(
            broker,
            hub.taker(name="mqtt", never_drops=(AlarmChanged,)),
            desk,
            within(log, "mqtt"),
            settings.mqtt.base_topic,
            contract(settings, fleet, answers, clock),
        )
        sinks: list[Sink] = [mqtt, *(make(hub, desk, log) for make in more_sinks)]
        alarms = Alarms(desk, hub.publish, within(log, "alarms"), clock, settings.alarms.latching)
        hub.add(alarms)
        alarms.publish_all()
        scenarios = Scenarios(fleet.links.values, hub.publish, within(log, "link"))
        hub.add(scenarios)
        serve(answers, fleet, mqtt, alarms, desk, scenarios, clock)
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        desk_task, fleet_task, alarms_task = (watched(work.run(), failed) for work in (desk, fleet, alarms))
        sink_tasks = [watched(sink.run(), failed, sink.name) for sink in sinks]
        try:
            with listening(mqtt.say, [broker.password] if broker.password else []):
                yield Daemon(broker, hub, fleet, desk, sinks, answers, alarms, scenarios, failed, clock, clock())
        finally:
            await scenarios.close()
            await end(fleet_task)
            await end(desk_task, alarms_task)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await alarms.keep()
                    await desk.flush()
            for sink in sinks:
                await sink.stop()
            await asyncio.wait(sink_tasks, timeout=FAREWELL_S)
            await end(*sink_tasks)
            await desk.close()
            failed.cancel()


def _reached(broker: Broker, settings: BrokerSettings) -> Broker:
    """The broker with how it is to be reached; one that was started here asks for nothing."""
    if broker.kind != "configured":
        return replace(broker, keepalive_s=settings.keepalive_s)
    secret = settings.secret()
    return replace(
        broker,
        username=settings.username,
        password=secret.get_secret_value() if secret else None,
        protocol=settings.protocol,
        ca_file=settings.ca_file,
        cert_file=settings.cert_file,
        key_file=settings.key_file,
        keepalive_s=settings.keepalive_s,
    )
