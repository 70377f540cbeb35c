"""A serial port as an asynchronous stream of bytes, on every platform that pyserial knows.

Where the event loop can watch the port it reads it itself. Elsewhere (Windows, `rfc2217://`) pyserial blocks, so a
thread reads and hands the bytes over; a hundred threads would spend their time waiting for one another. Opening is
exclusive: two readers would share the bytes between them, which looks like a CRC storm. Refuses to retry: it says why
it cannot, and the caller decides.
"""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable

import serial
from serial.tools import list_ports

from warmflow.device.host_clock import Now, stamp
from warmflow.device.states import LinkState
from warmflow.device.transport.port_poller import unwatch, watch
from warmflow.errors import UserError
from warmflow.runtime.threads import in_thread

READ_TIMEOUT_S = 0.2  # how fast the thread notices a stop
WRITE_TIMEOUT_S = 2.0
READ_BYTES = 4096  # then the other ports have their turn
MUCH_BYTES = 1024  # so much at once is a flood: whoever pauses then lets the buffer of the system run full
HANDED_OVER = 64  # pieces that a reading thread may be ahead of the loop; then the port waits
PULLED = "the device was unplugged, or the other end was closed"
READ_BY_ANOTHER = "another program reads this port; close it (mpremote, Thonny, a serial monitor)"
NO_DATA = "returned no data"  # pyserial's words for a read that had to give something and gave nothing
PICO_USB_IDS = {(0x2E8A, 0x0005)}  # MicroPython's CDC on RP2040 and RP2350


class PortError(UserError):
    """The port cannot be used; `state` says in which way."""

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
            f"one Pico is needed, found: {found}. Plug one in, or name it with --port PATH or its USB serial number",
        )
    for port in ports:
        if port.serial_number and port.serial_number.lower() == wanted.lower():
            return str(port.device)
    return wanted


class SerialPort:
    """An open port. `on_bytes` is called in the event loop; `on_lost` once, when the port fails.

    watched: False lets a thread read, whatever the loop can do. port: is open already.
    """

    def __init__(
        self,
        path: str,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[str], None],
        watched: bool = True,
        port: serial.Serial | None = None,
        stamp: Now = stamp,
    ) -> None:
        self.path = path
        self.stamp = stamp  # the time of what arrives now
        self._loop = asyncio.get_running_loop()
        self._on_bytes, self._on_lost = on_bytes, on_lost
        self._port = port or open_exclusive(path)
        self._ahead = threading.BoundedSemaphore(HANDED_OVER)
        self._stopping = threading.Event()
        self._fd = self._watch() if watched else None
        self._thread: threading.Thread | None = None
        if self._fd is None:
            self._thread = threading.Thread(target=self._read, name=f"read {path}", daemon=True)
            self._thread.start()

    async def write(self, data: bytes) -> None:
        """Sends all bytes. A port that accepts no data for 2 s counts as lost."""
        try:
            if rest := data[self._taken(data) :]:
                async with asyncio.timeout(2 * WRITE_TIMEOUT_S):
                    await in_thread(lambda: self._port.write(rest))
        except TimeoutError:
            self._lost("it accepts no more data")
        except (serial.SerialException, OSError) as error:
            self._lost(str(error))

    async def close(self) -> None:
        self._stopping.set()
        self._unwatch()
        if self._thread:
            thread = self._thread
            with contextlib.suppress(serial.SerialException, OSError, AttributeError):  # URLs have none: it times out
                self._port.cancel_read()
            await in_thread(lambda: thread.join(2 * READ_TIMEOUT_S + 1))
        with contextlib.suppress(serial.SerialException, OSError):
            await in_thread(self._port.close)

    def now_s(self) -> float:
        return time.monotonic()

    def _watch(self) -> int | None:
        """The file that the loop watches from now on, None where it cannot."""
        try:
            fd = int(self._port.fileno())
            watch(self._loop, fd, self._ready)
        except (NotImplementedError, AttributeError, OSError, ValueError):
            return None
        with contextlib.suppress(OSError):  # of a port that just broke: its first read says so
            self._port.timeout = 0  # a read takes what is there
        return fd

    def _unwatch(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            unwatch(self._loop, fd)

    def _ready(self) -> bool:
        """Reads what is there; True if there may be more."""
        if self._fd is None:
            return False
        try:
            data = os.read(self._fd, READ_BYTES)  # pyserial would ask once more whether there is something
        except BlockingIOError:
            return False
        except OSError as error:
            self._lost(str(error))
            return False
        if data:
            self._on_bytes(data)
        else:
            self._lost(READ_BY_ANOTHER if _is_there(self._fd) else PULLED)
        return len(data) >= MUCH_BYTES

    def _taken(self, data: bytes) -> int:
        """Bytes that a watched port takes at once, without a thread."""
        try:
            return os.write(self._fd, data) if self._fd is not None else 0
        except BlockingIOError:
            return 0

    def _read(self) -> None:
        while not self._stopping.is_set():
            try:
                data = self._port.read(max(1, self._port.in_waiting))
            except (serial.SerialException, OSError, TypeError) as error:  # TypeError: closed under the read
                if not self._stopping.is_set():
                    self._from_thread(self._lost, lost_reason(self._port, error))
                return
            if data:
                self._hand_over(data)

    def _hand_over(self, data: bytes) -> None:
        """To the loop, which must not be left with more than it gets done."""
        while not self._ahead.acquire(timeout=READ_TIMEOUT_S):
            if self._stopping.is_set():
                return
        self._from_thread(self._handed_over, data)

    def _handed_over(self, data: bytes) -> None:
        self._ahead.release()
        if not self._stopping.is_set():
            self._on_bytes(data)

    def _from_thread(self, call: Callable[..., None], argument: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call, argument)

    def _lost(self, reason: str) -> None:
        self._unwatch()
        if not self._stopping.is_set():
            self._stopping.set()
            self._on_lost(reason)


def lost_reason(port: serial.Serial, error: Exception) -> str:
    """Why a read failed. A port that is there and had data for somebody, but none for us, has a second reader."""
    if NO_DATA not in str(error):
        return str(error)
    try:
        return READ_BY_ANOTHER if _is_there(port.fileno()) else PULLED
    except (NotImplementedError, AttributeError, OSError, ValueError, TypeError):
        return str(error)


def _is_there(fd: int) -> bool:
    """True if the device behind an open port still answers; one that was unplugged gives EIO."""
    try:
        import termios
    except ImportError:
        return False
    try:
        termios.tcgetattr(fd)
    except (termios.error, OSError):
        return False
    return True


def open_exclusive(path: str) -> serial.Serial:
    """The open port. Raises PortError with the remedy."""
    try:
        # RFC 2217 knows no timeout for writing: `write` has one of its own
        write_timeout_s = None if path.startswith("rfc2217:") else WRITE_TIMEOUT_S
        port = serial.serial_for_url(path, do_not_open=True, timeout=READ_TIMEOUT_S, write_timeout=write_timeout_s)
        port.dtr = True  # the Pico sends nothing before
        if hasattr(port, "exclusive"):
            port.exclusive = True
        port.open()
        return port
    except (serial.SerialException, OSError, ValueError, NotImplementedError) as error:
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
    if number in (20, 21, 25) or "inappropriate ioctl" in words:  # a folder or a file stands there
        return PortError(
            LinkState.NOT_FOUND, f"{path}: that is not a serial port; `warmflow ports` lists what is there"
        )
    return PortError(LinkState.PORT_LOST, f"{path}: {error}; `warmflow ports` lists what is there")
