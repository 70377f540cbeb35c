"""A Pico was replaced: `adopt` gives the new one the name and the history of its pump, and records it."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from fake_ports import FakePorts, board_id, hello, info, reading
from records import START
from wait import wait_until

from pumplink import messages as m
from pumplink.fastcodec import DECODERS
from pumplink.framing import unline
from warmflow.api.requests import NotDone, Refused, parse
from warmflow.daemon.handlers import adoption
from warmflow.device.states import LinkState
from warmflow.journal import Journal, WriteQueue
from warmflow.journal import names as name_rows

T = TypeVar("T")


class Bench:
    """A journal that knows `rig` of board 1, which is gone, and two ports."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "j.sqlite")
        self.inbox = WriteQueue(self.journal)
        self.ports = FakePorts(2, self.inbox, self.journal.names)
        self.ports.hub.add(self.inbox)
        self.log: list[str] = []
        links = self.ports.fleet.links.values
        registry = self.ports.fleet.registry
        self._adopt = adoption.handlers(links, registry, self, lambda: START, self.log.append)["adopt"]
        self.ports.send(0, hello("rig", board=1), reading(1))
        self.store()

    def store(self) -> None:
        self.journal.append(self.inbox.head(1000))
        self.inbox.done(self.inbox.waiting)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return self.journal.write(work)

    async def adopt(self, pump: str, board: str, by: str = "Kim") -> Any:
        return await self._adopt(SimpleNamespace(pump=pump, board=board, by=by))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_a_new_board_with_the_old_name_is_taken_and_the_history_is_one(bench: Bench) -> None:
    bench.ports.unplug(0)
    bench.ports.send(1, hello("rig", board=2), reading(1))
    assert bench.ports.links[1].session.state is LinkState.NAME_TAKEN
    done = await bench.adopt("rig", board_id(2))
    assert (done["board_id"], done["board_before"]) == (board_id(2), board_id(1))
    assert bench.ports.sent_to(1)[-1] is m.HelloRequest
    bench.ports.send(1, hello("rig", board=2), reading(1))
    assert bench.ports.links[1].session.state is LinkState.OK
    bench.store()
    boards = {each.record.boot.board_id for each in bench.journal.after(0) if each.record.pump == "rig"}
    assert boards == {board_id(1), board_id(2)}
    [row] = bench.journal.write(name_rows.adoptions)
    assert (row["name"], row["board_id"], row["by"]) == ("rig", board_id(2), "Kim")
    assert bench.log == [f"rig now belongs to board {board_id(2)}, no longer to board {board_id(1)} (Kim)"]


@pytest.mark.parametrize("asked", [board_id(2), "p1", "pico-0002"])
async def test_a_board_with_a_name_of_its_own_is_renamed(bench: Bench, asked: str) -> None:
    bench.ports.unplug(0)
    bench.ports.send(1, hello("pico-0002", board=2))
    bench.ports.sent_to(1)
    adopting = asyncio.create_task(bench.adopt("rig", asked))
    outbox = bench.ports.links[1].wire._outbox
    await wait_until(lambda: not outbox.empty())
    command = DECODERS[(payload := unline(outbox.get_nowait().strip(b"\n"))[0] or b"")[0]](payload)
    assert isinstance(command, m.SetConfig)
    assert command.settings == '{"rig_name": "rig"}'
    bench.ports.send(1, m.Ack(command.request_id, 0, 0, ""), info("rig"))
    assert "renamed to rig" in (await adopting)["board"]
    assert bench.ports.removed() == ["pico-0002"]
    assert bench.ports.last_state("rig").state is LinkState.OK


async def test_the_port_of_the_old_board_speaks_no_more_for_the_pump(bench: Bench) -> None:
    bench.ports.unplug(0)
    bench.ports.send(1, hello("rig", board=2))
    await bench.adopt("rig", "p1")
    bench.ports.send(1, hello("rig", board=2))
    bench.ports.links[0].closed(LinkState.NOT_FOUND, "no such port")
    assert bench.ports.last_state("rig").state is LinkState.OK
    assert bench.ports.removed() == []


async def test_the_old_board_is_refused_when_it_comes_back(bench: Bench) -> None:
    bench.ports.unplug(0)
    bench.ports.send(1, hello("rig", board=2))
    await bench.adopt("rig", "p1")
    bench.ports.plug(bench.ports.links[0])
    bench.ports.send(0, hello("rig", board=1))
    assert bench.ports.links[0].session.state is LinkState.NAME_TAKEN


async def test_a_board_that_is_away_gets_the_name_when_it_comes_back(bench: Bench) -> None:
    bench.ports.send(1, hello("spare", board=2))
    bench.store()
    bench.ports.unplug(0)
    bench.ports.unplug(1)
    assert "not connected" in (await bench.adopt("rig", board_id(2)))["board"]
    bench.ports.plug(bench.ports.links[1])
    bench.ports.send(1, hello("rig", board=2))
    assert bench.ports.links[1].session.state is LinkState.OK


@pytest.mark.parametrize(
    ("pump", "board", "words"),
    [
        ("rig", board_id(2), "unplug that board first"),
        ("rig", board_id(1), "already"),
        ("rigg", board_id(2), "did you mean rig?"),
        ("rig", "e6614c311b7e6f35", "no such board"),
        ("rig", "a/#", "no such board"),
    ],
)
async def test_what_can_not_be_adopted_is_refused_in_words(bench: Bench, pump: str, board: str, words: str) -> None:
    bench.ports.send(1, hello("spare", board=2))
    with pytest.raises(NotDone, match=words):
        await bench.adopt(pump, board)
    assert bench.journal.names.owner("rig") == board_id(1)
    assert bench.journal.write(name_rows.adoptions) == []


@pytest.mark.parametrize("kind", ["adopt", "acknowledge", "annotate", "alarms", "annotations", "alarm_history"])
@pytest.mark.parametrize("name", ["bridge", "a/b", "", "x" * 17])
def test_a_request_for_what_is_no_name_is_refused(kind: str, name: str) -> None:
    fields = f'{{"pump": "{name}", "board": "b", "id": "rate", "by": "Kim", "text": "t"}}'
    refused = parse(kind, fields.encode())
    assert isinstance(refused, Refused)
    assert "1 to 16 of a-z" in refused.error
