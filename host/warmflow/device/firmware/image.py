"""What belongs on a board: the firmware's files as byte code for its processor, and how they differ from what is there.

Pure but for compiling and reading the sources. main.py stays source, for MicroPython starts it by that name.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from warmflow.device.firmware.byte_code import compiled
from warmflow.device.firmware.errors import FlashError

MAIN = "main.py"
STAYS_SOURCE = ("boot.py", MAIN)  # MicroPython starts these by name, as source
STAGED = ".new"  # behind the name of a file that is complete on the board and not in use yet


class Plan(NamedTuple):
    """What is to be done. `copy`: names that the board has not, or otherwise; `upload`: those of them that do not wait
    there already, from a run that was cut short; `replace`: names that are put in use; `remove`: names to delete.
    """

    copy: tuple[str, ...]
    upload: tuple[str, ...]
    replace: tuple[str, ...]
    remove: tuple[str, ...]
    foreign_main: bool


def program(sources: Mapping[str, Path], arch: str | None) -> dict[str, bytes]:
    """The board's files by name, compiled for `arch`; None: the sources as they are, which the board compiles itself.

    Raises: FlashError naming the file with the syntax error.
    """
    files = {name: path.read_bytes() for name, path in sources.items()}
    if not arch:
        return files
    for name in [name for name in files if name.endswith(".py") and name not in STAYS_SOURCE]:
        files[name.removesuffix(".py") + ".mpy"] = _compiled(sources[name], name, files.pop(name), arch)
    return dict(sorted(files.items()))


def files_in(folder: Path) -> dict[str, Path]:
    """The files of an assembled firmware, by name. Raises FlashError if there is no main.py."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    found = {path.relative_to(folder).as_posix(): path for path in paths if not path.name.startswith(".")}
    if MAIN not in found:
        raise FlashError(f"{folder} has no main.py: make the folder with `warmflow firmware {folder}`")
    return found


def plan(files: Mapping[str, bytes], here: Mapping[str, str]) -> Plan:
    """The difference between `files` and what the board has, name -> SHA-256 in hex.

    Only modules in the firmware's own folders are deleted (a .py would win over the .mpy of its name); everything else
    belongs to the user, including a main.py without other files of the firmware.
    """
    copy = tuple(name for name, data in files.items() if here.get(name) != digest(data))
    stale = [name for name in here if name not in files and _ours(name, folders(files))]
    # main.py is away while files change places: it always comes back, as the last one
    replace = (*(name for name in copy if name != MAIN), MAIN) if copy or stale else ()
    upload = tuple(name for name in replace if name in copy and here.get(name + STAGED) != digest(files[name]))
    remove = tuple(sorted(name for name in stale if name.removesuffix(STAGED) not in replace))
    foreign_main = MAIN in copy and MAIN in here and not any("/" in name and STAGED not in name for name in here)
    return Plan(copy, upload, replace, remove, foreign_main)


def folders(files: Mapping[str, bytes]) -> frozenset[str]:
    """The folders that belong to the firmware."""
    return frozenset(str(PurePosixPath(name).parent) for name in files) - {"."}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _ours(name: str, own: frozenset[str]) -> bool:
    path = PurePosixPath(name.removesuffix(STAGED))
    in_our_folder = str(path.parent) in own and path.suffix in (".py", ".mpy")
    return in_our_folder or name == MAIN + STAGED or name == "main.mpy"


def _compiled(path: Path, name: str, text: bytes, arch: str) -> bytes:
    try:
        return compiled(name, text, arch)
    except FlashError as error:
        raise FlashError(f"{path} {error}") from error
