"""The training pages in a real browser: every lesson is played to its end, every step of it is seen, and the numbers on
the screen at the end are those of `warmflow simulate`. The clock stands until a test moves it: nothing is missed.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from train_site import TrainSite
from wire import ROOT

from warmflow.scenario import load
from warmflow.simulate.rig import Rig
from warmflow.simulate.summary import Summary, summarise
from warmflow.simulate.vectorised import run
from warmflow.training.shelf import Shelf
from warmflow.training.texts import texts

LESSONS = Shelf().look().lessons
FASTEST_X = 20_000
HOLD_S = 5  # of the site's clock: no step stays longer by itself
NEAR = 0.01
ROUNDED = 5e-5  # what is next to nothing has four digits after the point
SERIOUS = ("serious", "critical")
# what shows where the focus is: an outline of the element, or of what covers its card
OUTLINES = "[null, '::after'].map((part) => getComputedStyle(document.activeElement, part).outlineStyle)"
SIZES = ((1024, 600), (1920, 1080), (3840, 2160))
STATIC = ROOT / "host/warmflow/dashboard/static"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainSite]:
    made = TrainSite(tmp_path_factory.mktemp("stage"))
    made.start()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def empty_stage(stage: TrainSite) -> None:
    stage.call(stage.house.stage.clear)


def deed(page: Page, name: str, **given: Any) -> None:
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
    deed(page, "choose", lesson=lesson, way="replay", speed_x=speed_x)
    page.locator("[data-ready]").wait_for()


def play(page: Page, stage: TrainSite, whole_min: float) -> list[str]:
    """Plays what is on the stage to its end, with Next as soon as a step waits; the steps that were on the screen."""
    page.get_by_role("button", name="Begin").click()
    page.locator(".step[data-step]").wait_for()
    steps: list[str] = []
    for share in (0.02, 0.1, 0.2, 0.7):  # in a few pieces: the numbers are seen to move
        stage.pass_s(share * whole_min * 60 / FASTEST_X)
        look(page, stage, steps)
        while stage.sitting.waiting:
            turn(page)
            look(page, stage, steps)
    assert stage.sitting.progress.finished
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


def simulated(name: str) -> Summary:
    """What `warmflow simulate` gives for the lesson's scenario and rig."""
    loaded = LESSONS[name]
    scenario = load(loaded.lesson.scenario) if loaded.lesson.scenario else loaded.scenario
    return summarise(run(scenario, Rig(loaded.lesson.profile, loaded.lesson.body)))


def result(page: Page, name: str) -> float:
    return number(page.locator(f"[data-result={name}] .value").inner_text())


@pytest.mark.parametrize("name", LESSONS)
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
    expect(page.locator(".way")).to_contain_text("REPLAY of a simulation, pump time 20,000 times faster")

    truth = simulated(name)
    for shown, wanted in {
        "peak": truth.peak_percent, "added_ul": truth.extra_ul, "added_percent": truth.dose_percent
    }.items():  # fmt: skip
        assert result(page, shown) == pytest.approx(wanted, rel=NEAR, abs=ROUNDED), shown
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
    expect(page.locator("[data-number=flow_ul_h] .kind")).to_have_text("◇ modelled")
    expect(page.locator(".speed strong")).to_have_text("20,000×")
    before = page.locator(".dial strong").first.inner_text()
    stage.pass_s(33 * 60 / FASTEST_X)
    expect(page.locator(".dial strong").first).not_to_have_text(before)
    while page.locator(".step").get_attribute("data-step") != "pocket":
        turn(page)
    expect(page.locator("[data-number=pump_c] .change")).to_have_text(re.compile(r"▲ \+\d\.\d\d since the start"))
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
    expect(page.locator("dialog")).to_be_hidden()
    stage.pass_s(LESSONS["sauna"].scenario.whole_min * 60 / 30 + 1)
    steps = ["rest"]
    press(page, ".next", None)
    look(page, stage, steps)
    while stage.sitting.waiting:
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
    expect(page.locator(".sources blockquote").first).to_be_visible()
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
    expect(page.locator(".sources")).to_contain_text("Fight CRC")


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


