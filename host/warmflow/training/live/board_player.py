"""A lesson on a board, a virtual Pico, or by a person with a probe: events go out at their pump time, truth comes in.

Nothing is made up while a board is silent: the screen says so, and goes on with what it says when it is back.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import replace

from pumplink import messages as m
from warmflow.device.identity import Boot
from warmflow.device.link import CommandError, PumpLink
from warmflow.device.link.scenario_run import ScenarioRun
from warmflow.errors import UserError
from warmflow.runtime.logs import Log, toned
from warmflow.runtime.tasks import end
from warmflow.training.live import board_setup
from warmflow.training.live.player import NotNow
from warmflow.training.live.plot_rows import Row
from warmflow.training.live.pump_listener import PumpListener
from warmflow.training.playback_modes import PlaybackMode
from warmflow.training.progress import Play, Progress
from warmflow.training.sample import Sample, of_truth
from warmflow.training.simulated_run import steps_s
from warmflow.training.tempo import tempo
from warmflow.training.texts import texts

SLOWEST_X = 1  # what a pause is on a board, whose time cannot stand
LOOK_S = 0.1
TRIES = 3


class Living:
    """Make one with `living()`. It is also the pump time (`PumpTime`) of its scenario."""

    def __init__(
        self, play: Play, way: PlaybackMode, speed_x: int, link: PumpLink, listener: PumpListener, log: Log
    ) -> None:
        self.play, self.way, self.speed_x, self.pump = play, way, speed_x, link.name
        self._own_x = self._whole_x = speed_x
        self._link, self._listener, self._log = link, listener, log
        self._found: board_setup.Settings = {}
        self._boot: Boot | None = None
        self._touched = False
        self._began_ms = 0
        self._refused = ""
        self._exposing: asyncio.Task[None] | None = None
        self._hurrying: asyncio.Task[None] | None = None
        self._paused = False

    @property
    def trouble(self) -> str:
        if self._boot and self._link.session.boot not in (None, self._boot):
            return texts()("stage.restarted")
        return self._refused or (texts()("train.link_lost") if self._listener.silent else "")

    def before(self) -> Sequence[Sample]:
        latest = self._listener.latest
        return [] if latest is None else [of_truth(latest, self._listener.reading, latest.pump_time_ms)]

    async def start(self) -> None:
        link, listener = self._link, self._listener
        now = await board_setup.settings(link)
        changes = board_setup.wanted(self.play, self._whole_x, link, now)
        self._found = {key: now[key] for key in changes if key in now} | self._found
        self._touched = True
        await board_setup.configure(link, changes)
        self.speed_x = self._whole_x
        truth = await board_setup.to_rest(link, listener, self.play.rig, self.play.dipped)
        listener.begin()
        self._boot, self._began_ms = link.session.boot, truth.pump_time_ms
        if not self.play.dipped:
            run = ScenarioRun(self.play.name, self.play.scenario, link, time=self, tries=TRIES)
            run.begin(self._began_ms / 1000 + self.play.begins_s)
            self._exposing = asyncio.create_task(self._expose(run), name="lesson's events")
            self._hurrying = asyncio.create_task(self._hurry(), name="lesson's tempo")

    def samples(self) -> Sequence[Sample]:
        heard = [(truth, reading) for truth, reading in self._listener.drain() if truth.pump_time_ms >= self._began_ms]
        if self._link.session.boot != self._boot:
            return []
        return [of_truth(truth, reading, self._began_ms) for truth, reading in heard]

    async def pause(self) -> None:
        self._paused = True
        await self._run_at(SLOWEST_X)

    async def resume(self) -> None:
        self._paused = False
        await self._run_at(self._whole_x)

    async def jump(self, step_id: str) -> tuple[Progress, list[Row]]:
        raise NotNow(texts()("stage.no_jump"))

    async def inject(self, progress: Progress, fault: str, magnitude: float) -> Progress:
        await board_setup.fault(self._link, fault, magnitude)
        if magnitude:
            await self._unhurried()  # who looks for a fault is given the time for it
        return progress

    async def leave(self, to_rest: bool) -> None:
        for task in (self._exposing, self._hurrying):
            if task:
                await end(task)
        try:
            if self._touched:
                await self._put_back(to_rest)
        except UserError as error:  # it is gone, or does not answer: the stage is free all the same
            toned(self._log, logging.WARNING)(f"{self.pump}: not put back as it was before the lesson: {error}")
        finally:
            self._listener.listen(None)

    async def _put_back(self, to_rest: bool) -> None:
        await board_setup.calm(self._link)
        await board_setup.configure(self._link, self._found)
        if to_rest and not self.play.dipped:
            own = {key: self._found[key] for key in ("profile", "body") if key in self._found}
            await board_setup.to_rest(self._link, self._listener, self.play.rig._replace(**own), dipped=False)

    async def _run_at(self, speed_x: int) -> None:
        await self._link.command(lambda number: m.SetSpeed(number, speed_x))
        self.speed_x = speed_x

    async def _hurry(self) -> None:
        """Runs pump time faster where nothing new comes, as far as this board can."""
        way = tempo(self._whole_x, self.way.most_x, steps_s(self.play), self.play.scenario.whole_min * 60)
        for from_s, speed_x in way.changes:
            await self.reached(self._began_ms / 1000 + from_s)
            self._whole_x = speed_x
            if not self._paused:
                with contextlib.suppress(CommandError):  # it runs on as it ran, and says so
                    await self._run_at(speed_x)

    async def _unhurried(self) -> None:
        if self._hurrying:
            await end(self._hurrying)
        if self._whole_x != self._own_x:
            self._whole_x = self._own_x
            if not self._paused:
                await self._run_at(self._own_x)

    async def _expose(self, run: ScenarioRun) -> None:
        await run.play()
        self._refused = run.refusal

    async def reached(self, pump_s: float) -> float:
        """Until the board's pump time is there; how late it is. A board that is silent is waited for."""
        while True:
            now_s = self._listener.pump_s(self.speed_x)
            if now_s is not None and now_s >= pump_s:
                return now_s - pump_s
            left_s = LOOK_S if now_s is None else (pump_s - now_s) / self.speed_x
            await asyncio.sleep(min(LOOK_S, max(left_s, 0.002)))


async def living(
    play: Play, way: PlaybackMode, speed_x: int, link: PumpLink, listener: PumpListener, log: Log
) -> Living:
    """Listens to the board from now on. Raises NotNow if it says nothing."""
    site_kpa = link.rig.site_pressure_pa / 1000 if link.rig else play.rig.site_kpa
    listener.listen(link.name)
    try:
        await listener.truth(board_setup.TRUTH_S)
    except TimeoutError:
        listener.listen(None)
        raise NotNow(texts()("train.link_lost")) from None
    if way.name != "virtual":
        with contextlib.suppress(CommandError):  # it blinks, so that everybody sees which board it is
            await link.command(m.Identify)
    return Living(replace(play, rig=play.rig._replace(site_kpa=site_kpa)), way, speed_x, link, listener, log)
