"""Notes on the plots in a real browser: written at the cursor, seen by others, in what is saved, taken away again."""

import csv
import io
from datetime import UTC, datetime

import pytest
from dashboard_reading import DRAWN, shown
from dashboard_site import Site
from playwright.sync_api import BrowserContext, Page, expect
from wait import wait_until_on_page

pytestmark = pytest.mark.alone


def opened(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/pump/rest?span=60")
    page.wait_for_selector(DRAWN)


def write(page: Page, text: str, name: str = "tester") -> None:
    page.get_by_role("button", name="Write a note at the cursor").click()
    page.locator("#note-text").fill(text)
    page.locator("#note-name").fill(name)
    page.get_by_role("button", name="Keep", exact=True).click()


def cursor_s(page: Page) -> float:
    found: float = page.evaluate(
        "(() => { const { plot } = document.querySelector('.plot'); return plot.posToVal(plot.cursor.left, 'x') })()"
    )
    return found


def noted(page: Page) -> list[float]:
    """Moments of the marks that the first plot draws."""
    found: list[float] = page.evaluate("document.querySelector('.plot').notes")
    return found


def test_a_note_stands_at_its_moment_for_everybody_and_in_what_is_saved(context: BrowserContext, site: Site) -> None:
    page, other = context.new_page(), context.new_page()
    opened(page, site)
    opened(other, site)
    page.get_by_role("button", name="Write a note at the cursor").click()
    page.get_by_role("button", name="Keep", exact=True).click()
    assert not site.notes("rest")  # a text is required
    page.locator(".plots").focus()
    page.keyboard.press("Shift+ArrowLeft")
    write(page, "the probe was moved", "")
    expect(page.get_by_label("Notes").get_by_role("alert")).to_contain_text("Enter your name")
    from_s = cursor_s(page)
    write(page, 'moved the "probe"')
    expect(page.get_by_label("Notes")).to_contain_text('moved the "probe" tester')
    to_s = cursor_s(page)  # the picture goes on under it
    [kept] = site.notes("rest")
    assert from_s - 0.1 < datetime.fromisoformat(kept["time"]).timestamp() < to_s + 0.1
    wait_until_on_page(lambda: len(noted(page)) == 1, page)
    assert shown(page)[0] < noted(page)[0] < shown(page)[1]

    expect(other.get_by_label("Notes")).to_contain_text('moved the "probe"', timeout=25_000)
    with page.expect_download() as coming:
        page.get_by_role("button", name="as CSV").click()
    rows = list(csv.DictReader(io.StringIO(coming.value.path().read_text())))
    [row] = [row for row in rows if row["note"]]
    assert row["note"] == 'moved the "probe" (tester)'
    at_s = datetime.fromisoformat(row["time_utc"]).astimezone(UTC).timestamp()
    assert 0 <= at_s - noted(page)[0] < 0.5

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete: moved").click()
    expect(page.get_by_label("Notes")).to_contain_text("No notes here")
    wait_until_on_page(lambda: not noted(page), page)
    assert site.notes("rest") == []


def test_a_note_in_markup_stays_text(page: Page, site: Site) -> None:
    opened(page, site)
    write(page, "<img src=x onerror=alert(1)>")
    expect(page.get_by_label("Notes").locator("li").last).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator(".notes img").count() == 0
