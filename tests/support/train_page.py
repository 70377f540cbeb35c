"""What a person does at the training page, in words for tests; and what an instructor's page would send."""

import re
from typing import Any

from playwright.sync_api import Page, expect
from stepped_training_server import TrainSite

from warmflow.training.lesson_library import LessonLibrary

LESSONS = LessonLibrary().look().lessons
FASTEST_X = 20_000
HOLD_S = 5  # of the site's clock: no step stays longer by itself


def action(page: Page, name: str, **given: Any) -> None:
    """What the instructor's page would send."""
    answer = page.request.post(f"{origin(page)}/api/train/deeds/{name}", data=given)
    assert answer.ok, answer.text()


def origin(page: Page) -> str:
    return re.match(r"http://[^/]+", page.url)[0]  # type: ignore[index]


def number(text: str) -> float:
    """The first number of a text as it stands on the screen."""
    return float(re.search(r"[+−-]?[\d.]+", text.replace(",", ""))[0].replace("−", "-"))  # type: ignore[index]


def put_on(page: Page, stage: TrainSite, lesson: str, speed_x: int = FASTEST_X) -> None:
    page.emulate_media(reduced_motion="reduce")  # moving drops are the drawing's tests' matter
    page.goto(f"{stage.url}/train")
    page.locator(".lesson-card").first.wait_for()
    action(page, "choose", lesson=lesson, way="replay", speed_x=speed_x)
    page.locator("[data-ready]").wait_for()


def play(page: Page, stage: TrainSite, whole_min: float) -> list[str]:
    """Plays what is on the stage to its end, with Next as soon as a step waits; the steps that were on the screen."""
    page.get_by_role("button", name="Begin").click()
    page.locator(".step[data-step]").wait_for()
    steps: list[str] = []
    for share in (0.02, 0.1, 0.2, 0.7):  # in a few pieces: the numbers are seen to move
        stage.pass_s(share * whole_min * 60 / FASTEST_X)
        look(page, stage, steps)
        while stage.lesson_run.waiting:
            turn(page)
            look(page, stage, steps)
    assert stage.lesson_run.progress.finished
    stage.pass_s(HOLD_S)
    page.locator(".outcome").wait_for()
    return steps


def look(page: Page, stage: TrainSite, steps: list[str]) -> None:
    """Waits until the step is on the screen, and takes it down."""
    expect(page.locator(".step")).to_have_attribute("data-step", stage.step)
    if stage.step not in steps:
        steps.append(stage.step)


def turn(page: Page) -> None:
    """Presses Next, and waits for the step that follows."""
    before = page.locator(".step").get_attribute("data-step")
    page.locator(".next[aria-disabled=false]").click()
    expect(page.locator(".step")).not_to_have_attribute("data-step", str(before))
