"""A Pico in BOOTSEL mode: a small drive that takes one UF2 file and restarts with it.

Finds the drive where systems mount it, checks that an image is one for that very chip, and copies it. It downloads
nothing.
"""

import os
import struct
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from warmflow.device.firmware.errors import FlashError
from warmflow.runtime.input_files import add_input
from warmflow.runtime.output_file import unbuffered_file

INFO_FILE = "INFO_UF2.TXT"
BLOCK_BYTES = 512
CHUNK_BYTES = 64 * BLOCK_BYTES
# Ref: UF2 specification, block format; the families stand in its utils/uf2families.json
_MAGIC = (0x0A324655, 0x9E5D5157)
_HAS_FAMILY = 0x2000


class Chip(NamedTuple):
    """What the drive of a chip is called, which images it takes, and where they are to be had."""

    label: str
    board_id: str
    families: frozenset[int]
    pages: str


CHIPS = (
    Chip("RPI-RP2", "RPI-RP2", frozenset({0xE48BFF56}), "RPI_PICO or, for a Pico W, RPI_PICO_W"),
    Chip("RP2350", "RP2350", frozenset({0xE48BFF59, 0xE48BFF5A}), "RPI_PICO2 or, for a Pico 2 W, RPI_PICO2_W"),
)


class Drive(NamedTuple):
    path: Path
    chip: Chip


def find_drives(places: Iterable[Path] | None = None) -> list[Drive]:
    """Drives of Picos in BOOTSEL mode. `places`: folders that may be one; None: where this system mounts drives."""
    found = (drive_at(place) for place in (mount_points() if places is None else places))
    return [drive for drive in found if drive]


def drive_at(place: Path) -> Drive | None:
    """The drive that is mounted at `place`, if it is a Pico's."""
    try:
        info = (place / INFO_FILE).read_text(errors="replace")
    except OSError:
        return None
    return next((Drive(place, chip) for chip in CHIPS if f"Board-ID: {chip.board_id}" in info), None)


def mount_points() -> list[Path]:
    """Folders where a drive of the right name may be mounted."""
    if sys.platform == "win32":
        return [Path(f"{letter}:/") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"]
    labels = [chip.label for chip in CHIPS]
    parents = [Path("/Volumes"), Path("/media"), Path("/mnt"), *Path("/media").glob("*"), *Path("/run/media").glob("*")]
    return [path for parent in parents for label in labels for path in parent.glob(f"{label}*")]


def unmounted() -> str | None:
    """The label of a Pico's drive that Linux sees and has not mounted."""
    return next((chip.label for chip in CHIPS if Path("/dev/disk/by-label", chip.label).exists()), None)


def what_next(drive: Drive) -> str:
    """For a Pico in BOOTSEL mode and no image: what to do, in one line."""
    return (
        f"{drive.path}: a Pico in BOOTSEL mode, without MicroPython. Download the .uf2 file of your board from "
        f"https://micropython.org/download ({drive.chip.pages}; v1.26.1 is tested), then: warmflow flash --uf2 FILE"
    )


def check_image(uf2: Path, chip: Chip) -> bytes:
    """The image's bytes. Raises FlashError if it is no UF2 file, cut short, or one for another chip."""
    try:
        add_input(uf2)
        data = uf2.read_bytes()
    except OSError as error:
        raise FlashError(f"{uf2}: {error.strerror or error}: name the .uf2 file that you downloaded") from error
    if len(data) < BLOCK_BYTES or struct.unpack_from("<2I", data) != _MAGIC:
        raise FlashError(f"{uf2} is not a UF2 file: download one from https://micropython.org/download ({chip.pages})")
    blocks, rest = divmod(len(data), BLOCK_BYTES)
    (declared,) = struct.unpack_from("<I", data, len(data) - rest - BLOCK_BYTES + 24)
    if rest or declared > blocks:
        raise FlashError(f"{uf2} is cut short: download it again")
    if not families(data) & chip.families:
        raise FlashError(f"{uf2} is for another chip than this Pico's; use an image from {chip.pages}")
    return data


def families(data: bytes) -> set[int]:
    """The chips that the blocks of an image are for."""
    found = set()
    for at in range(0, len(data), BLOCK_BYTES):
        flags, family = struct.unpack_from("<I", data, at + 8)[0], struct.unpack_from("<I", data, at + 28)[0]
        if flags & _HAS_FAMILY:
            found.add(family)
    return found


def copy_image(uf2: Path, drive: Drive, step: Callable[[str, int], None]) -> None:
    """Copies the image; the Pico restarts with it and its drive goes away. Raises FlashError."""
    data = check_image(uf2, drive.chip)
    written = 0
    try:
        with unbuffered_file(drive.path / uf2.name) as file:
            for at in range(0, len(data), CHUNK_BYTES):
                written += file.write(data[at : at + CHUNK_BYTES])
                step(uf2.name, min(CHUNK_BYTES, len(data) - at))
            os.fsync(file.fileno())
    except OSError as error:
        # the Pico restarts upon the last block, often before the system has closed the file
        if written < len(data) or drive_at(drive.path):
            raise FlashError(
                f"{drive.path}: copying {uf2.name} stopped ({error.strerror or error}): unplug the Pico, hold BOOTSEL "
                "while you plug it in again, and run the same command"
            ) from error
