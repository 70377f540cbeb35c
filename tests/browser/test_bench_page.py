"""What a bench tester sees and presses: rows that stay under the pointer, an acknowledgement that can be taken back,
what has returned and what is suppressed, a pump's own values in the controls, delivered minus nominal; on a phone, too.

The alarms are told to the page by hand: the daemon sends its own only when one changes.
"""

import json
import math
import re
import statistics
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from browser_watch import watched
from dashboard_reading import DRAWN
from dashboard_site import Site
from playwright.sync_api import Browser, Locator, Page, Route, expect

from warmflow.runtime.wall_clock import wall_clock

LOW = "flow too high, low, %"
PHONE = {"width": 390, "height": 844}
TELL = """async (said) => (await import("/static/core/store.js")).model.said(said)"""
RECKONED = """async () => {
  const { Frame } = await import("/static/plots/plot_frame.js");
  const frame = new Frame(100);
  const hours = (seconds) => seconds / 3600;
  const time_s = new Float64Array(60).map((_, at) => at);
  const speeds = time_s.map((at) => (at > 30 ? 60 : 1)); // the speed was changed in the middle
  const nominal_ul_h = speeds.map((speed) => 50 * speed);
  const delivered_ul = new Float64Array(60);
  for (let at = 1; at < 60; at += 1) delivered_ul[at] = delivered_ul[at - 1] + hours(1) * 50 * speeds[at] * 1.1;
  const rest = { flow_ul_h: time_s, probe_c: time_s, ambient_kpa: time_s };
  frame.add({ time_s, delivered_ul, nominal_ul_h, ...rest }, "raw", 0, 60);
  frame.reckon(0, 50 * 60); // and the present speed is the last one
  const share = (at) => frame.column("excess")[at] / frame.column("nominal")[at];
  return [share(20), share(59)];
}"""


