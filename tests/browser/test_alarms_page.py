"""The list of alarms in a real browser: what somebody wrote is not lost, a text says of when it is, the focus stays
where hands are, and what a dead daemon said last does not look like its word of now.
"""

import re
from collections.abc import Iterator

import pytest
from dashboard_site import Site
from playwright.sync_api import Locator, Page, expect

from warmflow.device.states import LinkState

RAISED_MS = 20_000  # a link has to be lost for 5 s
LOST = ("rest", "tub")


@pytest.fixture
def alarm(page: Page, site: Site) -> Iterator[Locator]:
    """Both links are lost: two alarms, of which `tub`'s is given."""
    page.goto(f"{site.url}/alarms")
    for name in LOST:
        site.link(name, LinkState.PORT_LOST, "went away")
    for name in LOST:
        expect(page.locator(f"tr[data-alarm='{name}/link']")).to_be_visible(timeout=RAISED_MS)
    yield page.locator("tr[data-alarm='tub/link']")
    page.mouse.move(2, 2)  # rows stay while a pointer is near them
    for name in LOST:
        site.link(name, LinkState.OK)
        expect(page.locator(f"tr[data-alarm='{name}/link']")).to_have_count(0, timeout=RAISED_MS)


def test_a_comment_that_was_not_kept_is_still_there(page: Page, site: Site, alarm: Locator) -> None:
    comment = alarm.get_by_label("Comment")
    comment.fill("the cable was loose")
    alarm.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your name")
    expect(comment).to_have_value("the cable was loose")
    page.get_by_label("Your name").fill("tester")
    page.route("**/api/requests/comment", lambda route: route.abort())
    alarm.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("no connection to the daemon")
    expect(comment).to_have_value("the cable was loose")
    page.unroute("**/api/requests/comment")
    alarm.get_by_role("button", name="Add").click()
    expect(alarm).to_contain_text("the cable was loose (tester)")
    expect(comment).to_have_value("")


def test_the_text_of_an_alarm_says_of_when_it_is(alarm: Locator) -> None:
    at = alarm.locator("td").nth(1).locator("time")
    expect(at).to_have_text(re.compile(r"^\(at \d\d:\d\d:\d\d\)$"))
    expect(at).to_have_attribute("title", re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$"))


def test_after_an_answer_by_keyboard_the_focus_is_at_the_rows_next_control(page: Page, alarm: Locator) -> None:
    page.get_by_label("Your name").fill("tester")
    alarm.get_by_role("button", name="Acknowledge").focus()
    page.keyboard.press("Enter")
    expect(alarm).to_have_attribute("data-state", "acknowledged")
    expect(alarm.get_by_label("Shelve")).to_be_focused()


def test_when_its_row_is_gone_the_focus_goes_to_the_row_that_takes_its_place(
    page: Page, site: Site, alarm: Locator
) -> None:
    alarm.get_by_label("Comment").focus()
    site.link("tub", LinkState.OK)
    expect(alarm).to_have_count(0, timeout=RAISED_MS)
    assert page.evaluate("document.activeElement.closest('tr')?.dataset.alarm") == "rest/link"


def test_alarms_of_a_daemon_that_is_gone_say_that_they_are_old(page: Page, site: Site, alarm: Locator) -> None:
    expect(page.locator("tr[data-alarm='tub/link']:not([data-stale])")).to_be_visible()
    site.stop_server()
    expect(page.locator("tr[data-alarm='tub/link'][data-stale]")).to_be_visible()
    expect(alarm.locator(".state")).to_contain_text("NOT LIVE")
    site.start_server()
    expect(page.locator("tr[data-alarm='tub/link']:not([data-stale])")).to_be_visible(timeout=15_000)
    expect(alarm.locator(".state")).not_to_contain_text("NOT LIVE")
