"""How the daemon is put together: every request has a handler, and nothing is hung onto a part after it was made."""

import ast
import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from wait import wait_until

from warmflow.alarms import Alarm, AlarmChange
from warmflow.alarms.updates import AlarmChanged
from warmflow.api.requests import KINDS, Outcome, RequestDone
from warmflow.api.requests.board_commands import Command
from warmflow.daemon.app import Beat, Daemon, daemon
from warmflow.daemon.config import BrokerSettings, HttpSettings, JournalSettings, Settings
from warmflow.daemon.handlers import pumps
from warmflow.daemon.reservations import Reservations
from warmflow.device.updates import PumpRemoved
from warmflow.hub import PumpUpdate
from warmflow.sinks.mqtt.outbox import Outbox
from warmflow.sinks.sink import Sink

DAEMON = Path(__file__).resolve().parents[2] / "host/warmflow/daemon"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Subscriber:
    def __init__(self) -> None:
        self.got: list[PumpUpdate] = []

    def on_update(self, update: PumpUpdate) -> None:
        self.got.append(update)


async def with_daemon(
    folder: Path, check: Callable[[Daemon], Coroutine[Any, Any, None]], beat: Beat | None = None
) -> None:
    """On a daemon without boards, whose broker never answers."""
    settings = Settings(
        port=(str(folder / "not-there"),),
        broker=BrokerSettings(url="mqtt://127.0.0.1:1"),
        journal=JournalSettings(file=folder / "journal.sqlite"),
        http=HttpSettings(listen="off"),
    )

    more = {"beat": beat} if beat else {}
    async with asyncio.timeout(30), daemon(settings, print, **more) as running:
        await check(running)


async def ask(running: Daemon, kind: str, **fields: Any) -> Any:
    return await running.answers.answer(kind, json.dumps(fields).encode(), allowed=True)


async def test_every_request_that_is_no_command_of_a_board_has_a_handler(tmp_path: Path) -> None:
    async def check(running: Daemon) -> None:
        own = {kind for kind, row in KINDS.items() if not issubclass(row.ask, Command)}
        assert running.answers._handlers.keys() == own - {"restart"}  # that one is the link's
        for kind in ("list", "health", "publish", "scenarios"):
            assert (await ask(running, kind))["status"] == "ok"

    await with_daemon(tmp_path, check)


async def test_a_request_that_was_more_than_a_question_is_an_update(tmp_path: Path) -> None:
    async def check(running: Daemon) -> None:
        subscriber = Subscriber()
        running.hub.add(subscriber)
        await ask(running, "list")
        await ask(running, "ping", pump="rig")
        [done] = [each for each in subscriber.got if isinstance(each, RequestDone)]
        assert done.pump == "rig"
        assert done.outcome[:3] == ("ping", "rig", "error")

    await with_daemon(tmp_path, check)


def test_a_request_that_was_carried_out_is_news_for_the_broker() -> None:
    outbox = Outbox()
    outbox.on_update(RequestDone(Outcome("publish", None, "ok"), NOW))
    news = outbox.news.get()
    assert news
    assert news.kind == "bridge_event"
    assert (news.payload.event, news.payload.request, news.payload.status) == ("request", "publish", "ok")


async def test_the_daemon_gives_its_sign_of_life_with_its_health(tmp_path: Path) -> None:
    lines: list[str] = []

    async def check(running: Daemon) -> None:
        await wait_until(lambda: lines)

    await with_daemon(tmp_path, check, Beat(lines.append, 0.05))
    assert "of 1 pumps" in lines[0]


class Remembering(Sink):
    """A sink whose peer has something of a pump."""

    name, peer = "remembering", "nobody"

    def __init__(self, *pumps: str) -> None:
        self.pumps = list(pumps)

    async def run(self) -> None: ...

    async def stop(self) -> None: ...

    def known_pumps(self) -> list[str]:
        return self.pumps

    def forget_pump(self, pump: str) -> list[str]:
        self.pumps = [name for name in self.pumps if name != pump]
        return [f"{self.name}/{pump}"]


@pytest.mark.parametrize("is_there", [True, False])
def test_every_sink_forgets_a_pump_and_one_that_is_not_there_is_published_as_gone(is_there: bool) -> None:
    published: list[PumpRemoved] = []
    links: Any = lambda: [type("Link", (), {"name": "rig" if is_there else "other"})()]  # noqa: E731
    forget = pumps.handlers(links, [Remembering("rig"), Remembering("rig", "old")], published.append)["forget"]
    request: Any = type("Request", (), {"pump": "rig"})()
    assert forget(request) == {"removed": ["remembering/rig"] * 2}
    assert published == ([] if is_there else [PumpRemoved("rig")])


def test_an_alarm_of_a_pump_that_is_forgotten_does_not_come_back_to_the_broker() -> None:
    outbox = Outbox()
    outbox.on_update(AlarmChanged(AlarmChange(Alarm("rig", "rate"), "normal", NOW)))
    outbox.on_update(PumpRemoved("rig"))
    assert outbox.retained["alarm", "rig/rate"] == b""


def test_any_holder_of_a_pump_reserves_it() -> None:
    reservations = Reservations()
    assert reservations.reason("rig") == ""
    reservations.add(lambda pump: "")
    reservations.add(lambda pump: f"the lesson is played on {pump}" if pump == "rig" else "")
    assert reservations.reason("rig") == "the lesson is played on rig"
    assert reservations.reason("other") == ""


def hung_on(source: str) -> list[str]:
    """Assignments to an attribute, or to an item of an attribute, of anything but `self`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets += [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []
        for target in targets:
            base = target.value if isinstance(target, ast.Subscript) else target
            if isinstance(base, ast.Attribute) and not ast.unparse(base).startswith("self."):
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", sorted(DAEMON.rglob("*.py")), ids=lambda path: path.name)
def test_the_daemon_gives_its_parts_what_they_need_when_they_are_made(path: Path) -> None:
    own = {"handlers/scenarios.py": ("run.",)}.get(str(path.relative_to(DAEMON)), ())
    assert [each for each in hung_on(path.read_text()) if not each.startswith(own or ("\0",))] == []


@pytest.mark.parametrize("source", ["a.b = 1", "a.b[0] = 1", "a.b |= {}", "running.x.taken = running.y.taken = f"])
def test_what_is_hung_on_afterwards_is_found(source: str) -> None:
    assert hung_on(source)
