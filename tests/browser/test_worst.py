"""Nothing looks better than it is: an alarm counts as much as the flow for what comes first and what title, icon and
row say; a value's age goes by its own time after a lost connection; why the flow is what it is stands in sight.
"""

import re
from typing import Any

import pytest
from dashboard_reading import DRAWN
from dashboard_site import Site
from playwright.sync_api import Browser, Page, expect
from wait import wait_until_on_page

RAISED_MS = 30_000  # a reservoir near empty has to be so for 10 s
# the page's model, told by hand: no page is there that would tell it anything else
TOLD = """async (said) => {
  const { model } = await import("/static/core/store.js");
  const { badgeWords } = await import("/static/core/state_words.js");
  model.is("open");
  model.said(said);
  return model.worstFirst().map((name) => {
    const judged = model.judged(name);
    return [name, ...badgeWords(judged), judged.worstName];
  });
}"""
RECONNECTED = """async () => {
  const { model } = await import("/static/core/store.js");
  const nowS = Date.now() / 1000, at = (ageS) => new Date((nowS - ageS) * 1000).toISOString();
  const told = [];
  const say = (sequence, ageS) => {
    const last = { time: at(ageS), boot: "1", sequence, level: "normal" };
    model.said({ now_s: nowS, pumps: { rig: { link: { status: "ok" }, last } } });
    const judged = model.judged("rig");
    told.push([judged.live, Math.round(judged.ageS)]);
  };
  model.is("open");
  say(1, 0);
  say(2, 40); // the board's clock is off: it came now
  model.is("away");
  model.is("open");
  say(3, 40); // it came at some time while nobody was connected
  say(4, 40);
  return told;
}"""


def pump(rank: int, deviation: float, **words: Any) -> dict[str, Any]:
    """As the live table has it: the words are the daemon's."""
    level = ("normal", "low", "medium", "high")[rank]
    last = {"time": "2100-01-01T00:00:00Z", "boot": "1", "sequence": 1, "level": level, "deviation_percent": deviation}
    says = {"rank": rank, "mark": f"m{rank}", "word": f"w{rank}", "hollow": False, "alarm": "", "text": ""}
    return {"link": {"status": "ok"}, "last": last, "says": says | words}


@pytest.fixture
def blank(page: Page, site: Site) -> Page:
    page.goto(f"{site.url}/static/login/login.html")
    return page


def test_the_worst_comes_first_by_level_and_then_by_how_far_the_flow_is_away(blank: Page) -> None:
    pumps = {
        "even": pump(0, 0.4), "far": pump(2, 19), "near": pump(2, -16), "worst": pump(3, 26),
        "cleared": pump(0, 1, mark="△", word="cleared", hollow=True, alarm="link lost"),
    }  # fmt: skip
    assert blank.evaluate(TOLD, {"pumps": pumps, "alarms": []}) == [
        ["worst", "m3", "w3", "high"], ["far", "m2", "w2", "medium"], ["near", "m2", "w2", "medium"],
        ["cleared", "△", "cleared", "cleared"], ["even", "m0", "w0", "normal"],
    ]  # fmt: skip


def test_a_reading_that_came_while_nobody_was_connected_is_as_old_as_it_says(blank: Page) -> None:
    assert blank.evaluate(RECONNECTED) == [[True, 0], [True, 0], [False, 40], [True, 0]]


def test_a_reservoir_near_empty_is_told_by_title_icon_badge_and_row(page: Page, site: Site) -> None:
    page.goto(site.url)
    row = page.locator("tr[data-pump=tub]")
    expect(row.locator(".state")).to_have_text("●normal")
    site.pumps["tub"].refill(0.6)
    expect(page).to_have_title("▲▲ MEDIUM tub: reservoir near empty · warmflow", timeout=RAISED_MS)
    assert (page.locator("link[rel=icon]").get_attribute("href") or "").endswith("medium.svg")
    expect(page.locator("#worst")).to_contain_text("▲▲ MEDIUM tub: reservoir near empty, ")
    expect(row.locator(".state")).to_have_attribute("data-level", "medium")
    expect(row.locator(".state")).to_contain_text("MEDIUM")
    expect(row.locator(".state")).to_contain_text("reservoir near empty")
    expect(page.locator("tr[data-pump]").first).to_have_attribute("data-pump", "tub")
    expect(page.locator("#summary")).to_contain_text(re.compile("[1-9] with an alarm"))
    site.pumps["tub"].refill(20)
    expect(row.locator(".state")).to_have_attribute("data-level", "normal", timeout=RAISED_MS)
    expect(row.locator(".alarm")).to_be_empty()


SHARES = """() => {
  const number = (node) => Number(node.textContent.replace("−", "-").replace(/[%\\s]/g, ""));
  const rows = [...document.querySelectorAll(".waterfall tbody tr")].map((row) => number(row.lastElementChild));
  const deviation = number(document.querySelector(".figure.wide strong"));
  return { shares: rows.slice(0, -1), sum: rows.at(-1), deviation };
}"""


@pytest.mark.parametrize(("size", "query"), [((1440, 900), "?span=60"), ((1920, 1080), "?span=60&kiosk=1")])
def test_the_waterfall_is_in_sight_and_its_shares_come_to_the_deviation(
    browser: Browser, site: Site, size: tuple[int, int], query: str
) -> None:
    site.pumps["rest"].clog(0.16)
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{site.url}/pump/rest{query}")
    page.wait_for_selector(DRAWN)
    panel = page.locator(".panel[aria-label=Why]")
    expect(panel.locator(".waterfall tr")).to_have_count(7)  # six influences of a real diagnosis, and their sum
    wait_until_on_page(lambda: page.evaluate(SHARES)["deviation"] < -4, page)

    def agrees() -> bool:
        said = page.evaluate(SHARES)
        rounded = 0.05 * (len(said["shares"]) + 1) + 1e-6
        # the diagnosis is of once a second, the figure of each reading
        return abs(sum(said["shares"]) - said["sum"]) <= rounded and abs(said["sum"] - said["deviation"]) < 1

    wait_until_on_page(agrees, page)
    for row in panel.locator(".waterfall tr").all():
        box = row.bounding_box()
        assert box
        assert box["y"] + box["height"] <= size[1]
    expect(panel.locator(".explained")).to_have_text(re.compile(r"^The probe .*\.$"))
    rest = panel.get_by_text("The meter shows")
    expect(rest).to_be_hidden()
    if "kiosk" not in query:
        panel.get_by_text("The whole explanation").click()
        expect(rest).to_be_visible()
    page.close()


def test_a_login_leads_back_to_the_stretch_that_was_asked_for(browser: Browser, site: Site) -> None:
    page = browser.new_page()
    page.route("**/api/me", lambda route: route.fulfill(status=401, body="{}"))
    page.goto(f"{site.url}/pump/tub?span=300")
    page.wait_for_url(f"{site.url}/login?next=%2Fpump%2Ftub%3Fspan%3D300")
    page.close()


def test_a_page_says_that_the_clock_of_its_computer_is_not_the_daemons(blank: Page) -> None:
    words = """async (aheadS) => (await import("/static/core/state_words.js")).clockWords(aheadS)"""
    assert [blank.evaluate(words, ahead_s) for ahead_s in (0, 4.9, -4.9)] == ["", "", ""]
    assert blank.evaluate(words, 200).startswith("The clock of this computer is 3\u00a0min behind the daemon's.")
    assert blank.evaluate(words, -90_000).startswith("The clock of this computer is 1\u00a0d ahead of the daemon's.")