def test_no_training_page_has_serious_findings_of_axe(browser: Browser, stage: TrainSite) -> None:
    """All rules in the dark; what depends on colours in the light, too."""
    (stage.lessons / "broken.toml").write_text('title = "Broken"\n', encoding="utf-8")
    page, desk = (browser.new_page(color_scheme="dark", viewport={"width": 1280, "height": 720}) for _ in "12")
    found: dict[str, list[str]] = {}

    def check(name: str, of: Page = page) -> None:
        for theme, rules in (("dark", {}), ("light", {"runOnly": ["color-contrast"]})):
            of.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            expect(of.locator("html")).to_have_attribute("data-theme", theme)
            violations = Axe().run(of, options={**rules, "resultTypes": ["violations"]}).response["violations"]
            found[f"{name}, {theme}"] = [
                f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
                for each in violations if each["impact"] in SERIOUS for node in each["nodes"]
            ]  # fmt: skip

    put_on(page, stage, "hot-tub")
    check("predict")
    deed(page, "guess", what="peak_percent", value=20)
    desk.goto(f"{stage.url}/train/instructor")
    desk.locator(".log li").first.wait_for()
    page.get_by_role("button", name="Begin").click()
    page.locator(".step[data-step]").wait_for()
    deed(page, "jump", step="flow")
    expect(page.locator(".step")).to_have_attribute("data-step", "flow")
    deed(page, "inject", fault="leak", magnitude=0.5)
    deed(page, "diagnose", fault="leak")
    desk.locator(".in-force li").wait_for()
    check("instructor", desk)
    check("run")
    page.get_by_role("button", name="What is wrong?").click()
    check("diagnosis")
    page.keyboard.press("Escape")
    stage.pass_s(120)
    while stage.sitting.phase == "run":
        stage.pass_s(HOLD_S)
    page.locator(".outcome").wait_for()
    check("results")
    for name in ("questions", "compare", "sources"):
        page.locator(".turn .primary").click()
        if name == "compare":
            page.locator(".compare[data-shown]").wait_for()
        check(name)
    page.get_by_role("button", name="All lessons").first.click()
    page.locator(".problems tr").first.wait_for()
    check("choose")
    page.close()
    desk.close()
    (stage.lessons / "broken.toml").unlink()
    assert not any(found.values()), json.dumps(found, indent=1)
    assert len(found) == 18


def test_a_run_fits_its_screen_and_no_page_is_wider(browser: Browser, stage: TrainSite) -> None:
    page = browser.new_page()

    def fits(name: str, *inside: str) -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, width)
            for selector in (*inside, "footer"):
                expect(page.locator(selector), f"{name}: {selector} at {width}").to_be_in_viewport()
            for card in page.locator(".step").all():
                assert card.evaluate("(node) => node.scrollHeight <= node.clientHeight + 1"), (name, width)

    put_on(page, stage, "hot-tub")
    fits("predict", ".actions .primary")
    page.get_by_role("button", name="Begin").click()
    page.locator(".step[data-step]").wait_for()
    stage.pass_s(LESSONS["hot-tub"].scenario.whole_min * 60 / FASTEST_X + 0.1)
    steps: list[str] = []
    while True:
        look(page, stage, steps)
        fits(steps[-1], ".speed strong", ".course .uplot", ".numbers > div:last-child .kind")
        if not stage.sitting.waiting:
            break
        turn(page)
    assert len(steps) == len(LESSONS["hot-tub"].lesson.step)
    page.close()


def test_a_way_that_can_not_be_says_why(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "run-dry")
    off = page.locator("[data-way=virtual][data-off]")
    expect(off).to_contain_text(texts()("why_not.start"))
    expect(off.locator("input")).to_be_disabled()
    deed(page, "choose", lesson="hot-tub", way="replay")
    expect(page.locator("[data-way=virtual][data-off]")).to_contain_text(texts()("train.no_virtual"))
    expect(page.locator("[data-way=replay] input")).to_be_checked()


# the page is given a state that no replay has: what is of a board, or of another daemon
# From now on all that the stage says has these changes: what is still on its way can not undo them.
GIVEN = """async (changes) => {
  const { stage } = await import("/static/train-stage.js"), tell = EventTarget.prototype.dispatchEvent.bind(stage);
  stage.dispatchEvent = (event) => {
    if (event.type !== "state") return tell(event);
    const state = structuredClone(event.detail);
    for (const [path, value] of Object.entries(changes)) {
      const names = path.split("."), last = names.pop();
      names.reduce((node, name) => node[name], state)[last] = value;
    }
    stage.state = state;
    return tell(new CustomEvent("state", { detail: state }));
  };
  stage.dispatchEvent(new CustomEvent("state", { detail: stage.state }));
}"""


def test_the_chosen_speed_is_what_the_guess_screen_says(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "hot-tub", 30)
    expect(page.locator("[data-way=replay] strong")).to_have_text("Replay 30×")
    minutes = round(LESSONS["hot-tub"].scenario.whole_min / 30)
    expect(page.locator("[data-way=replay] small")).to_contain_text(f"{minutes} min for")


