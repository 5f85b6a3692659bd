"""The metrics of functions; what each figure means is told in docs/health.md.

Defaults for errors, memory, cold starts, throttles and iterator age are those that other products
of the field have settled on: 10 % errors, 95 % of memory, 1 % cold starts, 10 % throttles, 2 hours.
"""

from collections.abc import Callable
from typing import Any, Final

from collector.alerts.metric import (
    ABSENCE,
    AMOUNT,
    COUNT,
    LEVEL,
    MILLISECONDS,
    RATIO,
    SECONDS,
    Metric,
)
from collector.model.health import FunctionHealth

_Read = Callable[[Any], float | None]


def _counts(name: str) -> _Read:
    def read(health: FunctionHealth) -> float | None:
        value: float | None = getattr(health.counts, name)
        return value

    return read


def _figure(name: str, per: float = 1) -> _Read:
    def read(health: FunctionHealth) -> float | None:
        value: float | None = getattr(health, name)
        return None if value is None else value / per

    return read


def _quantile_ms(name: str) -> _Read:
    def read(health: FunctionHealth) -> float | None:
        value: float | None = getattr(health.quantiles, name)
        return None if value is None else value / 1e6

    return read


def _invocations(health: FunctionHealth) -> int:
    return health.counts.invocation_count


def _attempts(health: FunctionHealth) -> int:
    return health.counts.invocation_count + round(health.throttle_count or 0)


def _known_starts(health: FunctionHealth) -> int:
    return health.counts.known_start_count


def _metric(**said: Any) -> Metric:
    known: dict[str, Any] = {"kind": "function", "source": "functions", "comparison": ">"}
    return Metric(**(known | said))


FUNCTION_METRICS: Final = (
    _metric(
        name="cold_start_rate", title="Cold-start rate", unit=RATIO,
        read=_counts("cold_start_rate"),
        description="Cold invocations of those whose cold or warm state is known.",
        threshold=0.01, window="15m", count=_known_starts, countable=True,
    ),
    _metric(
        name="init_p95_ms", title="Init p95", unit=MILLISECONDS, read=_quantile_ms("init_p95_ns"),
        description="95 % of starts took no longer than this to initialise.",
        threshold=3000, window="15m", count=_known_starts,
    ),
    _metric(
        name="throttles", title="Throttles", unit=COUNT, read=_figure("throttle_count"),
        description="Invocations that the platform refused, as its metrics or callers tell.",
        threshold=0, window="5m", together="sum", nature=AMOUNT, countable=True,
    ),
    _metric(
        name="throttle_rate", title="Throttle rate", unit=RATIO, read=_figure("throttle_rate"),
        description="Throttles of all attempts: throttles / (invocations + throttles).",
        threshold=0.1, window="5m", count=_attempts, countable=True,
    ),
    _metric(
        name="error_rate", title="Error rate", unit=RATIO, read=_counts("error_rate"),
        description="Invocations that failed in any way, timeouts and out of memory among them.",
        threshold=0.1, window="5m", count=_invocations, countable=True,
    ),
    _metric(
        name="errors", title="Errors", unit=COUNT, read=_counts("error_count"),
        description="How many invocations failed in any way.",
        threshold=0, window="5m", count=_invocations, nature=AMOUNT, countable=True,
    ),
    _metric(
        name="timeouts", title="Timeouts", unit=COUNT, read=_counts("timeout_count"),
        description="Invocations ended because their time was over.",
        threshold=0, window="5m", together="sum", nature=AMOUNT, countable=True,
    ),
    _metric(
        name="out_of_memory", title="Out of memory", unit=COUNT,
        read=_counts("out_of_memory_count"),
        description="Invocations killed because their memory was full.",
        threshold=0, window="5m", together="sum", nature=AMOUNT, countable=True,
    ),
    _metric(
        name="invocations", title="Invocations", unit=COUNT, read=_counts("invocation_count"),
        description="Attempts to handle a trigger.",
        threshold=10_000, window="5m", nature=AMOUNT, countable=True,
    ),
    _metric(
        name="duration_p50_ms", title="Duration p50", unit=MILLISECONDS,
        read=_quantile_ms("duration_p50_ns"),
        description="Half of the invocations took no longer than this.",
        threshold=1000, window="15m", count=_invocations,
    ),
    _metric(
        name="duration_p95_ms", title="Duration p95", unit=MILLISECONDS,
        read=_quantile_ms("duration_p95_ns"),
        description="95 % of invocations took no longer than this.",
        threshold=3000, window="15m", count=_invocations,
    ),
    _metric(
        name="duration_p99_ms", title="Duration p99", unit=MILLISECONDS,
        read=_quantile_ms("duration_p99_ns"),
        description="99 % of invocations took no longer than this.",
        threshold=5000, window="15m", count=_invocations,
    ),
    _metric(
        name="concurrency", source="functions_in_full", title="Concurrency", unit=COUNT,
        read=_figure("max_concurrency"),
        description="The most invocations that went on at a time.",
        threshold=800, window="5m", together="sum",
    ),
    _metric(
        name="concurrency_share", title="Concurrency of its limit", unit=RATIO,
        source="limits", read=lambda subject: subject.share,
        description="The most invocations at a time, of the concurrency_limit that the settings "
        "give the function under [[functions]]; no data without one.",
        threshold=0.8, window="5m", together="max",
    ),
    _metric(
        name="memory_headroom", title="Memory headroom", unit=RATIO,
        read=_figure("memory_headroom"),
        description="Share of the memory that was never used.",
        comparison="<", threshold=0.05, window="1h", together="min",
    ),
    _metric(
        name="iterator_age_s", title="Iterator age", unit=SECONDS,
        read=_figure("iterator_age_ms", 1e3),
        description="How far the function was behind the stream it reads, at most.",
        threshold=7200, window="15m", together="max", nature=LEVEL, no_data="keep",
    ),
    _metric(
        name="async_event_age_s", title="Asynchronous event age", unit=SECONDS,
        read=_figure("async_event_age_ms", 1e3),
        description="How long asynchronous events waited for the function, at most.",
        threshold=600, window="15m", together="max", nature=LEVEL, no_data="keep",
    ),
    _metric(
        name="retries", source="functions_in_full", title="Retries", unit=COUNT,
        read=_figure("retry_count"),
        description="Retries in event traces that the function has a part in.",
        threshold=10, window="15m", together="sum", nature=AMOUNT,
    ),
    _metric(
        name="duplicates", source="functions_in_full", title="Duplicates", unit=COUNT,
        read=_figure("duplicate_count"),
        description="Deliveries of event traces of the function that were handled more than once "
        "with success.",
        threshold=0, window="1h", together="sum", nature=AMOUNT,
    ),
    _metric(
        name="telemetry_coverage", title="Telemetry coverage", unit=RATIO, source="coverage",
        read=lambda subject: subject.coverage, count=lambda subject: subject.reported,
        description="Invocations that spans and log lines tell of, of those that the platform's "
        "metrics count; no data without such metrics.",
        comparison="<", threshold=0.9, window="1h", together="min",
    ),
    _metric(
        name="function_absence_s", title="Function silent for", unit=SECONDS, source="last_seen",
        read=lambda subject: subject.silent_s,
        description="How long no invocation of the function has begun. The window says how far "
        "back it must have been seen; after that it counts as gone.",
        threshold=900, window="1d", together="min", nature=ABSENCE,
    ),
)  # fmt: skip
