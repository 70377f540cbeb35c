"""Small UF2 images that describe themselves as MicroPython's do, made by the specification."""

import struct

BASE = 0x10000000
RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59
ABSOLUTE = 0xE48BFF57  # Ref: RP2350 data sheet, erratum E10: a block of its own before the image
BOARDS = {  # family, where the file system begins, its bytes; two of them moved between versions of MicroPython
    "pico": (RP2040, 0x100A0000, 0x160000),
    "pico_w": (RP2040, 0x1012C000, 0xD4000),
    "pico2": (RP2350, 0x10100000, 0x300000),
    "pico2_w": (RP2350, 0x10180000, 0x280000),
}


def block(number: int, count: int, at: int, page: bytes, family: int) -> bytes:
    """By the specification, without the code that is under test."""
    head = struct.pack("<IIIIIIII", 0x0A324655, 0x9E5D5157, 0x2000, at, 256, number, count, family)
    return head + page.ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30)


def image(board: str, with_device: bool = True) -> bytes:
    """A small image that describes itself as MicroPython's do."""
    family, fs_at, fs_bytes = BOARDS[board]
    flash = bytearray(b"\xff" * 1024)
    strings = {600: board.encode(), 620: b"v1.26.1", 640: b"MicroPython", 660: b"another"}
    for at, text in strings.items():
        flash[at : at + len(text) + 1] = text + b"\0"
    entries = [
        struct.pack("<HHII", 6, 0x5052, 0xB63CFFBB, BASE + 600),
        struct.pack("<HHII", 6, 0x5052, 0x11A9BC3A, BASE + 620),
        struct.pack("<HHIIIIH", 7, 0x504D, BASE + 660, 0, 0, 0, 0),
        struct.pack("<HHIIIIH", 7, 0x504D, BASE + (640 if with_device else 660), fs_at, fs_bytes, 0, 3),
    ]
    for number, entry in enumerate(entries):
        flash[700 + 32 * number : 700 + 32 * number + len(entry)] = entry
    flash[900:916] = struct.pack("<4I", *(BASE + 700 + 32 * number for number in range(4)))
    flash[468:488] = struct.pack("<5I", 0x7188EBF2, BASE + 900, BASE + 916, 0, 0xE71AA390)
    blocks = [block(number, 4, BASE + 256 * number, flash[256 * number :][:256], family) for number in range(4)]
    first = [block(0, 2, 0x10FFFF00, b"\xef" * 256, ABSOLUTE)] if family == RP2350 else []
    return b"".join(first + blocks)
