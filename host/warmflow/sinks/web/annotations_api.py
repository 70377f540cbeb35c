"""`/annotations` of the API: what people write at moments of a pump, as three questions to `requests`.

The same limits, the same words and the same news as over MQTT: nothing is checked or kept here.
"""

import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime

from warmflow.api.payloads import http
from warmflow.api.requests import KINDS
from warmflow.api.requests.names import Name
from warmflow.runtime.json_text import BadJson, parse_json
from warmflow.sinks.web.json_response import json_response
from warmflow.sinks.web.request_body import Answer, payload_of
from warmflow.sinks.web.response_schemas import answers, problems
from warmflow.sinks.web.visitor import visitor

REFUSED = problems(400, 422)
WRITTEN = REFUSED | answers(201, http.Written) | problems(413)
AS_ASKED = {"since": "from", "until": "to"}  # fields of the request, as the address names them
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": KINDS["annotate"].ask.model_json_schema()}},
    }
}


def annotation_routes(answer: Answer) -> APIRouter:
    """GET, POST and DELETE; where a login has given a name, that one stands in for a missing `by`."""
    router = APIRouter(prefix="/annotations")

    async def done(kind: str, fields: dict[str, Any]) -> Any:
        said = await answer(kind, json.dumps(fields).encode())
        if said["status"] != "ok":
            raise HTTPException(400, said["error"] if kind != "annotations" else _as_asked(said["error"]))
        return said["data"]

    @router.get("", responses=REFUSED | answers(200, http.Annotations))
    async def annotations(
        pump: Annotated[Name | None, Query(description="Of this pump alone.")] = None,
        since: Annotated[AwareDatetime | None, Query(alias="from", description="Begin; default: a day ago.")] = None,
        until: Annotated[AwareDatetime | None, Query(alias="to", description="End; default: now.")] = None,
        limit: Annotated[int, Query(ge=1, le=10_000, description="The newest ones, so many.")] = 1000,
    ) -> Response:
        """What people wrote at moments of this time, oldest first."""
        times = {name: time.isoformat() for name, time in (("since", since), ("until", until)) if time}
        return json_response(await done("annotations", {"pump": pump, "limit": limit, **times}))

    @router.post(
        "",
        status_code=201,
        responses=WRITTEN,
        openapi_extra=BODY,
    )
    async def annotate(request: Request) -> Response:
        """Writes something at a moment of a pump: `pump`, `time` (now if not given), `text`, `by`."""
        try:
            fields = parse_json(await payload_of(request))
        except BadJson:
            fields = None
        if not isinstance(fields, dict):
            raise HTTPException(400, 'a JSON object is needed: {"pump": ..., "text": ..., "by": ...}')
        user = visitor(request).user
        if user and not fields.get("by"):
            fields["by"] = user
        return json_response(await done("annotate", fields), 201)

    @router.delete("/{annotation}", responses=REFUSED | answers(200, http.Removed))
    async def remove(
        annotation: Annotated[int, Path(ge=1, le=2**53, description="Its number.")],
    ) -> Response:
        """Takes an annotation away; the answer says what it was."""
        return json_response(await done("remove_annotation", {"annotation": annotation}))

    return router


def _as_asked(error: str) -> str:
    return re.sub(r"(^|; )(since|until)(?=: )", lambda found: found[1] + AS_ASKED[found[2]], error)
