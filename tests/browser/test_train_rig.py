"""The training rig as `warmflow train` starts it: a lesson on a virtual Pico, step after step on the screen, with
numbers that are those of `warmflow simulate`.

A virtual Pico goes no faster than 300x here, for beyond that truth frames lie so far apart that a peak between two is
missed. So a sauna takes 28 s, and a hot tub, which is longer and is seen at the highest level, 67 s: it is for `soak`.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import load
from warmflow.simulation.summary import summarise
from warmflow.simulation.vectorised import run
from warmflow.training.lesson_library import LessonLibrary

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
START_S = 60
RUN_MS = 150_000  # twice what the hot tub needs
# the lesson, the speed that it proposes, and the highest level of its flow: at a lower one the flag would rise
# again once acknowledged
PLAYED = [("sauna", 30, "medium"), pytest.param("hot-tub", 60, "high", marks=pytest.mark.soak)]
NEAR = 0.01
LAST_DIGIT = 0.0051  # half of the last digit of a dose in hundredths of a percent
SEEN = """
    window.steps = [];
    new MutationObserver((changes) => {
      for (const { target } of changes) if (target.dataset?.step) steps.push(target.dataset.step);
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-step"] });
"""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[str]:
    """The address of a rig of one's own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    places = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "warmflow", "train", "--listen", address, "--state", str(tmp_path / "rig")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | places,
    )  # fmt: skip
    said, ready = [], threading.Event()

    def read() -> None:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                said.append(line)
                if "instructor" in line:
                    ready.set()
        ready.set()

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    try:
        assert ready.wait(START_S), "".join(said)
        assert process.poll() is None, "".join(said)
        yield f"http://{address}"
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reading.join(20)


def number(page: Page, selector: str) -> float:
    text = page.locator(selector).first.inner_text().replace("−", "-")
    found = re.search(r"[+-]?[\d.]+", text)
    assert found, f"{selector}: {text}"
    return float(found[0])


@pytest.mark.parametrize(("lesson", "speed_x", "level"), PLAYED)
def test_a_lesson_is_played_by_a_virtual_pico_with_the_numbers_of_the_simulation(
    page: Page, rig: str, lesson: str, speed_x: int, level: str
) -> None:
    loaded = LessonLibrary().look().lessons[lesson]
    page.add_init_script(SEEN)
    page.goto(rig)
    page.get_by_role("link", name="Training").click()
    expect(page).to_have_url(f"{rig}/train")
    expect(page.locator(f"[data-lesson={lesson}] .tag")).to_have_text(
        f"Virtual Pico {speed_x}×", timeout=START_S * 1000
    )
    chosen = {"lesson": lesson, "way": "virtual", "speed_x": 300}
    answer = page.request.post(f"{rig}/api/train/deeds/choose", data=chosen)
    assert answer.ok, answer.text()
    page.locator("#guess-peak_percent").press("ArrowRight")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".step[data-step]")).to_be_attached(timeout=20_000)
    expect(page.locator(".way")).to_have_text("Virtual Pico, pump time 300 times faster")
    expect(page.locator(".speed strong")).to_have_text("300×")
    # the monitor sees the bath, too
    expect(page.locator(f'.alarm[data-level="{level}"]')).to_be_visible(timeout=RUN_MS)
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("button", name="Acknowledge")).to_be_hidden()
    expect(page.locator(".outcome")).to_be_visible(timeout=RUN_MS)
    assert list(dict.fromkeys(page.evaluate("steps"))) == [step.id for step in loaded.lesson.step]
    truth = summarise(run(load(str(loaded.lesson.scenario)), Rig(loaded.lesson.profile, loaded.lesson.body)))
    assert number(page, "[data-result=peak] .value") == pytest.approx(truth.peak_percent, rel=NEAR)
    assert number(page, "[data-result=added_ul] .value") == pytest.approx(truth.extra_ul, rel=NEAR)
    assert number(page, "[data-result=added_percent] .value") == pytest.approx(truth.dose_percent, abs=LAST_DIGIT)
