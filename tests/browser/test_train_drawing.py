"""The living drawing, with moments of real lessons: it differs where it should, flows as the numbers do, stands
still for whoever asks for it, and says in words what it shows.
"""

import io
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from drawing_cases import CASES, given
from drawing_site import SMALL, drawing_site, opened
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page
from short_form import each_once, few

from warmflow.sinks.web.pages import STATIC
from warmflow.training.quantities import NUMBERS
from warmflow.training.texts import texts
from warmflow.training.views import spoken

FRAMES = """count => new Promise(done => {
    const one = () => count-- ? requestAnimationFrame(one) : done();
    one();
})"""
POSITIONS = "[...document.querySelectorAll('.drawing [transform]')].map(n => n.getAttribute('transform'))"
PASSED = """async () => {
    const { drops } = await import("/static/training/drawing/drops.js");
    const lumen = document.querySelector(".d-lumen"), begin = lumen.getPointAtLength(0), passed = [];
    for (const rate of [0, 0.5, 1, 1.5]) {
        const made = drops(), first = made.whole.firstChild;
        made.show(lumen, { rate, state: "flows", arriving: 1 }, true);
        const off = () => {
            if (first.classList.contains("d-off")) return -1;
            const [x, y] = first.getAttribute("transform").match(/[\\d.]+/g);
            return Math.hypot(x - begin.x, y - begin.y);
        };
        let wraps = 0, before = off();
        for (let picture = 0; picture < 24 * 20; picture += 1) {
            made.step(1 / 24);
            if (off() < before) wraps += 1;
            before = off();
        }
        passed.push(wraps);
    }
    return passed;
}"""
TEXTS = """() => {
    const root = document.querySelector(".drawing"), place = node => node.getBoundingClientRect().toJSON();
    const shown = [...root.querySelectorAll("text")].filter(t => t.getClientRects().length && t.textContent);
    const size = node => parseFloat(getComputedStyle(node).fontSize) * root.getScreenCTM().a;
    return { svg: place(root), texts: shown.map(t => [t.textContent, place(t), size(t)]) };
}"""
NEAR = "near => document.querySelector('.drawing').classList.contains('d-near') === near"
COLOURS = "names => names.map(n => getComputedStyle(document.documentElement).getPropertyValue(n).trim())"
SAID = (
    "skin_c", "pump_c", "core_c", "vapour_kpa", "drive_kpa", "viscosity_mpa_s", "flow_ul_h", "deviation_percent",
    "arriving_ul_h", "reservoir_ml", "added_ul", "added_percent",
)  # fmt: skip
PARTS = ("heat", "pocket", "propellant", "restrictor", "catheter", "reservoir", "drops", "dose")
Opened = Callable[..., Page]
Clip = dict[str, float]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with drawing_site() as address:
        yield address


@pytest.fixture(scope="module")
def still(browser: Browser, url: str) -> Iterator[Opened]:
    """The drawing for somebody who asked for less motion; one page a theme and size: `draw` leaves nothing behind."""
    pages: dict[Any, Page] = {}

    def page_of(theme: Any = "dark", size: tuple[int, int] = (1280, 900)) -> Page:
        if (theme, size) not in pages:
            view: Any = {"width": size[0], "height": size[1]}
            page = pages[theme, size] = browser.new_page(viewport=view, color_scheme=theme, reduced_motion="reduce")
            opened(page, url)
        return pages[theme, size]

    yield page_of
    for page in pages.values():
        page.close()


@pytest.fixture
def moving(page: Page, url: str) -> Page:
    opened(page, url)
    return page


def draw(page: Page, case: str, **other: Any) -> None:
    page.evaluate("given => bench.draw(given)", given(case) | other)


def seen(page: Page, clip: Clip) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]


def box(page: Page, selector: str) -> Clip:
    found = page.locator(selector).first.bounding_box()
    assert found
    return dict(found)  # type: ignore[call-overload]


def same(first: Image.Image, second: Image.Image) -> bool:
    return ImageChops.difference(first, second).getbbox() is None


def frames(page: Page, count: int) -> None:
    """Lets the page draw so many pictures."""
    page.evaluate(FRAMES, count)


def count(page: Page) -> int:
    return int(page.locator(".d-drops").get_attribute("data-count") or 0)


def positions(page: Page) -> list[str]:
    return list(page.evaluate(POSITIONS))


@pytest.mark.parametrize("theme", few(["dark", "light"], 1))
def test_rest_peak_and_occluded_differ_where_they_should_and_nowhere_else(still: Opened, theme: str) -> None:
    page = still(theme)
    draw(page, "occluded", part=None)
    cross, tube, title = box(page, ".d-cross"), box(page, ".d-tube"), box(page, ".d-title")
    dome, dose, skin = box(page, ".d-septum"), box(page, ".d-dose-seen"), box(page, ".d-skin-layers")
    shots = {}
    for case in ("rest", "peak", "occluded"):
        draw(page, case, part=None)
        regions = {"cross": cross, "tube": tube, "title": title, "dome": dome, "dose": dose, "skin": skin}
        shots[case] = {name: seen(page, clip) for name, clip in regions.items()}
    rest, peak, occluded = shots["rest"], shots["peak"], shots["occluded"]
    for one, other in itertools.combinations(shots.values(), 2):
        assert not same(one["tube"], other["tube"]), "the drops tell all three apart"
        assert same(one["title"], other["title"])
    assert not same(rest["cross"], occluded["cross"]), "the catheter is marked where it is blocked"
    assert same(rest["dome"], occluded["dome"]), "temperature alone cannot tell an occlusion"
    assert same(rest["skin"], occluded["skin"])
    assert not same(rest["skin"], peak["skin"])
    assert not same(rest["dose"], peak["dose"])


