"""One scenario on one board: each step is sent as a command when the board's own pump time has come to it.

The board knows no scenarios: it is told what happens, when it happens. Minute 0 of the events is the start; rest before
them is whatever the pump did before. Refuses to send a step twice: one that was not answered may have happened.
"""

import asyncio
from typing import Any

from pumplink import messages as m
from pumplink.codes import Fault as FaultCode
from warmflow.device.identity import Boot
from warmflow.device.link import CommandError, PumpLink
from warmflow.errors import Mendable
from warmflow.simulation.events import Exposure, Fault
from warmflow.simulation.scenario import Scenario

FIRST_S = 5.0  # a board that is heard sends a reading a second at least
LATE_MIN = 1.0  # later than this is said
STATES = ("playing", "over", "stopped", "failed")  # of a run; published
GOES_ON = "what the board had begun goes on to its own end"


class Broken(Mendable):
    """The scenario can not go on; the text says why."""


class Run:
    """`begin` it, then run `play()` as a task; `at` tells it the pump time of each reading. `state`: playing, over,
    stopped, failed.
    """

    def __init__(self, name: str, scenario: Scenario, link: PumpLink) -> None:
        self.name, self.title, self.steps = name, scenario.title, scenario.exposure
        self.length_min = scenario.last_end_min
        self.state, self.reason, self.sent = "playing", "", 0
        self.boot = link.session.boot
        self._link = link
        self._told: set[type] = set()  # kinds of steps that the board was told, or may have been
        self._began_ms: int | None = None
        self._now_ms = 0
        self._broken = ""
        self._moved = asyncio.Event()

    def at(self, boot: Boot, pump_time_ms: int) -> None:
        """A live reading."""
        if boot != self.boot:
            self.breaks("the board has started again, and what it was told is gone")
            return
        if self._began_ms is None:
            self._began_ms = pump_time_ms
        self._now_ms = pump_time_ms
        self._moved.set()

    def breaks(self, why: str) -> None:
        """It can not go on."""
        self._broken = why
        self._moved.set()

    async def begin(self) -> str:
        """Waits for a reading and sends what is due at once, or a ping; the board's words. Raises Mendable."""
        try:
            async with asyncio.timeout(FIRST_S):
                await self._reached(0.0)
        except TimeoutError:
            raise Broken(f"{self._link.name}: no reading within {FIRST_S:g} s: nothing was started") from None
        words = []
        while self.sent < len(self.steps) and self.steps[self.sent].at_min <= 0:
            words.append(await self._send())
        return "; ".join(filter(None, words)) if words else (await self._link.command(m.Ping)).text

    async def play(self) -> None:
        """To its end; it never raises but when it is cancelled."""
        try:
            while self.sent < len(self.steps):
                await self._reached(self.steps[self.sent].at_min)
                await self._send()
            await self._reached(self.length_min)
            self.state = "over"
        except Mendable as error:
            self.state, self.reason = "failed", f"{error}; {GOES_ON}"

    async def end(self) -> str:
        """Takes back what was sent and lasts; the board's words. Raises CommandError."""
        self.state = "stopped"
        words = []
        if Exposure in self._told:
            words.append((await self._link.command(lambda number: m.SetEnvironment(number, 0, *[None] * 4))).text)
        if Fault in self._told:
            words.append((await self._link.command(lambda number: m.InjectFault(number, FaultCode.NONE, 0, 0))).text)
        return "; ".join(filter(None, words))

    def shown(self) -> dict[str, Any]:
        """How it stands; it changes when a step is sent, and at the end."""
        return {
            "scenario": self.name,
            "title": self.title,
            "state": self.state,
            "reason": self.reason,
            "began_pump_time_s": None if self._began_ms is None else self._began_ms / 1000,
            "length_min": round(self.length_min, 3),
            "steps": len(self.steps),
            "sent": self.sent,
        }

    @property
    def _minute(self) -> float:
        return 0.0 if self._began_ms is None else (self._now_ms - self._began_ms) / 60_000

    async def _reached(self, minute: float) -> None:
        while self._broken or self._began_ms is None or self._minute < minute:
            if self._broken:
                raise Broken(self._broken)
            self._moved.clear()
            await self._moved.wait()

    async def _send(self) -> str:
        step = self.steps[self.sent]
        late_min = self._minute - step.at_min
        if late_min > LATE_MIN:
            self.reason = f"step {self.sent + 1} was sent {late_min:.0f} min late: the board was not heard"
        self._told.add(type(step))
        try:
            said = await self._link.command(step.command)
        except CommandError as error:
            raise Broken(f"step {self.sent + 1} of {len(self.steps)}: {error}") from None
        self.sent += 1
        return said.text
