"""Fingers and paper: all that a 1024x600 touch screen has is large enough to hit and does what it says when tapped; a
printed page is dark on white, with nothing to press.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from browser_watch import watched
from dashboard_reading import DRAWN, shown
from dashboard_site import Site
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from short_form import each_once
from wait import wait_until_on_page

LEAST_PX = 40  # of a finger, both ways
READY = {
    "/": "tr[data-pump]", "/pump/tub?span=60": DRAWN, "/alarms": "h1", "/controls": ".card", "/help": "dl",
}  # fmt: skip
# what may be pressed and is on show, with its size; a link inside a sentence or a cell needs its line's height alone
TARGETS = """() => [...document.querySelectorAll("button, select, input, nav a, .brand, tr[data-pump] a, label.tap")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest(".unseen, .skip"))
  .map((node) => {
    const { width, height } = node.getBoundingClientRect();
    return { what: node.outerHTML.slice(0, 90), width, height };
  })"""


@pytest.fixture
def screen(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1024, "height": 600}, has_touch=True)
    wrong = watched(context)
    yield context.new_page()
    context.close()
    assert not wrong


@pytest.mark.parametrize("path", READY)
def test_what_may_be_pressed_is_large_enough_for_a_finger(screen: Page, site: Site, path: str) -> None:
    screen.goto(site.url + path)
    screen.wait_for_selector(READY[path])
    assert screen.evaluate("matchMedia('(pointer: coarse)').matches")
    found: list[dict[str, Any]] = screen.evaluate(TARGETS)
    assert len(found) >= 5
    assert [each for each in found if each["height"] < LEAST_PX or each["width"] < LEAST_PX] == []
    assert screen.evaluate("document.documentElement.scrollWidth") <= 1024


def test_a_finger_finds_its_way_through_all_pages(screen: Page, site: Site) -> None:
    screen.goto(site.url)
    screen.locator("tr[data-pump=rest] a").tap()
    screen.wait_for_selector(DRAWN)
    screen.get_by_role("button", name="1 min", exact=True).tap()
    wait_until_on_page(lambda: abs(shown(screen)[1] - shown(screen)[0] - 60) < 0.01, screen)
    screen.get_by_role("button", name="Pause").tap()
    expect(screen.locator("main .banner")).to_be_visible()
    screen.get_by_role("button", name="Pause").tap()
    expect(screen.locator("main .banner")).to_be_hidden()
    screen.get_by_role("button", name="vapour, modelled").tap()
    expect(screen.get_by_role("button", name="vapour, modelled")).to_have_attribute("aria-pressed", "false")
    screen.get_by_role("link", name="Alarms").tap()
    expect(screen.get_by_role("heading", name="Alarms")).to_be_visible()
    screen.get_by_role("link", name="Controls").tap()
    card = screen.locator(".card[data-kind=identify]")
    card.get_by_role("button").tap()
    expect(card.locator("output")).to_contain_text("it blinks")
    screen.get_by_role("link", name="Help").tap()
    expect(screen.get_by_role("heading", level=1)).to_be_visible()
    screen.get_by_role("button", name="Theme").tap()
    screen.get_by_role("link", name="Pumps").tap()
    screen.wait_for_selector("tr[data-pump]")


def test_two_fingers_zoom_and_one_moves_in_time(screen: Page, site: Site) -> None:
    screen.goto(f"{site.url}/pump/rest?span=60")
    screen.wait_for_selector(DRAWN)
    box = screen.locator(".u-over").first.bounding_box()
    assert box
    y, middle = box["y"] + box["height"] / 2, box["x"] + box["width"] / 2
    fingers = screen.context.new_cdp_session(screen)

    def touch(kind: str, *xs: float) -> None:
        points = [{"x": x, "y": y, "id": number} for number, x in enumerate(xs)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", middle - 50, middle + 50)
    for apart in range(60, 201, 20):
        touch("touchMove", middle - apart, middle + apart)
    touch("touchEnd")
    wait_until_on_page(lambda: shown(screen)[1] - shown(screen)[0] < 30, screen)
    before_s = shown(screen)
    touch("touchStart", middle)
    for moved in range(0, 201, 20):
        touch("touchMove", middle + moved)
    touch("touchEnd")
    wait_until_on_page(lambda: shown(screen)[0] < before_s[0] - 1, screen)  # the past comes into sight, and stays
    expect(screen.locator(".shown .range")).to_contain_text("viewing history")


PRESSED = "button:not(.line), nav, select, input, form, .toolbar .group"  # a line of a plot says what it is
CONTRAST = """() => {
  const light = (text) => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    const linear = (each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = parts.map((each) => linear(each / 255));
    return { light: 0.2126 * r + 0.7152 * g + 0.0722 * b, alpha: parts[3] ?? 1 };
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = light(getComputedStyle(at).backgroundColor);
      if (found.alpha > 0.5) return found.light;
    }
    return 1;
  };
  const faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.checkVisibility() || node.closest("svg, canvas, .unseen")) continue;
    const text = light(getComputedStyle(node).color).light, under = ground(node);
    const ratio = (Math.max(text, under) + 0.05) / (Math.min(text, under) + 0.05);
    if (under < 0.8 || ratio < 4.5) faint.push([node.outerHTML.slice(0, 90), under, ratio]);
  }
  return faint;
}"""


@pytest.mark.parametrize(
    ("path", "theme"), each_once(["/", "/pump/tub?span=60", "/alarms", "/help"], ["dark", "light"])
)
def test_paper_is_dark_on_white_with_nothing_to_press(browser: Browser, site: Site, path: str, theme: Any) -> None:
    page = browser.new_page(color_scheme=theme)
    page.goto(site.url + path)
    page.wait_for_selector(READY[path])
    page.emulate_media(media="print", color_scheme=theme)
    # the plots take the colours of paper with their next drawing
    wait_until_on_page(lambda: page.evaluate(CONTRAST) == [], page)
    assert [each for each in page.locator(PRESSED).all() if each.is_visible()] == []
    picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
    white = sum(1 for each in picture.tobytes() if each > 200) / (picture.width * picture.height)
    assert white > 0.7
    paper = page.pdf(print_background=True, prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert sheets == 1 if "pump" in path else sheets > 0
    page.close()


def test_after_printing_the_screen_is_as_it_was(browser: Browser, site: Site) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(f"{site.url}/pump/tub?span=60")
    page.wait_for_selector(DRAWN)
    grounds = []
    for media in ("screen", "print", "screen"):
        page.emulate_media(media=media)  # type: ignore[arg-type]
        wait_until_on_page(lambda: not grounds or ground(page) != grounds[-1], page)
        grounds.append(ground(page))
    assert grounds[0] == grounds[2]
    page.close()


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
