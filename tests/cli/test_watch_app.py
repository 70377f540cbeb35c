"""The application at 80x24 and larger, with a fake feed: what a person reads on the screen, and what the keys do."""

import re
import xml.etree.ElementTree as ElementTree
from contextlib import asynccontextmanager

import pytest
from payload_samples import example
from short_form import each_once

from pumplink.codes import Status
from warmflow.api import payloads
from warmflow.cli.watch.app import WatchApp
from warmflow.cli.watch.command import watch
from warmflow.cli.watch.sample_run import START, hot_tub
from warmflow.cli.watch.screenshot import HINT, HOT_S, SCENES, Stage, picture, several
from warmflow.cli.watch.themes import DARK, LIGHT
from warmflow.device.states import DEVICE_OK, DEVICE_STATES, LinkState
from warmflow.device.updates import LinkStatus
from warmflow.notice import NOTICE, SHORT
from warmflow.runtime.json_bytes import dump
from warmflow.sinks.mqtt.broker import BrokerError

pytestmark = pytest.mark.timeout(60)


def text_of(svg):
    """The screen's lines, read from Textual's own export: each run of text stands at its cell."""
    runs = [
        (round((float(run.get("y")) - 18.5) / 24.4), round(float(run.get("x")) / 12.2), (run.text or "").strip("\n"))
        for run in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
        if "clip-path" in run.attrib
    ]
    lines = [""] * (max(row for row, _, _ in runs) + 1)
    for row, column, text in sorted(runs):
        lines[row] = lines[row].ljust(column) + text.replace("\xa0", " ")
    return "\n".join(lines).rstrip("\n")


async def screen(app, pilot):
    app.show_frame()
    await pilot.pause()
    return text_of(app.export_screenshot())


@asynccontextmanager
async def showing(messages, size=(80, 24)):
    stage = Stage(iter(messages))
    app = WatchApp("127.0.0.1", 1883, subtitle="Hot tub", hint=HINT, feed=stage.feed, clock=lambda: stage.now_s)
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        app.show_frame()
        await pilot.pause()
        yield app, stage, pilot


@pytest.fixture(scope="module")
def tub():
    return list(hot_tub(until_s=HOT_S))


async def test_a_hot_tub_shows_every_figure_with_its_unit_and_where_it_comes_from(tub):
    async with showing(tub) as (app, _, pilot):
        text = await screen(app, pilot)
    for words in (
        SHORT,
        "Hot tub",
        "broker 127.0.0.1:1883",
        "demo  ● link ok",
        "pump time 60x",
        "now 0:40",
        "22:30:40 UTC",
        "● live",
        "measured",
        "modelled by the emulator",
        "µL/h",
        "mL/day",
        "mL left, ",
        "days",
        "▲▲▲ HIGH",
        "heat, since 0:2",
        "◆ probe explains +3",
        "rose, heat: flow +",
        "exposure ended",
        HINT,
    ):
        assert words in text, f"{words!r} is not in\n{text}"
    assert re.search(r"skin +3\d\.\d\d °C", text)
    assert re.search(r"deviation from the reference rate 4\d\.\d µL/h", text)


@pytest.mark.parametrize(("scene", "size"), each_once(sorted(set(SCENES) - {"help", "whole"}), ["80x24", "120x40"]))
async def test_every_scene_fits_its_screen_with_hint_and_keys(scene, size):
    columns, rows = (int(number) for number in size.split("x"))
    lines = text_of(await picture(scene, columns, rows, light=False)).split("\n")
    assert len(lines) <= rows
    assert max(len(line) for line in lines) <= columns
    assert "no medical device" in lines[0]
    assert HINT in lines[-2]
    assert "Quit" in lines[-1]
    assert "Help" in lines[-1]


async def test_a_value_that_grows_old_does_not_look_live(tub):
    async with showing(tub) as (app, stage, pilot):
        stage.now_s += 5.5
        text = await screen(app, pilot)
    assert "● live" not in text
    assert "○ stale 5 s, was ▲▲▲ HIGH" in text
    assert "measured, stale 5 s" in text
    assert "modelled, stale 5 s" in text


