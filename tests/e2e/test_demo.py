"""The main job, whole: real MicroPython, a real broker, the daemon, a subscriber that counts."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
from wait import wait_until_sync

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
DEMO = [sys.executable, "-m", "warmflow", "demo"]


def judge(broker: str, *arguments: str) -> None:
    """Plays the demo with nobody at a terminal, and reads its summary as a person would."""
    command = [*DEMO, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=230)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{broker} broker" in done.stdout
    sent, received, lost = map(int, re.findall(r"sent (\d+), received over MQTT (\d+), lost (\d+)", done.stdout)[0])
    assert sent == received > 100
    assert lost == 0
    assert 26 <= float(re.findall(r"peak deviation ([+-][\d.]+)", done.stdout)[0]) <= 36
    assert "FAIL" not in done.stdout


def test_the_hot_tub_is_flagged_and_nothing_is_lost_with_the_embedded_broker() -> None:
    judge("iotcore", "--speed", "300", "--broker", "embedded")


@pytest.mark.needs("mosquitto")
def test_the_hot_tub_is_flagged_and_nothing_is_lost_with_mosquitto() -> None:
    judge("mosquitto", "--speed", "300")


@pytest.mark.soak
@pytest.mark.needs("mosquitto")
@pytest.mark.parametrize("broker", ["iotcore", "mosquitto"])
def test_the_demo_as_people_see_it(broker: str) -> None:
    judge(broker, *(["--broker", "embedded"] if broker == "iotcore" else []))


def test_a_speed_that_leaves_the_monitor_too_few_readings_is_refused() -> None:
    done = subprocess.run([*DEMO, "--speed", "301"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 2
    assert "300" in done.stderr


@pytest.fixture
def running() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*DEMO, "--broker", "embedded"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        process.kill()


def lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_everything_and_leaves_no_process(running: subprocess.Popen[str], number: int) -> None:
    assert running.stdout
    for line in running.stdout:
        if line.endswith(": ok\n"):
            break
    family = psutil.Process(running.pid).children(recursive=True)
    assert len(family) >= 2
    running.send_signal(number)
    rest = running.stdout.read()
    assert running.wait(10) == 130  # ended by somebody: nothing was proven
    assert "Traceback" not in rest
    wait_until_sync(lambda: not any(lives(child) for child in family), 10)
