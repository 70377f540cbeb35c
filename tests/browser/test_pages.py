"""All pages in a real browser: what is worst comes first, what is old looks old, alarms are answered, everything can be
reached by keyboard and by a screen reader.
"""

import json
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from dashboard_reading import settled
from dashboard_site import Site
from playwright.sync_api import Browser, Page, expect

from warmflow.device.states import LinkState
from warmflow.runtime.wall_clock import wall_clock

PAGES = ("/", "/pump/tub?span=60", "/alarms", "/controls", "/help", "/static/login/login.html")
THEMES: dict[Any, dict[str, Any]] = {"dark": {}, "light": {"runOnly": ["color-contrast"]}}  # and the rules of axe
SERIOUS = ("serious", "critical")
READY = {"/": "tr[data-pump]", "/pump/tub?span=60": ".plots[data-drawn]", "/controls": ".card"}
TITLE = re.compile(r"^▲▲▲ HIGH tub: Flow \d+ % above reference\. Likely .* · warmflow$")
FAST_X = 240  # of the tub's pump time; at 300x the monitor would have too few readings
TIMES_MS = 60_000  # the flow follows the skin after 20 min of pump time


def test_no_page_has_serious_findings_of_axe(browser: Browser, site: Site) -> None:
    """All rules in the dark; what depends on colours in the light, too."""
    site.link("rest", LinkState.PORT_LOST, "/dev/ttyACM0 went away")  # what is stale has to be readable, too
    found = {}
    for path in PAGES:
        page = browser.new_page(color_scheme="dark")
        page.goto(site.url + path)
        page.wait_for_selector(READY.get(path, "footer"))
        for theme, rules in THEMES.items():
            page.emulate_media(color_scheme=theme)
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            settled(page)
            violations = Axe().run(page, options={**rules, "resultTypes": ["violations"]}).response["violations"]
            found[f"{path}, {theme}"] = [
                f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
                for each in violations if each["impact"] in SERIOUS for node in each["nodes"]
            ]  # fmt: skip
        page.close()
    site.link("rest", LinkState.OK)
    assert not any(found.values()), json.dumps(found, indent=1)


def test_a_hot_tub_is_seen_rising_comes_first_and_its_alarm_is_acknowledged(page: Page, site: Site) -> None:
    page.goto(site.url)
    row = page.locator("tr[data-pump=tub]")
    expect(row).to_have_attribute("data-level", "normal")
    before = row.locator(".deviation strong").inner_text()
    site.pumps["tub"].hurry(FAST_X)
    site.pumps["tub"].bathe(30)
    expect(row).to_have_attribute("data-level", "high", timeout=TIMES_MS)
    assert page.locator("tr[data-pump]").first.get_attribute("data-pump") == "tub"
    assert number(row.locator(".deviation strong").inner_text()) > number(before) + 20
    expect(page).to_have_title(TITLE)
    assert (page.locator("link[rel=icon]").get_attribute("href") or "").endswith("high.svg")
    expect(page.locator("#voice")).to_contain_text("tub")

    page.get_by_role("link", name="Alarms").click()
    alarm = page.locator("tr[data-alarm='tub/rate']")
    expect(alarm).to_have_attribute("data-state", "unacknowledged")
    alarm.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your name")
    page.get_by_label("Your name").fill("tester")
    alarm.get_by_role("button", name="Acknowledge").click()
    expect(alarm).to_have_attribute("data-state", "acknowledged")
    expect(alarm).to_contain_text("by tester")
    alarm.get_by_label("Comment").fill("a drill")
    alarm.get_by_role("button", name="Add").click()
    expect(alarm).to_contain_text("a drill (tester)")
    alarm.get_by_label("Shelve").select_option(label="10 min")
    expect(alarm).to_have_attribute("data-state", "shelved")
    expect(page.get_by_label("What happened to alarms")).to_contain_text("Acknowledged")


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("%", "").replace("\u00a0", ""))


