"""The plots at their edges in a real browser: what links, pauses, zooms and a mouse on its way to a button ask of
them. Parts that need no picture are asked in the page itself.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from dashboard_reading import DRAWN, settled, shown, times
from dashboard_site import SimulatedPump, Site
from playwright.sync_api import Browser, Page, expect
from wait import wait_until_on_page

LONG_S = 460  # at ten readings a second more than history gives raw at once
MODULES = """const names = ["plots/pump_series", "plots/plot_frame", "core/store", "plots/time_window"];
const [{ Course }, { Frame }, { model }, view] = await Promise.all(names.map((name) => import(`/static/${name}.js`)));
"""
ASKED = """const asked = (course, ...view) => new Promise((done, late) => {
  setTimeout(() => late(new Error("the journal was not asked")), 10000);
  course.changed = done;
  course.need(...view);
});"""


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One pump at its own pace, with minutes behind it."""
    made = Site(tmp_path_factory.mktemp("long"), {"rest": SimulatedPump("rest", 1, 1)})
    made.prefill(LONG_S, 10)
    made.start()
    yield made
    made.close()


def opened(page: Page, site: Site, query: str = "?span=60") -> None:
    page.goto(f"{site.url}/pump/rest{query}")
    page.wait_for_selector(DRAWN)


def in_page(page: Page, site: Site, work: str) -> Any:
    """What JavaScript says beside a page that draws no plot, with the plots' own modules."""
    page.goto(f"{site.url}/help")
    return page.evaluate(f"async () => {{ {MODULES} {ASKED} {work} }}")


def place(page: Page, share: float) -> tuple[float, float]:
    """A point of the first plot."""
    box = page.locator(".u-over").first.bounding_box()
    assert box
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def marks(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate("document.querySelector('.plot').marks")
    return found


def test_marks_and_notes_go_to_where_the_mouse_left_the_plots(page: Page, long: Site) -> None:
    opened(page, long)
    page.get_by_role("button", name="Pause").click()
    from_s, to_s = shown(page)
    for name, share in (("A", 0.25), ("B", 0.5)):
        page.mouse.move(*place(page, share))
        expect(page.locator(".marks")).to_contain_text("cursor")
        page.get_by_role("button", name=f"Set mark {name} at the cursor").click()
        assert abs(marks(page)[name] - (from_s + share * (to_s - from_s))) < 1
    page.get_by_role("button", name="Write a note at the cursor").click()
    expect(page.locator("#note-text")).to_be_focused()
    said = page.locator("#note-text").get_attribute("placeholder")
    assert said == page.evaluate(
        "(s) => import('/static/core/format.js').then(({ moment }) => `at ${moment(s)}`)", marks(page)["B"]
    )
    page.get_by_role("button", name="Back to live").click()  # now nobody means that moment any more
    page.get_by_role("button", name="Set mark A at the cursor").click()
    assert marks(page)["A"] > to_s - 1


def test_a_note_that_is_kept_while_paused_is_drawn_at_once(page: Page, long: Site) -> None:
    opened(page, long)
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Pause").click()
    page.locator(".plots").focus()
    for _ in range(20):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("n")
    text = page.locator("#note-text")
    expect(text).to_be_focused()
    assert text.input_value() == ""
    page.keyboard.type("now")
    page.locator("#note-name").fill("tester")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Notes")).to_contain_text("now tester")
    expect(page.locator(".plots")).to_be_focused()
    settled(page)
    assert page.evaluate("""() => {
      const { plot: { ctx, bbox, valToPos }, notes: [timeS] } = document.querySelector('.plot');
      const x = Math.round(valToPos(timeS, 'x', true)), column = ctx.getImageData(x, bbox.top, 1, bbox.height).data;
      const pair = (each) => each.toString(16).padStart(2, '0');
      const rows = Array.from({ length: bbox.height }, (_, y) => y);
      const hex = (at) => '#' + [...column.slice(at, at + 3)].map(pair).join('');
      const text = getComputedStyle(document.documentElement).getPropertyValue('--text').trim();
      return rows.filter((y) => hex(4 * y) === text).length / bbox.height;
    }""") > 0.9  # fmt: skip


@pytest.mark.parametrize("away", ["Escape", "Cancel"])
def test_a_note_that_is_begun_can_be_left(page: Page, long: Site, away: str) -> None:
    opened(page, long)
    note = page.get_by_role("button", name="Write a note at the cursor")
    note.click()
    page.locator("#note-text").fill("not this")
    if away == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".note-form")).to_be_hidden()
    expect(note).to_be_focused()
    note.click()
    expect(page.locator("#note-text")).to_have_value("")


