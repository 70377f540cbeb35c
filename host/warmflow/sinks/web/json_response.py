"""Answers of the HTTP API: models and plain values as JSON."""

from typing import Any

import msgspec
from fastapi import Response

from warmflow.runtime.json_bytes import dump


def json_response(value: Any, status: int = 200) -> Response:
    return Response(dump(value), status, media_type="application/json")


def typed(value: Any, model: type[msgspec.Struct]) -> Response:
    """Plain values that are of a model. Raises msgspec.ValidationError for those that are not: a bug."""
    return json_response(msgspec.convert(value, model))
