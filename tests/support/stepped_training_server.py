"""A stage whose clock stands until somebody moves it: a fast replay is played to its end, and yet every step stays on
the screen until it was looked at. For the browser tests and the pictures.
"""

from pathlib import Path

from training_server import FastClock, StageSite

from warmflow.training.live.lesson_run import LessonRun


class StandingClock(FastClock):
    """Time passes when somebody says so."""

    def __init__(self) -> None:
        super().__init__(0)

    def pass_s(self, seconds: float) -> None:
        self._at_s += seconds


class TrainSite(StageSite):
    """A stage with such a clock, and a folder of the user's lessons."""

    def __init__(self, folder: Path) -> None:
        self.lessons, self.standing = folder / "lessons", StandingClock()
        self.lessons.mkdir()
        super().__init__(folder, self.standing, self.lessons)

    @property
    def lesson_run(self) -> LessonRun:
        assert self.house.stage.lesson_run
        return self.house.stage.lesson_run

    @property
    def step(self) -> str:
        """The one that is on the screen, as the stage has it."""
        return self.lesson_run.progress.reached[self.lesson_run.screen.at].step.id

    def pass_s(self, seconds: float) -> None:
        """Time passes, and the stage has noticed. Of steps that wait one at most comes on the screen by itself."""
        self.standing.pass_s(seconds)
        self.call(lambda: self.house.stage.tick(self.lesson_run))
