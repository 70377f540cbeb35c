"""The firmware on this very Python, where no MicroPython is to be had.

It shows the pump and proves nothing about a Pico: no heap limit, none of MicroPython's modules, other code.
"""

import platform
import sys

from warmflow.device.virtual.engine import Board, Engine, refuse_speed, write_flash_files


def _command(board: Board) -> list[str]:
    refuse_speed(board, "cpython")
    # Python puts main.py's folder first on the path. Without site: else the host's own pumplink, which has an
    # __init__.py, would win over the board's, and the firmware could import what no Pico has.
    return [sys.executable, "-E", "-s", "-S", "-B", "-u", str(board.firmware / "main.py")]


CPYTHON = Engine(
    "cpython",
    f"CPython {platform.python_version()} in place of MicroPython",
    missing=lambda: None,
    prepare=write_flash_files,
    command=_command,
)
