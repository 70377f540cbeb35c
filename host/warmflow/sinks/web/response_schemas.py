"""The schemas of the HTTP API's answers, made from the payload models, in its OpenAPI document."""

from typing import Any

import msgspec
from fastapi import FastAPI

from warmflow.api.payloads import Response, http, training
from warmflow.sinks.web.problem import MEDIA_TYPE

REF = "#/components/schemas/{name}"
MODELS = (
    http.PumpsPage, http.Me, http.AlarmList, http.Readings, http.Annotations, http.Written, http.Removed, http.Problem,
    training.Lessons, training.LessonBefore, training.Compared, training.SessionLog, training.Done, Response,
)  # fmt: skip
NOT_OURS = ("HTTPValidationError", "ValidationError")  # FastAPI's own shape of a 422, which nobody gets

Responses = dict[int | str, dict[str, Any]]


def answers(status: int, model: type[msgspec.Struct], **others: dict[str, Any]) -> Responses:
    """For `responses` of a route: JSON of this model; `others` are further content types, `_` for `/`."""
    main = MEDIA_TYPE if model is http.Problem else "application/json"
    content: dict[str, Any] = {main: {"schema": {"$ref": REF.format(name=model.__name__)}}}
    content |= {name.replace("_", "/", 1).replace("_", "-"): {"schema": schema} for name, schema in others.items()}
    return {status: {"description": (model.__doc__ or "").strip(), "content": content}}


def problems(*statuses: int) -> Responses:
    """Refusals of a route."""
    return {status: answers(status, http.Problem)[status] for status in statuses}


def with_schemas(app: FastAPI) -> FastAPI:
    """The application whose document has the schemas that `answers` refers to."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        _, components = msgspec.json.schema_components(MODELS, ref_template=REF)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(components)
        for name in NOT_OURS:
            schemas.pop(name, None)
        for methods in document["paths"].values():
            for operation in methods.values():
                if 422 in (given := operation["responses"]) or "422" in given:
                    given["422"] = problems(422)[422]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
    return app
