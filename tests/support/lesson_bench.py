"""A stage with replays, whose clock goes as the test says: time passes in `wait`, and nowhere else."""

from dataclasses import dataclass, field

from training_server import NoPumps

from warmflow.runtime.wall_clock import wall_clock
from warmflow.sinks.web.training_site import house
from warmflow.training.live.actions import DEEDS, done
from warmflow.training.live.page_state import state

TICK_S = 0.25


@dataclass
class Clock:
    now_s: float = 100.0

    def __call__(self):
        return self.now_s


@dataclass
class Bench:
    """A stage, and what is done on it. `screens`: the steps in the order in which they were on the screen."""

    folder: object
    lessons: object = None
    clock: Clock = field(default_factory=Clock)
    around: NoPumps = field(default_factory=NoPumps)
    screens: list = field(default_factory=list)

    def __post_init__(self):
        self.house = house(self.lessons, self.folder, self.around, print, wall_clock, self.clock)
        self.stage = self.house.stage

    async def do(self, name, **fields):
        return await done(self.stage, name, DEEDS[name].ask.model_validate(fields))

    def state(self, instructor=False):
        return state(self.stage, instructor)

    def wait(self, seconds):
        """Lets time pass."""
        until_s = self.clock.now_s + seconds
        while self.clock.now_s < until_s:
            self.clock.now_s = min(until_s, self.clock.now_s + TICK_S)
            self.stage.tick(self.stage.lesson_run)
            lesson_run = self.stage.lesson_run
            if lesson_run.screen.at >= 0:
                step = lesson_run.progress.reached[lesson_run.screen.at].step.id
                self.screens += [step] if [step] != self.screens[-1:] else []

    def kinds(self):
        return [entry.kind for entry in self.stage.session.entries]