def test_a_value_that_is_not_live_never_looks_live(page: Page, site: Site) -> None:
    page.goto(site.url)
    row = page.locator("tr[data-pump=rest]")
    expect(page.locator("tr[data-pump=rest]:not([data-stale])")).to_be_visible()
    site.link("rest", LinkState.PORT_LOST, "/dev/ttyACM0 went away")
    expect(page.locator("tr[data-pump=rest][data-stale]")).to_be_visible()
    expect(row).to_contain_text("NOT LIVE")
    expect(row).to_contain_text("last seen")
    expect(row).to_contain_text("port lost: /dev/ttyACM0 went away")
    assert page.locator("tr[data-pump]").first.get_attribute("data-pump") in ("rest", "tub")
    page.goto(f"{site.url}/pump/rest")
    expect(page.locator(".figures[data-stale]")).to_be_visible()
    site.link("rest", LinkState.OK)
    expect(page.locator(".figures:not([data-stale])")).to_be_visible(timeout=15_000)
    site.pumps["rest"].silent = True  # the link says it is well, and nothing comes
    expect(page.locator(".figures[data-stale]")).to_be_visible()
    site.pumps["rest"].silent = False


def test_everything_is_reached_by_keyboard(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.wait_for_selector("tr[data-pump]")
    _tab_to(page, "a[href='/pump/rest']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".plots[data-drawn]")
    _tab_to(page, "button.pause")
    page.keyboard.press("Enter")
    expect(page.locator("main .banner")).to_be_visible()
    page.keyboard.press("Enter")
    _tab_to(page, ".plots")
    page.keyboard.press("+")
    expect(page).to_have_url(f"{site.url}/pump/rest?span=200")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".shown .range")).to_contain_text("viewing history")
    page.keyboard.press("Home")
    expect(page.locator(".shown .range")).to_contain_text("following")
    page.keyboard.press("Space")
    expect(page.locator("main .banner")).to_be_visible()
    page.go_back()
    page.wait_for_selector("tr[data-pump]")


def _tab_to(page: Page, selector: str) -> None:
    """Presses Tab until this has the focus; fails if that never comes."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def test_controls_show_the_boards_answer_and_its_refusal(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/controls?pump=rest")
    card = page.locator(".card[data-kind=identify]")
    card.get_by_role("button").click()
    expect(card.locator("output")).to_contain_text("it blinks")
    card = page.locator(".card[data-kind=speed]")
    card.get_by_label("Speed").fill("60")
    card.get_by_role("button").click()
    expect(card.locator("output")).to_contain_text("goes at 1x only, not 60x")
    assert ("speed", b'{"pump":"rest","speed_x":60}') in site.asked


def test_the_theme_is_the_systems_until_somebody_chooses(browser: Browser, site: Site) -> None:
    page = browser.new_page(color_scheme="light")
    page.goto(site.url)
    assert page.locator("html").get_attribute("data-theme") == "light"
    page.get_by_role("button", name="Theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.close()


def test_no_sound_before_somebody_allows_it(page: Page, site: Site) -> None:
    page.goto(site.url)
    button = page.get_by_role("button", name="Sound off")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(page.get_by_role("button", name="Sound on")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("size", [(1024, 600), (3840, 2160)])
def test_no_page_is_wider_than_its_screen(browser: Browser, site: Site, size: tuple[int, int]) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    for path in PAGES:
        page.goto(site.url + path)
        page.wait_for_selector(READY.get(path, "footer"))
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
    page.close()


# what a finger meets: where something lies under another element, or lets it through, it cannot be pressed
PRESSED = """() => [...document.querySelectorAll("a, button, select, input, summary, .u-over")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches(".skip"))
  .filter((node) => getComputedStyle(node).pointerEvents !== "none")
  .map((node) => node.getAttribute("href") ?? node.outerHTML.slice(0, 90))"""


def test_a_kiosk_has_nothing_to_press_but_pumps(page: Page, site: Site) -> None:
    written = page.request.post(
        f"{site.url}/api/annotations",
        data={"pump": "rest", "time": wall_clock().isoformat(), "text": "moved", "by": "tester"},
    )
    assert written.ok, written.text()
    page.goto(f"{site.url}/?kiosk=1")
    page.wait_for_selector("tr[data-pump]")
    assert page.evaluate(PRESSED) == ["/", *(f"/pump/{name}" for name in pumps_on(page))]
    page.get_by_role("link", name="rest").click()
    page.wait_for_selector(".plots[data-drawn]")
    assert "kiosk=1" in page.url
    expect(page.get_by_label("Notes")).to_contain_text("moved")
    expect(page.locator(".legend .line").first).to_be_visible()
    assert page.evaluate(PRESSED) == ["/"]
    page.locator(".brand").click()
    page.wait_for_selector("tr[data-pump]")
    assert "kiosk=1" in page.url


def pumps_on(page: Page) -> list[str]:
    names: list[str] = page.evaluate("[...document.querySelectorAll('tr[data-pump]')].map((row) => row.dataset.pump)")
    return names
