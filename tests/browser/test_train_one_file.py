"""A lesson in one file: from a disk and with the network off it is played to its end, and asks nothing of anybody."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from train_page import LESSONS

from warmflow.sinks.web.lesson_export import exported

MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "hot-tub.html"
    path.write_text(exported(LESSONS["hot-tub"]), encoding="utf-8")
    return path


def test_the_file_names_no_other_place_and_is_small_enough_to_mail(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", text)
    assert "default-src 'none'" in text
    assert len(text.encode()) < MOST_BYTES


def test_it_is_played_to_its_end_with_the_network_off(browser: Browser, file: Path) -> None:
    context = browser.new_context(offline=True, viewport={"width": 1024, "height": 768})
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.clock.install()
    page.goto(file.as_uri())
    page.locator("html[data-ready]").wait_for()
    expect(page.locator(".step")).to_have_attribute("data-step", "rest")
    assert page.locator("svg.drawing .d-pump").bounding_box()
    page.get_by_role("button", name="Begin").click()
    page.clock.fast_forward(10_000)
    page.clock.run_for(100)
    expect(page.locator(".step")).not_to_have_attribute("data-step", "rest")
    page.clock.fast_forward(200_000)
    page.clock.run_for(100)
    expect(page.locator("html[data-over=true]")).to_be_attached()
    expect(page.locator(".sum").first).to_have_text("The rate changed by +31 %, the dose of fourteen days by +0.1 %.")
    expect(page.locator(".sources")).to_contain_text("Fight Colorectal Cancer")
    page.locator("#play-water").fill("40")
    page.clock.run_for(100)
    expect(page.locator("[data-play=peak] strong")).to_have_text("+21 %")
    assert not wrong
    assert {url for url in asked if not url.startswith("data:")} == {file.as_uri()}
    context.close()


def test_play_follows_a_slider_at_30_pictures_a_second(browser: Browser, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator("html[data-ready]").wait_for()
    each_ms = page.evaluate(
        """() => new Promise((done) => {
          const water = document.querySelector("#play-water"), took = [];
          const turn = (count) => {
            if (!count) return done(took.sort((a, b) => a - b)[took.length >> 1]);
            water.value = 34 + (count % 20) / 2;
            const beganMs = performance.now();
            water.dispatchEvent(new Event("input"));
            requestAnimationFrame(() => {
              took.push(performance.now() - beganMs);
              requestAnimationFrame(() => turn(count - 1));
            });
          };
          turn(30);
        })"""
    )
    page.close()
    assert each_ms < 1000 / 30