async def test_pause_holds_the_picture_says_so_and_data_is_still_collected(tub):
    before, after = tub[: len(tub) // 2], tub[len(tub) // 2 :]

    async with showing(before) as (app, stage, pilot):
        held = re.search(r"now \d:\d\d", await screen(app, pilot)).group()
        await pilot.press("p")
        for message in after:
            stage.now_s = message.at_s
            app.model.on_message(message.topic, message.payload, message.at_s)
        paused = await screen(app, pilot)
        assert held in paused
        assert f"PAUSED 20 s, {len(after)} messages collected - now ▲▲▲ HIGH at 0:40 - p resumes" in paused
        assert "○ held" in paused
        assert "● live" not in paused
        await pilot.press("p")
        resumed = await screen(app, pilot)
        assert "PAUSED" not in resumed
        assert "now 0:40" in resumed
        assert "exposure ended" in resumed


@pytest.mark.parametrize(("key", "back"), [("right", "left"), ("down", "up"), ("tab", "shift+tab")])
async def test_arrows_and_tab_choose_the_pump(key, back):
    messages = [message for name in ("a", "b", "c") for message in hot_tub(name, until_s=60)]

    async with showing(messages) as (app, _, pilot):
        seen = [app.frame().pump.name]
        for pressed in (key, key, key, back):
            await pilot.press(pressed)
            seen.append(app.frame().pump.name)
        assert seen == ["a", "b", "c", "a", "c"]
        assert "▸ c" in await screen(app, pilot)


async def test_a_list_that_is_too_long_sums_up_the_rest_with_the_worst():
    async with showing(several()) as (app, _, pilot):
        text = await screen(app, pilot)
    assert "▸ rig-a" in text
    assert re.search(r"\+2 more +▲▲▲ HIGH .* worst: rig-d", text)


async def test_a_broken_link_shows_its_reason_and_the_remedy():
    async with showing(several()) as (app, _, pilot):
        await pilot.press("right", "right")
        text = await screen(app, pilot)
    assert "✕ offline, port lost" in text
    assert "why: /dev/ttyACM1 went away; plug the Pico in again" in text


@pytest.mark.parametrize(
    ("state", "device", "words"),
    [
        (LinkState.OK, DEVICE_STATES[Status.PROBE_OUT], "● device probe out"),
        (LinkState.CRC_STORM, DEVICE_OK, "● link crc storm"),
    ],
)
async def test_a_pump_that_is_heard_is_live_whatever_its_device_says(tub, state, device, words):
    async with showing(tub) as (app, stage, pilot):
        told = payloads.status(LinkStatus("demo", state, "change the cable", START), device, START, True)
        app.model.on_message("warmflow/demo/status", dump(told), stage.now_s)
        text = await screen(app, pilot)
    assert f"demo  {words}" in text
    assert "● live" in text
    assert f"why: {device.reason or 'change the cable'}" in text
    assert "✕" not in text
    assert "not live" not in text


async def test_a_link_that_is_lost_is_broken_whatever_the_device_was(tub):
    async with showing(tub) as (app, stage, pilot):
        told = payloads.status(
            LinkStatus("demo", LinkState.SILENT, "", START), DEVICE_STATES[Status.PROBE_OUT], START, True
        )
        app.model.on_message("warmflow/demo/status", dump(told), stage.now_s)
        text = await screen(app, pilot)
    assert "demo  ✕ link silent" in text
    assert "○ not live" in text


async def test_a_broker_that_went_away_is_a_state_on_the_screen(tub):
    async with showing(tub) as (app, stage, pilot):
        app.model.broker, app.model.broker_detail = "away", "Connection refused"
        stage.now_s += 60
        text = await screen(app, pilot)
    assert "✕ broker 127.0.0.1:1883 away: Connection refused" in text
    assert "✕ link unknown: broker away" in text
    assert "○ stale 1 min" in text


async def test_a_dead_daemon_takes_back_what_it_said_of_the_link(tub):
    async with showing(tub) as (app, stage, pilot):
        app.model.on_message("warmflow/bridge/state", b"dead", stage.now_s)
        text = await screen(app, pilot)
    assert "✕ link unknown: daemon dead" in text
    assert "link ok" not in text
    assert "● live" not in text


async def test_with_no_pump_it_says_what_to_start():
    async with showing([]) as (app, _, pilot):
        text = await screen(app, pilot)
    assert "no pump under warmflow/ yet: no daemon seen here; start one: warmflow run" in text


async def test_bad_payloads_are_counted_on_the_screen(tub):
    async with showing(tub) as (app, stage, pilot):
        app.model.on_message("warmflow/demo/state", b"{", stage.now_s)
        assert "1 bad payload, last demo/state: not valid JSON" in await screen(app, pilot)


async def test_markup_in_a_payload_is_shown_as_it_is():
    async with showing([]) as (app, _, pilot):
        app.model.on_message("warmflow/x/availability", b"offline", 0.0)
        lost = example("status", status="[red]lost[/", link="[red]lost[/")
        app.model.on_message("warmflow/x/status", dump(lost), 0.0)
        assert "x  ✕ offline, [red]lost[/" in await screen(app, pilot)


async def test_t_changes_between_dark_and_light_and_s_the_span(tub):
    async with showing(tub) as (app, _, pilot):
        themes = [app.theme]
        for _ in range(2):
            await pilot.press("t")
            themes.append(app.theme)
        assert themes == [DARK.name, LIGHT.name, DARK.name]
        await pilot.press("s")
        assert re.search(r"h:mm 0:30 +0:35 +0:40", await screen(app, pilot))


async def test_help_opens_and_closes_and_q_leaves(tub):
    async with showing(tub) as (app, _, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        assert NOTICE[1:] in text_of(app.export_screenshot())
        await pilot.press("q")
        await pilot.pause()
        assert "deviation from the reference rate" in await screen(app, pilot)
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running


async def test_ctrl_c_leaves(tub):
    async with showing(tub) as (app, _, pilot):
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert not app.is_running


def test_the_command_refuses_an_address_that_it_can_not_read():
    with pytest.raises(BrokerError, match="write mqtt://localhost"):
        watch("localhost")
