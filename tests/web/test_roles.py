"""Trainee and instructor, where the training page is open to others: what is the instructor's is behind a code."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from lesson_bench import Bench
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from warmflow.daemon.config import Settings
from warmflow.daemon.instructor_code import instructor_code
from warmflow.sinks.web.api_errors import with_problems
from warmflow.sinks.web.application import site
from warmflow.sinks.web.pages import LOGIN_PAGE
from warmflow.sinks.web.training_api import NOT_INSTRUCTOR
from warmflow.training.live.actions import DEEDS

TOKEN, CODE = "a-token-that-is-long-enough", "code-of-today"
HERE = "http://bench.example"
SECOND = {"Origin": HERE}


class Classroom:
    """A site that is open to others, with a lesson on it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        api = with_problems(FastAPI())
        api.include_router(bench.house.api)
        told = PlainTextResponse("Likely: sudden occlusion")
        routes = [
            *bench.house.routes, Route("/", told), Route("/alarms", told), Route("/metrics", told),
            Mount("/api", routes=[Route("/alarms", told), Route("/pumps", told), Mount("/", api)]),
        ]  # fmt: skip
        stage = bench.stage
        self.application = site(routes, False, lambda: TOKEN, str(LOGIN_PAGE), CODE, lambda: bool(stage.session.hidden))

    def visitor(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.application), base_url=HERE)


@pytest.fixture
async def room(tmp_path):
    made = Classroom(Bench(tmp_path))
    yield made
    await made.bench.house.close()


async def logged_in(client: httpx.AsyncClient, code: str | None = None) -> None:
    await client.post("/login", data={"token": TOKEN}, headers=SECOND)
    if code:
        await client.post("/login/instructor", data={"token": code}, headers=SECOND)


async def playing(bench: Bench) -> None:
    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")


@pytest.mark.parametrize("name", [name for name, action in DEEDS.items() if action.of_instructor])
async def test_an_action_of_the_instructor_is_refused_in_the_same_words_whatever_the_state(
    room: Classroom, name: str
) -> None:
    given = {} if name == "next_group" else {"fault": "occlusion"}
    async with room.visitor() as trainee:
        await logged_in(trainee)
        await playing(room.bench)
        answers = [await trainee.post(f"/api/train/deeds/{name}", json=given, headers=SECOND)]
        await room.bench.do("inject", fault="occlusion")
        answers.append(await trainee.post(f"/api/train/deeds/{name}", json=given, headers=SECOND))
    assert [(one.status_code, one.json()["detail"]) for one in answers] == [(403, NOT_INSTRUCTOR)] * 2


@pytest.mark.parametrize("path", ["/api/train/log?as=instructor", "/train/report?as=instructor", "/train/instructor"])
async def test_what_the_instructor_sees_is_not_given_to_a_trainee_who_asks_for_it(room: Classroom, path: str) -> None:
    async with room.visitor() as trainee, room.visitor() as instructor:
        await logged_in(trainee)
        await logged_in(instructor, CODE)
        await playing(room.bench)
        await room.bench.do("inject", fault="occlusion")
        assert (await trainee.get(path)).status_code in (403, 303)
        assert (await instructor.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/alarms", "/metrics", "/api/alarms", "/api/pumps"])
async def test_while_a_fault_is_hidden_no_other_page_says_what_it_is(room: Classroom, path: str) -> None:
    async with room.visitor() as trainee, room.visitor() as instructor:
        await logged_in(trainee)
        await logged_in(instructor, CODE)
        await playing(room.bench)
        assert (await trainee.get(path)).status_code == 200
        await room.bench.do("inject", fault="occlusion")
        assert (await trainee.get(path)).status_code == 403
        assert (await instructor.get(path)).status_code == 200
        assert (await trainee.get("/api/train/log")).status_code == 200
        await room.bench.do("reveal", fault="occlusion")
        assert (await trainee.get(path)).status_code == 200


async def test_a_feed_that_was_open_before_is_closed_when_a_fault_is_hidden() -> None:
    from warmflow.sinks.web.hidden_fault import HiddenFault

    hidden, sent = [False], []

    async def feed(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.send", "text": "truth"})
        hidden[0] = True
        await send({"type": "websocket.send", "text": "truth"})

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await HiddenFault(feed, lambda: hidden[0])({"type": "websocket", "path": "/live"}, None, send)
    assert sent == ["websocket.send", "websocket.close"]


async def test_a_code_is_guessed_no_faster_than_a_token(room: Classroom) -> None:
    async with room.visitor() as trainee:
        await logged_in(trainee)
        for _ in range(5):
            await trainee.post("/login/instructor", data={"token": "guess"}, headers=SECOND)
        answer = await trainee.post("/login/instructor", data={"token": CODE}, headers=SECOND)
        assert answer.status_code == 429


async def test_a_script_gives_the_code_in_a_header(room: Classroom) -> None:
    async with room.visitor() as script:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        path = "/api/train/log?as=instructor"
        assert (await script.get(path, headers=bearer)).status_code == 403
        assert (await script.get(path, headers=bearer | {"Warmflow-Instructor-Code": CODE})).status_code == 200


def test_the_code_is_new_at_each_start_in_a_file_for_this_user_alone(tmp_path) -> None:
    settings = Settings.model_validate({"journal": {"file": tmp_path / "state" / "journal.sqlite"}})
    codes = []
    for _ in range(2):
        code, file = instructor_code(settings)
        assert file.read_text() == code + "\n"
        assert file.stat().st_mode & 0o777 == 0o600
        codes.append(code)
    assert codes[0] != codes[1]
