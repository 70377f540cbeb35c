"""The drivers of parts in MicroPython's unix port: they say what they say on CPython."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.micropython, pytest.mark.needs("MicroPython unix port")]
START = "import sys, micropython_unix; sys.exit(micropython_unix.main())"
ROOT = Path(__file__).resolve().parents[2]
PATHS = [ROOT / "firmware" / "src", ROOT / "firmware" / "lib", ROOT / "tests" / "support"]


def said(*start: str) -> list:
    command = [sys.executable, *start, str(Path(__file__).with_name("parts_cases.py"))]
    paths = ":".join(map(str, PATHS))
    environment = os.environ | {"PYTHONPATH": paths, "MICROPYPATH": ".frozen:" + paths}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_driver_says_in_micropython_what_it_says_on_cpython():
    on_cpython, in_micropython = said(), said("-c", START)
    assert len(on_cpython) > 30
    assert in_micropython == on_cpython
