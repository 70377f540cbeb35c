"""Scenarios on the pumps of a running daemon, one at a time for each: the handlers of those requests, and the state of
each scenario.

Only scenarios that come with the program are played: a name from the network is never used as a path. Refuses heat and
cold where a real probe measures them.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from pumplink.codes import Sensor, spoken
from warmflow.api.requests import NotDone
from warmflow.daemon.dispatcher import find
from warmflow.device.identity import PumpName, Unnamed
from warmflow.device.link import PumpLink
from warmflow.device.link.scenario_run import ReadingTime, ScenarioRun
from warmflow.device.states import LinkState
from warmflow.device.updates import ScenarioChanged
from warmflow.errors import UserError
from warmflow.hub import PumpUpdate
from warmflow.runtime.tasks import end
from warmflow.runtime.text import did_you_mean, printable
from warmflow.simulation.events import Exposure
from warmflow.simulation.scenario import Scenario, ScenarioError, load_all

FIRST_S = 5.0  # a connected board sends at least one reading per second
EMULATED = (Sensor.NONE, Sensor.EMULATED)
STAYS = "volumes filled or withdrawn and declarations are not undone"


class Scenarios:
    """Subscriber of the hub. `links` are the connected pumps; `publish` gets every change. `reserved` gives the reason
    why a pump accepts no commands now, or "".
    """

    def __init__(
        self,
        links: Callable[[], Iterable[PumpLink]],
        publish: Callable[[ScenarioChanged], None],
        log: Callable[[str], None],
        reserved: Callable[[str], str] = lambda pump: "",
    ) -> None:
        self._links, self._publish, self._log, self._reserved = links, publish, log, reserved
        self._runs: dict[str, ScenarioRun] = {}
        self._times: dict[str, ReadingTime] = {}  # of the runs that are going on
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def on_update(self, update: PumpUpdate) -> None:
        """Updates of a pump that plays a scenario."""
        if time := self._times.get(update.pump):
            time.on_update(update)

    def handlers(self) -> dict[str, Callable[[Any], Any]]:
        """By kind of request."""
        return {"scenarios": self._told, "scenario_start": self._start, "scenario_stop": self._stop}

    def states(self) -> dict[str, dict[str, Any]]:
        """The state of the last scenario of each pump."""
        return {pump: run.shown()._asdict() for pump, run in sorted(self._runs.items())}

    async def close(self) -> None:
        """Sends no more commands; exposures that have begun continue to their end."""
        await end(*self._tasks.values())

    async def _told(self, ask: Any) -> dict[str, Any]:
        known = await asyncio.to_thread(playable)
        rows = [
            {"scenario": name, "title": each.title, "why": each.why, "length_min": round(each.last_end_min, 3)}
            for name, each in known.items()
        ]
        return {"scenarios": rows, "played": self.states()}

    async def _start(self, ask: Any) -> dict[str, Any]:
        link = find(ask.pump, self._links())
        scenario = await self._fitting(ask.scenario, link)
        if (before := self._runs.get(link.name)) and before.state == "playing":
            raise NotDone(f"{link.name}: {before.name} is being played; stop it first")
        if why := self._reserved(link.name):
            raise NotDone(f"{link.name}: {why}")
        time = self._times[link.name] = ReadingTime(link)
        run = ScenarioRun(ask.scenario, scenario, link, time, changed=lambda: self._changed(link.name))
        self._runs[link.name] = run
        self._tasks.pop(link.name, None)
        try:
            words = await run.start(await time.first(FIRST_S))
        except BaseException:
            if run.sent:  # of several that were due at once
                with contextlib.suppress(UserError):
                    await run.end()
            del self._runs[link.name], self._times[link.name]
            if before:
                self._runs[link.name] = before
            self._changed(link.name)
            raise
        self._log(f"{link.name}: plays {run.name}")
        task = self._tasks[link.name] = asyncio.create_task(run.play(), name=f"scenario {link.name}")
        task.add_done_callback(lambda _: self._ended(link.name, run))
        return {"board": words or f"Playing: {run.title}", **run.shown()._asdict()}

    async def _stop(self, ask: Any) -> dict[str, Any]:
        link = find(ask.pump, self._links())
        run = self._runs.get(link.name)
        if run is None or run.state != "playing" or link.name not in self._tasks:
            raise NotDone(f"{link.name}: no scenario is being played")
        run.state = "stopped"
        await end(self._tasks[link.name])
        try:
            words = await run.end()
        except UserError as error:
            run.reason = f"the command did not reach the board: {error}"
            raise NotDone(f"no more steps are sent, but the present exposure could not be ended: {error}") from None
        else:
            run.reason = STAYS if run.sent else ""
        finally:
            self._changed(link.name)
        return {"board": words or f"{run.title}: stopped", **run.shown()._asdict()}

    def _changed(self, pump: PumpName | Unnamed) -> None:
        run = self._runs.get(pump)
        if pump:
            self._publish(ScenarioChanged(pump, run.shown() if run else None))

    def _ended(self, pump: str, run: ScenarioRun) -> None:
        if self._runs.get(pump) is run:
            self._times.pop(pump, None)
        if run.state != "playing":  # not where the daemon stops
            self._log(f"{pump}: {run.name} {run.state}{': ' if run.reason else ''}{run.reason}")

    async def _fitting(self, name: str, link: PumpLink) -> Scenario:
        """Raises UserError where this pump cannot play it now."""
        if link.session.state is not LinkState.OK or link.rig is None:
            raise NotDone(f"{link.name or link.wanted}: {link.session.state.value}: {link.session.detail}")
        every = await asyncio.to_thread(_all)
        if name not in every:
            raise NotDone(f"{printable(name, 60)}: no such scenario; {did_you_mean(name, every)}")
        scenario = every[name]
        if not scenario.exposure:
            raise NotDone(f"{name}: nothing happens in it; {did_you_mean(name, playable())}")
        warm = any(isinstance(step, Exposure) and (step.skin_c, step.core_c) != (None, None) for step in scenario.event)
        if warm and link.rig.sensor not in EMULATED:
            raise NotDone(
                f"{link.name}: its body temperature comes from a real probe ({spoken(Sensor, link.rig.sensor)}), so "
                f"{name} cannot be played on it; warm or cool the probe itself, or set sensor to emulated"
            )
        return scenario


@cache
def _all() -> dict[str, Scenario]:
    return load_all()


@cache
def playable() -> dict[str, Scenario]:
    """The scenarios that a board can play: they start at rest and have events."""
    return {name: scenario for name, scenario in _all().items() if _is_playable(scenario)}


def _is_playable(scenario: Scenario) -> bool:
    try:
        return bool(scenario.exposure)
    except ScenarioError:
        return False
