"""The firmware in every MicroPython that can be had: installed and run; byte code that does not fit is refused."""

import re

import pytest
from micropython_versions import NAMES, PAGE, UNIX, head, prompt_of, row

from warmflow.device.firmware import byte_code
from warmflow.device.flash.install import refuses

pytestmark = [pytest.mark.micropython, pytest.mark.needs("mpy-cross")]
OTHERS = ("other MicroPythons", "Node.js")
OLDEST = pytest.param(NAMES[0], marks=pytest.mark.needs(*OTHERS))
UNIX_PORT = pytest.param(UNIX, marks=pytest.mark.needs("MicroPython unix port"))
# each costs a second of processor time; the oldest, and the unix port, which is the newest, are for every run
BETWEEN = [pytest.param(name, marks=[pytest.mark.needs(*OTHERS), pytest.mark.soak]) for name in NAMES[1:-1]]
EACH = [UNIX_PORT, OLDEST, *BETWEEN]


@pytest.mark.parametrize("name", EACH)
def test_it_is_installed_and_runs_in_both_forms_as_the_guide_says(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    assert head()[0] in page, "python tests/support/micropython_versions.py"
    assert row(name) in page, "python tests/support/micropython_versions.py"


@pytest.mark.parametrize("name", EACH)
def test_byte_code_that_does_not_fit_is_refused_at_the_prompt_and_leaves_nothing(name: str) -> None:
    good = byte_code.sample("armv6m")
    machine_code = good[:2] + bytes([7 << 2 | 3]) + good[3:]
    with prompt_of(name) as prompt:
        before = prompt.run("print(sorted(os.listdir('/')))")
        for bad in (b"M\x05" + good[2:], b"M\x07" + good[2:], machine_code, b"C" + good[1:]):
            assert ".mpy" in refuses(prompt, bad)  # type: ignore[arg-type]  # as a Prompt
        assert refuses(prompt, good) == ""  # type: ignore[arg-type]
        assert prompt.run("print(sorted(os.listdir('/')))") == before


def test_the_guide_and_the_command_name_the_same_newest_version() -> None:
    rows = re.findall(r"^\| 1\.(\d+)\.\d+ \| WebAssembly", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(NAMES) - 1
    assert (1, max(map(int, rows))) == byte_code.NEWEST_TRIED
