"""All pumps of this daemon: one link each, found at run time or named in the settings. One broken pump disturbs no
other.

A Pico is known by its USB serial number, so it is found again under whatever name its port comes back. Two boards
with one rig name would write into one another's topics: the second one is refused, by name, until it is renamed.
"""

import asyncio
from collections.abc import Callable, Sequence

from warmflow.hub import Hub
from warmflow.link import PumpLink
from warmflow.session import Boot, Memory
from warmflow.source.serialport import picos
from warmflow.tasks import end

LOOK_S = 1.0  # how often the ports are looked at for a new Pico


class Fleet:
    """Run `run()` as a task. Without named ports it takes every Pico that is there or comes."""

    def __init__(self, ports: Sequence[str], hub: Hub, log: Callable[[str], None], memory: Memory) -> None:
        self.links: dict[str, PumpLink] = {}  # by what they were asked to open
        self._ports, self._hub, self._log, self._memory = ports, hub, log, memory
        self._tasks: dict[str, asyncio.Task[None]] = {}
        for port in ports:
            self.links[port] = PumpLink(port, hub, log, memory, self._claim)

    async def run(self) -> None:
        """Until cancelled; then every link is closed and says so."""
        for port, link in self.links.items():
            self._tasks[port] = asyncio.create_task(link.run(), name=f"pump {port}")
        if not self._ports:
            self._log("waiting for a Pico; `warmflow emulate` makes a virtual one, to be named with --port")
        try:
            while True:
                if not self._ports:
                    self._look()
                self._mend()
                await asyncio.sleep(LOOK_S)
        finally:
            await end(*self._tasks.values())

    def safe(self, boot: Boot, sequence: int) -> None:
        """All records up to this one are safe: its board may forget them."""
        for link in self.links.values():
            link.safe(boot, sequence)

    def summary_safe(self, board_id: str, minute: int) -> None:
        """All minutes that this board kept up to this one are safe."""
        for link in self.links.values():
            link.summary_safe(board_id, minute)

    def _mend(self) -> None:
        """A link whose task broke is said to be broken, and started again; the others go on."""
        for port, task in list(self._tasks.items()):
            if task.done():
                self._log(f"{port}: the link broke and is started again: {task.exception()!r}")
                self._tasks[port] = asyncio.create_task(self.links[port].run(), name=f"pump {port}")

    def _look(self) -> None:
        for serial_number in picos():
            if serial_number not in self.links:
                link = self.links[serial_number] = PumpLink(
                    serial_number, self._hub, self._log, self._memory, self._claim
                )
                self._tasks[serial_number] = asyncio.create_task(link.run(), name=f"pump {serial_number}")

    def _claim(self, name: str, board_id: str) -> bool:
        """True if this board may have this name: no other board that is connected has it."""
        return all(
            link.name != name or link.session.boot is None or link.session.boot.board_id == board_id
            for link in self.links.values()
            if not link.session.state.is_closed
        )
