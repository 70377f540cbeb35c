"""Errors of the web server in one shape: `application/problem+json` of RFC 9457, whoever finds them."""

from http import HTTPStatus

import msgspec
from starlette.responses import Response

from warmflow.api.payloads.http import Problem

MEDIA_TYPE = "application/problem+json"


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """`detail` says what is wrong and what to do, in one line."""
    body = Problem(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail)
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)