def test_a_paused_picture_is_kept_at_hand_when_more_has_come_than_the_page_holds(page: Page, long: Site) -> None:
    before, after, waits = in_page(page, long, """
      const course = new Course("rest", () => {}), live = view.following(60), nowS = model.nowS();
      model.nowS = () => nowS - 30;
      await asked(course, live, nowS - 30);
      delete model.nowS;
      course.hole([]);
      const pausedS = nowS - 2, times = () => course.rows(live, pausedS, 54).column("time_s");
      const seen = () => times().filter((timeS) => timeS > pausedS - 25).length;
      const push = (fromS, toS) => {
        const time_s = Float64Array.from({ length: Math.round((toS - fromS) * 100) }, (_, at) => fromS + at / 100);
        course.take([{ pump: "rest", kind: "raw", columns: { time_s } }]);
      };
      push(nowS - 35, pausedS);
      const before = seen();
      push(pausedS, pausedS + 500);
      const own = performance.now.bind(performance);
      performance.now = () => own() + 6000;  // it was asked long ago
      const lost = seen();
      await asked(course, live, pausedS);
      performance.now = own;
      return [before, seen(), lost];
    """)  # fmt: skip
    assert (before > 2000, waits) == (True, 0)  # the ring had them, and has forgotten them
    assert after > 200  # the journal has


def test_a_picture_that_is_paused_asks_the_journal_before_anybody_moves_the_mouse(page: Page, long: Site) -> None:
    opened(page, long)
    begun = shown(page)[1]
    wait_until_on_page(lambda: shown(page)[1] > begun + 6, page)  # what is read again after opening has been read
    page.get_by_role("button", name="Pause").click()
    with page.expect_response("**/api/readings**"):
        page.evaluate("""async () => {
          const { model } = await import("/static/core/store.js"), own = performance.now.bind(performance);
          performance.now = () => own() + 6000;
          const time_s = Float64Array.from({ length: 40000 }, (_, at) => model.nowS() + at / 1000);
          const detail = [{ pump: "rest", kind: "raw", columns: { time_s } }];
          model.dispatchEvent(new CustomEvent("blocks", { detail }));
        }""")
    from_s, to_s = shown(page)
    page.mouse.move(*place(page, 0.5))
    wait_until_on_page(lambda: "cursor" in page.locator(".marks").inner_text(), page)
    assert sum(to_s - 5 < each <= to_s for each in times(page)) > 35
    assert shown(page) == (from_s, to_s)


def test_a_held_view_of_the_past_is_asked_for_though_newer_rows_came(page: Page, long: Site) -> None:
    rows = in_page(page, long, """
      const course = new Course("rest", () => {}), nowS = model.nowS();
      course.hole([]);
      course.take([{ pump: "rest", kind: "raw", columns: { time_s: Float64Array.of(nowS - 1, nowS) } }]);
      for (const toS of [nowS - 300, nowS - 200]) await asked(course, { spanS: 60, toS }, nowS);
      const times = course.rows({ spanS: 60, toS: nowS - 200 }, nowS, 54).column("time_s");
      return times.filter((timeS) => timeS < nowS - 200).length;
    """)  # fmt: skip
    assert rows > 500


def test_zooming_into_a_long_view_shows_the_readings_themselves(page: Page, long: Site) -> None:
    opened(page, long, "?span=900")
    begun = shown(page)[1]
    wait_until_on_page(lambda: shown(page)[1] > begun + 4, page)  # what is read again after opening has been read
    page.mouse.move(*place(page, 0.8))
    while shown(page)[1] - shown(page)[0] > 16:
        before = shown(page)
        page.mouse.wheel(0, -100)
        wait_until_on_page(lambda before=before: shown(page) != before, page)

    def on_show() -> int:
        from_s, to_s = shown(page)
        return sum(from_s <= each <= to_s for each in times(page))

    wait_until_on_page(lambda: on_show() > 100, page)


def test_history_that_can_not_come_finer_is_not_asked_for_again(page: Page, long: Site) -> None:
    assert in_page(page, long, """
      const course = new Course("rest", () => {}), nowS = model.nowS(), held = { spanS: 420, toS: nowS - 5 };
      course.hole([]);
      await asked(course, held, nowS);
      const own = window.fetch;
      let more = 0;
      window.fetch = (...given) => (more += 1, own(...given));
      for (const spanS of [420, 280]) course.need({ ...held, spanS }, nowS);
      window.fetch = own;
      return [course.rows(held, nowS, 54).stepS, more];
    """) == [1, 0]  # fmt: skip


