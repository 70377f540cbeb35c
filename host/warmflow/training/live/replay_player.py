"""A lesson as a replay of a simulation, paced by a monotonic clock. No board is touched, and the page says so."""

import asyncio
from collections.abc import Callable, Sequence

from warmflow.training.live.playback_clock import Pace
from warmflow.training.live.plot_rows import Row, followed
from warmflow.training.playback_modes import PlaybackMode
from warmflow.training.progress import Play, Progress
from warmflow.training.sample import Sample
from warmflow.training.simulated_run import Replay, injected

Clock = Callable[[], float]


class Replaying:
    """Make one with `replaying()`."""

    pump: str | None = None
    trouble = ""

    def __init__(self, play: Play, way: PlaybackMode, speed_x: int, replay: Replay, now: Clock) -> None:
        self.play, self.way, self.speed_x = play, way, speed_x
        self._replay, self._now, self._pace = replay, now, Pace(speed_x)

    def before(self) -> Sequence[Sample]:
        return self._replay.anew().until(0.0)

    async def start(self) -> None:
        self._replay = self._replay.anew()
        self._pace = Pace(self.speed_x).runs(self._now())

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
        return progress

    async def leave(self, to_rest: bool) -> None:
        return


async def replaying(play: Play, way: PlaybackMode, speed_x: int, now: Clock) -> Replaying:
    """Simulates the lesson, in a thread. Raises UserError for what the model refuses."""
    return Replaying(play, way, speed_x, await asyncio.to_thread(Replay.of, play), now)


def _to_step(replay: Replay, play: Play, step_id: str) -> tuple[Replay, Progress, list[Row]]:
    progress, rows = Progress(play), list[Row]()
    for t_s in replay.times_s:
        progress, more = followed(progress, replay.until(t_s))
        rows += more
        if any(reached.step.id == step_id for reached in progress.reached):
            break
    return replay, progress, rows
