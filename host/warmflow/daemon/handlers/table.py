"""All handlers of the daemon's own requests, by kind. The other requests are board commands and `restart`, which the
dispatcher carries out on the pump's link.
"""

from collections.abc import Callable, Sequence

from warmflow.alarms.service import AlarmService
from warmflow.daemon.dispatcher import Handler
from warmflow.daemon.handlers import adoption, annotations, bridge, pumps
from warmflow.daemon.handlers import alarms as alarm_requests
from warmflow.daemon.handlers.scenarios import Scenarios
from warmflow.daemon.health import Health
from warmflow.device.link.fleet import Fleet
from warmflow.hub import Hub
from warmflow.journal.async_journal import AsyncJournal
from warmflow.runtime.wall_clock import Clock
from warmflow.sinks.sink import Sink


def all_handlers(
    fleet: Fleet,
    hub: Hub,
    sinks: Sequence[Sink],
    alarms: AlarmService,
    async_journal: AsyncJournal,
    scenarios: Scenarios,
    health: Health,
    clock: Clock,
    log: Callable[[str], None] = lambda line: None,
) -> dict[str, Handler]:
    """`sinks` is looked at with each request: one that brings requests is made after the dispatcher."""
    return {
        **bridge.handlers(sinks, health.now),
        **pumps.handlers(fleet.links.values, sinks, hub.publish),
        **alarm_requests.handlers(alarms),
        **annotations.handlers(async_journal, fleet.names, clock),
        **adoption.handlers(fleet.links.values, fleet.registry, async_journal, clock, log),
        **scenarios.handlers(),
    }
