"""The schemas of the HTTP API's answers, made from the payload models, in its OpenAPI document."""

from typing import Any

import msgspec
from fastapi import FastAPI

from warmflow.api.payloads import Response, http

REF = "#/components/schemas/{name}"
MODELS = (
    http.PumpsPage, http.Me, http.AlarmList, http.Readings, http.Annotations, http.Written, http.Removed, http.Problem,
    Response,
)  # fmt: skip

Responses = dict[int | str, dict[str, Any]]


def answers(status: int, model: type[msgspec.Struct], **others: dict[str, Any]) -> Responses:
    """For `responses` of a route: JSON of this model; `others` are further content types, `_` for `/`."""
    content: dict[str, Any] = {"application/json": {"schema": {"$ref": REF.format(name=model.__name__)}}}
    content |= {name.replace("_", "/", 1).replace("_", "-"): {"schema": schema} for name, schema in others.items()}
    return {status: {"description": (model.__doc__ or "").strip(), "content": content}}


def with_schemas(app: FastAPI) -> FastAPI:
    """The application whose document has the schemas that `answers` refers to."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        _, components = msgspec.json.schema_components(MODELS, ref_template=REF)
        document.setdefault("components", {}).setdefault("schemas", {}).update(components)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
    return app
