"""The composition root: the only module that sees sources, session, monitor and sinks together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass

from platformdirs import user_state_path

from warmflow.broker import Broker, choose, choose_embedded, running_broker
from warmflow.config import EMBEDDED, Settings
from warmflow.fleet import Fleet
from warmflow.hub import Hub
from warmflow.journal import Journal
from warmflow.journal.desk import Desk
from warmflow.session import Boot
from warmflow.sinks.mqtt import MqttSink
from warmflow.tasks import end

STOP_S = 2.5  # for the sink's farewell; a broker that does not answer is left then


@dataclass(frozen=True)
class Daemon:
    """A running daemon. `failed` resolves only if one of its tasks breaks, with that exception."""

    broker: Broker
    hub: Hub
    fleet: Fleet
    desk: Desk
    sink: MqttSink
    failed: asyncio.Future[None]


@asynccontextmanager
async def daemon(settings: Settings, log: Callable[[str], None]) -> AsyncIterator[Daemon]:
    """Broker, journal, pumps and MQTT sink while the block lasts; then all is flushed and stopped, sinks last."""
    embedded = settings.broker == EMBEDDED
    async with running_broker(
        None if embedded else settings.broker,
        port=settings.broker_port,
        state_dir=settings.state_dir,
        log=log,
        choose=choose_embedded if embedded else choose,
    ) as broker:
        log(broker.describe())
        hub = Hub()
        journal = Journal(settings.journal or user_state_path("warmflow") / "journal.sqlite")
        fleet = Fleet(settings.port, hub, log, journal)

        def safe(pump: str, boot: Boot, sequence: int) -> None:
            fleet.safe(boot, sequence)

        desk = Desk(journal, hub.taker(), safe, log, fleet.summary_safe)
        sink = MqttSink(broker, hub.taker(), desk, log, settings.base_topic)
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        desk_task, sink_task, fleet_task = (_watched(work.run(), failed) for work in (desk, sink, fleet))
        try:
            yield Daemon(broker, hub, fleet, desk, sink, failed)
        finally:
            await end(fleet_task)
            await end(desk_task)
            await desk.flush()
            await sink.stop()
            await asyncio.wait({sink_task}, timeout=STOP_S)
            await end(sink_task)
            await desk.close()
            failed.cancel()


def _watched(work: Coroutine[None, None, None], failed: asyncio.Future[None]) -> asyncio.Task[None]:
    task = asyncio.ensure_future(work)

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error and not failed.done():
            failed.set_exception(error)

    task.add_done_callback(ended)
    return task
