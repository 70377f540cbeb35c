"""The flash filesystem of an emulated Pico, as bytes: files are put into it and taken out on this computer.

Geometry and disk version are those MicroPython itself formats a 2 MB Pico with. Files that the board wrote are kept.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath

from littlefs import LittleFS, LittleFSError, UserContext

BLOCK_BYTES, BLOCKS, PROGRAM_BYTES = 4096, 352, 256
IMAGE_BYTES = BLOCK_BYTES * BLOCKS


class ImageError(Exception):
    """These bytes are not the flash filesystem of a Pico."""


def update_image(
    image: bytes | None, files: Mapping[str, bytes], program: frozenset[str] = frozenset(), size: int = IMAGE_BYTES
) -> bytes:
    """The image with `files` in it; None starts from an empty flash. `size`: of the file system, in bytes.

    program: the names that are the firmware; other modules in their folders are deleted, being left over from an older
    firmware: they could be imported, and a .py is, before a .mpy of that name.

    Raises: ImageError.
    """
    fs = _mount(image, size)
    here = _read(fs)
    folders = {str(PurePosixPath(name).parent) for name in program}
    for name in here.keys() - files.keys():
        if name.endswith((".py", ".mpy")) and str(PurePosixPath(name).parent) in folders:
            fs.remove(name)
    for name in sorted(name for name, data in files.items() if here.get(name) != data):
        if (parent := str(PurePosixPath(name).parent)) != ".":
            fs.makedirs(parent, exist_ok=True)
        with fs.open(name, "wb") as file:
            file.write(files[name])
    fs.unmount()
    return bytes(fs.context.buffer)


def read_image(image: bytes) -> dict[str, bytes]:
    """Every file in the image. Raises: ImageError."""
    return _read(_mount(image, len(image)))


def _mount(image: bytes | None, size: int) -> LittleFS:
    context = UserContext(buffsize=size)
    fs = LittleFS(
        context, mount=False, block_size=BLOCK_BYTES, block_count=size // BLOCK_BYTES, prog_size=PROGRAM_BYTES
    )
    if image is None:
        fs.format()
    elif len(image) != size or size % BLOCK_BYTES:
        raise ImageError(f"{len(image)} bytes, not {size}")
    else:
        context.buffer[:] = image
    try:
        fs.mount()
    except LittleFSError as error:
        raise ImageError(f"no littlefs: {error}") from error
    return fs


def _read(fs: LittleFS) -> dict[str, bytes]:
    contents = {}
    for folder, _, names in fs.walk("/"):
        for name in (f"{folder}/{name}".lstrip("/") for name in names):
            with fs.open(name, "rb") as file:
                contents[name] = file.read()
    return contents
