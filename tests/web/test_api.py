"""The HTTP API: schemathesis finds no answer that the document does not promise, and what comes out is what is in the
journal.
"""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from records import START

from warmflow.sinks.web.binary_columns import unpacked
from warmflow.sinks.web.http_api import api

BEGAN = START.isoformat().replace("+00:00", "Z")


ASKED = [
    ("/pumps", "GET"),
    ("/me", "GET"),
    ("/alarms", "GET"),
    ("/readings", "GET"),
    ("/annotations", "GET"),
    ("/annotations", "POST"),
    ("/annotations/{annotation}", "DELETE"),
    ("/requests/{kind}", "POST"),
]


CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]


@pytest.mark.parametrize(("path", "method"), ASKED)
def test_every_answer_is_one_that_the_document_promises(application: FastAPI, path: str, method: str) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", application)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=schema[path][method].as_strategy())
    def asked(case: schemathesis.Case) -> None:
        case.validate_response(case.call(), checks=CHECKS)

    asked()


def test_every_path_of_the_document_is_asked(application: FastAPI) -> None:
    """A new one has to be added above."""
    paths = application.openapi()["paths"]
    assert {(path, method.upper()) for path, methods in paths.items() for method in methods} == set(ASKED)


def test_every_answer_has_a_schema(application: FastAPI) -> None:
    document = application.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                for kind, content in response["content"].items():
                    schema = content["schema"]
                    name = schema.get("$ref", "").rpartition("/")[2]
                    assert name in document["components"]["schemas"] or schema.get("type") == "string", (path, method)
                    assert kind != "application/json" or name, (path, method, status)


async def ask(application: FastAPI, path: str, **query: object) -> httpx.Response:
    async def main() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://here") as client:
            return await client.get(path, params=query)  # type: ignore[arg-type]

    return await main()


async def test_the_alarms_are_those_of_the_request_of_one_pump_or_of_all() -> None:
    asked: list[tuple[str, bytes]] = []

    async def answer(kind: str, payload: bytes) -> dict[str, object]:
        asked.append((kind, payload))
        return {"status": "ok", "data": {"alarms": [{"id": "rate"}]}}

    def nothing() -> Any:
        pytest.fail("neither pumps nor a journal are needed")

    application = api(nothing, nothing, answer, False, lambda: START)
    assert (await ask(application, "/alarms")).json() == {"alarms": [{"id": "rate"}]}
    assert (await ask(application, "/alarms", pump="rig")).status_code == 200
    assert asked == [("alarms", b"{}"), ("alarms", b'{"pump": "rig"}')]
    assert (await ask(application, "/alarms", pump="")).status_code == 422


STRETCH = {"pump": "rig", "from": BEGAN}


async def test_csv_json_and_columns_say_the_same(application: FastAPI) -> None:
    query = STRETCH | {"to": (START + timedelta(seconds=9.9)).isoformat()}
    rows = list(csv.DictReader(io.StringIO((await ask(application, "/readings", format="csv", **query)).text)))
    said = (await ask(application, "/readings", **query)).json()
    _, [block] = unpacked((await ask(application, "/readings", format="columns", **query)).content)
    assert len(rows) == said["n"] == block.n == 99
    flows = [float(row["flow_ul_h"]) for row in rows]
    assert flows == pytest.approx(said["columns"]["flow_ul_h"])
    assert flows == pytest.approx(list(block.columns["flow_ul_h"]))
    assert rows[0]["time_utc"].endswith("Z")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({}, "pump"),
        ({"pump": ""}, "pump"),
        ({"pump": "rig", "points": 0}, "points"),
        ({"pump": "rig", "points": "many"}, "points"),
        ({"pump": "rig", "from": "yesterday"}, "from"),
        ({"pump": "rig", "from": "2026-11-21T12:00:00"}, "from"),  # of which zone?
        ({"pump": "rig", "format": "xml"}, "format"),
    ],
)
async def test_a_wrong_question_is_answered_with_the_name_of_what_is_wrong(
    application: FastAPI, query: dict[str, object], named: str
) -> None:
    response = await ask(application, "/readings", **query)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"].startswith(f"{named}: ")