def test_there_are_as_many_drops_as_there_is_flow(still: Opened) -> None:
    page, counts = still(), {}
    for case in ("rest", "peak", "flight", "loose", "occluded", "empty", "cold", "dive"):
        draw(page, case)
        drawn = given(case)["drawing"]
        rate = drawn["flow_ul_h"] / drawn["reference_ul_h"]
        assert float(page.locator(".d-drops").get_attribute("data-per-s") or 0) == pytest.approx(rate, abs=1e-3)
        assert count(page) == page.locator(".d-drops > :not(.d-off)").count() == pytest.approx(10 * rate, abs=0.51)
        counts[case] = count(page)
    assert counts["occluded"] == counts["empty"] == counts["cold"] == counts["dive"] == 0
    assert counts["rest"] < counts["peak"] < counts["flight"]


def test_the_drops_a_second_are_the_flow_of_its_reference(moving: Page) -> None:
    passed = moving.evaluate(PASSED)
    assert passed == [0, pytest.approx(10, abs=1), pytest.approx(20, abs=1), pytest.approx(30, abs=1)]


def test_who_asks_for_less_motion_gets_none(moving: Page) -> None:
    draw(moving, "warming")
    before = positions(moving)
    frames(moving, 20)
    assert positions(moving) != before, "it moves for everybody else"
    moving.emulate_media(reduced_motion="reduce")
    frames(moving, 3)
    before = positions(moving)
    frames(moving, 30)
    assert positions(moving) == before
    assert moving.evaluate("document.getAnimations().length") == 0
    assert moving.locator(".d-drop:not(.d-off)").count() > 5, "static drops still tell the flow"


def test_paused_it_stands_and_goes_on_where_it_stood(moving: Page) -> None:
    draw(moving, "peak")
    frames(moving, 10)
    draw(moving, "peak", paused=True)
    before = positions(moving)
    frames(moving, 20)
    assert positions(moving) == before
    draw(moving, "peak")
    frames(moving, 20)
    assert positions(moving) != before


@pytest.mark.parametrize("case", CASES)
def test_the_words_have_the_numbers_that_were_given(still: Opened, case: str) -> None:
    page = still()
    said = page.evaluate("given => bench.describe(given)", given(case)).replace("\u2212", "-").replace("\u00a0", " ")
    drawn = given(case)["drawing"]
    expected = [f"{float(spoken(name, drawn[name])):g} {texts()(f'number.{name}.unit')}" for name in SAID]
    found = [f"{float(number):g} {unit}" for number, unit in re.findall(r"([+-]?\d+\.\d+) ([^\s;,.)]+)", said)]
    assert found == expected
    assert "drawing." not in said
    assert "{" not in said


def test_numbers_have_the_digits_of_the_rows_beside_them(still: Opened) -> None:
    digits = still().evaluate('async () => (await import("/static/training/drawing/texts.js")).DIGITS')
    shown = {name: (places, bool(sign)) for name, (places, *sign) in digits.items()}
    assert shown == {name: (NUMBERS[name].digits, NUMBERS[name].from_zero) for name in digits}


STATES = {
    "rest": ("flows", ""), "occluded": ("blocked", "Catheter blocked: no flow"),
    "empty": ("empty", "Reservoir empty: no flow"),
    "loose": ("loose", "Catheter loose: nothing arrives"), "cold": ("pushless", "Nothing left to push: no flow"),
    "dive": ("pushless", "Nothing left to push: no flow"),
}  # fmt: skip


@pytest.mark.parametrize("case", STATES)
def test_no_flow_has_its_reason_and_a_pump_that_can_not_push_is_not_called_blocked(still: Opened, case: str) -> None:
    page, (state, words) = still(), STATES[case]
    draw(page, case)
    assert page.locator(".drawing").get_attribute("data-state") == state
    assert page.locator(".d-state").text_content() == words
    assert page.locator(".d-cross").is_visible() == (state == "blocked")
    assert page.locator(".d-puddle").is_visible() == (state == "loose")
    assert page.locator(".d-drug").is_visible() == (state != "empty")


def test_a_leak_loses_drops_on_their_way_and_is_no_loose_catheter(still: Opened) -> None:
    page = still()
    half = given("rest")["drawing"] | {"arriving_ul_h": given("rest")["drawing"]["flow_ul_h"] / 2}
    draw(page, "rest", drawing=half)
    assert page.locator(".drawing").get_attribute("data-state") == "leak"
    assert page.locator(".d-leak").is_visible()
    assert not page.locator(".d-puddle").is_visible()
    assert count(page) in (7, 8)


