"""Compiles rp2040py's own C files for the Python in use, into a folder: the emulated Pico is then three times as fast.

Its wheels are built for every Python at once (the limited API), where each access to an attribute is a look-up. The
wheel carries the C files: nothing is fetched and nothing of it is changed. Needs gcc and Python's headers; several
minutes on a slow computer. Then: PYTHONPATH=that/folder make test-rp2040.
"""

import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

FLAGS = [
    "-w",
    "-O3",
    "-march=native",
    "-fwrapv",
    "-fno-strict-aliasing",
    "-std=c99",
    "-D_GNU_SOURCE",
    "-shared",
    "-fPIC",
]


def rebuilt(folder: Path) -> list[Path]:
    """The emulator's modules, compiled into a copy of it in `folder`. Raises: SystemExit naming what is missing."""
    spec = find_spec("rp2040py")
    if not spec or not spec.submodule_search_locations:
        raise SystemExit("no rp2040py here: pip install 'warmflow[rp2040]'")
    copy = folder / "rp2040py"
    shutil.copytree(spec.submodule_search_locations[0], copy, ignore=shutil.ignore_patterns("__pycache__", "*.abi3.so"))
    suffix, headers = sysconfig.get_config_var("EXT_SUFFIX"), sysconfig.get_path("include")
    sources = sorted((copy / "native").glob("*.c"))
    if not sources or not shutil.which("gcc"):
        raise SystemExit("gcc, or the C files of this version of rp2040py, are not there")
    for source in sources:
        target = source.with_name(source.stem + suffix)
        subprocess.run(["gcc", *FLAGS, f"-I{headers}", source, "-o", target, "-lm"], check=True)
    return [source.with_name(source.stem + suffix) for source in sources]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: python {sys.argv[0]} FOLDER")
    print(*rebuilt(Path(sys.argv[1])), sep="\n")
