"""Scenarios from Controls in a real browser: started, seen to play, one at a time, stopped; each as the board says."""

import re

from dashboard_site import Site
from playwright.sync_api import Page, expect


def test_a_scenario_is_started_seen_on_both_pages_and_stopped(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/controls?pump=rest")
    card = page.locator(".card[data-kind=scenario]")
    start, stop = (card.get_by_role("button", name=name) for name in ("Start", "Stop"))
    expect(stop).to_be_disabled()
    card.get_by_label("Scenario").select_option(value="hot-tub-42")
    expect(card).to_contain_text("tub")
    start.click()
    expect(card.locator("output")).to_have_attribute("data-outcome", "ok")
    expect(card.locator(".scenario-state")).to_contain_text(re.compile(r"playing, [1-9]\d* of 30 min of pump time"))
    assert site.pumps["rest"].tub
    expect(start).to_be_disabled()
    page.locator("#control-pump").select_option("tub")
    expect(stop).to_be_disabled()
    expect(start).to_be_enabled()
    page.locator("#control-pump").select_option("rest")

    page.get_by_role("link", name="Pumps").click()
    page.get_by_role("link", name="rest").click()
    expect(page.locator("main .scenario-state")).to_contain_text("playing")
    page.get_by_role("link", name="Controls").click()
    page.locator("#control-pump").select_option("rest")
    stop.click()
    expect(card.locator("output")).to_have_attribute("data-outcome", "ok")
    expect(card.locator(".scenario-state")).to_contain_text("stopped")
    assert not site.pumps["rest"].tub


def test_why_a_scenario_can_not_be_played_stands_on_the_card(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/controls?pump=rest")
    card = page.locator(".card[data-kind=scenario]")
    expect(card.get_by_role("button", name="Start")).to_be_enabled()
    site.refusal = "rest: refused: skin_mc: from 0 to 50"
    card.get_by_role("button", name="Start").click()
    expect(card.locator("output")).to_have_attribute("data-outcome", "error")
    expect(card.locator("output")).to_contain_text("rest: refused: skin_mc: from 0 to 50")
    site.refusal = ""