def test_a_fault_that_is_to_be_found_is_not_told(still: Opened) -> None:
    page = still()
    draw(page, "occluded", tell=False)
    assert count(page) == 0
    assert not page.locator(".d-cross").is_visible()
    said = page.locator("svg desc").text_content() or ""
    assert "blocked" not in (said + (page.locator(".d-state").text_content() or "")).lower()
    assert page.locator(".drawing").get_attribute("data-state") == "flows"


@pytest.mark.parametrize("part", PARTS)
def test_what_a_step_points_at_is_outlined_and_named(still: Opened, part: str) -> None:
    page = still()
    draw(page, "rest", part=part)
    assert page.locator(".d-lit").evaluate_all("all => all.map(one => one.dataset.part)") == [part]
    assert page.locator(".d-lit .d-pill").is_visible()
    assert page.locator(".d-outline:not(.d-off), .d-tube-outline").count() == 1
    said = page.evaluate("given => bench.describe(given)", given("rest") | {"part": part})
    assert texts()(f"drawing.part_{part}") in said
    draw(page, "rest", part=None)
    assert page.locator(".d-lit, .d-outline:not(.d-off), .d-tube-outline").count() == 0


SIZES = [(1280, 900), SMALL, (522 + 24, 498 + 24), (364 + 24, 300 + 24)]


@pytest.mark.parametrize(("case", "size"), each_once(list(CASES), SIZES))
def test_no_text_lies_on_another_or_is_cut(still: Opened, case: str, size: Any) -> None:
    page = still("light", size)
    draw(page, case)
    page.wait_for_function(NEAR, arg=size != (1280, 900))
    assert page.locator(".d-figure").count() > 8
    assert page.evaluate("document.querySelector('.d-pump').getBoundingClientRect().width") > 200
    found = page.evaluate(TEXTS)
    svg = found["svg"]
    for text, at, font in found["texts"]:
        assert svg["left"] <= at["left"] < at["right"] <= svg["right"], text
        assert at["bottom"] <= svg["bottom"], text
        assert font >= 10, f"{text}: too small to read"
    for (one, a, _), (other, b, _) in itertools.combinations(found["texts"], 2):
        beside = a["right"] <= b["left"] or b["right"] <= a["left"]
        apart = beside or a["bottom"] <= b["top"] + 3 or b["bottom"] <= a["top"] + 3
        assert apart, f"{one!r} lies on {other!r}"
    assert not [text for text, _, _ in found["texts"] if "drawing." in text or "number." in text or "{" in text]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_text_is_readable_on_every_temperature(still: Opened, theme: str) -> None:
    page = still(theme)
    names = ["--text", *(f"--warm-{at}" for at in range(9))]
    colours = page.evaluate(COLOURS, names)
    text, *grounds = [_luminance(colour) for colour in colours]
    for ground in grounds:
        low, high = sorted((text, ground))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious(still: Opened, theme: str) -> None:
    page = still(theme)
    for case in ("peak", "occluded"):
        draw(page, case)
        violations = Axe().run(page).response["violations"]
        assert not [each["id"] for each in violations if each["impact"] in ("serious", "critical")]


def test_what_changes_is_said_and_no_sooner_than_after_five_seconds(browser: Browser, url: str) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.clock.install()
    opened(page, url)
    told = lambda: (page.locator("svg desc").text_content(), page.locator("[aria-live]").text_content())  # noqa: E731
    words = lambda case: page.evaluate("given => bench.describe(given)", given(case))  # noqa: E731
    draw(page, "rest")
    assert told() == (words("rest"), words("rest"))
    draw(page, "warming")
    page.clock.fast_forward(4000)
    draw(page, "peak")
    assert told() == (words("rest"), words("rest")), "patience"
    page.clock.fast_forward(1100)
    assert told() == (words("peak"), words("peak"))
    later = given("peak")["drawing"] | {"added_ul": 5.5}
    draw(page, "peak", drawing=later)
    page.clock.fast_forward(5100)
    desc, live = told()
    assert "+5.5" in (desc or "")
    assert live == words("peak"), "numbers that only move on are there, but not read out"
    page.close()


ASKED = re.compile(r'words\("(drawing\.[a-z_]+)"')
LISTED = re.compile(r'"(caption_[a-z]+|drop_[a-z]+|around|artery|left)"')


def test_every_text_of_the_drawing_is_in_the_catalogue_and_none_is_left_over() -> None:
    content = "".join(path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("training/drawing/*.js")))
    states = ("blocked", "loose", "leak", "empty", "pushless", "unknown")
    asked = {*ASKED.findall(content), *(f"drawing.{key}" for key in LISTED.findall(content))}
    asked |= {f"drawing.{what}_{state}" for what in ("mark", "state") for state in states}
    asked |= {f"drawing.part_{part}" for part in (*PARTS, "core", "artery")}
    assert asked == {key for key in texts().all() if key.startswith("drawing.")}
