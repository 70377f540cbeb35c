"""The files of a board: the firmware and the two libraries it shares with the host, put together in one folder.

That folder is what `make flash` copies to a Pico and what a virtual Pico runs. It is made from a checkout or from an
installed wheel, and holds nothing that only the host needs. Nothing is compiled or rewritten here.
"""

from importlib.util import find_spec
from pathlib import Path

import warmflow
from warmflow.errors import UserError
from warmflow.runtime.output_file import write_bytes

MARKS = ("board/pico.py", "main.py")  # every firmware has them, also one of which only a part was written


class FirmwareFilesError(UserError):
    """The sources of the firmware are not where they belong, or the target is no firmware folder."""


def firmware_files() -> dict[str, Path]:
    """Every file a board needs: its name on the board (POSIX, relative) -> where it is read from.

    Raises: FirmwareFilesError naming the folder that is missing.
    """
    files = _tree(_firmware_source(), "")
    files |= _tree(_package_folder("pumpmodel"), "pumpmodel/")
    # Only the framing, which imports nothing but binascii: the rest of pumplink needs construct.
    files["pumplink/framing.py"] = _package_folder("pumplink") / "framing.py"
    if missing := [str(path) for path in files.values() if not path.is_file()]:
        raise FirmwareFilesError(
            f"firmware source {missing[0]} is missing: reinstall warmflow, or restore the checkout"
        )
    return dict(sorted(files.items()))


def assemble(dest: Path) -> Path:
    """Bring `dest` up to date with `firmware_files()` and return it. Files that are the same are not written.

    Python files that are no longer part of the firmware are deleted from `dest`; other files there are left alone.

    Raises: FirmwareFilesError, also when `dest` holds Python files of something else: no file of anybody's project is
    replaced or deleted.
    """
    files = firmware_files()
    old = {path.relative_to(dest).as_posix(): path for path in dest.rglob("*.py")} if dest.is_dir() else {}
    if old and not set(MARKS) <= old.keys():
        raise FirmwareFilesError(
            f"{dest}: contains Python files that are not this firmware; name an empty or new folder"
        )
    for name, source in files.items():
        _write_if_changed(dest / name, source.read_bytes())
    for name in old.keys() - files.keys():
        old[name].unlink()
    return dest


def _tree(folder: Path, prefix: str) -> dict[str, Path]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {prefix + path.relative_to(folder).as_posix(): path for path in paths if not path.name.startswith(".")}


def _firmware_source() -> Path:
    package = Path(warmflow.__file__).resolve().parent
    checkout, wheel = package.parents[1] / "firmware" / "src", package / "_firmware"
    for folder in (checkout, wheel):
        if (folder / "main.py").is_file():
            return folder
    raise FirmwareFilesError(f"no firmware: neither {checkout} nor {wheel} has a main.py; reinstall warmflow")


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise FirmwareFilesError(f"the package {name}, which the firmware needs, is not installed: reinstall warmflow")
    return Path(next(iter(spec.submodule_search_locations)))


def _write_if_changed(path: Path, data: bytes) -> None:
    if not path.is_file() or path.read_bytes() != data:
        write_bytes(path, data, make_folders=True, flush=False)  # by rename: no board reads half of it
