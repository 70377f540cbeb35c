"""A scenario on a board: each step is sent as a command when the board's own pump time has come to it.

The one runner, for the request, for lessons and for the demo. They differ in where pump time comes from (`PumpTime`),
in when minute 0 of the events is, and in how often a step is tried.

The board knows no scenarios: it gets a command when something happens. A step that was not answered may have been
carried out, so only a step that sets a state is sent again; what was drawn or filled once is not drawn or filled twice.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from pumplink import messages as m
from pumplink.codes import Fault as FaultCode
from warmflow.device.link import CommandError, PumpLink
from warmflow.device.updates import PumpRemoved, Reading, ScenarioState
from warmflow.errors import UserError
from warmflow.simulation.events import Exposure, Fault, Fluid
from warmflow.simulation.scenario import BoardStep, Scenario

LATE_S = 3.0  # real time: a step that is later is reported, and ends when it would have ended
SHORTEST_MIN = 1 / 60
SETS_A_STATE = (Exposure, Fault, Fluid)
SEA_LEVEL_KPA = 101.325
STATES = ("playing", "over", "stopped", "failed")  # of a run; published
GOES_ON = "what the board had begun goes on to its own end"


class Broken(UserError):
    """The scenario cannot go on; the text says why."""


class PumpTime(Protocol):
    """Pump time of one board while it passes."""

    @property
    def speed_x(self) -> int: ...

    async def reached(self, pump_s: float) -> float:
        """Waits until the board's pump time is there; how late it is then, in seconds of pump time.

        Raises: Broken where that time will not come.
        """
        ...


class ReadingTime:
    """Pump time by the live readings of one boot: a subscriber of the hub."""

    def __init__(self, link: PumpLink) -> None:
        self.speed_x = 1
        self._pump, self._boot = link.name, link.session.boot
        self._now_s: float | None = None
        self._broken = ""
        self._moved = asyncio.Event()

    def on_update(self, update: object) -> None:
        """Looks at live readings of its pump, and at its end."""
        if isinstance(update, Reading):
            if update.pump == self._pump and not update.late:
                self._reading(update)
        elif isinstance(update, PumpRemoved) and update.pump == self._pump:
            self._breaks(f"{self._pump} is no longer connected: renamed, or its port was removed")

    async def first(self, within_s: float) -> float:
        """Pump time of the first reading. Raises Broken if none comes."""
        try:
            async with asyncio.timeout(within_s):
                await self.reached(0.0)
        except TimeoutError:
            raise Broken(f"{self._pump}: no reading within {within_s:g} s: nothing was started") from None
        assert self._now_s is not None
        return self._now_s

    async def reached(self, pump_s: float) -> float:
        while self._broken or self._now_s is None or self._now_s < pump_s:
            if self._broken:
                raise Broken(self._broken)
            self._moved.clear()
            await self._moved.wait()
        return self._now_s - pump_s

    def _reading(self, reading: Reading) -> None:
        if reading.boot != self._boot:
            self._breaks("the board has restarted and lost the scenario's commands")
            return
        self._now_s, self.speed_x = reading.message.pump_time_ms / 1000, reading.speed_x
        self._moved.set()

    def _breaks(self, why: str) -> None:
        self._broken = why
        self._moved.set()


class ScenarioRun:
    """Call `begin` or `start`, then run `play()` as a task. `state`: playing, over, stopped, failed; `refusal` is the
    board's error where it failed at a step. `changed` is called when `shown` changes.
    """

    def __init__(
        self,
        name: str,
        scenario: Scenario,
        link: PumpLink,
        time: PumpTime,
        tries: int = 1,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.title, self.steps = name, scenario.title, scenario.exposure
        self.length_min = scenario.last_end_min
        self.state, self.reason, self.refusal, self.sent = "playing", "", "", 0
        self._link, self._time, self._tries, self._changed = link, time, tries, changed
        self._sent_kinds: set[type] = set()  # of steps that the board got, or may have got
        self._began_s: float | None = None

    def begin(self, pump_s: float) -> None:
        """Minute 0 of the events is at this pump time."""
        self._began_s = pump_s
        self._changed()

    async def start(self, pump_s: float) -> str:
        """Minute 0 is now: sends what is due at once, or a ping; the board's answers. Raises UserError."""
        self.begin(pump_s)
        answers = []
        while self.sent < len(self.steps) and self.steps[self.sent].at_min <= 0:
            answers.append(await self._send())
        return "; ".join(filter(None, answers)) if answers else (await self._link.command(m.Ping)).text

    async def play(self) -> None:
        """To its end; it never raises but when it is cancelled."""
        try:
            while self.sent < len(self.steps):
                await self._send()
            await self._time.reached(self._pump_s(self.length_min))
            self.state = "over"
        except UserError as error:
            self.state, self.reason = "failed", f"{error}; {GOES_ON}"
        self._changed()

    async def end(self) -> str:
        """Takes back what was sent and lasts; the board's answers. Raises CommandError."""
        self.state = "stopped"
        answers = []
        if Exposure in self._sent_kinds:
            answers.append((await self._link.command(lambda number: m.SetEnvironment(number, 0, *[None] * 4))).text)
        if Fault in self._sent_kinds:
            answers.append((await self._link.command(lambda number: m.InjectFault(number, FaultCode.NONE, 0, 0))).text)
        return "; ".join(filter(None, answers))

    def shown(self) -> ScenarioState:
        """How it is going; it changes when a step is sent, and at the end."""
        return ScenarioState(
            scenario=self.name,
            title=self.title,
            state=self.state,
            reason=self.reason,
            began_pump_time_s=self._began_s,
            length_min=round(self.length_min, 3),
            steps=len(self.steps),
            sent=self.sent,
        )

    def _pump_s(self, minute: float) -> float:
        assert self._began_s is not None
        return self._began_s + minute * 60

    async def _send(self) -> str:
        """Sends the next step at its time; the board's answer."""
        step = self.steps[self.sent]
        tries = self._tries if isinstance(step, SETS_A_STATE) else 1
        while True:
            late_s = await self._time.reached(self._pump_s(step.at_min))
            tries -= 1
            try:
                answer = await self._link.command(self._command(self._in_time(step, late_s)))
                break
            except CommandError as error:
                if not tries:
                    self.refusal = str(error)
                    raise Broken(f"step {self.sent + 1} of {len(self.steps)}: {error}") from None
        self.sent += 1
        self._changed()
        return answer.text

    def _in_time(self, step: BoardStep, late_s: float) -> BoardStep:
        """A step that a silent board gets late ends when it would have ended; a moment too late changes nothing."""
        self._sent_kinds.add(type(step))
        if late_s <= LATE_S * self._time.speed_x:
            return step
        late = f"{late_s:.0f} s" if late_s < 120 else f"{late_s / 60:.0f} min"
        self.reason = f"step {self.sent + 1} was sent {late} late: the board did not answer"
        duration_min = getattr(step, "duration_min", None)
        if duration_min is None:
            return step
        return step.model_copy(update={"duration_min": max(SHORTEST_MIN, duration_min - late_s / 60)})

    def _command(self, step: BoardStep) -> Callable[[int], m.Message]:
        if isinstance(step, Exposure):
            rig = self._link.rig
            site_kpa = rig.site_pressure_pa / 1000 if rig else SEA_LEVEL_KPA
            return lambda number: step.command(number, site_kpa)
        return step.command
