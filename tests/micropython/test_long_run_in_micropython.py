"""The firmware for days of pump time in MicroPython's unix port with a Pico-sized heap: what is free stays free.

Objects of the unix port are twice as large, so its heap is twice a Pico's. Each run goes over the wrap of the ticks at
2^30 ms, and has a host that is away for ten minutes of every six hours.
"""

import json
import subprocess
import sys

import pytest
from wire import ROOT

from warmflow.device.firmware.files import assemble
from warmflow.device.virtual.unix import HEAP_BYTES

START = "import sys, micropython_unix; sys.exit(micropython_unix.main())"
SCRIPT = ROOT / "tests/micropython/long_run.py"
FLAT_BYTES = 256  # a summary that is held, a line that is half received

pytestmark = [pytest.mark.micropython, pytest.mark.needs("MicroPython unix port")]


def free_over(tmp_path, days, timeout_s, **config):
    """Bytes free, as often as a day has hours; checks that no task failed."""
    program = [sys.executable, "-c", START, "-X", f"heapsize={HEAP_BYTES}", SCRIPT, assemble(tmp_path / "firmware")]
    config = json.dumps({"sensor": "emulated", **config})
    done = subprocess.run([*program, config, str(days)], capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    *course, (board_s, failures, ring_bytes) = map(json.loads, done.stdout.splitlines())
    assert failures == 0
    free = [bytes_free for _, _, bytes_free in course]
    print(
        f"\n{config}: {course[-1][0]} h of pump time, {board_s} s of board time, {course[-1][1]} records, ring "
        f"{ring_bytes} B, heap {HEAP_BYTES} B, free {free[3]} B at first, {min(free[3:])} at least, {free[-1]} at last"
    )
    return free


def check_flat(free):
    half = len(free) // 2
    assert len(free) >= 24
    assert min(free[half:]) >= min(free[3:half]) - FLAT_BYTES, free


def test_a_day_of_pump_time_at_60x_leaves_the_heap_as_it_was(tmp_path):
    check_flat(free_over(tmp_path, 1, 100, speed_x=60))


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("config", [{"speed_x": 60}, {"speed_x": 1, "rate_hz": 1}], ids=["60x at 10 Hz", "1x at 1 Hz"])
def test_a_week_of_pump_time_leaves_the_heap_as_it_was(tmp_path, config):
    check_flat(free_over(tmp_path, 7, 3500, **config))
