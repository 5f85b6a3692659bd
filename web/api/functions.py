"""``/api/v1/functions``: functions and what their invocations say."""

from fastapi import APIRouter, Response
from typing_extensions import TypedDict

from collector.model.function import FunctionHealth
from collector.service import Service
from collector.store.queries.functions import list_function_health
from web.api.parameters import WindowParam, answer, ms
from web.api.problems import Problem


class FunctionJson(TypedDict):
    """One function. null is unknown: nothing stored says it."""

    function: str
    provider: str | None
    platform: str | None
    region: str | None
    account_id: str | None
    invocations: int
    errors: int
    error_rate: float | None
    timeouts: int | None
    cold_starts: int | None
    cold_start_rate: float | None
    cold_start_coverage: float | None
    init_p50_ms: float | None
    init_p95_ms: float | None
    duration_p50_ms: float | None
    duration_p95_ms: float | None
    duration_p99_ms: float | None
    throttles: int | None
    throttle_rate: float | None
    max_concurrency: int | None
    memory_mb: float | None
    max_memory_used_mb: float | None
    retries: int | None
    duplicates: int | None
    cost_usd: float | None
    cost_per_success_usd: float | None


class FunctionList(TypedDict):
    """Functions with invocations in the window, by name."""

    functions: list[FunctionJson]


def router(service: Service) -> APIRouter:
    """The calls about functions."""
    routes = APIRouter(tags=["functions"])

    @routes.get("/functions", responses={200: {"model": FunctionList}})
    def functions(window: WindowParam) -> Response:
        """Functions with invocations in the window.

        Figures come from spans and resources; what only platform reports tell (throttles, init
        times, memory used, cost) is null.
        """
        found = service.ask(lambda store: list_function_health(store, window))
        return answer(FunctionList(functions=[_function(row) for row in found]))

    @routes.get("/functions/{function:path}", responses={200: {"model": FunctionJson}})
    def one(function: str, window: WindowParam) -> Response:
        """One function."""
        found = service.ask(lambda store: list_function_health(store, window, function=function))
        if not found:
            raise Problem(
                404,
                f"function {function[:200]!r} has no invocations in this window: widen since and "
                "until, or see /api/v1/functions",
            )
        return answer(_function(found[0]))

    return routes


def _function(row: FunctionHealth) -> FunctionJson:
    return {
        "function": row.name,
        "provider": row.provider,
        "platform": row.platform,
        "region": row.region,
        "account_id": row.account_id,
        "invocations": row.invocation_count,
        "errors": row.error_count,
        "error_rate": row.error_rate,
        "timeouts": None,
        "cold_starts": row.cold_start_count if row.known_start_count else None,
        "cold_start_rate": row.cold_start_rate,
        "cold_start_coverage": row.cold_start_coverage,
        "init_p50_ms": None,
        "init_p95_ms": None,
        "duration_p50_ms": ms(row.duration_p50_ns),
        "duration_p95_ms": ms(row.duration_p95_ns),
        "duration_p99_ms": ms(row.duration_p99_ns),
        "throttles": None,
        "throttle_rate": None,
        "max_concurrency": None,
        "memory_mb": None if row.memory_bytes is None else row.memory_bytes / 1024**2,
        "max_memory_used_mb": None,
        "retries": None,
        "duplicates": None,
        "cost_usd": None,
        "cost_per_success_usd": None,
    }