def alarm(pump: str, priority: str, state: str = "unacknowledged", **more: Any) -> dict[str, Any]:
    return {
        "pump": pump, "id": "rate", "title": "flow rate", "state": state, "active": state == "unacknowledged",
        "priority": priority, "level": priority, "cause": "", "text": f"Flow of {pump}.",
        "since": "2026-11-21T12:00:00Z", "time": "2026-11-21T12:00:00Z",
        "comments": [], "chattering": 0, "likely": "", "suppressed_because": None,
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def seen(browser: Browser, site: Site) -> Iterator[Page]:
    """One page for the whole module, which has everything to show."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    wrong = watched(context)
    page = context.new_page()
    page.goto(f"{site.url}/alarms")
    yield page
    context.close()
    assert not wrong


@pytest.fixture(scope="module")
def told(browser: Browser, site: Site) -> Iterator[Page]:
    """A page that hears from the test alone: its live feed opens, and says nothing."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    wrong = watched(context)
    context.route_web_socket(re.compile("/live$"), lambda socket: None)
    page = context.new_page()
    page.goto(f"{site.url}/alarms")
    yield page
    context.close()
    assert not wrong


def order(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('tr[data-alarm]')].map((row) => row.dataset.alarm)")
    return found


def tell(page: Page, *alarms: dict[str, Any]) -> None:
    page.evaluate(TELL, {"alarms": list(alarms)})


def test_rows_stay_under_the_pointer_and_are_put_in_order_when_it_has_left(told: Page) -> None:
    first, second = alarm("a", "medium"), alarm("b", "low")
    tell(told, first, second)
    assert order(told) == ["a/rate", "b/rate"]
    button = told.locator("tr[data-alarm='b/rate']").get_by_role("button", name="Acknowledge")
    button.hover()
    before = button.bounding_box()
    tell(told, alarm("c", "high"), second | {"priority": "high"})  # a is over, c is new and the worst
    assert order(told) == ["a/rate", "b/rate", "c/rate"]
    assert button.bounding_box() == before
    expect(told.locator("tr[data-alarm='a/rate'] .state")).to_contain_text("normal")
    expect(told.locator("tr[data-alarm='a/rate']").get_by_role("button", name="Acknowledge")).to_be_hidden()
    told.mouse.move(3, 3)
    expect(told.locator("tr[data-alarm='a/rate']")).to_have_count(0)
    assert order(told) == ["c/rate", "b/rate"]


def test_an_acknowledgement_can_be_undone_for_a_moment(told: Page) -> None:
    tell(told, alarm("a", "high"))
    asked: list[tuple[str, Any]] = []

    def answer(route: Route) -> None:
        asked.append((route.request.url.rsplit("/", 1)[1], json.loads(route.request.post_data or "")))
        route.fulfill(json={"status": "ok", "data": {"alarm": alarm("a", "high")}})

    told.route("**/api/requests/*acknowledge", answer)
    told.get_by_label("Your name").fill("Kim")
    told.locator("tr[data-alarm='a/rate']").get_by_role("button", name="Acknowledge").click()
    done = told.locator(".toast .done")
    expect(done).to_contain_text("Acknowledged a: flow rate")
    done.get_by_role("button", name="Undo").click()
    expect(done).to_be_hidden()
    fields = {"pump": "a", "id": "rate", "by": "Kim"}
    assert asked == [("acknowledge", fields), ("undo_acknowledge", fields)]
    told.unroute("**/api/requests/*acknowledge")


def test_what_has_returned_is_hollow_and_what_is_suppressed_says_why(told: Page) -> None:
    covered = alarm("a", "low", "suppressed", suppressed_because="the rate alarm covers it (sudden occlusion)")
    tell(told, alarm("b", "high", "returned unacknowledged"), covered)
    returned = told.locator("tr[data-alarm='b/rate']")
    expect(returned.locator(".badge")).to_have_text("△△△ high")
    transparent = "rgba(0, 0, 0, 0)"
    expect(returned.locator(".badge")).to_have_css("background-color", transparent)
    hidden = told.locator("tr[data-alarm='a/rate']")
    expect(hidden).to_contain_text("suppressed by design")
    expect(hidden).to_contain_text("the rate alarm covers it (sudden occlusion)")
    expect(hidden.get_by_role("button", name="Acknowledge")).to_be_hidden()


def test_the_controls_show_what_the_pump_is(seen: Page, site: Site) -> None:
    site.pumps["tub"].said = {"profile": "n-butane", "rate_hz": 25}
    seen.get_by_role("link", name="Controls").click()
    seen.get_by_label("Pump", exact=True).first.select_option("tub")
    expect(seen.locator("#profile-profile")).to_have_value("n-butane")
    expect(seen.locator("#rate-rate_hz")).to_have_value("25")
    expect(seen.locator("#speed-speed_x")).to_have_value(str(site.pumps["tub"].speed_x))
    seen.get_by_label("Pump", exact=True).first.select_option("rest")
    expect(seen.locator("#profile-profile")).to_have_value("r11")
    site.pumps["tub"].said = {}


def test_nominal_has_the_speed_of_each_reading(seen: Page) -> None:
    assert seen.evaluate(RECKONED) == pytest.approx([0.1, 0.1])


def test_row_banner_tab_and_pump_page_say_the_same_of_a_pump(seen: Page, site: Site) -> None:
    seen.get_by_role("link", name="Pumps").click()
    row = seen.locator("tr[data-pump=rest]")
    site.pumps["rest"].clog(0.4)
    expect(row.locator(".badge")).to_have_text("▼▼▼HIGH", timeout=30_000)
    expect(row.locator(".cause")).to_contain_text("Likely sudden occlusion", timeout=30_000)
    expect(row.locator(".alarm")).to_be_empty()  # one condition, one alarm: the drift is none of its own
    says = "Flow 40 % below reference. Likely sudden occlusion ("
    expect(seen.locator("#worst")).to_contain_text(f"▼▼▼ HIGH rest: {says}")
    assert f"▼▼▼ HIGH rest: {says}" in seen.title()
    seen.locator("#worst").click()  # the banner leads to its pump
    expect(seen.locator(".figures .state-words")).to_contain_text(says)
    expect(seen.locator(".figures .rig")).to_contain_text("r11 · virtual board · R-11 · probe in the water")
    expect(seen.locator(".panel .likeliest")).to_contain_text(says)


def test_an_alarm_on_the_time_axis_leads_to_its_moment(seen: Page, site: Site) -> None:
    at = (wall_clock() - timedelta(seconds=60)).isoformat()  # the site's own alarms live in a time that is faster
    line = alarm("rest", "high", words="Raised to high", event="level rose", at=at, said="", by=None)
    answer = {"status": "ok", "data": {"history": [line]}}
    seen.route("**/api/requests/alarm_history", lambda route: route.fulfill(json=answer))
    seen.goto(f"{site.url}/pump/rest?span=300")
    event = seen.locator(".lane .event[data-level=high]")
    expect(event).to_have_attribute("title", re.compile(r"flow rate: Raised to high\. Flow of rest\."), timeout=15_000)
    event.click()
    expect(seen.locator(".shown .range")).to_contain_text("viewing history")
    seen.unroute("**/api/requests/alarm_history")


@pytest.mark.parametrize("path", ["/", "/alarms", "/pump/rest?span=60", "/controls", "/help"])
def test_a_phone_shows_cards_and_nothing_beside_its_screen(seen: Page, site: Site, path: str) -> None:
    seen.set_viewport_size(PHONE)  # type: ignore[arg-type]
    seen.goto(site.url + path)
    expect(seen.locator("main h1")).to_be_visible()
    assert seen.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    if path == "/":
        box = seen.locator("tr[data-pump=rest] .deviation strong").bounding_box()
        assert box
        assert box["x"] + box["width"] <= PHONE["width"]
    if path == "/alarms":
        button = seen.locator("tr[data-alarm='rest/rate']").get_by_role("button", name="Acknowledge")
        site.pumps["rest"].clog(0.4)
        expect(button).to_be_visible(timeout=30_000)
        box = button.bounding_box()
        assert box
        assert box["x"] + box["width"] <= PHONE["width"]


@pytest.fixture
def panel(page: Page, site: Site) -> Iterator[Locator]:
    """The limits on the page of `rest`, opened; afterwards all are the usual ones again."""
    page.goto(f"{site.url}/pump/rest?span=60")
    page.wait_for_selector(DRAWN)
    panel = page.get_by_role("region", name="Limits")
    panel.locator("summary").click()
    expect(panel.get_by_label(LOW, exact=True)).to_have_value("10")
    yield panel
    panel.get_by_role("button", name="Back to default").click()
    expect(panel.get_by_label(LOW, exact=True)).to_have_value("10")


def test_a_limit_is_set_on_the_page_and_is_in_the_history_with_its_name(page: Page, site: Site, panel: Locator) -> None:
    low = panel.get_by_label(LOW, exact=True)
    low.fill("12.5")
    panel.get_by_role("button", name="Set limits").click()
    expect(panel.get_by_role("alert")).to_contain_text("Enter your name")
    panel.get_by_label("Your name").fill("Ann")
    panel.get_by_role("button", name="Set limits").click()
    expect(panel.get_by_role("status")).to_contain_text("Set for rest")
    expect(page.locator(".figures .bar")).to_have_attribute("aria-label", re.compile("limits \\+13, −10, "))
    assert site.pumps["rest"].limits()["rate_low_above_percent"] == 12.5
    expect(low).to_have_attribute("data-own", "true")
    other = page.context.new_page()
    other.goto(f"{site.url}/alarms")
    row = other.get_by_role("row").filter(has_text="flow too high, low: from 10 to 12.5 %")
    expect(row.first).to_contain_text("Ann")
    expect(row.first).to_contain_text("rest")
    other.close()


def test_levels_out_of_order_are_refused_in_words_and_stay_to_be_mended(page: Page, panel: Locator) -> None:
    low = panel.get_by_label(LOW, exact=True)
    low.fill("20")
    panel.get_by_label("Your name").fill("Ann")
    panel.get_by_role("button", name="Set limits").click()
    expect(panel.get_by_role("alert")).to_contain_text("levels out of order: flow too high, low")
    expect(low).to_have_value("20")


def test_the_history_of_alarms_is_filtered_saved_and_leads_to_the_moment(page: Page, site: Site) -> None:
    at = [(wall_clock() - timedelta(days=days)).isoformat() for days in (3, 2)]
    more = {"event": "acknowledged", "said": "", "words": "Acknowledged"}
    lines = [
        alarm("tub", "high", words="Raised, high", event="raised", at=at[0], said="", by=None),
        alarm("rest", "low", at=at[1], by="Ann", **more),
    ]
    asked: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(json={"status": "ok", "data": {"history": lines}})

    page.route("**/api/requests/alarm_history", answer)
    page.goto(f"{site.url}/alarms")
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("status")).to_have_text("2 entries")
    history.get_by_label("Time").select_option("last 30 days")
    history.get_by_label("What", exact=True).select_option("what people did")
    expect(history.get_by_role("status")).to_have_text("1 entries")
    assert asked[-1]["hours"] == 720
    with page.expect_download() as saved:
        history.get_by_role("button", name="Save as CSV").click()
    text = saved.value.path().read_text()
    assert text.splitlines()[0].startswith("time_utc,pump,id,event,words,by,")
    assert f"{at[1]},rest,rate,acknowledged,Acknowledged,Ann," in text
    history.get_by_role("row").filter(has_text="Ann").get_by_role("link").first.click()
    expect(page.locator(".shown .range")).to_contain_text("viewing history")
    expect(page.get_by_role("heading", name="rest")).to_be_visible()


