"""The printed lesson plan fits on one sheet, judged by a browser that prints it."""

import re

import pytest
from dashboard_pictures import ARGUMENTS
from optional_parts import chromium
from playwright.sync_api import sync_playwright
from short_form import few

from warmflow.training.lesson_library import LessonLibrary
from warmflow.training.printable import lesson_plan

LESSONS = LessonLibrary().look().lessons


@pytest.mark.needs("Chromium")
@pytest.mark.parametrize("count", few([3, len(LESSONS)], 1))
def test_every_lesson_plan_is_one_page_of_a4(count: int):
    pages = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_page()
        for name, loaded in list(LESSONS.items())[:count]:
            page.set_content(lesson_plan(loaded))
            pages[name] = len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4", prefer_css_page_size=True)))
        browser.close()
    assert set(pages.values()) == {1}, pages
