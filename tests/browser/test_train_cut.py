"""Nothing of a training page is cut: on a wall, on the usual projector, on a phone and at 200 % zoom every text and the
whole pump lie within their boxes. One server and one page, whose window changes its size.
"""

from typing import Any

from playwright.sync_api import Page, expect
from stepped_training_server import TrainSite
from train_page import action, put_on

SIZES = {"wall": (1920, 1080), "projector": (1024, 768), "phone": (390, 844), "wall at 200 %": (960, 540)}
# a text is cut where it leaves the page sideways, or a box that hides what leaves it; a drawing where the pump does
CUT = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const found = [], near = 1.5, pages = document.documentElement;
  const inside = (name, at, box, sideways, upright) => {
    const out = (sideways && (at.left < box.left - near || at.right > box.right + near))
      || (upright && (at.top < box.top - near || at.bottom > box.bottom + near));
    const edges = ({ left, top, right, bottom }) => [left, top, right, bottom].map(Math.round);
    if (out) found.push(`${name}: ${edges(at)} in ${edges(box)}`);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, holder = text.parentElement, words = text.textContent.trim();
    if (!words || !holder.getClientRects().length || !holder.checkVisibility({ visibilityProperty: true })) continue;
    if (holder.closest(".unseen, .skip, title, desc, option")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const at = range.getBoundingClientRect();
    if (!at.width) continue;
    inside(words, at, { left: 0, right: innerWidth }, true, false);
    for (let box = holder; box && box !== pages; box = box.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(box);
      const [sideways, upright] = [overflowX, overflowY].map((how) => how === "hidden" || how === "clip");
      inside(`${words} | ${box.className}`, at, box.getBoundingClientRect(), sideways, upright);
    }
  }
  for (const svg of document.querySelectorAll("svg.drawing")) {
    const box = svg.getBoundingClientRect();
    inside("pump", svg.querySelector(".d-pump").getBoundingClientRect(), box, true, true);
    inside("catheter", svg.querySelector(".d-tube").getBoundingClientRect(), box, true, true);
    if (box.width < 150 || box.height < 150) found.push(`a drawing of ${box.width} by ${box.height}`);
  }
  for (const plot of document.querySelectorAll(".lesson-plot"))
    if (plot.checkVisibility())
      inside("plot", plot.querySelector("canvas").getBoundingClientRect(), plot.getBoundingClientRect(), true, true);
  return found;
}"""
SIZED = """[...document.querySelectorAll(".lesson-plot canvas")]
  .every((one) => !one.checkVisibility() || one.clientWidth <= innerWidth)"""
SHOWN = {
    "Questions": ".questions", "Compare": ".compare[data-shown]", "What the sources say": ".sources",
    "Play": ".play-view[data-shown]",
}  # fmt: skip
SQUEEZE = """() => {
  document.querySelector(".picture").style.width = "120px";
  Object.assign(document.querySelector(".step h2").style, { whiteSpace: "nowrap", width: "60px", overflow: "hidden" });
}"""


def cut(page: Page) -> dict[str, Any]:
    """What is cut, by the size of the screen."""
    found = {}
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(SIZED)
        found[name] = page.evaluate(CUT)
    return {name: lines for name, lines in found.items() if lines}


def test_this_search_finds_a_text_and_a_pump_that_are_cut(page: Page, stage: TrainSite) -> None:
    put_on(page, stage, "hot-tub")
    action(page, "start")
    page.locator(".step[data-step]").wait_for()
    assert cut(page) == {}
    page.evaluate(SQUEEZE)
    found = cut(page)
    assert found.keys() == SIZES.keys()
    assert any(line.startswith("Before the bath") for line in found["projector"])


def test_nothing_is_cut_on_any_screen_of_a_lesson(page: Page, stage: TrainSite) -> None:
    found = {}
    page.goto(f"{stage.url}/train")
    page.locator(".lesson-card").first.wait_for()
    found["choose"] = cut(page)
    put_on(page, stage, "hot-tub", 600)
    found["predict"] = cut(page)
    action(page, "start")
    for step in ("rest", "flow", "sum"):
        action(page, "jump", step=step)
        expect(page.locator(".step")).to_have_attribute("data-step", step)
        found[step] = cut(page)
    action(page, "jump", step="peak")
    action(page, "inject", fault="occlusion", magnitude=1)
    expect(page.locator(".diagnose")).to_be_visible()
    expect(page.locator("svg.drawing")).to_be_visible()
    found["riddle"] = cut(page)
    action(page, "diagnose", fault="occlusion")
    action(page, "reveal", fault="occlusion")
    expect(page.locator(".diagnose")).to_be_hidden()
    expect(page.locator(".told[data-right=true]")).to_be_visible()
    found["told"] = cut(page)
    while stage.lesson_run.phase == "run":
        stage.pass_s(30)
    page.locator(".outcome").wait_for()
    found["results"] = cut(page)
    for name in ("Questions", "Compare", "What the sources say", "Play"):
        page.locator(".places").get_by_role("button", name=name).click()
        page.locator(SHOWN[name]).wait_for()
        found[name] = cut(page)
    every = ((name, size, line) for name, sizes in found.items() for size, lines in sizes.items() for line in lines)
    wrong = [f"{name}, {size}: {line}" for name, size, line in every]
    assert not wrong, "\n".join(wrong)
