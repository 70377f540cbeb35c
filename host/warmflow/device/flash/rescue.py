"""A board whose file system is full or damaged: what can be read is taken off it, the file system is made anew, and
what the rig needs to be itself comes back. The firmware is installed afterwards, as on an empty board.

Nothing is erased before it lies in a folder on this computer. Files of other programs (also boot.py, which may be what
kept the board from starting) stay there and are not put back.
"""

import binascii
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from warmflow.device.firmware.errors import FlashError
from warmflow.device.flash.install import pack, parcels
from warmflow.device.flash.raw_repl import BROKEN, BoardError, Prompt
from warmflow.runtime.json_text import parse_json
from warmflow.runtime.output_file import write_bytes

SETTINGS = ("config.json", "config.old")
OWN = (*SETTINGS, "totals.0", "totals.1", "starts")
SUMMARIES = "minutes/"
# One line for each piece, so that the host hears something all the time; a file that cannot be read says why.
_READ = """
def read(folder):
    try: entries = list(os.ilistdir(folder or "/"))
    except OSError as e:
        print(json.dumps([folder or "/", None, str(e)]))
        return
    for e in entries:
        name = folder + "/" + e[0]
        if e[1] == 0x4000:
            read(name)
            continue
        try:
            with open(name, "rb") as f:
                b = None
                while b is None or b:
                    b = f.read(512)
                    print(json.dumps([name, binascii.b2a_base64(b).decode(), ""]))
        except OSError as e: print(json.dumps([name, None, str(e)]))
read("")
"""
# As MicroPython's own start makes it. Ref: ports/rp2/modules/_boot.py
_FORMAT = """
import rp2
try: import vfs
except ImportError: vfs = os
flash = rp2.Flash()
try: vfs.umount("/")
except OSError: pass
vfs.VfsLfs2.mkfs(flash, progsize=256)
vfs.mount(vfs.VfsLfs2(flash, progsize=256), "/")
s = os.statvfs("/")
print(json.dumps(s[0] * s[3]))
"""
_FOLDER = """
try: os.mkdir("/minutes")
except OSError: pass
"""


class Found(NamedTuple):
    """Files of a board by name, and of those that could not be read, why."""

    files: dict[str, bytes]
    damaged: dict[str, str]


def read_all(prompt: Prompt) -> Found:
    """Every file on the board; `prepare` (install.py) comes first. Raises: FlashError if the board goes away."""
    files: dict[str, bytes] = {}
    damaged: dict[str, str] = {}

    def take(line: str) -> None:
        name, piece, why = parse_json(line)
        name = name.strip("/") or "/"
        if piece is not None and ".." in PurePosixPath(name).parts:
            piece, why = None, "a name that leads elsewhere"
        if piece is None:
            damaged[name] = why
            files.pop(name, None)
        elif name not in damaged:
            files[name] = files.get(name, b"") + binascii.a2b_base64(piece)

    try:
        prompt.run(_READ, on_line=take)
    except (*BROKEN, BoardError) as error:
        raise FlashError(
            f"{prompt.path}: reading what is on the board stopped ({error}). Nothing was changed: check the cable and "
            "run the same command again"
        ) from error
    return Found(files, damaged)


def keep(found: Found, folder: Path) -> None:
    """Writes the files to a folder on this computer. Raises: OutputError, naming the file."""
    for name, data in found.files.items():
        write_bytes(folder / name, data, make_folders=True)


def own(found: Found) -> dict[str, bytes]:
    """What the rig needs to be itself: settings with calibration, totals, summaries that no host may have yet."""
    return {name: data for name, data in found.files.items() if name in OWN or name.startswith(SUMMARIES)}


def make_anew(prompt: Prompt, back: Mapping[str, bytes], on_file: Callable[[str, int], None]) -> int:
    """An empty file system with these files in it; the number of bytes that are free then. Raises: FlashError."""
    try:
        free_bytes = int(prompt.ask(_FORMAT))
        prompt.run(_FOLDER)
        for parcel in parcels(back, list(back)):
            packed = pack([back[name] for name in parcel])
            contents = [(f"/{name}", len(back[name])) for name in parcel]
            prompt.run(f"unpack({len(packed)}, {contents})", packed)
            for name in parcel:
                on_file(name, len(back[name]))
    except (*BROKEN, BoardError) as error:
        raise FlashError(
            f"{prompt.path}: stopped while the file system was made anew ({error}). The board has nothing now; what it "
            "had lies in the folder that was named. Run `warmflow flash`, then copy config.json back (mpremote cp)"
        ) from error
    return free_bytes - sum(map(len, back.values()))
