"""The training part of the HTTP API: what it answers is what its document promises, and what a page reads."""

import httpx
import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from lesson_bench import Bench
from training_server import application

from warmflow.api.payloads import training as payload
from warmflow.training import views
from warmflow.training.live.actions import DEEDS

CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]
READ = ["/train/texts", "/train/lessons", "/train/lessons/{name}", "/train/compare/{name}/{which}", "/train/log"]


async def got(bench, *paths):
    transport = httpx.ASGITransport(application(bench.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        found = [await client.get(path) for path in paths]
    await bench.house.close()
    return found


async def test_every_route_is_typed_and_refuses_in_the_one_shape(bench):
    [document] = await got(bench, "/api/openapi.json")
    paths = document.json()["paths"]
    assert {path for path, methods in paths.items() if "get" in methods} == set(READ)
    assert {f"/train/deeds/{name}" for name in DEEDS} == paths.keys() - set(READ)
    for path, methods in paths.items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                kind = "application/json" if status == "200" else "application/problem+json"
                assert answer["content"][kind]["schema"], (path, status)


async def test_the_document_holds_what_pages_get(bench):
    await bench.do("choose", lesson="hot-tub", way="replay")
    await bench.do("start")
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", application(bench.house))
    known = {"name": "hot-tub", "which": "0"}

    for path in READ:
        case = schema[path]["GET"].Case(path_parameters={key: known[key] for key in known if f"{{{key}}}" in path})
        case.validate_response(case.call(), checks=CHECKS)
    await bench.house.close()


@pytest.mark.parametrize("path", [*READ[1:], *(f"/train/deeds/{name}" for name in DEEDS)])
def test_no_question_is_answered_otherwise(tmp_path, path):
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", application(Bench(tmp_path).house))
    method = "GET" if path in READ else "POST"

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=schema[path][method].as_strategy())
    def asked(case):
        case.validate_response(case.call(), checks=CHECKS)

    asked()


async def test_a_model_leaves_out_nothing_that_a_view_has(bench):
    found = await bench.stage.contents()
    for one in found.lessons.values():
        view = views.before(one)
        assert msgspec.to_builtins(msgspec.convert(view, payload.LessonBefore)).keys() == view.keys()
    listed = views.listed(found)
    assert listed.keys() == set(payload.Lessons.__struct_fields__) - {"problems"}
    await bench.house.close()
