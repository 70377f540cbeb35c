"""A journal with ten minutes of readings at 10 Hz, and the API in front of it."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from records import START, reading

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
    answers = Dispatcher(lambda: [], handlers(Desk(journal), list, lambda: START))

    async def answer(kind: str, payload: bytes) -> dict[str, object]:
        return await answers.answer(kind, payload, allowed=True)

    return api(lambda: {"pumps": []}, lambda: reader, answer, {"commands": True}, lambda: START)
