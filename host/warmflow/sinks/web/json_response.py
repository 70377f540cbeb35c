"""Answers of the HTTP API: models and plain values as JSON."""

from typing import Any

from fastapi import Response

from warmflow.runtime.json_bytes import dump


def json_response(value: Any, status: int = 200) -> Response:
    return Response(dump(value), status, media_type="application/json")
