"""Every failure of the web port as RFC 9457 problem JSON (or a page) that says what to do.

The only file of the web port that pairs errors with status codes.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import duckdb
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict

from collector.alerts.desk import ReadOnlyRule, UnknownRule
from collector.errors import (
    BadQuestion,
    BadTarget,
    LockstitchError,
    Overloaded,
    QueryTimeout,
    Rejected,
    StoreError,
    StoreUnavailable,
    TargetTaken,
)

log = structlog.get_logger(__name__)

_STATUS: Final[Sequence[tuple[type[LockstitchError], int]]] = (
    (UnknownRule, 404),
    (ReadOnlyRule, 409),
    (TargetTaken, 409),
    (BadTarget, 400),
    (BadQuestion, 400),
    (Rejected, 400),
    (QueryTimeout, 504),
    (Overloaded, 503),
    (StoreError, 503),
)

_ADVICE: Final = {
    404: "there is nothing at this address: /docs lists what the API answers",
    405: "this address does not take that method: /docs lists what the API answers",
}

_BROKEN: Final = "this question broke on our side: the collector's log has the reason; try again"


class Problem(Exception):
    """A failure with a status of its own; ``detail`` is a sentence that says what to do."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


class ProblemJson(TypedDict):
    """RFC 9457. detail: a sentence that says what to do."""

    type: str
    title: str
    status: int
    detail: str


def _documented(what: str) -> dict[str, Any]:
    schema = TypeAdapter(ProblemJson).json_schema()
    return {"description": what, "content": {"application/problem+json": {"schema": schema}}}


DOCUMENTED: Final[dict[int | str, dict[str, Any]]] = {
    400: _documented("A time, cursor or search cannot be read"),
    401: _documented("A web password is set and was not sent"),
    422: _documented("A parameter is missing, or of the wrong type"),
    503: _documented("The store cannot answer now"),
    504: _documented("The question took too long: narrow its time range"),
}
"""What every call of the API may answer with besides its own."""


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer itself; ``more`` are extension members."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse(
        body | {"detail": detail} | more,
        status,
        dict(headers or {}),
        media_type="application/problem+json",
    )


def of_error(error: Exception) -> Problem:
    """The problem that stands for any error a question can raise."""
    if isinstance(error, Problem):
        return error
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return Problem(status, str(error), _retry(error))
    if isinstance(error, duckdb.OutOfMemoryException):
        return Problem(503, "the question needs more memory than duckdb_memory: narrow its range")
    if isinstance(error, duckdb.Error):
        return Problem(503, "the store cannot answer now: try again; /status says what is wrong")
    return Problem(500, _BROKEN)


def of_http(error: HTTPException) -> Problem:
    """The problem for what the router itself refuses."""
    plain = error.detail == HTTPStatus(error.status_code).phrase
    detail = _ADVICE.get(error.status_code, error.detail) if plain else error.detail
    return Problem(error.status_code, detail, error.headers)


def of_validation(error: RequestValidationError) -> tuple[Problem, list[dict[str, str]]]:
    """The problem for parameters of the wrong type, and each of them with its message."""
    wrong = [
        {"parameter": ".".join(str(part) for part in item["loc"][1:]), "detail": _said(item["msg"])}
        for item in error.errors()
    ]
    said = "; ".join(f"{item['parameter']}: {item['detail']}" for item in wrong)
    return Problem(422, f"{said}. /docs lists what each parameter takes"), wrong


def _said(message: Any) -> str:
    """pydantic's sentence without its own name for a validator of ours."""
    return str(message).removeprefix("Value error, ")


def log_trouble(request: Request, error: Exception, status: int) -> None:
    """Failures of ours are logged; what a caller got wrong is not, nor what a probe is told."""
    if status >= 500 and request.url.path != "/readyz":
        log.warning("question failed", path=request.url.path, error=repr(error)[:500])


def install(app: FastAPI) -> None:
    """Answers every failure under ``app`` with problem JSON; pages may override by path."""

    async def failed(request: Request, error: Exception) -> Response:
        found = of_error(error)
        log_trouble(request, error, found.status)
        return problem(found.status, found.detail, found.headers)

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        found = of_http(error)
        return problem(found.status, found.detail, found.headers)

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        found, wrong = of_validation(error)
        return problem(found.status, found.detail, errors=wrong)

    for kind in (Problem, LockstitchError, duckdb.Error, Exception):
        app.add_exception_handler(kind, failed)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)


def _retry(error: LockstitchError) -> dict[str, str]:
    if isinstance(error, StoreUnavailable | Overloaded):
        return {"Retry-After": str(error.retry_after_s)}
    return {}
