"""All pumps of this daemon: one link each, found at run time or named in the settings. One broken pump disturbs no
other.

A Pico is known by its USB serial number, so it is found again under whatever name its port comes back. Who may be which
pump is decided in `identity_claims`.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from warmflow.device.clock.host_date import HostDate
from warmflow.device.host_clock import Now, stamp
from warmflow.device.identity import Boot, PumpName
from warmflow.device.link import PumpLink, identity_claims
from warmflow.device.name_registry import NameRegistry
from warmflow.device.session import RecordStore, Refusal
from warmflow.device.transport.serial_port import picos
from warmflow.device.updates import PumpRemoved, Update
from warmflow.device.virtual.announcements import virtual_ports
from warmflow.monitor import DEFAULT_LIMITS, PumpLimits
from warmflow.runtime.logs import toned, within
from warmflow.runtime.tasks import end
from warmflow.runtime.threads import in_thread

LOOK_S = 1.0  # how often the ports are looked at for a new Pico


class Fleet:
    """Run `run()` as a task. Without named ports it takes every Pico and every virtual board that is there or comes.
    `names`: which board each name belongs to. `limits` of a pump, by its name.
    """

    def __init__(
        self,
        ports: Sequence[str],
        publish: Callable[[Update], None],
        log: Callable[[str], None],
        memory: RecordStore,
        record: Path | None = None,
        now: Now = stamp,
        names: NameRegistry | None = None,
        host: HostDate | None = None,
        limits: Callable[[str], PumpLimits] = lambda pump: DEFAULT_LIMITS,
    ) -> None:
        self.registry = NameRegistry() if names is None else names
        self.links: dict[str, PumpLink] = {}  # by what they were asked to open
        self._ports, self._publish, self._log, self._memory, self._record = ports, publish, log, memory, record
        self._now, self._limits = now, limits
        self._host = HostDate() if host is None else host
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._virtual: set[str] = set()  # ports of virtual boards that announced themselves
        self._blind = False  # the ports could not be listed
        self._heard: dict[Boot, PumpLink] = {}  # where a boot was found last: asked for a thousand times a second
        for port in ports:
            self.links[port] = self._link(port)

    async def run(self) -> None:
        """Until cancelled; then every link is closed and says so."""
        for port in self.links:
            self._start(port)
        if not self._ports:
            log = within(self._log, "fleet")
            log("waiting for a Pico, or for a virtual one: `warmflow emulate` starts it")
        try:
            while True:
                if not self._ports:
                    await self._look()
                self._mend()
                await asyncio.sleep(LOOK_S)
        finally:
            await end(*self._tasks.values())

    async def _look(self) -> None:
        """Adds every Pico that was plugged in. A failure to list the ports is logged once, and tried again."""
        try:
            found = await in_thread(picos)
        except Exception as error:  # the system's; and pyserial's own, when a device goes while it is looked at
            if not self._blind:
                log = toned(within(self._log, "fleet"), logging.WARNING)
                log(f"the ports cannot be listed: {error!r}; trying again every {LOOK_S:g} s")
            self._blind = True
            return
        if self._blind:
            self._blind = False
            within(self._log, "fleet")("the ports can be listed again")
        for serial_number in found:
            self.attach(serial_number)
        await self._look_for_virtual()

    async def _look_for_virtual(self) -> None:
        """Takes every virtual board that has come, and lets go of those that have ended: their port's name may soon be
        that of somebody's terminal.
        """
        found = set(await in_thread(virtual_ports))
        for port in self._virtual - found:
            within(self._log, "fleet")(f"the virtual board at {port} has ended")
            await self.detach(port)
        for port in found - self._virtual:
            self.attach(port)
        self._virtual = found

    def attach(self, port: str) -> None:
        """Opens this port, too, from now on."""
        if port not in self.links:
            self.links[port] = self._link(port)
            self._start(port)

    async def detach(self, port: str) -> None:
        """Closes this port and forgets it; without named ports a Pico that is plugged in comes back by itself."""
        if port in self._tasks:
            await end(self._tasks.pop(port))
            self._publish(PumpRemoved(self.links.pop(port).name, port))

    def names(self) -> list[str]:
        """Of the pumps that have sent theirs."""
        return [link.name for link in self.links.values() if link.name]

    @property
    def ended(self) -> bool:
        """True when there is nothing more to come: all of it were recordings, and they are over."""
        return bool(self._tasks) and all(task.done() and not _broken(task) for task in self._tasks.values())

    def safe(self, boot: Boot, sequence: int) -> None:
        """All records up to this one are safe: its board may forget them."""
        link = self._heard.get(boot)
        if link is None or link.session.boot != boot:
            link = next((each for each in self.links.values() if each.session.boot == boot), None)
            if link is None:
                return
            self._heard = {each: of for each, of in self._heard.items() if of is not link} | {boot: link}
        link.safe(boot, sequence)

    def summary_safe(self, board_id: str, minute: int) -> None:
        """All minutes that this board kept up to this one are safe."""
        for link in self.links.values():
            link.summary_safe(board_id, minute)

    def _mend(self) -> None:
        """A link whose task failed is reported and restarted; the others keep running."""
        for port, task in list(self._tasks.items()):
            if _broken(task):
                log = toned(within(self._log, "fleet"), logging.ERROR, port)
                log(f"the link broke and is started again: {task.exception()!r}")
                self._start(port)

    def _link(self, port: str) -> PumpLink:
        more = (self._memory, self._claim, self._record, self._now, self._host, self._limits)
        return PumpLink(port, self._publish, self._log, *more)

    def _start(self, port: str) -> None:
        self._tasks[port] = asyncio.create_task(self.links[port].run(), name=f"pump {port}")

    def _claim(self, link: PumpLink, name: PumpName, board_id: str) -> Refusal | None:
        """Why the board at this link may not be this pump. If it may, no other link speaks for the pump any more."""
        others = [each for each in self.links.values() if each is not link]
        if refused := identity_claims.refusal(name, board_id, others, self.registry):
            return refused
        self.registry.claim(name, board_id)
        for each in others:
            if each.name and (each.name == name or each.named_board == board_id):
                if each.name != name:  # it was renamed on its way from that port to this one
                    self._publish(PumpRemoved(each.name))
                each.release()
        return None


def _broken(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None
