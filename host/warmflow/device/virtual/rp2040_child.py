"""The process of an emulated Pico: its stdio is the board's USB port, its flash is a file that outlives it.

Started by the rp2040 engine; by hand it would speak USB serial to your terminal.
"""

import argparse
import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from rp2040py.boards import BOARDS, resolve_firmware
from rp2040py.device import MicroPythonDevice

from warmflow.device.virtual.rp2040_parts import fit_parts, serve
from warmflow.device.virtual.rp2040_usb import UsbSerial, pace

# What the board wrote to its flash since then is lost when this process is killed, as with a power cut.
SAVE_EVERY_S = 0.5
BOOT_LIMIT_S = 60


class FlashFile:
    """Keeps a file equal to the filesystem part of the emulated flash; written by rename, so never half."""

    def __init__(self, device: MicroPythonDevice, path: Path) -> None:
        if (layout := device.board.layout) is None:
            raise SystemExit("rp2040py knows no flash layout of this board: is it the pinned version?")
        self._flash, self._path, self._saved = device.mcu.flash, path, path.read_bytes()
        self._from, self._to = layout.fs_start, layout.fs_start + layout.fs_blocksize * layout.fs_blockcount

    def save(self) -> None:
        if (now := bytes(self._flash[self._from : self._to])) != self._saved:
            temporary = self._path.with_suffix(".new")
            temporary.write_bytes(now)
            os.replace(temporary, self._path)
            self._saved = now


async def run(port_fd: int, uf2: Path, flash: Path, board_speed: float, parts: Path | None) -> None:
    """Boot the board, with these parts wired to it, and run it until SIGTERM or SIGINT."""
    board = resolve_firmware(BOARDS["pico"], "micropython", str(uf2))
    device = MicroPythonDevice(board=board, filesystem=flash)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await serve(fit_parts(parts, device.mcu)) if parts else None
    UsbSerial(device, port_fd)
    pace(device.simulator, board_speed)
    file = FlashFile(device, flash)
    try:
        await device.astart(BOOT_LIMIT_S)
        while not stop.is_set() and device.simulator.executing:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SAVE_EVERY_S)
            file.save()
        if error := device.simulator.engine_room_error:
            raise SystemExit(f"the emulator stopped: {error!r}")
    finally:
        if server:
            server.close()
        device.stop()
        file.save()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--uf2", type=Path, required=True)
    parser.add_argument("--flash", type=Path, required=True)
    parser.add_argument("--board-speed", type=float, default=1.0)
    parser.add_argument("--parts", type=Path)
    arguments = parser.parse_args()
    # The port becomes a descriptor of its own, so that nothing that prints can write on it.
    port_fd = os.dup(0)
    os.dup2(2, 1)
    asyncio.run(run(port_fd, **vars(arguments)))


if __name__ == "__main__":
    main()
