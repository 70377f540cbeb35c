"""Errors of the HTTP API, in the one shape of the web server; what FastAPI finds wrong as one line for a person."""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from warmflow.runtime.validation_text import fault_words, key_of
from warmflow.sinks.web.problem import problem


def with_problems(app: FastAPI) -> FastAPI:
    """The application whose refusals are problems; `detail` says what is wrong and what is allowed."""
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(422, "; ".join(map(fault_line, error.errors())))


def fault_line(error: Any) -> str:
    """Which field or parameter, what is wrong with it, and what is allowed."""
    where = key_of([part for part in error["loc"][1:] if not isinstance(part, int)])
    return f"{where}: {fault_words(error, noun='field')}".removeprefix(": ")
