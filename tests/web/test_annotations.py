"""What people write at moments of a pump: there again after a restart, refused in words, never from a foreign page."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from records import START, reading
from starlette.routing import Mount
from starlette.types import ASGIApp

from warmflow.api.payloads import http
from warmflow.api.requests import Outcome
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.daemon.handlers.annotations import handlers
from warmflow.journal import Journal, JournalReader, WriteQueue, annotation_rows, migration
from warmflow.journal.async_journal import AsyncJournal
from warmflow.sinks.web.application import site
from warmflow.sinks.web.http_api import api

pytestmark = pytest.mark.time

TOKEN = "a-token-that-is-long-enough"
HERE = "http://127.0.0.1:8080"
NOTE = {"pump": "rig", "time": START.isoformat(), "text": "into the tub", "by": "Kim"}


def no_pumps() -> http.PumpsPage:
    return http.PumpsPage(pumps=[], last={}, scenarios={}, note="")


class Daemon:
    """One life of what a daemon has for annotations, behind its gate."""

    def __init__(self, path: Path, token: str | None = None, commands: bool = False) -> None:
        self.journal = Journal(path)
        self.async_journal = AsyncJournal(self.journal, WriteQueue(self.journal), lambda *_: None, lambda text: None)
        self.told: list[Outcome] = []
        answers = Dispatcher(list, handlers(self.async_journal, list, lambda: START), self.told.append)
        self.cookies = httpx.Cookies()

        async def answer(kind: str, payload: bytes) -> dict[str, Any]:
            return await answers.answer(kind, payload, allowed=commands, operators=True)

        inner = api(no_pumps, lambda: self.journal.reader, answer, commands, lambda: START)
        self.application: ASGIApp = site([Mount("/api", inner)], token is None, (lambda: token) if token else None, "")

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def main() -> httpx.Response:
            transport = httpx.ASGITransport(self.application)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=self.cookies) as client:
                response = await client.request(method, path, **more)
                self.cookies = client.cookies
                return response

        return await main()

    async def kept(self, **query: str) -> list[dict[str, Any]]:
        window = {"from": (START - timedelta(hours=1)).isoformat(), "to": (START + timedelta(hours=1)).isoformat()}
        found: list[dict[str, Any]] = (await self.ask("GET", "/api/annotations", params=window | query)).json()[
            "annotations"
        ]
        return found


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    running = Daemon(tmp_path / "j.sqlite")
    running.journal.append([reading(1)])
    yield running
    running.journal.close()


async def test_what_was_written_is_there_again_after_a_restart(daemon: Daemon) -> None:
    said = await daemon.ask("POST", "/api/annotations", json=NOTE)
    assert said.status_code == 201
    daemon.journal.close()
    daemon.__init__(daemon.journal.path)  # type: ignore[misc]
    [note] = await daemon.kept(pump="rig")
    assert note == said.json()["annotation"]
    assert (note["pump"], note["time"], note["text"], note["by"]) == (
        "rig",
        "2026-11-21T12:00:00.000Z",
        "into the tub",
        "Kim",
    )


async def test_notes_come_in_order_of_their_moments_and_of_their_pump_and_time_alone(daemon: Daemon) -> None:
    daemon.journal.append([reading(1, pump="other")._replace(boot=reading(1).boot._replace(random=1))])
    for minutes, pump in ((5, "rig"), (1, "rig"), (3, "other"), (500, "rig")):
        await daemon.ask("POST", "/api/annotations", json=NOTE | {
            "pump": pump, "time": (START + timedelta(minutes=minutes)).isoformat(), "text": f"at {minutes}"
        })  # fmt: skip
    assert [note["text"] for note in await daemon.kept(pump="rig")] == ["at 1", "at 5"]
    assert [note["text"] for note in await daemon.kept()] == ["at 1", "at 3", "at 5"]
    assert [note["text"] for note in await daemon.kept(limit="1")] == ["at 5"]


async def test_what_is_taken_away_is_gone_and_only_once(daemon: Daemon) -> None:
    number = (await daemon.ask("POST", "/api/annotations", json=NOTE)).json()["annotation"]["id"]
    assert (await daemon.ask("DELETE", f"/api/annotations/{number}")).json()["removed"]["text"] == "into the tub"
    assert await daemon.kept() == []
    again = await daemon.ask("DELETE", f"/api/annotations/{number}")
    assert (again.status_code, again.json()["detail"]) == (
        400, f"annotation {number} does not exist; `annotations` lists them",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pump": "rog"}, "rog: no such pump; did you mean rig?"),
        ({"text": ""}, "text: may not be empty"),
        ({"text": "\x1b\n "}, "text: contains no printable characters"),
        ({"text": "x" * 501}, "text: is too long"),
        ({"by": ""}, "by: may not be empty"),
        ({"by": None}, "by: has to be a text"),
        ({"time": "yesterday"}, "time: 'yesterday' is not a time since 1970; write it as 2026-11-21T12:00:00Z"),
        ({"time": "2026-11-21T12:00:00"}, "time: '2026-11-21T12:00:00' has no time zone; write it as"),
        ({"time": "0001-01-01T00:00:00Z"}, "not a time since 1970"),
        ({"colour": "red"}, "colour: unknown field"),
    ],
)
async def test_what_can_not_be_kept_is_refused_in_words(daemon: Daemon, change: dict[str, Any], words: str) -> None:
    said = await daemon.ask("POST", "/api/annotations", json=NOTE | change)
    assert said.status_code == 400
    assert words in said.json()["detail"]
    assert await daemon.kept() == []


@pytest.mark.parametrize("name", ["from", "to"])
async def test_a_time_that_can_not_be_asked_for_is_refused_by_the_name_that_the_address_has(
    daemon: Daemon, name: str
) -> None:
    said = await daemon.ask("GET", "/api/annotations", params={name: "1960-01-01T00:00:00Z"})
    assert said.status_code == 400
    assert said.json()["detail"].startswith(f"{name}: '1960-01-01T00:00:00+00:00' is not a time since 1970")


async def test_what_is_no_object_is_refused(daemon: Daemon) -> None:
    for body in (b"", b"[1]", b"{", b"[" * 9000):
        assert (await daemon.ask("POST", "/api/annotations", content=body)).status_code == 400
    assert (await daemon.ask("POST", "/api/annotations", content=b" " * 20_000)).status_code == 413


async def test_it_is_news_who_wrote_and_removed_but_not_who_asked(daemon: Daemon) -> None:
    await daemon.ask("POST", "/api/annotations", json=NOTE)
    await daemon.kept()
    assert [outcome.request for outcome in daemon.told] == ["annotate"]


async def test_a_foreign_page_can_not_write(daemon: Daemon) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert (await daemon.ask("POST", "/api/annotations", json=NOTE, headers=foreign)).status_code == 403
    assert (await daemon.ask("DELETE", "/api/annotations/1", headers=foreign)).status_code == 403
    assert (await daemon.ask("POST", "/api/annotations", json=NOTE, headers={"Origin": HERE})).status_code == 201


async def test_behind_a_login_nobody_writes_without_it_and_its_name_stands_beside_the_note(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path / "j.sqlite", TOKEN)
    daemon.journal.append([reading(1)])
    assert (await daemon.ask("POST", "/api/annotations", json=NOTE)).status_code == 401
    await daemon.ask(
        "POST", "/login", data={"token": TOKEN, "name": " Kim \x07 Lee " + "x" * 99}, headers={"Origin": HERE}
    )
    me = (await daemon.ask("GET", "/api/me")).json()
    assert me == {
        "annotations": True, "user": ("Kim Lee " + "x" * 99)[:60], "commands": False,
        "login": True, "instructor": False,
    }  # fmt: skip
    unsigned = {key: NOTE[key] for key in ("pump", "time", "text")}
    assert (await daemon.ask("POST", "/api/annotations", json=unsigned)).json()["annotation"]["by"] == me["user"]
    assert (await daemon.ask("POST", "/api/annotations", json=NOTE)).json()["annotation"]["by"] == "Kim"
    daemon.journal.close()


async def test_a_disk_that_takes_nothing_is_told_to_who_wrote(daemon: Daemon) -> None:
    pages = daemon.journal.file.db.execute("PRAGMA page_count").fetchone()[0]
    daemon.journal.file.db.execute(f"PRAGMA max_page_count = {pages}")
    said = [await daemon.ask("POST", "/api/annotations", json=NOTE | {"text": "x" * 500}) for _ in range(30)]
    assert said[-1].status_code == 400
    assert said[-1].json()["detail"].startswith(f"not saved: {daemon.journal.path}: database or disk is full")
    assert len(await daemon.kept()) == sum(each.status_code == 201 for each in said)


async def test_more_than_so_many_are_refused_and_none_is_forgotten(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotation_rows, "KEPT_MAX", 2)
    said = [(await daemon.ask("POST", "/api/annotations", json=NOTE)).status_code for _ in range(3)]
    assert said == [201, 201, 400]
    assert len(await daemon.kept()) == 2


def test_a_journal_of_version_4_becomes_one_with_annotations_and_is_read_before_too(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    Journal(path).close()
    db = sqlite3.connect(path)
    db.execute("DROP TABLE annotations")
    db.executescript("DROP TABLE names; DROP TABLE adoptions")
    db.executescript("DROP TABLE marks; ALTER TABLE cursors DROP COLUMN used_s; PRAGMA user_version = 4")
    db.close()
    reader = JournalReader(path)
    assert reader.annotations(None, 0, 2**62, 10) == []
    reader.close()
    journal = Journal(path)
    assert journal.reader.annotations(None, 0, 2**62, 10) == []
    assert journal.file.pragma("user_version") == len(migration.STEPS) + 1
    journal.close()
