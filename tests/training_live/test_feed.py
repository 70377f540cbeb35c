"""What pages are sent: the newest, seldom enough, nothing when nothing changes; to trainees nothing that is hidden."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest
import websockets
from training_server import training_server
from wait import wait_until

from warmflow.sinks.web import training_feed
from warmflow.sinks.web.training_feed import EVERY_S, Given
from warmflow.training.live.actions import DEEDS, done
from warmflow.training.live.plot_rows import COLUMNS, ROWS_S, WHOLE, PlotRows

DEADLINE_S = 20


@pytest.fixture
def site(tmp_path):
    (tmp_path / "lessons").mkdir()
    with training_server(tmp_path, times=10, lessons=tmp_path / "lessons") as made:
        yield made


class Page:
    """What a page got. `at_s`: when each message came."""

    def __init__(self, socket):
        self.socket, self.messages, self.at_s = socket, [], []

    async def receive_until(self, wanted):
        async with asyncio.timeout(DEADLINE_S):
            while True:
                self.messages.append(json.loads(await self.socket.recv()))
                self.at_s.append(time.monotonic())
                if wanted(self.messages[-1]):
                    return self.messages[-1]

    async def nothing_for(self, seconds):
        try:
            async with asyncio.timeout(seconds):
                found = await self.socket.recv()
        except TimeoutError:
            return
        pytest.fail(f"got {found[:200]}")

    def of(self, kind):
        return [message for message in self.messages if message["kind"] == kind]


@asynccontextmanager
async def page(site, who="trainee"):
    address = f"{site.url.replace('http', 'ws')}/train/live?as={who}"
    async with websockets.connect(address, max_size=None) as socket:
        yield Page(socket)


async def do(site, name, **fields):
    ask = DEEDS[name].ask.model_validate(fields)
    return await asyncio.to_thread(site.call, lambda: done(site.house.stage, name, ask))


async def test_a_page_gets_the_state_when_it_comes_and_then_nothing_until_something_changes(site):
    async with page(site) as looks:
        first = await looks.receive_until(lambda message: message["kind"] == "state")
        await looks.nothing_for(0.8)
        await do(site, "choose", lesson="hot-tub", way="replay")
        chosen = await looks.receive_until(lambda message: message.get("phase") == "predict")
    assert (first["phase"], first["lesson"], first["live"]) == ("choose", None, None)
    assert chosen["lesson"] == "hot-tub"
    assert chosen["start"]["flow_ul_h"] == chosen["live"]["drawing"]["flow_ul_h"] == pytest.approx(48.9, abs=0.1)


async def test_states_come_at_most_5_times_a_second_and_rows_of_the_plot_in_order_each_once(site):
    async with page(site) as looks:
        await do(site, "choose", lesson="hot-tub", way="replay")
        await do(site, "start")
        await looks.receive_until(lambda message: message.get("kind") == "state" and len(looks.of("state")) == 14)
    states = [at_s for message, at_s in zip(looks.messages, looks.at_s, strict=True) if message["kind"] == "state"]
    states = states[3:]  # those before were waiting to be read
    assert (states[-1] - states[0]) / (len(states) - 1) >= EVERY_S * 0.95
    samples = looks.of("samples")
    assert samples[0]["from_start"]
    for message in samples:
        assert message["columns"].keys() == set(COLUMNS)
        assert {len(column) for column in message["columns"].values()} == {len(message["t_s"])}
    later = [message for message in samples if not message["from_start"]]
    assert all(len(message["t_s"]) <= ROWS_S * EVERY_S for message in later)
    times = [t_s for message in samples[samples.index(later[0]) - 1 :] for t_s in message["t_s"]]
    assert times == sorted(set(times))


async def test_who_comes_in_the_middle_gets_the_whole_course_and_after_a_jump_everybody_does(site):
    await do(site, "choose", lesson="hot-tub", way="replay")
    await do(site, "start")
    await do(site, "jump", step="peak")
    async with page(site) as looks:
        first = await looks.receive_until(lambda message: message["kind"] == "samples")
        await do(site, "jump", step="in")
        again = await looks.receive_until(lambda message: message["kind"] == "samples" and message["from_start"])
    assert first["from_start"]
    assert 500 < len(first["t_s"]) <= WHOLE
    assert again["t_s"][-1] < first["t_s"][-1]


async def test_trainees_are_not_told_of_a_hidden_fault_and_the_instructor_is(site):
    async with page(site) as trainee, page(site, "instructor") as instructor:
        await do(site, "choose", lesson="hot-tub", way="replay")
        await do(site, "start")
        await do(site, "inject", fault="catheter_loose", magnitude=1.0)
        told = await instructor.receive_until(lambda message: message.get("faults"))
        await trainee.receive_until(
            lambda message: message.get("live") and message["live"]["clock"]["t_s"] > told["live"]["clock"]["t_s"]
        )
        messages = trainee.messages
    assert told["faults"] == {"catheter_loose": 1.0}
    assert not any("catheter_loose" in json.dumps(message) for message in messages)
    assert not any("faults" in message for message in messages)


async def test_a_lesson_file_that_comes_changes_or_goes_is_told_and_looked_for_only_while_somebody_looks(
    site, tmp_path, monkeypatch
):
    monkeypatch.setattr(training_feed, "SHELF_S", 0.05)
    path = tmp_path / "lessons" / "mine.toml"

    assert site.house.feed._watcher is None
    await asyncio.to_thread(site.call, site.house.stage.contents)  # as a page asks for them first
    async with page(site) as looks:
        await looks.receive_until(lambda message: message["kind"] == "state")
        for change in (lambda: path.write_text("title = 1"), lambda: path.write_text("\ntitle = 1"), path.unlink):
            await looks.nothing_for(0.2)
            change()
            await looks.receive_until(lambda message: message["kind"] == "shelf")
            await looks.receive_until(lambda message: message["kind"] == "state")
    await wait_until(lambda: site.house.feed._watcher.done(), DEADLINE_S)


def test_a_page_that_is_slow_gets_the_rows_since_its_last_ones_thinned():
    course, given = PlotRows(), Given()
    rows = [(float(at), float(at), 0.0, 0.0, 0.0, 0.0) for at in range(1000)]
    course.begin(rows[:10])
    assert given.news(course)["t_s"] == [float(at) for at in range(10)]
    assert given.news(course) is None
    course.add(rows[10:])
    late = given.news(course)
    assert not late["from_start"]
    assert late["t_s"][-1] == 999
    assert len(late["t_s"]) <= ROWS_S * EVERY_S
    assert given.news(PlotRows())["from_start"], "another lesson"
    assert given.news(None) is None


async def test_a_page_that_says_anything_is_not_listened_to(site):
    async with page(site) as looks:
        await looks.receive_until(lambda message: message["kind"] == "state")
        await looks.socket.send("nonsense")
        await looks.socket.send(b"\x00")
        await do(site, "choose", lesson="sauna", way="replay")
        await looks.receive_until(lambda message: message.get("lesson") == "sauna")
