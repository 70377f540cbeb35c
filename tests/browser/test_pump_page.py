"""The pump page in a real browser, fed by a simulated hot tub: it shows what comes, holds what it is told to hold, and
gives what is on show.
"""

import csv
import io
import re
import time
import urllib.parse
import urllib.request

import pytest
from dashboard_reading import DRAWN, holes, shown, times
from dashboard_site import Site
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from wait import wait_until_on_page

from warmflow.runtime.wall_clock import wall_clock

pytestmark = pytest.mark.alone

FIRST_PLOT_MS = 2000
ATTEMPTS = 3  # the best of so many: this computer does other things, too


def opened(page: Page, site: Site, query: str = "?span=60", pump: str = "tub") -> None:
    page.goto(f"{site.url}/pump/{pump}{query}")
    page.wait_for_selector(DRAWN)


def drag(page: Page, from_share: float, to_share: float) -> None:
    """With the mouse, over the first plot."""
    box = page.locator(".u-over").first.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + from_share * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + to_share * box["width"], y, steps=4)
    page.mouse.up()


def test_the_first_plot_stands_within_two_seconds_of_opening(context: BrowserContext, site: Site) -> None:
    took_ms = []
    for _ in range(ATTEMPTS):
        page = context.new_page()
        opened(page, site, "?span=300")
        took_ms.append(page.evaluate("performance.getEntriesByName('first plot')[0].startTime"))
        page.close()
        if took_ms[-1] < FIRST_PLOT_MS:
            break
    print(f"first plot after {', '.join(f'{each:.0f}' for each in took_ms)} ms")
    assert min(took_ms) < FIRST_PLOT_MS


def test_a_zoom_holds_while_data_flows_and_live_follows_again(page: Page, site: Site) -> None:
    opened(page, site)
    before = shown(page)
    drag(page, 0.25, 0.75)
    expect(page.locator(".shown .range")).to_contain_text("viewing history")
    held = shown(page)
    assert held[1] - held[0] == round(0.5 * (before[1] - before[0]), 0) or abs(held[1] - held[0] - 30) < 2
    newest = page.locator(".state time").get_attribute("title")
    wait_until_on_page(lambda: page.locator(".state time").get_attribute("title") != newest, page)
    page.evaluate(
        "document.querySelector('.plot').plot.hooks.draw.push(() => (window.drawn = (window.drawn ?? 0) + 1))"
    )
    wait_until_on_page(lambda: page.evaluate("window.drawn > 4"), page)  # a second of further drawings
    assert shown(page) == held
    assert max(times(page)) > held[1]  # what came meanwhile is there
    assert "from=" in page.url  # the address shows the same again
    page.get_by_role("button", name="Back to live").click()
    expect(page.locator(".shown .range")).to_contain_text("following")
    wait_until_on_page(lambda: shown(page)[1] > held[1] + 1, page)


def test_a_link_to_a_stretch_shows_it_again_after_reload(page: Page, site: Site) -> None:
    opened(page, site)
    drag(page, 0.2, 0.6)
    expect(page.locator(".shown .range")).to_contain_text("viewing history")
    held = shown(page)
    page.reload()
    page.wait_for_selector(DRAWN)
    assert all(abs(now - then) < 0.1 for now, then in zip(shown(page), held, strict=True))


def test_pause_keeps_the_picture_counts_what_waits_and_goes_on(page: Page, site: Site) -> None:
    opened(page, site)
    page.get_by_role("button", name="Pause").click()
    banner = page.locator("main .banner")
    expect(banner).to_be_visible()
    flow, at = page.locator(".figures .number").first.inner_text(), shown(page)

    def waiting() -> int:
        found = re.search(r"(\d+) readings? wait", banner.inner_text())
        return int(found[1]) if found else 0

    wait_until_on_page(lambda: waiting() >= 10, page)
    assert (page.locator(".figures .number").first.inner_text(), shown(page)) == (flow, at)
    page.get_by_role("button", name="Pause").click()
    expect(banner).to_be_hidden()
    wait_until_on_page(lambda: shown(page)[1] > at[1], page)
    assert not holes(page)  # all that waited is there


