"""One lesson before one group: how far it is, what is on the screen, what was guessed and answered. Reads no clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from warmflow.training.lesson_file import Loaded
from warmflow.training.live.player import Player
from warmflow.training.live.plot_rows import PlotRows, Row, followed
from warmflow.training.live.step_screen import Screen
from warmflow.training.progress import Progress

Phase = Literal["predict", "run", "done"]
LogLine = tuple[str, str]  # a kind of the session's entries, and its step


@dataclass
class LessonRun:
    """`faults` are those that were injected, with their magnitudes. `answers` has choices by question, both from 0."""

    loaded: Loaded
    player: Player
    phase: Phase = "predict"
    paused: bool = False
    screen: Screen = field(default_factory=Screen)
    course: PlotRows = field(default_factory=PlotRows)
    guesses: dict[str, float] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=dict)
    faults: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.speed_x = self.player.speed_x  # while it runs, also when it stands now
        self.broken = ""
        self._ended = False
        self.progress = Progress(self.player.play)
        self.progress, _ = followed(self.progress, self.player.before())

    def begin(self) -> None:
        """The player has started."""
        self.phase, self.paused, self.screen, self._ended = "run", False, Screen(), False
        self.progress = Progress(self.player.play)
        self.course.begin()

    def moved(self, progress: Progress, rows: list[Row], step_id: str, now_s: float) -> None:
        """The player has jumped to a step."""
        self.phase, self.progress, self._ended = "run", progress, False
        ids = [one.step.id for one in progress.reached]
        self.screen = Screen(ids.index(step_id) if step_id in ids else len(ids) - 1, now_s)
        self.course.begin(rows)

    def tick(self, now_s: float) -> Iterator[LogLine]:
        """Lets time pass: what happened of itself."""
        if self.phase != "run":
            return
        before = len(self.progress.reached)
        if not self.progress.finished:
            self.progress, rows = followed(self.progress, self.player.samples())
            self.course.add(rows)
            for one in self.progress.reached[before:]:
                yield "reached", one.step.id
        if self.progress.finished and not self._ended:
            self._ended = True
            yield "finished", ""
        self.screen = self.screen.turned(len(self.progress.reached), now_s)
        if self.progress.finished and not self.waiting and self.screen.seen(now_s):
            self.phase = "done"

    def turn(self, now_s: float) -> bool:
        """The next step on the screen at once; False if none waits."""
        if not self.waiting:
            return False
        self.screen = Screen(self.screen.at + 1, now_s)
        return True

    @property
    def trouble(self) -> str:
        """Why nothing comes, in words; empty if all is well."""
        return self.broken or self.player.trouble

    @property
    def waiting(self) -> int:
        return self.screen.waiting(len(self.progress.reached))

    def looks(self, now_s: float) -> tuple[object, ...]:
        """All that a page sees of it: another one means that there is news."""
        now = self.progress.now
        held = self.screen.held(len(self.progress.reached), now_s)
        return (now.now.t_s if now else None, self.phase, self.paused, self.screen.at, held, self.trouble)
