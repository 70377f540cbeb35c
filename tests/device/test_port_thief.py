"""A second program that reads the port takes bytes away: that is said, and not that the cable was pulled."""

import os
import tty
from collections.abc import Iterator

import pytest
import serial
from wait import wait_until

from warmflow.device.transport.serial_port import PULLED, READ_BY_ANOTHER, SerialPort, lost_reason, open_exclusive

NO_DATA = serial.SerialException(
    "device reports readiness to read but returned no data (device disconnected or multiple access on port?)"
)

pytestmark = pytest.mark.needs("POSIX")


@pytest.fixture
def terminal() -> Iterator[tuple[list[int], str]]:
    """The board's end, which the test may close, and the path of the other end."""
    board, other = os.openpty()
    tty.setraw(other)
    ends = [board, other]
    yield ends, os.ttyname(other)
    for fd in ends:
        os.close(fd)


def unplug(ends: list[int]) -> None:
    while ends:
        os.close(ends.pop())


async def test_a_port_that_had_bytes_for_somebody_else_has_a_second_reader(terminal: tuple[list[int], str]) -> None:
    ends, path = terminal
    lost: list[str] = []
    port = SerialPort(path, lambda data: None, lost.append)
    thief = os.open(path, os.O_RDONLY | os.O_NOCTTY)
    os.write(ends[0], b"telemetry")
    assert os.read(thief, 100) == b"telemetry"
    port._ready()  # the loop was told that there is something, before the thief took it
    os.close(thief)
    await port.close()
    assert lost == [READ_BY_ANOTHER]


async def test_a_cable_that_is_pulled_is_said_to_be(terminal: tuple[list[int], str]) -> None:
    ends, path = terminal
    lost: list[str] = []
    port = SerialPort(path, lambda data: None, lost.append)
    unplug(ends)
    await wait_until(lambda: bool(lost))
    await port.close()
    assert READ_BY_ANOTHER not in lost[0]


def test_pyserials_own_guess_is_decided(terminal: tuple[list[int], str]) -> None:
    ends, path = terminal
    with open_exclusive(path) as port:
        assert lost_reason(port, NO_DATA) == READ_BY_ANOTHER
        assert lost_reason(port, OSError(5, "Input/output error")) == "[Errno 5] Input/output error"
        unplug(ends)
        assert lost_reason(port, NO_DATA) == PULLED