def test_what_was_delivered_is_held_against_the_same_stretch_where_spans_meet_readings(page: Page, long: Site) -> None:
    apart = in_page(page, long, """
      const rate = 3600, frame = new Frame(2000), total = (timeS) => (rate * timeS) / 3600;
      const column = (n, of) => Float64Array.from({ length: n }, (_, at) => of(at));
      const add = (kind, beginS, stepS, n, untilS, spanS) => {
        const time_s = column(n, (at) => beginS + at * stepS);
        const delivered_ul = column(n, (at) => total(Math.min(time_s[at] + spanS, untilS)));
        frame.add({ time_s, delivered_ul }, kind, 0, n, spanS, untilS);
      };
      add("spans", 6600, 660, 10, 13100, 660);  // the last one is not over
      add("spans", 13100, 1, 100, Infinity, 1);
      add("raw", 13200, 0.1, 100, Infinity, 0);
      frame.reckon(6600, rate);
      const [delivered, nominal] = [frame.column("delivered"), frame.column("nominal")];
      return [delivered.at(-1), Math.max(...delivered.map((each, row) => Math.abs(each - nominal[row])))];
    """)  # fmt: skip
    assert apart[0] > 5000
    assert apart[1] < 1e-6


def test_the_page_hands_on_how_long_its_spans_are(page: Page, long: Site) -> None:
    """The journal's minutes and the live seconds of a pump that delivers at its reference rate."""
    apart, span_s, n, falls = in_page(page, long, """
      const course = new Course("rest", () => {}), month = view.following(30 * 86400), nowS = model.nowS();
      await asked(course, month, nowS);
      const totalUl = course.rows(month, nowS, 0).column("total").at(-1);
      const time_s = Float64Array.from({ length: 90 }, (_, at) => nowS - 30 + at);
      const delivered_ul = time_s.map((timeS) => totalUl + (54 * (timeS + 1 - nowS)) / 3600);
      course.take([{ pump: "rest", kind: "spans", span_s: 1, columns: { time_s, delivered_ul } }]);
      const frame = course.rows(month, nowS + 60, 54), last = (name) => frame.column(name).at(-1);
      const falls = frame.column("delivered").some((each, row, all) => each < all[row - 1]);
      return [Math.abs(last("delivered") - last("nominal")), frame.stepS, frame.n, falls];
    """)  # fmt: skip
    assert span_s > 600
    assert n > 60
    assert not falls  # no second is counted beside the span that has it
    assert apart < 54 * 120 / 3600  # two minutes' worth, for its rate is not quite that; without it is eight at least


ODD = [
    "?from=8640000000001&to=8640000000100",
    "?from=1e20&to=2e20",
    "?from=-1e15&to=-1e14",
    "?from=0&to=Infinity",
    "?from=5&to=5",
]


@pytest.mark.parametrize("query", ODD)
def test_a_link_to_times_that_are_none_follows(page: Page, long: Site, query: str) -> None:
    page.goto(f"{long.url}/help")
    assert page.evaluate(
        "(text) => import('/static/plots/time_window.js').then((view) => view.fromQuery(text))", query
    ) == {
        "spanS": 300,
        "toS": None,
    }


def test_a_page_with_an_odd_link_is_drawn(page: Page, long: Site) -> None:
    opened(page, long, ODD[0])
    expect(page.locator(".shown .range")).to_contain_text("following")


def test_a_name_that_is_no_encoding_is_a_pump_that_nobody_knows(page: Page, long: Site) -> None:
    page.goto(f"{long.url}/pump/%E0%A4%A")
    expect(page.get_by_role("heading", level=1)).to_have_text("%E0%A4%A")
    expect(page.locator(".figures")).to_contain_text("knows no pump of this name")


@pytest.mark.parametrize(
    ("width", "query", "least_px"), [(1280, "", 12), (3840, "", 17), (3840, "&kiosk=1", 22)]
)  # fmt: skip
def test_the_plots_write_as_large_as_the_page(
    browser: Browser, long: Site, width: int, query: str, least_px: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": width * 9 // 16})
    opened(page, long, f"?span=60{query}")
    sizes = page.evaluate("document.querySelector('.plot').plot.axes.map(({ font: [font] }) => parseFloat(font))")
    page.close()
    assert all(each >= least_px for each in sizes)


def test_the_plots_write_larger_when_the_window_grows(page: Page, long: Site) -> None:
    opened(page, long)
    page.set_viewport_size({"width": 3840, "height": 2160})
    size = "parseFloat(document.querySelector('.plot').plot.axes[0].font[0])"
    wait_until_on_page(lambda: page.evaluate(size) >= 17, page)
    assert page.locator(".plot .uplot").count() == 4
