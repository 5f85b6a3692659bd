"""The JSON of functions. null is unknown: nothing stored says it."""

from typing_extensions import TypedDict

from collector.model.health import FunctionDetail, FunctionHealth, HealthPoint
from collector.model.window import format_time
from web.api.cost_shapes import usd
from web.api.parameters import ms


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
    out_of_memory: int | None
    cold_starts: int | None
    cold_start_rate: float | None
    cold_start_coverage: float | None
    init_p50_ms: float | None
    init_p95_ms: float | None
    duration_p50_ms: float | None
    duration_p95_ms: float | None
    duration_p99_ms: float | None
    throttles: float | None
    throttle_rate: float | None
    throttle_evidence: str | None
    max_concurrency: float | None
    concurrency_evidence: str | None
    memory_mb: float | None
    max_memory_used_mb: float | None
    retries: int | None
    duplicates: int | None
    partial_batch_failures: int | None
    partial_batch_evidence: str | None
    iterator_age_ms: float | None
    async_event_age_ms: float | None
    evidence: str
    cost_usd: float | None
    cost_per_success_usd: float | None


class FunctionPointJson(TypedDict):
    """One step of a series."""

    time: str
    invocations: int
    errors: int
    timeouts: int | None
    cold_starts: int | None
    cold_start_rate: float | None
    init_p50_ms: float | None
    init_p95_ms: float | None
    duration_p50_ms: float | None
    duration_p95_ms: float | None
    duration_p99_ms: float | None
    throttles: float | None
    max_concurrency: float | None


class VersionJson(TypedDict):
    """One version of a function."""

    version: str | None
    first_seen: str
    last_seen: str
    invocations: int
    errors: int
    cold_starts: int | None
    duration_p50_ms: float | None
    duration_p95_ms: float | None


class ErrorTypeJson(TypedDict):
    """Invocations that failed alike."""

    outcome: str
    error_type: str | None
    count: int
    first_seen: str
    last_seen: str
    event_trace_id: str | None


class FunctionDetailJson(FunctionJson):
    """One function with its series; steps in which nothing was told are not in it."""

    step_s: float
    series: list[FunctionPointJson]
    versions: list[VersionJson]
    error_types: list[ErrorTypeJson]


def function_json(row: FunctionHealth) -> FunctionJson:
    """What metrics alone cannot tell is null, not zero."""
    counts, quantiles = row.counts, row.quantiles
    return {
        "function": row.name,
        "provider": row.provider,
        "platform": row.platform,
        "region": row.region,
        "account_id": row.account_id,
        "invocations": counts.invocation_count,
        "errors": counts.error_count,
        "error_rate": counts.error_rate,
        "timeouts": counts.timeout_count,
        "out_of_memory": counts.out_of_memory_count,
        "cold_starts": counts.cold_start_count if counts.known_start_count else None,
        "cold_start_rate": counts.cold_start_rate,
        "cold_start_coverage": counts.cold_start_coverage,
        "init_p50_ms": ms(quantiles.init_p50_ns),
        "init_p95_ms": ms(quantiles.init_p95_ns),
        "duration_p50_ms": ms(quantiles.duration_p50_ns),
        "duration_p95_ms": ms(quantiles.duration_p95_ns),
        "duration_p99_ms": ms(quantiles.duration_p99_ns),
        "throttles": row.throttle_count,
        "throttle_rate": row.throttle_rate,
        "throttle_evidence": row.throttle_evidence,
        "max_concurrency": row.max_concurrency,
        "concurrency_evidence": row.concurrency_evidence,
        "memory_mb": row.memory_mb,
        "max_memory_used_mb": row.max_memory_used_mb,
        "retries": row.retry_count,
        "duplicates": row.duplicate_count,
        "partial_batch_failures": row.partial_batch_failure_count,
        "partial_batch_evidence": row.partial_batch_evidence,
        "iterator_age_ms": row.iterator_age_ms,
        "async_event_age_ms": row.async_event_age_ms,
        "evidence": row.evidence,
        "cost_usd": usd(row.cost.cost.usd) if row.cost else None,
        "cost_per_success_usd": usd(row.cost.per_success_usd) if row.cost else None,
    }


def function_detail_json(found: FunctionDetail) -> FunctionDetailJson:
    """As :func:`function_json`, with everything over time."""
    return {
        **function_json(found.health),
        "step_s": found.step_ns / 1e9,
        "series": [_point(each) for each in found.series],
        "versions": [
            {
                "version": each.version,
                "first_seen": format_time(each.first_seen_ns),
                "last_seen": format_time(each.last_seen_ns),
                "invocations": each.counts.invocation_count,
                "errors": each.counts.error_count,
                "cold_starts": _cold(each.counts.cold_start_count, each.counts.known_start_count),
                "duration_p50_ms": ms(each.quantiles.duration_p50_ns),
                "duration_p95_ms": ms(each.quantiles.duration_p95_ns),
            }
            for each in found.versions
        ],
        "error_types": [
            {
                "outcome": each.outcome,
                "error_type": each.error_type,
                "count": each.count,
                "first_seen": format_time(each.first_seen_ns),
                "last_seen": format_time(each.last_seen_ns),
                "event_trace_id": each.example_event_trace_id,
            }
            for each in found.errors
        ],
    }


def _cold(count: int, known: int) -> int | None:
    return count if known else None


def _point(point: HealthPoint) -> FunctionPointJson:
    counts, quantiles = point.counts, point.quantiles
    return {
        "time": format_time(point.time_ns),
        "invocations": counts.invocation_count,
        "errors": counts.error_count,
        "timeouts": counts.timeout_count,
        "cold_starts": _cold(counts.cold_start_count, counts.known_start_count),
        "cold_start_rate": counts.cold_start_rate,
        "init_p50_ms": ms(quantiles.init_p50_ns),
        "init_p95_ms": ms(quantiles.init_p95_ns),
        "duration_p50_ms": ms(quantiles.duration_p50_ns),
        "duration_p95_ms": ms(quantiles.duration_p95_ns),
        "duration_p99_ms": ms(quantiles.duration_p99_ns),
        "throttles": point.throttle_count,
        "max_concurrency": point.max_concurrency,
    }
