"""A journal with ten minutes of readings at 10 Hz, and the API in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from records import reading

from warmflow.dashboard.api import api
from warmflow.journal import Journal, JournalReader
from warmflow.requests import Answers


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    kept = Journal(path)
    kept.append([reading(number) for number in range(1, 6001)])
    kept.close()
    return path


@pytest.fixture(scope="session")
def reader(journal: Path) -> Iterator[JournalReader]:
    opened = JournalReader(journal)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def application(reader: JournalReader) -> FastAPI:
    answers = Answers(lambda: [])

    async def answer(kind: str, payload: bytes) -> dict[str, object]:
        return await answers.answer(kind, payload, allowed=True)

    return api(lambda: {"pumps": []}, lambda: reader, answer, {"commands": True})
