"""The training pages in a real browser, screen by screen: they fit, everybody can read them, and they show what the
stage says, also what no replay has.
"""

import json

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from stepped_training_server import TrainSite
from train_page import FASTEST_X, HOLD_S, LESSONS, action, look, play, put_on, turn

from warmflow.training.texts import texts

SERIOUS = ("serious", "critical")
SIZES = ((1024, 600), (3840, 2160))  # the smallest and the largest; those between are in test_train_cut.py


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
    action(page, "guess", what="peak_percent", value=20)
    desk.goto(f"{stage.url}/train/instructor")
    desk.locator(".log li").first.wait_for()
    page.get_by_role("button", name="Begin").click()
    page.locator(".step[data-step]").wait_for()
    action(page, "jump", step="flow")
    expect(page.locator(".step")).to_have_attribute("data-step", "flow")
    action(page, "inject", fault="leak", magnitude=0.5)
    action(page, "diagnose", fault="leak")
    desk.locator(".in-force li").wait_for()
    check("instructor", desk)
    check("run")
    expect(page.locator(".diagnose")).to_be_visible()  # a fault is hidden: the question stands beside the drawing
    check("diagnosis")
    stage.pass_s(120)
    while stage.lesson_run.phase == "run":
        stage.pass_s(HOLD_S)
    page.locator(".outcome").wait_for()
    check("results")
    for name in ("questions", "compare", "sources"):
        page.locator(".turn .primary").click()
        if name == "compare":
            page.locator(".compare[data-shown]").wait_for()
        check(name)
    page.locator(".places").get_by_role("button", name="Play").click()
    page.locator(".play-view[data-shown]").wait_for()
    check("play")
    page.get_by_role("button", name="All lessons").first.click()
    page.locator(".problems tr").first.wait_for()
    check("choose")
    page.close()
    desk.close()
    (stage.lessons / "broken.toml").unlink()
    assert not any(found.values()), json.dumps(found, indent=1)
    assert len(found) == 20


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
        fits(steps[-1], ".speed strong", ".course .uplot", ".numbers > div:last-child .value")
        if not stage.lesson_run.waiting:
            break
        turn(page)
    assert len(steps) == len(LESSONS["hot-tub"].lesson.step)
    page.close()


def test_a_way_that_can_not_be_says_why(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "run-dry")
    off = page.locator("[data-way=virtual][data-off]")
    expect(off).to_contain_text(texts()("why_not.start"))
    expect(off.locator("input")).to_be_disabled()
    action(page, "choose", lesson="hot-tub", way="replay")
    expect(page.locator("[data-way=virtual][data-off]")).to_contain_text(texts()("train.no_virtual"))
    expect(page.locator("[data-way=replay] input")).to_be_checked()


# The page is given a state that no replay has: what is of a board, or of another daemon. From now on all that the stage
# says has these changes: what is still on its way cannot undo them.
GIVEN = """async (changes) => {
  const { stage } = await import("/static/training/store.js"), tell = EventTarget.prototype.dispatchEvent.bind(stage);
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
    on = {"level": "medium", "text": "flow 24 % up", "state": "unacknowledged", "active": True}
    page.evaluate(GIVEN, {"paused": True, "live.clock.replay": False, "alarm": on})
    expect(page.locator(".dial [data-paused]")).to_have_text(texts()("train.slowed"))
    expect(page.locator("svg.drawing[data-paused=true]")).to_have_count(0)
    expect(page.locator(".alarm")).to_contain_text("MEDIUM: flow 24 % up")
    expect(page.locator(".alarm .kind")).to_have_text("● measured by the monitor")
    over = {"level": "normal", "text": "normal", "state": "returned unacknowledged", "active": False}
    page.evaluate(GIVEN, {"alarm": over, "paused": True, "live.clock.replay": True})
    expect(page.locator(".alarm")).to_be_hidden()
    expect(page.locator(".dial [data-paused]")).to_have_text("paused")


def test_the_drawing_names_a_fault_only_when_the_daemon_lets_it(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "occlusion", 600)
    page.get_by_role("button", name="Begin").click()
    action(page, "jump", step=LESSONS["occlusion"].lesson.step[-2].id)
    drawn = page.locator("svg.drawing")
    action(page, "inject", fault="occlusion", magnitude=1)
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
    with page.expect_response("**/api/train/lessons/hot-tub"):  # a click before the lesson is there starts nothing
        page.reload()
    page.locator("[data-ready]").wait_for()
    action(page, "guess", what="peak_percent", value=20)
    play(page, stage, LESSONS["hot-tub"].scenario.whole_min)
    row = page.locator(".guess-row[data-what=peak_percent]")
    expect(row.locator(".guess dd")).to_contain_text("20")
    expect(row.locator(".scale")).to_have_count(0)
    expect(page.locator(".guess-row[data-what=added_percent] .verdict")).to_contain_text("no guess")


def test_the_log_names_steps_by_title_and_faults_by_size_and_end(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "hot-tub", 600)
    action(page, "start")
    action(page, "jump", step="flow")
    for size in (0.5, 0):
        action(page, "inject", fault="leak", magnitude=size)
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
