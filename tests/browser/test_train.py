"""The training pages in a real browser: lessons are played to their end, every step of it is seen, and the numbers on
the screen at the end are those of `warmflow simulate`. The clock stands until a test moves it: nothing is missed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from stepped_training_server import TrainSite
from train_page import FASTEST_X, HOLD_S, LESSONS, look, number, play, put_on, turn

from warmflow.simulation.rig import Rig
from warmflow.simulation.scenario import load
from warmflow.simulation.summary import Summary, summarise
from warmflow.simulation.vectorised import run

# what shows where the focus is: an outline of the element, or of what covers its card
OUTLINES = "[null, '::after'].map((part) => getComputedStyle(document.activeElement, part).outlineStyle)"


def simulated(name: str) -> Summary:
    """What `warmflow simulate` gives for the lesson's scenario and rig."""
    loaded = LESSONS[name]
    scenario = load(loaded.lesson.scenario) if loaded.lesson.scenario else loaded.scenario
    return summarise(run(scenario, Rig(loaded.lesson.profile, loaded.lesson.body)))


def result(page: Page, name: str) -> float:
    return number(page.locator(f"[data-result={name}] .value").inner_text())


def half_a_digit(page: Page, name: str) -> float:
    """How far a result may be from what is shown of it: half of its last digit, and what the samples leave open."""
    text = page.locator(f"[data-result={name}] .value strong").inner_text()
    return 0.51 * 10.0 ** -len(text.partition(".")[2])


def by_what_they_show() -> Iterator[Any]:
    """Every lesson. One that puts nothing on the screen that none before it does is for `soak`: 3 s each of a core that
    is busy drawing; the stage plays all of them with no browser in a moment (tests/training/test_lessons_played.py).
    """
    seen: set[str] = set()
    for name, loaded in LESSONS.items():
        shows = {predict.what for predict in loaded.lesson.predict} | {
            each for step in loaded.lesson.step for each in step.shows
        }
        yield pytest.param(name, marks=[] if shows - seen else pytest.mark.soak)
        seen |= shows


@pytest.mark.parametrize("name", [*by_what_they_show()])
def test_a_lesson_is_played_end_to_end_and_its_numbers_are_those_of_the_simulation(
    page: Page, stage: TrainSite, name: str
) -> None:
    lesson, whole_min = LESSONS[name].lesson, LESSONS[name].scenario.whole_min
    put_on(page, stage, name)
    for predict in lesson.predict:
        page.locator(f"#guess-{predict.what}").press("End")
    expect(page.locator("[data-unset]")).to_have_count(0)
    steps = play(page, stage, whole_min)
    assert steps == [step.id for step in lesson.step]
    expect(page.locator(".way")).to_contain_text("Simulation, pump time 20,000 times faster")

    truth = simulated(name)
    for shown, wanted in {
        "peak": truth.peak_percent, "added_ul": truth.extra_ul, "added_percent": truth.dose_percent
    }.items():  # fmt: skip
        assert result(page, shown) == pytest.approx(wanted, abs=half_a_digit(page, shown)), shown
    for predict in lesson.predict:
        row = page.locator(f".guess-row[data-what={predict.what}]")
        assert number(row.locator(".guess dd").inner_text()) == predict.high
        assert predict.low <= number(row.locator(".truth dd").inner_text()) <= predict.high
        expect(row).to_have_attribute("data-verdict", re.compile("near|high"))


def test_a_step_shows_its_numbers_with_unit_kind_and_change(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "hot-tub")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".step")).to_have_attribute("data-step", "rest")
    expect(page.locator("[data-number=flow_ul_h] .value")).to_contain_text("µL/h")
    expect(page.locator("[data-number=flow_ul_h] .kind")).to_be_hidden()  # one legend says that all is calculated
    expect(page.locator("footer")).to_contain_text("calculated unless marked ● measured")
    assert "modelled" not in page.locator("body").inner_text()
    expect(page.locator(".speed strong")).to_have_text("20,000×")
    before = page.locator(".dial strong").first.inner_text()
    stage.pass_s(33 * 60 / FASTEST_X)
    expect(page.locator(".dial strong").first).not_to_have_text(before)
    while page.locator(".step").get_attribute("data-step") != "pocket":
        turn(page)
    expect(page.locator("[data-number=pump_c] .change")).to_have_text(re.compile(r"▲ \+\d\.\d since the start"))
    size = page.locator(".step .text").evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)")
    page.set_viewport_size({"width": 1920, "height": 1080})
    large = page.locator(".step .text").evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)")
    assert large >= 28 > 14 < size
    expect(page.locator("#voice")).to_contain_text("The heat reaches the pocket")
    assert int(page.locator(".course .lesson-plot").get_attribute("data-drawn") or 0) > 3


