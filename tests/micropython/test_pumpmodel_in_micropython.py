"""The physics library gives MicroPython's unix port what it gives CPython: one script, both interpreters, compared."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.micropython, pytest.mark.needs("MicroPython unix port")]

CASES = Path(__file__).with_name("pumpmodel_cases.py")
LIBRARY = Path(__file__).parents[2] / "firmware" / "lib"
# the port lives in an extension module; its argv[0] is what it would be on a command line
MICROPYTHON = [sys.executable, "-c", "import sys, micropython_unix; sys.exit(micropython_unix.main())"]
CPYTHON = [sys.executable]


def values(interpreter, *arguments):
    """{name: value} as printed by the cases."""
    command = [*interpreter, str(CASES), str(LIBRARY), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert result.returncode == 0, result.stdout[-500:] + result.stderr[-2000:]
    return dict(line.split(" ", 1) for line in result.stdout.splitlines())


def compare(cpython, micropython, rel):
    assert cpython.keys() == micropython.keys()
    for name, text in cpython.items():
        if "'" in text or text in ("True", "False"):
            assert micropython[name] == text, name
        else:
            assert float(micropython[name]) == pytest.approx(float(text), rel=rel, abs=1e-9), name


def test_every_case_of_the_table_is_the_same_in_both():
    cpython = values(CPYTHON, "table")
    assert len(cpython) > 250
    compare(cpython, values(MICROPYTHON, "table"), rel=1e-9)


def test_24_hours_of_a_hot_tub_at_1_s_steps_are_the_same_in_both():
    cpython = values(CPYTHON, "tub", "24")
    micropython = values(MICROPYTHON, "tub", "24")
    compare(cpython, micropython, rel=1e-4)
    for hour in range(1, 25):
        name = f"tub_{hour}_h_pumped_nl"
        assert abs(int(cpython[name]) - int(micropython[name])) <= 1
