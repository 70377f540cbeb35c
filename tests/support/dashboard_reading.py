"""What a browser test reads off the pump page."""

import itertools

from playwright.sync_api import Page

DRAWN = ".plots[data-drawn]"


def settled(page: Page) -> None:
    """Waits until what the page has is laid out and drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown(page: Page) -> tuple[float, float]:
    """The stretch that the plots show, Unix seconds."""
    from_s, to_s = (page.locator(".plots").get_attribute("data-range") or "").split()
    return float(from_s), float(to_s)


def times(page: Page) -> list[float]:
    """Of the rows that the first plot has."""
    found: list[float] = page.evaluate("[...document.querySelector('.plot').plot.data[0]]")
    return found


def holes(page: Page, longer_s: float = 0.9) -> list[tuple[float, float]]:
    """Where rows on show are further apart than this, and by how much."""
    from_s, _ = shown(page)
    rows = [row for row in times(page) if row >= from_s]
    steps = [(before, after - before) for before, after in itertools.pairwise(rows)]
    return [each for each in steps if each[1] > longer_s]