def test_a_new_lesson_appears_and_a_broken_one_is_named_by_file_line_and_key(page: Page, stage: TrainSite) -> None:
    page.goto(f"{stage.url}/train")
    expect(page.locator("[data-lesson=hot-tub]")).to_be_visible()
    expect(page.locator("[data-lesson=my-bath]")).to_have_count(0)
    text = Path(LESSONS["hot-tub"].path).read_text(encoding="utf-8")
    mine = stage.lessons / "my-bath.toml"
    mine.write_text(text.replace('title = "Hot tub"', 'title = "A bath of my own"', 1), encoding="utf-8")
    try:
        expect(page.locator("[data-lesson=my-bath]")).to_contain_text("A bath of my own", timeout=10_000)
        mine.write_text(text.replace("order = 20", 'order = "soon"', 1), encoding="utf-8")
        problem = page.locator(".problems tbody tr")
        expect(problem).to_have_count(1, timeout=10_000)
        assert problem.locator("th, td").all_inner_texts()[:3] == ["my-bath.toml", "2", "order"]
        expect(page.locator("[data-lesson=my-bath]")).to_have_count(0)
    finally:
        mine.unlink()
    expect(page.locator(".problems")).to_be_hidden(timeout=10_000)


def test_a_lesson_is_played_by_keyboard_alone(page: Page, stage: TrainSite) -> None:
    page.goto(f"{stage.url}/train")
    page.locator("[data-lesson=sauna]").wait_for()
    press(page, "[data-lesson=sauna] h3 button", "Enter")
    page.locator("[data-ready]").wait_for()
    press(page, "#guess-peak_percent", "ArrowRight")
    expect(page.locator("[data-what=peak_percent] .big")).not_to_have_text("?")
    press(page, ".actions .primary", "Enter")
    step = page.locator(".step")
    expect(step).to_have_attribute("data-step", re.compile("."))
    press(page, ".pause", "Space")
    expect(page.locator(".dial [data-paused]")).to_have_text("paused")
    page.keyboard.press("Space")
    expect(page.locator(".dial [data-paused]")).to_have_count(0)
    press(page, ".ask-diagnosis", "Enter")
    press(page, "[data-fault=none]", "Enter")
    expect(page.locator(".diagnose")).to_be_hidden()
    stage.pass_s(LESSONS["sauna"].scenario.whole_min * 60 / 30 + 1)
    steps = ["rest"]
    press(page, ".next", None)
    look(page, stage, steps)
    while stage.lesson_run.waiting:
        expect(page.locator(".next[aria-disabled=false]")).to_be_attached()
        page.keyboard.press("Enter")
        expect(step).not_to_have_attribute("data-step", steps[-1])
        look(page, stage, steps)
    assert steps == [one.id for one in LESSONS["sauna"].lesson.step]
    stage.pass_s(HOLD_S)
    page.locator(".outcome").wait_for()
    press(page, ".turn .primary", "Enter")
    page.locator(".questions").wait_for()
    press(page, "[data-choice='0']", "Enter")
    expect(page.locator(".why")).to_contain_text("Source")
    press(page, ".turn .primary", "Enter")
    press(page, ".turn .primary", "Enter")
    expect(page.locator(".sources .says").first).to_be_visible()
    press(page, ".turn .primary", "Enter")
    page.locator(".lesson-card").first.wait_for()