def test_csv_has_the_rows_of_the_visible_range_and_the_chosen_lines_only(page: Page, site: Site) -> None:
    opened(page, site)
    drag(page, 0.1, 0.4)
    expect(page.locator(".shown .range")).to_contain_text("viewing history")
    page.get_by_role("button", name="vapour, modelled").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="as CSV").click()
    rows = list(csv.DictReader(io.StringIO(coming.value.path().read_text())))
    from_s, to_s = shown(page)
    asked = urllib.parse.urlencode(
        {"pump": "tub", "from": iso(from_s), "to": iso(to_s), "points": 20_000, "format": "csv"}
    )
    with urllib.request.urlopen(f"{site.url}/api/readings?{asked}") as answer:
        truth = list(csv.DictReader(io.StringIO(answer.read().decode())))
    assert len(rows) > 100
    assert [row["time_utc"] for row in rows] == [row["time_utc"] for row in truth]
    assert [float(row["flow_ul_h"]) for row in rows] == [float(row["flow_ul_h"]) for row in truth]
    assert "modelled_drive_kpa" in rows[0]
    assert "modelled_vapour_kpa" not in rows[0]


def test_the_picture_shows_the_plots_with_title_and_times(page: Page, site: Site) -> None:
    opened(page, site)
    with page.expect_download() as coming:
        page.get_by_role("button", name="as a picture").click()
    assert re.fullmatch(r"tub_\d{8}T\d{6}_\d{8}T\d{6}\.png", coming.value.suggested_filename)
    picture = Image.open(coming.value.path()).convert("RGB")
    assert picture.width > 600
    assert picture.height > 400
    colours = dict((colour, count) for count, colour in picture.getcolors(1 << 20) or [])
    assert colours.get((0x56, 0xB4, 0xE9), 0) + colours.get((0x00, 0x67, 0xA5), 0) > 300  # the flow's line is drawn
    head = picture.crop((0, 0, picture.width, 50)).getcolors(1 << 20) or []
    assert len(head) > 3  # something is written there


def test_marks_give_the_difference_between_two_moments(page: Page, site: Site) -> None:
    opened(page, site)
    page.locator(".plots").focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("a")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("b")
    marks = page.locator(".marks")
    expect(marks).to_contain_text("B − A −")
    expect(page.locator("[data-kind=delivered] .delta").nth(1)).to_contain_text("Δ −")
    page.keyboard.press("Escape")
    expect(marks).not_to_contain_text("B − A")


def test_after_a_restart_of_the_daemon_the_hole_is_filled_from_the_history(page: Page, site: Site) -> None:
    opened(page, site)
    page.wait_for_load_state("networkidle")  # what is read again after opening has been read
    begun = max(times(page))
    wait_until_on_page(lambda: max(times(page)) > begun + 2, page)
    site.stop_server()
    expect(page.locator("#connection")).to_contain_text("no connection")
    expect(page.locator(".figures[data-stale]")).to_be_visible()
    stopped = shown(page)[1]
    wait_until_on_page(lambda: wall_clock().timestamp() > stopped + 3, page)  # the pump goes on meanwhile
    site.start_server()
    expect(page.locator("#connection")).to_be_hidden()
    wait_until_on_page(lambda: shown(page)[1] - max(times(page)) < 1.5 and not holes(page), page)
    expect(page.locator(".figures:not([data-stale])")).to_be_visible(timeout=15_000)


def test_the_page_can_not_ask_another_host(browser: Browser, site: Site) -> None:
    page = browser.new_page()  # not watched: this is the attempt
    page.goto(site.url)
    tried = page.evaluate("fetch('http://192.0.2.1/').then(() => 'sent', (error) => error.name)")
    page.close()
    assert tried == "TypeError"


def iso(time_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time_s)) + f".{round(time_s % 1 * 1000):03d}Z"
