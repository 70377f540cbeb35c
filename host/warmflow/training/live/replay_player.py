"""A lesson as a replay of a simulation, paced by a monotonic clock. No board is touched, and the page says so."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from warmflow.training.live.playback_clock import Pace
from warmflow.training.live.plot_rows import Row, followed
from warmflow.training.playback_modes import PlaybackMode
from warmflow.training.progress import Play, Progress
from warmflow.training.sample import Sample
from warmflow.training.simulated_run import Replay, injected, steps_s
from warmflow.training.tempo import Tempo, tempo

Clock = Callable[[], float]
HURRIED_MOST_X = 50_000  # weeks without news pass in the time that a screen may stand still


class Replaying:
    """Make one with `replaying()`."""

    pump: str | None = None
    trouble = ""

    def __init__(self, play: Play, way: PlaybackMode, tempo: Tempo, replay: Replay, now: Clock) -> None:
        self.play, self.way = play, way
        self._tempo, self._replay, self._now, self._pace = tempo, replay, now, Pace(tempo)

    @property
    def speed_x(self) -> int:
        return self._pace.tempo.speed_x(self._replay.t_s)

    def before(self) -> Sequence[Sample]:
        return self._replay.anew().until(0.0)

    async def start(self) -> None:
        self._replay = self._replay.anew()
        self._pace = Pace(self._tempo).runs(self._now())

    def samples(self) -> Sequence[Sample]:
        return self._replay.until(self._pace.at(self._now()))

    async def pause(self) -> None:
        self._pace = self._pace.stands(self._now())

    async def resume(self) -> None:
        self._pace = self._pace.runs(self._now())

    async def jump(self, step_id: str) -> tuple[Progress, list[Row]]:
        self._replay, progress, rows = await asyncio.to_thread(_to_step, self._replay.anew(), self.play, step_id)
        self._pace = self._pace.moved(self._replay.t_s, self._now())
        return progress, rows

    async def inject(self, progress: Progress, fault: str, magnitude: float) -> Progress:
        self._replay, progress = await asyncio.to_thread(injected, self._replay, progress, fault, magnitude)
        self.play = progress.play
        # who looks for a fault is given the time for it; once it is over, the tempo is the lesson's again
        pace = self._pace.unhurried(self._now())
        self._pace = pace if magnitude else replace(pace, tempo=self._tempo)
        return progress

    async def leave(self, to_rest: bool) -> None:
        return


async def replaying(play: Play, way: PlaybackMode, speed_x: int, now: Clock) -> Replaying:
    """Simulates the lesson, in a thread. Raises UserError for what the model refuses."""
    replay = await asyncio.to_thread(Replay.of, play)
    return Replaying(play, way, tempo(speed_x, HURRIED_MOST_X, steps_s(play), replay.whole_s), replay, now)


def _to_step(replay: Replay, play: Play, step_id: str) -> tuple[Replay, Progress, list[Row]]:
    progress, rows = Progress(play), list[Row]()
    for t_s in replay.times_s:
        progress, more = followed(progress, replay.until(t_s))
        rows += more
        if any(reached.step.id == step_id for reached in progress.reached):
            break
    return replay, progress, rows