def test_a_boards_pause_is_said_to_be_slow_and_an_alarm_that_is_over_is_not_shown(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "hot-tub", 60)
    page.get_by_role("button", name="Begin").click()
    page.locator(".step[data-step]").wait_for()
    on = {"level": "act", "text": "flow 24 % up", "state": "unacknowledged", "active": True}
    page.evaluate(GIVEN, {"paused": True, "live.clock.replay": False, "alarm": on})
    expect(page.locator(".dial [data-paused]")).to_have_text(texts()("train.slowed"))
    expect(page.locator("svg.drawing[data-paused=true]")).to_have_count(0)
    expect(page.locator(".alarm")).to_contain_text("ACT: flow 24 % up")
    expect(page.locator(".alarm .kind")).to_have_text("● measured by the monitor")
    over = {"level": "normal", "text": "normal", "state": "returned unacknowledged", "active": False}
    page.evaluate(GIVEN, {"alarm": over, "paused": True, "live.clock.replay": True})
    expect(page.locator(".alarm")).to_be_hidden()
    expect(page.locator(".dial [data-paused]")).to_have_text("paused")


def test_the_drawing_names_a_fault_only_when_the_daemon_lets_it(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "occlusion", 600)
    page.get_by_role("button", name="Begin").click()
    deed(page, "jump", step=LESSONS["occlusion"].lesson.step[-2].id)
    drawn = page.locator("svg.drawing")
    deed(page, "inject", fault="occlusion", magnitude=1)
    stage.pass_s(1)
    for tell, state in ((True, "blocked"), (False, "flows")):
        page.evaluate(GIVEN, {"tell": tell})
        expect(drawn).to_have_attribute("data-state", state)


def test_a_guess_whose_slider_is_gone_from_the_file_is_still_shown(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "hot-tub")
    page.route(
        "**/api/train/lessons/hot-tub",
        lambda route: route.fulfill(json={**route.fetch().json(), "predict": []}),
    )
    page.reload()
    page.locator("[data-ready]").wait_for()
    deed(page, "guess", what="peak_percent", value=20)
    play(page, stage, LESSONS["hot-tub"].scenario.whole_min)
    row = page.locator(".guess-row[data-what=peak_percent]")
    expect(row.locator(".guess dd")).to_contain_text("20")
    expect(row.locator(".scale")).to_have_count(0)
    expect(page.locator(".guess-row[data-what=added_percent] .verdict")).to_contain_text("no guess")


def test_the_log_names_steps_by_title_and_faults_by_size_and_end(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "hot-tub", 600)
    deed(page, "start")
    deed(page, "jump", step="flow")
    for size in (0.5, 0):
        deed(page, "inject", fault="leak", magnitude=size)
    page.goto(f"{stage.url}/train/instructor")
    log = page.locator(".log")
    for words in (
        "Jumped to: The flow rises",
        "unseen: Leak: part of the fluid goes astray, 50 %",
        "Fault ended: Leak",
    ):
        expect(log).to_contain_text(words)
    expect(page.get_by_label("Speed")).to_have_value("600")


def test_a_refusal_is_told_in_the_daemons_words(page: Page, stage: TrainSite) -> None:
    page.goto(f"{stage.url}/train")
    page.locator("[data-lesson=hot-tub]").wait_for()
    said = {"detail": "not while it rains"}
    page.route("**/api/train/deeds/choose", lambda route: route.fulfill(status=409, json=said))
    page.locator("[data-lesson=hot-tub] button").click()
    expect(page.get_by_role("alert")).to_have_text("Not done: not while it rains")


def test_all_modules_are_asked_for_at_once() -> None:
    """A browser finds imports one level at a time, each a round trip: the page names them all."""
    named = set(re.findall(r'modulepreload" href="/static/([^"]+)"', (STATIC / "train.html").read_text("utf-8")))
    needed, open_ends = set(), ["train.js"]
    while open_ends:
        imported = set(re.findall(r'from "\./([^"]+)"', (STATIC / open_ends.pop()).read_text("utf-8")))
        fresh = imported - needed
        needed |= fresh
        open_ends += [name for name in fresh if not name.startswith("vendor/")]
    assert named == needed


def test_every_text_that_a_script_names_is_in_the_catalogue() -> None:
    """Keys that are chosen by a condition, too; those that are put together are met when the pages are played."""
    families = "train|instructor|notice|report|plan|kind|guess|number|verdict|fault"
    named = re.compile(rf'"((?:{families})\.[a-z_]+(?:\.[a-z_]+)*)"')
    keys = {key for path in STATIC.glob("train*.js") for key in named.findall(path.read_text(encoding="utf-8"))}
    assert {key for key in keys if key not in texts()} == set()
    assert len(keys) > 80
