"""Power cuts at random changes of the flash, on the Pico's file system and a model of its flash.

Whatever is torn: the board mounts and boots, its totals never go back and lose at most a minute, no boot count comes
twice, and no summary that was written is lost or changed.
"""

import json
import subprocess
import sys

import pytest
from wire import ROOT

START = "import sys, micropython_unix; sys.exit(micropython_unix.main())"
SCRIPT = ROOT / "tests/micropython/power_cuts.py"

pytestmark = [pytest.mark.micropython, pytest.mark.needs("MicroPython unix port")]


def pull_the_plug(cuts: int, seed: int, timeout_s: float) -> dict[str, int]:
    """What the script counted. It stops at the first rule that does not hold."""
    program = [sys.executable, "-c", START, "-X", "heapsize=32M", SCRIPT, ROOT / "firmware/src", ROOT / "protocol"]
    done = subprocess.run(
        [*program, str(cuts), str(seed)], capture_output=True, text=True, timeout=timeout_s, check=False
    )
    assert done.returncode == 0, f"seed {seed}: {done.stderr}{done.stdout}"
    counts: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    assert counts["cuts"] == cuts
    assert counts["cuts in boot"] > 0  # the plug is pulled there too
    assert counts["boots"] + counts["cuts in boot"] == cuts + 1
    assert counts["summaries read"] > cuts
    return counts


def test_power_cuts_cost_at_most_a_minute_and_no_boot() -> None:
    pull_the_plug(150, 1, 100)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_power_cuts_cost_at_most_a_minute_each_and_no_boot(seed: int) -> None:
    print(pull_the_plug(1000, seed, 1700))
