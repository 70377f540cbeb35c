"""The host's end of the emulated Pico's USB serial port, joined to a pseudo-terminal; and the pace of its clock.

rp2040py completes every USB transfer at once, which no USB host does. Here an OUT transfer waits until there are bytes
for the board (else it takes an interrupt every 28 us and never idles), and an IN transfer completes only once the
pseudo-terminal took its bytes, so that the board sees POLLOUT false when nobody reads, as with a real host.
These are internals of rp2040py, which is why its version is pinned.
"""

import asyncio
import os
import time
from contextlib import suppress
from typing import Any

# What the host's driver would buffer towards the board; beyond it the client's write has to wait.
TO_BOARD_BYTES = 4096
# A USB host polls an idle endpoint about this often.
OUT_LATENCY_NS = 50_000
CLOCK_QUANTUM_NS = 5_000_000
# A board that fell behind further than this, booting or busy, is not hurried afterwards.
CATCH_UP_S = 0.5


class UsbSerial:
    """Joins `device`'s USB serial port to the descriptor `fd`, the master side of a pseudo-terminal, not blocking."""

    def __init__(self, device: Any, fd: int) -> None:
        self._cdc, self._usb = device.cdc, device.mcu.usb_ctrl
        self._fd, self._loop = fd, asyncio.get_running_loop()
        self._to_board, self._to_client = bytearray(), bytearray()
        self._out_waits: int | None = None
        self._in_waits = 0
        self._out_alarm = device.simulator.clock.create_alarm(self._serve_out)
        self._original_read, self._original_ready = self._usb.on_endpoint_read, self._usb._indicate_buffer_ready
        self._original_reset = self._usb.on_reset
        self._usb.on_endpoint_read = self._on_out
        self._usb._indicate_buffer_ready = self._on_ready
        self._usb.on_reset = self._on_reset
        self._cdc.on_serial_data = self._on_in
        # rp2040py would type CR LF at whatever program the board runs
        device._post_boot_handshake = lambda: None
        self._loop.add_reader(fd, self._client_wrote)

    # client to board

    def _client_wrote(self) -> None:
        try:
            self._to_board += os.read(self._fd, TO_BOARD_BYTES)
        except BlockingIOError:
            return
        if len(self._to_board) >= TO_BOARD_BYTES:
            self._loop.remove_reader(self._fd)
        if self._out_waits is not None:
            self._out_alarm.schedule(OUT_LATENCY_NS)

    def _on_out(self, endpoint: int, size: int) -> None:
        if endpoint != self._cdc._out_endpoint:
            self._original_read(endpoint, size)
            return
        self._out_waits = size
        if self._to_board:
            self._serve_out()

    def _serve_out(self) -> None:
        if self._out_waits is None or not self._to_board:
            return
        size, self._out_waits = self._out_waits, None
        data = bytes(self._to_board[:size])
        del self._to_board[:size]
        self._usb.endpoint_read_done(self._cdc._out_endpoint, data)
        if len(self._to_board) < TO_BOARD_BYTES:
            self._loop.add_reader(self._fd, self._client_wrote)

    # board to client

    def _on_ready(self, endpoint: int, out: bool) -> None:
        if endpoint == self._cdc._in_endpoint and not out and self._to_client:
            self._in_waits += 1
        else:
            self._original_ready(endpoint, out)

    def _on_in(self, data: bytes) -> None:
        self._to_client += data
        self._client_reads()

    def _client_reads(self) -> None:
        with suppress(BlockingIOError):
            del self._to_client[: os.write(self._fd, self._to_client)]
        if self._to_client:
            self._loop.add_writer(self._fd, self._client_reads)
            return
        self._loop.remove_writer(self._fd)
        if self._in_waits:
            self._in_waits = 0
            self._original_ready(self._cdc._in_endpoint, False)

    def _on_reset(self) -> None:
        self._to_board.clear()
        self._out_waits, self._in_waits = None, 0
        self._original_reset()


def pace(simulator: Any, board_speed: float) -> None:
    """Hold the emulated clock to `board_speed` board seconds per second. rp2040py itself runs as fast as it can."""
    clock = simulator.clock
    wall_s, board_ns = time.monotonic(), clock.nanos
    too_early = False

    def ahead_s() -> float:
        nonlocal wall_s, board_ns
        now_s = time.monotonic()
        lead_s = (clock.nanos - board_ns) / 1e9 / board_speed - (now_s - wall_s)
        if lead_s < -CATCH_UP_S:
            wall_s, board_ns = now_s - CATCH_UP_S, clock.nanos
        return float(lead_s)

    def tick() -> None:
        nonlocal too_early
        alarm.schedule(CLOCK_QUANTUM_NS)
        if ahead_s() > CLOCK_QUANTUM_NS / 1e9:
            too_early = simulator.stopped = True  # ends this batch, and with it the busy stretch of the event loop

    async def execute() -> None:
        nonlocal too_early
        simulator.stopped = False
        alarm.schedule(CLOCK_QUANTUM_NS)
        try:
            while not simulator.stopped:
                simulator._execute_batch()
                if too_early:
                    too_early = simulator.stopped = False
                    await asyncio.sleep(max(0.0, ahead_s()))
                else:
                    await asyncio.sleep(0)
        except Exception as error:
            simulator.engine_room_error, simulator.stopped = error, True  # what waits for the board shall not wait on
            raise

    alarm = clock.create_alarm(tick)
    simulator.execute = execute
