"""A serial port as an asynchronous stream of bytes, on every platform that pyserial knows.

pyserial blocks, so a thread reads and hands the bytes to the event loop. Opening is exclusive: two readers would
share the bytes between them, which looks like a CRC storm. Refuses to retry: it says why it can not, and the caller
decides.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable

import serial
from serial.tools import list_ports

from warmflow.errors import Mendable
from warmflow.status import LinkState

READ_TIMEOUT_S = 0.2  # how fast the thread notices a stop
WRITE_TIMEOUT_S = 2.0
PICO_USB_IDS = {(0x2E8A, 0x0005)}  # MicroPython's CDC on RP2040 and RP2350


class PortError(Mendable):
    """The port can not be used; `state` says in which way."""

    def __init__(self, state: LinkState, text: str) -> None:
        super().__init__(text)
        self.state = state


def picos() -> list[str]:
    """USB serial numbers of all Picos that are plugged in."""
    found = (port for port in list_ports.comports() if (port.vid, port.pid) in PICO_USB_IDS)
    return [str(port.serial_number or port.device) for port in found]


def find_port(wanted: str | None) -> str:
    """The port's name for a path, a USB serial number, or None for the only Pico there is. Raises PortError."""
    ports = list_ports.comports()
    if wanted is None:
        picos = [port for port in ports if (port.vid, port.pid) in PICO_USB_IDS]
        if len(picos) == 1:
            return str(picos[0].device)
        found = ", ".join(f"{port.device} ({port.serial_number})" for port in picos) or "none"
        raise PortError(
            LinkState.NOT_FOUND,
            f"one Pico is needed and found: {found}. Name one with --port PATH or USB serial number",
        )
    for port in ports:
        if port.serial_number and port.serial_number.lower() == wanted.lower():
            return str(port.device)
    return wanted


class SerialPort:
    """An open port. `on_bytes` is called in the event loop; `on_lost` once, when the port fails."""

    def __init__(self, path: str, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self.path = path
        self._loop = asyncio.get_running_loop()
        self._on_bytes, self._on_lost = on_bytes, on_lost
        self._port = open_exclusive(path)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._read, name=f"read {path}", daemon=True)
        self._thread.start()

    async def write(self, data: bytes) -> None:
        """Sends all bytes. A port that takes nothing for 2 s counts as lost."""
        try:
            await asyncio.to_thread(self._port.write, data)
        except (serial.SerialException, OSError) as error:
            self._lost(str(error))

    async def close(self) -> None:
        self._stopping.set()
        with contextlib.suppress(serial.SerialException, OSError):
            self._port.cancel_read()
        await asyncio.to_thread(self._thread.join, 2 * READ_TIMEOUT_S + 1)
        with contextlib.suppress(serial.SerialException, OSError):
            await asyncio.to_thread(self._port.close)

    def _read(self) -> None:
        while not self._stopping.is_set():
            try:
                data = self._port.read(max(1, self._port.in_waiting))
            except (serial.SerialException, OSError, TypeError) as error:  # TypeError: closed under the read
                if not self._stopping.is_set():
                    self._from_thread(self._lost, str(error))
                return
            if data:
                self._from_thread(self._on_bytes, data)

    def _from_thread(self, call: Callable[..., None], argument: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call, argument)

    def _lost(self, reason: str) -> None:
        if not self._stopping.is_set():
            self._stopping.set()
            self._on_lost(reason)


def open_exclusive(path: str) -> serial.Serial:
    """The open port. Raises PortError with the remedy."""
    try:
        port = serial.serial_for_url(path, do_not_open=True, timeout=READ_TIMEOUT_S, write_timeout=WRITE_TIMEOUT_S)
        port.dtr = True  # the Pico sends nothing before
        if hasattr(port, "exclusive"):
            port.exclusive = True
        port.open()
        return port
    except (serial.SerialException, OSError, ValueError) as error:
        raise _port_error(path, error) from error


def _port_error(path: str, error: Exception) -> PortError:
    number = getattr(error, "errno", None)
    words = str(error).lower()
    if number == 2 or "no such file" in words or "cannot find" in words:
        return PortError(
            LinkState.NOT_FOUND, f"{path}: no such port. Is the cable in? `warmflow ports` lists what is there"
        )
    if number == 13 or "permission" in words or "access is denied" in words:
        return PortError(
            LinkState.DENIED,
            f"{path}: no permission. On Linux: sudo usermod -aG dialout $USER, then log out and in again",
        )
    if number in (11, 16) or "busy" in words or "exclusively lock" in words:
        return PortError(
            LinkState.BUSY, f"{path}: another program has it open. Close it (mpremote, Thonny, a second warmflow)"
        )
    return PortError(LinkState.PORT_LOST, f"{path}: {error}")