def press(page: Page, selector: str, key: str | None) -> None:
    """Goes there with Tab, and presses the key; fails if Tab does not lead there."""
    for _ in range(60):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            assert {"solid", "auto"} & set(page.evaluate(OUTLINES)), f"{selector}: the focus is not seen"
            return page.keyboard.press(key) if key else None
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def test_questions_and_comparison_follow_and_the_fever_outweighs_the_tub(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "hot-tub")
    play(page, stage, LESSONS["hot-tub"].scenario.whole_min)
    page.locator(".places").get_by_role("button", name="Questions").click()
    question = LESSONS["hot-tub"].lesson.question[0]
    wrong = next(choice for number, choice in enumerate(question.choices, 1) if number != question.right)
    page.get_by_role("button", name=wrong).click()
    expect(page.locator(".why")).to_contain_text(question.why)
    expect(page.locator(".why")).to_contain_text(question.source)
    expect(page.locator("[data-is=right]")).to_have_text(question.choices[question.right - 1])
    page.locator(".places").get_by_role("button", name="Compare").click()
    expect(page.locator(".compare[data-shown='0']")).to_be_attached(timeout=20_000)
    dose = page.locator("[data-verdict=dose]")
    expect(dose).to_have_attribute("data-side", "1")
    expect(dose.locator("h2")).to_contain_text("Fever")
    tub, fever = (number(each) for each in dose.locator(".big").all_inner_texts())
    assert fever > 20 * tub > 0
    plots = page.locator(".pair-plots .lesson-plot")
    drawn = plots.evaluate_all("(nodes) => nodes.map((node) => Number(node.dataset.drawn))")
    assert len(drawn) == 2
    assert min(drawn) > 500
    page.locator(".places").get_by_role("button", name="What the sources say").click()
    expect(page.locator(".sources")).to_contain_text("Fight Colorectal Cancer: What is an HAI pump?")
    assert not re.search('[“”"]', page.locator(".sources").inner_text())


def test_the_instructor_plays_injects_unseen_and_goes_on_to_the_next_group(
    browser: Browser, page: Page, stage: TrainSite
) -> None:
    page.goto(f"{stage.url}/train")
    page.locator(".lesson-card").first.wait_for()
    desk = page.context.new_page()
    desk.goto(f"{stage.url}/train/instructor")
    desk.locator("#play-lesson option[value=hot-tub]").wait_for(state="attached")
    desk.get_by_label("Lesson", exact=True).select_option("hot-tub")
    desk.get_by_label("Played by").select_option("replay")
    desk.get_by_label("Speed").select_option("600")
    expect(desk.locator(".play .hint")).to_contain_text("Real probe:")
    desk.get_by_role("button", name="Put on stage").click()
    page.locator("[data-ready]").wait_for()
    desk.get_by_role("button", name="Start").click()
    stage.pass_s(1)
    expect(page.locator(".step")).to_have_attribute("data-step", "rest")
    expect(desk.locator(".mirror")).to_contain_text("Before the bath")
    desk.locator(".jumps").get_by_role("button", name="The flow rises").click()
    expect(page.locator(".step")).to_have_attribute("data-step", "flow")
    assert number(page.locator("[data-number=deviation_percent] .value").inner_text()) >= 20

    desk.get_by_label("Fault").select_option("occlusion")
    desk.get_by_role("button", name="Inject", exact=True).click()
    expect(desk.locator(".in-force")).to_contain_text("In force, unseen: Occlusion")
    stage.pass_s(1)
    expect(page.locator("[data-number=flow_ul_h] .value")).to_contain_text("0.0")
    assert "cclusion: the catheter" not in page.locator("main").inner_text()
    page.get_by_role("button", name="What is wrong?").click()
    page.get_by_role("button", name="Occlusion").click()
    expect(desk.locator(".diagnosed[data-right=true]")).to_contain_text("Occlusion")
    desk.get_by_role("button", name="Show it to them").click()
    expect(page.locator(".told[data-right=true]")).to_contain_text("What was done to the pump: Occlusion")
    expect(desk.locator(".log")).to_contain_text("Fault injected, unseen: Occlusion", timeout=10_000)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    desk.locator("[data-deed=pause]").click()
    expect(page.locator(".dial [data-paused]")).to_be_visible()

    desk.get_by_role("button", name="Next group").click()
    expect(page.locator(".lesson-card").first).to_be_visible()
    expect(desk.locator(".summary")).to_have_text("Group 2")
    for link in ("Session report",):
        answer = page.request.get(f"{stage.url}{desk.get_by_role('link', name=link).get_attribute('href')}")
        assert answer.ok
        assert "Occlusion" in answer.text()