def test_an_alarm_is_acknowledged_on_its_pumps_page(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/pump/rest?span=60")
    page.wait_for_selector(DRAWN)
    page.route_web_socket(re.compile("/live$"), lambda socket: None)
    page.reload()
    page.wait_for_selector(".plots")
    page.route(
        "**/api/requests/acknowledge",
        lambda route: route.fulfill(json={"status": "ok", "data": {"alarm": {"title": "flow rate"}, "kept": True}}),
    )
    page.evaluate(TELL, {"alarms": [alarm("rest", "high")]})
    panel = page.get_by_role("region", name="To acknowledge")
    expect(panel).to_contain_text("▲▲▲ flow rate")
    panel.get_by_label("Your name").fill("Ann")
    with page.expect_request("**/api/requests/acknowledge") as sent:
        panel.get_by_role("button", name="Acknowledge").click()
    assert sent.value.post_data_json == {"pump": "rest", "id": "rate", "by": "Ann"}
    expect(panel.get_by_role("status")).to_contain_text("Acknowledged rest: flow rate")
    page.evaluate(TELL, {"alarms": []})
    expect(panel).to_be_hidden(timeout=15_000)


def test_why_says_of_when_it_is_and_is_hatched_when_the_daemon_is_gone(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/pump/rest?span=60")
    page.wait_for_selector(DRAWN)
    why = page.get_by_role("region", name="Why")
    expect(why.locator("h2")).to_have_text(re.compile(r"^Why at \d\d:\d\d:\d\d$"))
    assert why.get_attribute("data-stale") is None
    page.evaluate("""async () => (await import("/static/core/store.js")).model.is("away")""")
    expect(why).to_have_attribute("data-stale", "true")
    expect(why.locator("h2")).to_contain_text("NOT LIVE")


def test_gaps_and_notes_are_on_the_time_axis(seen: Page) -> None:
    holes = seen.evaluate("""async () => {
      const { holesOf } = await import("/static/pages/events_lane.js");
      const times = Float64Array.from([0, 1, 2, 12, 13, 30]);
      const frame = { stepS: 0, column: () => times };
      return [holesOf(frame, 0, 40), holesOf(frame, 13, 20), holesOf({ ...frame, stepS: 10 }, 0, 40)];
    }""")
    assert holes == [[[2, 12], [13, 30]], [[13, 30]], []]


def test_statistics_are_those_of_the_rows_between_the_marks(seen: Page) -> None:
    times = [0.5 * at for at in range(400)]
    values = [50 + 0.01 * at + math.sin(at) for at in times]
    found = seen.evaluate(
        """async ([times, values]) => {
          const { statistics } = await import("/static/plots/statistics.js");
          const columns = { time_s: times, flow: values, flow_lo: times.map(() => NaN), flow_hi: times.map(() => NaN) };
          const frame = { n: times.length, stepS: 0, column: (name) => Float64Array.from(columns[name]) };
          return [statistics(frame, "flow", 150, 50), statistics(frame, "flow", 500, 600).n];
        }""",
        [times, values],
    )
    inside = [(at, flow) for at, flow in zip(times, values, strict=True) if 50 <= at <= 150]
    flows = [flow for _, flow in inside]
    expected = {
        "n": 201,
        "mean": statistics.fmean(flows),
        "min": min(flows),
        "max": max(flows),
        "sd": statistics.stdev(flows),
        "slopePerH": 3600 * statistics.linear_regression([at for at, _ in inside], flows).slope,
    }
    assert found == [pytest.approx(expected, rel=1e-9), 0]


def test_two_marks_show_figures_of_each_line_and_what_passed_between_them(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/pump/rest?span=60")
    page.wait_for_selector(DRAWN)
    sums = page.get_by_role("region", name="Between the marks")
    expect(sums).to_be_hidden()
    plot = page.locator(".u-over").first
    box = plot.bounding_box()
    assert box
    for key, share in (("a", 0.3), ("b", 0.8)):
        plot.hover(position={"x": share * box["width"], "y": 20})
        page.get_by_role("button", name=f"Set mark {key.upper()} at the cursor").click()
    expect(sums).to_contain_text(re.compile(r"of the clock · .*of pump time · volume \d+\.\d\d\sµL"))
    flow = sums.get_by_role("row", name="metered, µL/h")
    expect(flow).to_contain_text(re.compile("[+−]?[0-9.]+\u00a0%/h"))
    page.get_by_role("button", name="Clear marks").click()
    expect(sums).to_be_hidden()
