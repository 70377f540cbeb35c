"""The live feed: what is new goes to every page once, a slow page loses its oldest and is told, nothing grows."""

import json
from collections.abc import Callable

import pytest
from fuzz_inputs import GOLDEN
from records import START, reading

from warmflow.alarms import Alarm, AlarmChange
from warmflow.alarms.updates import AlarmChanged
from warmflow.device.updates import GroundTruth, PumpRemoved, ScenarioChanged
from warmflow.sinks.web.binary_columns import unpacked
from warmflow.sinks.web.live_feed import QUEUE_MAX, RAW_MAX, LiveFeed, Page
from warmflow.sinks.web.websocket import _wanted


def live(more: Callable[[], dict[str, int]] = dict) -> LiveFeed:
    return LiveFeed(
        lambda reading: {"sequence": reading.message.sequence},
        lambda link: {"status": link.state.value},
        lambda: START,
        more,
    )


async def messages(page: Page) -> list[object]:
    async def all_there() -> list[object]:
        out = []
        while not page._queue.empty():
            message = await page.get()
            out.append(json.loads(message) if isinstance(message, str) else unpacked(message))
        return out

    return await all_there()


def looking(feed: LiveFeed, watched: str | None = None) -> Page:
    page = Page()
    page.watched = watched
    feed.pages.add(page)
    return page


async def test_a_page_gets_the_raw_readings_of_the_pump_that_it_shows_and_seconds_of_all() -> None:
    feed = live()
    shown, other = looking(feed, "rig"), looking(feed)
    for number in range(1, 16):
        feed.on_update(reading(number))
    feed.tick(with_table=False)
    _, blocks = next(each for each in await messages(shown) if isinstance(each, tuple))
    assert [(block.kind, block.n) for block in blocks] == [("raw", 15), ("spans", 1)]
    _, blocks = next(each for each in await messages(other) if isinstance(each, tuple))
    assert [(block.kind, block.n, block.columns["n"][0]) for block in blocks] == [("spans", 1, 9)]


async def test_what_was_given_is_not_given_again() -> None:
    feed = live()
    page = looking(feed, "rig")
    feed.on_update(reading(1))
    feed.tick(with_table=False)
    await messages(page)
    feed.tick(with_table=False)
    assert await messages(page) == []


async def test_what_came_late_is_history_and_no_live_value() -> None:
    feed = live()
    page = looking(feed, "rig")
    feed.on_update(reading(5, backlog=1))
    feed.tick(with_table=True)
    assert [each for each in await messages(page) if isinstance(each, tuple)] == []
    assert feed.last() == {}


async def test_a_page_that_is_slow_loses_the_oldest_and_the_loss_is_counted() -> None:
    feed = live()
    page = looking(feed, "rig")
    for number in range(1, 101):
        feed.on_update(reading(number))
        feed.tick(with_table=False)
    assert page.dropped == 100 - QUEUE_MAX  # one message a tick
    _, blocks = next(each for each in reversed(await messages(page)) if isinstance(each, tuple))
    assert blocks[0].columns["delivered_ul"][-1] == pytest.approx(100 * 0.081)


async def test_alarms_and_scenarios_are_read_and_sent_when_an_update_says_that_they_changed() -> None:
    asked: list[int] = []

    def more() -> dict[str, int]:
        asked.append(1)
        return {"alarms": len(asked)}

    feed = live(more)
    page = looking(feed)
    for _ in range(10):
        feed.tick(with_table=False)
    assert (await messages(page), asked) == ([], [])
    changes = [
        AlarmChanged(AlarmChange(Alarm("rig", "rate"), "", START)),
        ScenarioChanged("rig", None),
        PumpRemoved("rig"),
    ]
    for number, update in enumerate(changes, 1):
        feed.on_update(update)
        feed.on_update(update)
        feed.tick(with_table=False)
        feed.tick(with_table=False)
        assert await messages(page) == [{"alarms": number}]


async def test_what_a_board_floods_in_one_tick_is_cut_and_never_piles_up() -> None:
    feed = live()
    page = looking(feed, "rig")
    truth = GroundTruth("rig", GOLDEN["Truth"], START)
    for number in range(1, RAW_MAX + 500):
        feed.on_update(truth)
        feed.on_update(reading(number * 100))  # a second of its clock each
    feed.tick(with_table=False)
    [(_, blocks)] = [each for each in await messages(page) if isinstance(each, tuple)]
    assert {block.kind: block.n for block in blocks} == {"raw": RAW_MAX, "truth": RAW_MAX, "spans": RAW_MAX}


def test_without_pages_nothing_is_kept() -> None:
    feed = live()
    for number in range(1, 5000):
        feed.on_update(reading(number))
        if number % 100 == 0:
            feed.tick(with_table=True)
    assert not feed._raw
    assert sum(map(len, feed._closed.values())) <= 10


@pytest.mark.parametrize("said", ["", "{", "[]", '{"watch": 5}', '{"watch": "a", "more": 1}', '"rig"', "1" * 2000])
def test_what_a_page_may_not_say_is_refused_with_the_reason(said: str) -> None:
    assert isinstance(_wanted(said), ValueError)


def test_what_a_page_says() -> None:
    assert _wanted('{"watch": "rig"}') == "rig"
    assert _wanted('{"watch": null}') is None
