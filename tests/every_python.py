"""Installs the wheel for each supported Python on this machine, outside the checkout, and tests what was installed.

For each Python: import every module, run tests, play `warmflow demo` to its end. `make test-pythons` runs the tests
in QUICK and leaves out the Python that runs this file, as `make test` has it; `make soak` (--all) runs the fast part of
the suite on all. Pythons are found in WARMFLOW_PYTHONS (paths, separated by `:`), on PATH, and in pyenv's versions.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from any_day import FAST

ROOT = Path(__file__).parents[1]
QUICK = (
    "tests/protocol/test_framing.py",
    "tests/protocol/test_decoder.py",
    "tests/alarms/test_engine.py",
    "tests/device/test_board_clock.py",
    "tests/cli/test_export.py",
    "tests/journal/test_journal.py",
    "tests/device/test_session.py",
    "tests/cli/test_watch_words.py",
    "tests/report/test_figures.py",
)
QUICK_TOOLS = ("pytest", "pytest-timeout", "hypothesis", "cobs")
# Tests that read the checkout's own sources: its rules, its pages, what is generated from it.
OF_THE_CHECKOUT = (
    "tests/hardware",
    "tests/test_import_rules.py",
    "tests/test_clock_rules.py",
    "tests/test_docs.py",
    "tests/test_architecture_page.py",
    "tests/test_prose_rules.py",
    "tests/daemon/test_packaging.py",
    "tests/protocol/test_protocol_page.py",
    "tests/training/test_texts.py",
)
SINGLY_OF_THE_CHECKOUT = (
    "tests/device/test_flash.py::test_package_json_lists_every_file_of_the_firmware",
    "tests/device/test_flash.py::test_mip_installs_every_byte_from_a_web_server",
    "tests/training/test_lesson_files.py::test_a_scenario_file_may_stand_beside_the_lesson",
)
SHORTEST_DEMO = ("--plain", "--speed", "300")
IMPORT_ALL = """
import importlib, pathlib, pkgutil, sys
names = []
for package in map(importlib.import_module, ("warmflow", "pumplink", "pumpmodel")):
    assert pathlib.Path(package.__file__).is_relative_to(sys.prefix), f"not the installed one: {package.__file__}"
    names += [each.name for each in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    if not name.endswith("__main__") and "._firmware" not in name:
        importlib.import_module(name)
"""
Version = tuple[int, int]


class Failed(Exception):
    """A step went wrong: its name and what it printed."""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="test the built wheel on each supported Python of this machine")
    parser.add_argument("--all", action="store_true", help="this Python too, and the fast part of the suite")
    options = parser.parse_args(argv)
    supported, found = list(versions()), interpreters()
    main_one = sys.version_info[:2]
    chosen = {each: found[each] for each in supported if each in found and (options.all or each != main_one)}
    for each in supported:
        if each not in found:
            print(f"untested  {dotted(each)}  not on this machine; name one in WARMFLOW_PYTHONS", flush=True)
    if not chosen:
        print("no other supported Python is on this machine: nothing was tested")
        return 0
    # A space and an umlaut, as in the home folders of many people.
    with tempfile.TemporaryDirectory(prefix="wärm flow ") as folder, ThreadPoolExecutor(2) as pool:
        wheel = build(Path(folder))
        copy_tests(Path(folder) / "checkout")
        red = [
            name for name in pool.map(lambda each: one(each, wheel, Path(folder), options.all), chosen.items()) if name
        ]
    print(f"{len(chosen) - len(red)} of {len(chosen)} Pythons passed{': red: ' + ', '.join(red) if red else ''}")
    return 1 if red else 0


def versions() -> Iterator[Version]:
    """What pyproject.toml claims."""
    text = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    low, high = (int(minor) for minor in re.findall(r"3\.(\d+)", text))
    return ((3, minor) for minor in range(low, high))


def interpreters() -> dict[Version, str]:
    """Programs by version, the first that answers. A shim of pyenv for a version that is not chosen does not."""
    named = [each for each in os.environ.get("WARMFLOW_PYTHONS", "").split(os.pathsep) if each]
    on_path = [shutil.which("python" + dotted(each)) for each in versions()]
    of_pyenv = [str(each) for each in sorted(Path.home().glob(".pyenv/versions/*/bin/python"))]
    found: dict[Version, str] = {}
    for program in [*named, *filter(None, on_path), *of_pyenv]:
        ask = [program, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"]
        try:
            answer = subprocess.run(ask, capture_output=True, text=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"{program} does not start: {error}", file=sys.stderr)
            continue
        if answer.returncode == 0:
            major, minor = map(int, answer.stdout.split())
            found.setdefault((major, minor), program)
        elif program in named:
            print(f"{program} in WARMFLOW_PYTHONS does not work: {answer.stderr.strip()}", file=sys.stderr)
    return found


def build(folder: Path) -> Path:
    began_s = time.monotonic()
    step(
        "build the wheel",
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT],
        ROOT,
        dict(os.environ),
    )
    print(f"built     the wheel, {time.monotonic() - began_s:.0f} s", flush=True)
    [wheel] = folder.glob("warmflow-*.whl")
    return wheel


def copy_tests(checkout: Path) -> None:
    """What tests read as files. `host` stays behind and the rest is on no path: the installed packages are imported."""
    unused = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("tests", "firmware", "docs", "packaging", "hardware", "protocol"):
        shutil.copytree(ROOT / name, checkout / name, ignore=unused)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "Makefile"):
        shutil.copy(ROOT / name, checkout / name)


def one(interpreter: tuple[Version, str], wheel: Path, folder: Path, everything: bool) -> str | None:
    """Name of the Python if something failed."""
    version, program = interpreter
    name = dotted(version)
    home = folder / name
    python = home / "venv" / "bin" / "python"
    own = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "PIP_CACHE_DIR": pip_cache()}
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")} | own
    install = [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
    if everything:
        wanted, tests = (
            [f"{wheel}[dev]"],
            [
                "-m",
                FAST,
                "-n",
                "auto",
                "tests",
                *(f"--ignore={each}" for each in OF_THE_CHECKOUT),
                *(f"--deselect={each}" for each in SINGLY_OF_THE_CHECKOUT),
            ],
        )
    else:
        wanted, tests = [f"{wheel}[rp2040]", *quick_tools()], ["-m", FAST, *QUICK]
    steps: dict[str, tuple[list[str | Path], Path]] = {
        "venv": ([program, "-m", "venv", home / "venv"], folder),
        "install": ([*install, *wanted], folder),
        "import": ([python, "-W", "error::SyntaxWarning", "-c", IMPORT_ALL], folder),
        "tests": ([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests], folder / "checkout"),
        "demo": ([home / "venv" / "bin" / "warmflow", "demo", *SHORTEST_DEMO], home),
    }
    times: list[str] = []
    home.mkdir()
    for what, (command, where) in steps.items():
        began_s = time.monotonic()
        try:
            step(what, command, where, environment)
        except Failed as error:
            print(f"FAILED    {name}  {error}", flush=True)
            return name
        times.append(f"{what} {time.monotonic() - began_s:.0f} s")
    print(f"passed    {name}  {', '.join(times)}", flush=True)
    return None


def quick_tools() -> list[str]:
    """Requirements of QUICK_TOOLS, with the bounds of pyproject.toml."""
    dev = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"][
        "dev"
    ]
    return [each for each in dev if re.split(r"[<>=\[]", each)[0] in QUICK_TOOLS]


def pip_cache() -> str:
    """That of the person who runs this: HOME is another one for what is tested."""
    return subprocess.run(
        [sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=True
    ).stdout.strip()


def step(what: str, command: Sequence[str | Path], where: Path, environment: dict[str, str]) -> None:
    """Raises Failed. A dependency with no wheel for this Python fails in `install`, which names it."""
    done = subprocess.run(
        command,
        cwd=where,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise Failed(f"{what}: exit code {done.returncode}\n{done.stdout.strip()}")


def dotted(version: Version) -> str:
    return "{}.{}".format(*version)


if __name__ == "__main__":
    sys.exit(main())
