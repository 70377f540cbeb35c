"""A journal with ten minutes of readings at 10 Hz, and the API in front of it."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from payload_samples import alarms, judged, samples
from records import START, reading

from warmflow.alarms import shown
from warmflow.api import payloads
from warmflow.api.payloads import http
from warmflow.daemon.dispatcher import Dispatcher
from warmflow.daemon.handlers.annotations import handlers
from warmflow.journal import Journal, JournalReader
from warmflow.sinks.web.http_api import api


class Desk:
    """A journal's desk whose disk is quick enough."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def write(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        return self.journal.write(work)


def every_pump() -> http.PumpsPage:
    """Pumps that are known and not, with readings that are judged and not."""
    by_kind: dict[str, list[Any]] = {}
    for kind, payload in samples():
        by_kind.setdefault(kind, []).append(payload)
    explained = payloads.explanation(judged(90_000).assessment)
    cards = [
        payloads.Card(**msgspec.structs.asdict(state), diagnosis=diagnosis)
        for state, diagnosis in zip(by_kind["state"], itertools.cycle((None, explained)))
    ]
    run = http.Scenario(
        scenario="fever",
        title="Fever",
        state="playing",
        reason="",
        began_pump_time_s=None,
        length_min=1.0,
        steps=2,
        sent=0,
    )
    last = {f"pump {number}": card for number, card in enumerate(cards)}
    return http.PumpsPage(pumps=by_kind["pumps"], last=last, scenarios={"rig": run}, note="")


def listed_alarms(ask: Any) -> dict[str, Any]:
    return {"alarms": [shown(happened.held) for happened in alarms()]}


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    kept = Journal(tmp_path_factory.mktemp("journal") / "journal.sqlite")
    kept.append([reading(number) for number in range(1, 6001)])
    yield kept
    kept.close()


@pytest.fixture(scope="session")
def reader(journal: Journal) -> Iterator[JournalReader]:
    opened = JournalReader(journal.path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def application(journal: Journal, reader: JournalReader) -> FastAPI:
    answers = Dispatcher(lambda: [], handlers(Desk(journal), list, lambda: START) | {"alarms": listed_alarms})

    async def answer(kind: str, payload: bytes) -> dict[str, object]:
        return await answers.answer(kind, payload, allowed=True)

    return api(every_pump, lambda: reader, answer, True, lambda: START)
