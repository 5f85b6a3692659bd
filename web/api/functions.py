"""``/api/v1/functions``: functions and how they are."""

from fastapi import APIRouter, Response
from typing_extensions import TypedDict

from collector.service import Service
from collector.store.queries.health import list_function_health, read_function
from web.api.health_shapes import (
    FunctionDetailJson,
    FunctionJson,
    function_detail_json,
    function_json,
)
from web.api.parameters import WindowParam, answer
from web.api.problems import Problem


class FunctionList(TypedDict):
    """Functions that invocations or metrics tell of in the window, by name."""

    functions: list[FunctionJson]


def router(service: Service) -> APIRouter:
    """The calls about functions."""
    routes = APIRouter(tags=["functions"])

    @routes.get("/functions", responses={200: {"model": FunctionList}})
    def functions(window: WindowParam) -> Response:
        """Functions that invocations or metrics tell of in the window."""
        found = service.ask_derived(
            lambda store: list_function_health(store, window, pricing=service.pricing, batches=True)
        )
        return answer(FunctionList(functions=[function_json(row.health) for row in found.rows]))

    @routes.get("/functions/{function:path}", responses={200: {"model": FunctionDetailJson}})
    def one(function: str, window: WindowParam) -> Response:
        """One function, with its series, versions and error types."""
        found = service.ask_derived(
            lambda store: read_function(store, function, window, pricing=service.pricing)
        )
        if found is None:
            raise Problem(
                404,
                f"function {function[:200]!r} has no invocations in this window: widen since and "
                "until, or see /api/v1/functions",
            )
        return answer(function_detail_json(found))

    return routes
