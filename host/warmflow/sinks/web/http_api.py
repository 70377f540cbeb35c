"""The HTTP API for scripts and for the pages: pumps, readings, annotations, and requests as MQTT carries them. It moves
no pump until the settings allow commands.

FastAPI checks what comes in and writes the OpenAPI document; a wrong question is answered with 422 and its reason.
"""

import json
import sqlite3
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException, Path, Query, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool

from warmflow.api import payloads
from warmflow.api.payloads import http
from warmflow.api.requests.names import Name
from warmflow.journal import JournalReader
from warmflow.notice import NOTICE, SENTENCE
from warmflow.runtime.utc import utc_text_ms
from warmflow.runtime.wall_clock import Clock
from warmflow.sinks.web.annotations_api import annotation_routes
from warmflow.sinks.web.api_errors import with_problems
from warmflow.sinks.web.binary_columns import Columns, packed
from warmflow.sinks.web.json_response import json_response
from warmflow.sinks.web.plot_history import POINTS, POINTS_MAX, PlotRequest, series
from warmflow.sinks.web.request_body import Answer, payload_of
from warmflow.sinks.web.response_schemas import answers, problems, with_schemas
from warmflow.sinks.web.visitor import visitor
from warmflow.version import version

TEXT, BINARY = {"type": "string"}, {"type": "string", "format": "binary"}
CARRIED_OUT = answers(200, payloads.Response) | answers(400, payloads.Response) | problems(413)
READ = answers(200, http.Readings, text_csv=TEXT, application_octet_stream=BINARY) | problems(503)

Pumps = Callable[[], http.PumpsPage]


def api(pumps: Pumps, reader: Callable[[], JournalReader], answer: Answer, commands: bool, clock: Clock) -> FastAPI:
    """The application, to be mounted on /api. `commands`: whether a visitor may move pumps."""
    app = FastAPI(title="warmflow", version=version(), description=SENTENCE, docs_url=None, redoc_url=None)

    @app.get("/pumps", responses=answers(200, http.PumpsPage))
    async def all_pumps() -> Response:
        """Every pump that was heard, with the state of its link and its last reading."""
        return json_response(pumps())

    @app.get("/me", responses=answers(200, http.Me))
    async def what_i_may(request: Request) -> Response:
        """What whoever asks may do here, and the name that was given at the login."""
        who = visitor(request)
        return json_response(
            http.Me(annotations=True, user=who.user, commands=commands, login=who.login, instructor=who.instructor)
        )

    @app.get("/alarms", responses=answers(200, http.AlarmList) | answers(400, payloads.Response))
    async def alarms(
        pump: Annotated[Name | None, Query(description="Of this pump alone.")] = None,
    ) -> Response:
        """Every alarm with its state, also normal ones: what the request `alarms` answers."""
        said = await answer("alarms", json.dumps({} if pump is None else {"pump": pump}).encode())
        return json_response(said["data"], 200) if said["status"] == "ok" else json_response(said, 400)

    @app.get(
        "/readings",
        responses=READ,
    )
    async def readings(
        pump: Annotated[Name, Query(description="The pump's name.")],
        since: Annotated[AwareDatetime | None, Query(alias="from", description="Begin; default: an hour ago.")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to", description="End; default: now.")] = None,
        points: Annotated[int, Query(ge=1, le=POINTS_MAX, description="No more rows than this.")] = POINTS,
        format: Annotated[Literal["json", "csv", "columns"], Query(description="`columns` is for the pages.")] = "json",
    ) -> Response:
        """Readings of a stretch of time: raw if they fit into `points`, else minimum, mean and maximum of spans."""
        end_s = (until or clock()).timestamp()
        asked = PlotRequest(pump, since.timestamp() if since else end_s - 3600, end_s, points)
        try:
            return await run_in_threadpool(lambda: FORMATS[format](series(reader(), asked)))
        except sqlite3.Error as error:
            raise HTTPException(503, f"the journal cannot be read: {error}") from None

    @app.post("/requests/{kind}", responses=CARRIED_OUT)
    async def requests(
        request: Request, kind: Annotated[str, Path(max_length=100, description="See docs/mqtt.md.")]
    ) -> Response:
        """What MQTT carries on `bridge/request/<kind>`: the same payload, the same answer."""
        said = await answer(kind, await payload_of(request))
        return json_response(said, 200 if said["status"] == "ok" else 400)

    app.include_router(annotation_routes(answer))
    return with_schemas(with_problems(app))


def as_csv(block: Columns) -> Response:
    """Rows with UTC times; empty where nothing was measured."""
    names = list(block.columns)
    rows = [",".join(["time_utc", *(name for name in names if name != "time_s")])]
    for values in zip(*block.columns.values(), strict=True):
        rows.append(",".join(_cell(name, value) for name, value in zip(names, values, strict=True)))
    return PlainTextResponse("\r\n".join(rows) + "\r\n", media_type="text/csv")


def as_json(block: Columns) -> Response:
    columns = {name: [_known(value) for value in values] for name, values in block.columns.items()}
    return json_response(
        http.Readings(pump=block.pump, kind=block.kind, span_s=block.span_s, n=block.n, columns=columns, note=NOTICE)
    )


def as_columns(block: Columns) -> Response:
    return Response(packed([block]), media_type="application/octet-stream")


FORMATS: dict[str, Callable[[Columns], Response]] = {"json": as_json, "csv": as_csv, "columns": as_columns}


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def _cell(name: str, value: float) -> str:
    if name == "time_s":
        return utc_text_ms(1000 * value)
    return "" if value != value else f"{value:.10g}"
