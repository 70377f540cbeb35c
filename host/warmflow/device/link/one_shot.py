"""A short connection to one board: opens its port, waits for its HELLO, and hands over the link for a few commands.

Used by flash, config and selftest. A port that cannot be opened is an error at once; it is not tried again as in the
daemon. No record is acknowledged, so the board keeps its records for the daemon.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from serial.tools import list_ports

from pumplink import messages as m
from pumplink.codes import Platform, Sensor, spoken
from warmflow.device.link import PumpLink
from warmflow.device.transport.serial_port import find_port, open_exclusive
from warmflow.device.updates import Update
from warmflow.runtime.tasks import end

HELLO_S = 10.0


def check_port(port: str | None) -> str:
    """The path of a port that can be opened right now. Raises PortError with the remedy."""
    path = find_port(port)
    open_exclusive(path).close()
    return path


def usb_serial_number(path: str) -> str | None:
    """The one name of a board that stays when it restarts and its port gets another path; None if it has none."""
    ports = (port for port in list_ports.comports() if port.device == path)
    return next((port.serial_number for port in ports if port.serial_number), None)


@asynccontextmanager
async def greeted_link(
    port: str,
    log: Callable[[str], None],
    timeout_s: float = HELLO_S,
    publish: Callable[[Update], None] = lambda update: None,
) -> AsyncIterator[PumpLink]:
    """A link whose board has sent HELLO; its updates go to `publish`.

    Raises: CommandError with the state of the link if no HELLO comes within `timeout_s`.
    """
    link = PumpLink(port, publish, log)
    task = asyncio.create_task(link.run())
    try:
        await link.greeted(timeout_s)
        yield link
    finally:
        await end(task)


def introduced(hello: m.Hello) -> str:
    """One line: who the board is and what it measures with."""
    firmware = f"{hello.firmware_major}.{hello.firmware_minor}.{hello.firmware_patch}"
    return (
        f"{hello.rig_name or 'no name'}: firmware {firmware} on {Platform(hello.platform).name.lower()}, "
        f"profile {hello.profile}, sensor {spoken(Sensor, hello.sensor)}, {hello.rate_hz} Hz, "
        f"boot {hello.boot_count}, board {hello.board_id.hex()}"
    )
