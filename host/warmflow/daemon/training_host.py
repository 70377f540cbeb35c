"""The training stage of a daemon: which pumps may play, what the monitor says of them, and where its log is kept."""

from collections.abc import Iterable, Mapping
from typing import Any

from warmflow.alarms.lifecycle import Event
from warmflow.daemon.app import Daemon
from warmflow.daemon.config import Settings
from warmflow.device.link import PumpLink
from warmflow.runtime.logs import Log
from warmflow.sinks.web.training_site import TrainingSite, house
from warmflow.training.texts import texts

ALARM = "rate"  # of a pump's alarms the one that a lesson is about
TRAINEES = "training page"  # who acknowledges there


class Around:
    """The parts of the daemon that lessons use. `commands` is the reason why commands are off, or empty."""

    def __init__(self, running: Daemon, commands: str) -> None:
        self.commands = commands
        self._running = running

    def links(self) -> Iterable[PumpLink]:
        return self._running.fleet.links.values()

    def alarm(self, pump: str) -> Mapping[str, Any] | None:
        of_pump = (one for one in self._running.alarms.active() if one["pump"] == pump and one["id"] == ALARM)
        return next(of_pump, None)

    async def acknowledge(self, pump: str) -> None:
        await self._running.alarms.act(pump, ALARM, Event.ACKNOWLEDGE, TRAINEES)

    def busy(self, pump: str) -> str:
        played = self._running.scenarios.states().get(pump, {})
        if played.get("state") != "playing":
            return ""
        return texts()("stage.busy", pump=pump, scenario=played["scenario"])


def training(running: Daemon, settings: Settings, commands: str, log: Log) -> TrainingSite:
    """The stage: a subscriber of the daemon's hub, and a holder of pumps. `commands`: as of `Around`."""
    folder = settings.journal_file().parent
    made = house(settings.training.lessons, folder, Around(running, commands), log, running.clock)
    running.hub.add(made.stage.listener)
    running.reservations.add(made.stage.plays_on)
    return made
