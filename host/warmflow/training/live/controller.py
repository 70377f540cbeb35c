"""The stage: what is played on it, its session, its lessons; and who is told that something is new.

Everything runs in the event loop; long work runs in a thread. Actions are carried out one at a time, and pump time is
not looked at in the middle of one.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from warmflow.device.link import PumpLink
from warmflow.runtime.logs import Log, toned
from warmflow.runtime.tasks import end
from warmflow.runtime.wall_clock import Clock
from warmflow.training import session_log as sessions
from warmflow.training.lesson_library import Contents, LessonLibrary, same
from warmflow.training.live.lesson_run import LessonRun
from warmflow.training.live.pump_listener import PumpListener
from warmflow.training.predictions import compared
from warmflow.training.session_log import Entry, Session
from warmflow.training.texts import texts

TICK_S = 0.1


class Surroundings(Protocol):
    """What the daemon is to a stage."""

    commands: str  # why nothing may be commanded, in words; empty where it may be

    def links(self) -> Iterable[PumpLink]: ...

    def alarm(self, pump: str) -> Mapping[str, Any] | None:
        """The flag of a pump that is not normal."""
        ...

    async def acknowledge(self, pump: str) -> None: ...

    def busy(self, pump: str) -> str:
        """Why a pump cannot play a lesson now, in words; empty if it can."""
        ...


class LessonController:
    """`now` paces replays and holds steps; `wall` dates the log; `kept` takes every entry of the session's log."""

    def __init__(
        self,
        library: LessonLibrary,
        around: Surroundings,
        log: Log,
        wall: Clock,
        kept: Callable[[Entry], None] = lambda entry: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.around, self.now, self.log = around, now, log
        self.session = Session()
        self.lesson_run: LessonRun | None = None
        self.turn = asyncio.Lock()  # of actions
        self.listener = PumpListener(time.monotonic)
        self.version = 0
        self.library = 0  # counts the changes of the lessons that there are
        self._library, self._kept, self._wall = library, kept, wall
        self._held: list[tuple[str, str]] = []  # pumps that are being prepared or put back, and for which lesson
        self._looking = asyncio.Lock()
        self._known: Contents | None = None
        self._looked: tuple[object, ...] = ()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def contents(self) -> Contents:
        """The lessons that there are now."""
        async with self._looking:
            found = await asyncio.to_thread(self._library.look)
            if self._known is not None and not same(self._known, found):
                self.library += 1
                self.changed()
            self._known = found
            return found

    def changed(self) -> None:
        """Something is new: whoever waits for it is told."""
        self.version += 1
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def news(self, version: int) -> int:
        """Waits until there is another version than this one; the new one."""
        while self.version == version:
            await self._news.wait()
        return self.version

    def note(self, kind: str, **detail: Any) -> None:
        """One more entry in the session's log. Raises SessionError for what cannot be."""
        self._take(sessions.noted(self.session, self._wall(), kind, **detail))

    def next_group(self) -> None:
        """Its entry in the log."""
        self._take(sessions.next_group(self.session, self._wall()))

    def put_on(self, lesson_run: LessonRun) -> None:
        """A lesson, on an empty stage."""
        self.lesson_run = lesson_run
        self._task = asyncio.create_task(self._run(lesson_run), name="stage")
        self._task.add_done_callback(self._ended)
        self.changed()

    async def clear(self, to_rest: bool = False) -> None:
        """Nothing is on the stage any more; what was commanded is put back, and its faults have ended."""
        lesson_run, self.lesson_run = self.lesson_run, None
        for fault in lesson_run.faults if lesson_run else ():  # else the next lesson would ask what is wrong with it
            self.note("injected", fault=fault, magnitude=0.0)
        title = lesson_run.player.play.lesson.title if lesson_run else ""
        with self.holding(lesson_run.player.pump if lesson_run else None, title):
            if self._task:
                await end(self._task)
            if lesson_run:
                await lesson_run.player.leave(to_rest)
        self.changed()

    @contextlib.contextmanager
    def holding(self, pump: str | None, lesson: str) -> Iterator[None]:
        """While the block lasts, a pump is the stage's for this lesson, by its title."""
        held = [] if pump is None else [(pump, lesson)]
        self._held += held
        try:
            yield
        finally:
            for one in held:
                self._held.remove(one)

    def plays_on(self, pump: str) -> str:
        """Why nobody else may command this pump now, in words; empty if they may."""
        player = self.lesson_run.player if self.lesson_run else None
        on_stage = [(player.pump, player.play.lesson.title)] if player else []
        titles = [title for name, title in (*on_stage, *self._held) if name == pump]
        return texts()("stage.plays_on", lesson=titles[0]) if titles else ""

    def flag(self) -> Mapping[str, Any] | None:
        """The flag of the lesson's pump that was raised since the lesson began and still stands."""
        lesson_run = self.lesson_run
        if lesson_run is None or lesson_run.player.pump is None or lesson_run.phase == "predict":
            return None
        alarm = self.around.alarm(lesson_run.player.pump)
        began = [entry.at for entry in self.session.entries if entry.kind == "started"][-1:]
        if not alarm or not alarm["active"] or not began:
            return None
        raised = alarm["since"]
        return alarm if raised is None or datetime.fromisoformat(raised) >= began[0] else None

    def tick(self, lesson_run: LessonRun) -> None:
        """Lets time pass for a lesson."""
        now_s = self.now()
        for kind, step in lesson_run.tick(now_s):
            if kind == "finished":
                found = compared(lesson_run.progress, lesson_run.guesses)
                self._take(sessions.finished(self.session, self._wall(), found))
            else:
                self.note(kind, step=step)
        looks = lesson_run.looks(now_s)
        if looks != self._looked:
            self._looked = looks
            self.changed()

    async def _run(self, lesson_run: LessonRun) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if not self.turn.locked():
                self.tick(lesson_run)

    def _take(self, session: Session) -> None:
        for entry in session.entries[len(self.session.entries) :]:
            self._kept(entry)
        self.session = session
        self.changed()

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error and self.lesson_run:
            self.lesson_run.broken = texts()("stage.broken")
            toned(self.log, logging.ERROR)(f"the lesson broke off: {error!r}")
            self.changed()
