"""Runs tests on other days, in other time zones, locales and umasks: one pytest for each row of VARIANTS.

`make test-any-day` runs the tests that are marked `time`; `make soak` runs the fast part of the suite (--all).
libfaketime shifts the wall clock by an offset, so that a child process that starts later agrees with its parent.
Nothing but CLOCK_REALTIME is shifted: timeouts and intervals use the monotonic clock, and files have their real times.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from support.faked_date import SLEEP, faketime_library

ROOT = Path(__file__).parents[1]
FAST = "not soak and not e2e and not rp2040 and not mosquitto and not micropython and not browser"
UNUSED_PLUGINS = ("-p", "no:schemathesis", "-p", "no:xdist")  # they take longer to start than the tests to collect
MARK = re.compile(r"mark\.time\b")
DAY_S = 86_400


@dataclass(frozen=True)
class Variant:
    """One machine. With `at` the clock starts there; otherwise it is `later_s` ahead of the real one."""

    name: str
    later_s: int = 0
    at: datetime | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    umask: int = 0o022

    def offset_s(self) -> int:
        return self.later_s if self.at is None else round((self.at - datetime.now(UTC)).total_seconds())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


VARIANTS = (
    Variant("8 days later", 8 * DAY_S),
    Variant("400 days later", 400 * DAY_S),
    Variant("leap day", at=utc(2028, 2, 29, 12)),
    # The clocks change while the tests run: a few seconds after the start of pytest.
    Variant("Berlin, an hour twice", at=utc(2026, 10, 25, 0, 59, 54), environment={"TZ": "Europe/Berlin"}),
    Variant("New York, an hour missing", at=utc(2027, 3, 14, 6, 59, 54), environment={"TZ": "America/New_York"}),
    Variant("Kathmandu, UTC+5:45", environment={"TZ": "Asia/Kathmandu"}),
    Variant("Apia, UTC+13", environment={"TZ": "Pacific/Apia"}),
    Variant("LC_ALL=C", environment={"LC_ALL": "C"}),
    Variant("LC_ALL=de_DE.UTF-8", environment={"LC_ALL": "de_DE.UTF-8"}),
    Variant("umask 077", umask=0o077),
)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="other arguments go to pytest")
    parser.add_argument("--all", action="store_true", help="the fast part of the suite, not only tests marked `time`")
    parser.add_argument("--only", action="append", metavar="TEXT", help="only variants with this in their name")
    parser.add_argument("--jobs", type=int, default=2, help="variants at once (default: 2)")
    options, more = parser.parse_known_args(argv)
    library = faketime_library()
    if library is None or shutil.which("localedef") is None or not Path("/usr/share/i18n/locales/de_DE").exists():
        print(
            "the any-day tests need libfaketime and the sources of locales: apt install faketime locales",
            file=sys.stderr,
        )
        return 2
    chosen = [each for each in VARIANTS if not options.only or any(text in each.name for text in options.only)]
    if not chosen:
        print(f"no variant is called {options.only}; there are: {', '.join(v.name for v in VARIANTS)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="any-day-") as folder, ThreadPoolExecutor(options.jobs) as pool:
        make_german_locale(Path(folder))
        (Path(folder) / "sitecustomize.py").write_text(SLEEP, encoding="utf-8")
        tests = [*selection(options.all), *more]
        red = [name for name in pool.map(lambda each: run(each, library, folder, tests), chosen) if name]
    print(f"{len(chosen) - len(red)} of {len(chosen)} variants passed{': red: ' + '; '.join(red) if red else ''}")
    return 1 if red else 0


def make_german_locale(folder: Path) -> None:
    """Into a private LOCPATH: nothing on this machine changes."""
    command = ["localedef", "-i", "de_DE", "-f", "UTF-8", folder / "de_DE.UTF-8"]
    subprocess.run(command, check=True)


def selection(everything: bool) -> list[str]:
    """Arguments of pytest. Files are chosen by their text: collecting all of them ten times takes too long."""
    if everything:
        return ["-m", FAST, "tests", "--ignore=tests/hardware"]
    marked = [
        each for each in sorted((ROOT / "tests").rglob("test_*.py")) if MARK.search(each.read_text(encoding="utf-8"))
    ]
    return ["-m", f"time and {FAST}", *UNUSED_PLUGINS, *(str(each.relative_to(ROOT)) for each in marked)]


def run(variant: Variant, library: str, folder: str, tests: Sequence[str]) -> str | None:
    """Name of the variant if it failed. A variant that ran no test failed, too: pytest says so with its exit code."""
    began_s = time.monotonic()
    path = os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])
    shifted = {
        "LD_PRELOAD": library,
        "FAKETIME": f"{variant.offset_s():+d}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # else waits on a condition return at once: the interpreter's lock spins
        "LOCPATH": folder,
        "PYTHONPATH": path,
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        env=os.environ | shifted | variant.environment,
        umask=variant.umask,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode:
        print(done.stdout)
    took_s = time.monotonic() - began_s
    summary = lines[-1].strip("= ") if lines else "no output"
    print(f"{'FAILED' if done.returncode else 'passed'}  {variant.name:26} {took_s:4.0f} s  {summary}", flush=True)
    return variant.name if done.returncode else None


if __name__ == "__main__":
    sys.exit(main())
