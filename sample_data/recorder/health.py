"""A recording's figures by function and queue, as `expected.json` has them for every story."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

NO_THROTTLES = "nothing that counts throttled calls was recorded"
NO_QUEUE_METRICS = "no metrics of queues were recorded"


def functions_of(attempts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each function: counts over all attempts; None is unknown, with the reason beside it.

    ``errors`` counts failures of any kind, timeouts among them.
    """
    ordered = sorted(attempts, key=lambda each: each["function"])
    by_function = groupby(ordered, key=lambda each: each["function"])
    return {function: _figures(list(mine)) for function, mine in by_function}


def _figures(attempts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "invocations": len(attempts),
        "errors": sum(each["status"] != "success" for each in attempts),
        "timeouts": sum(each["status"] == "timeout" for each in attempts),
        "out_of_memory": sum(each["error_type"] == "Runtime.OutOfMemory" for each in attempts),
        "cold_starts": sum(each["cold"] for each in attempts),
        "cold_starts_known": len(attempts),
        "throttles": None,
        "max_memory_used_mb": max(each["max_memory_mb"] for each in attempts),
        "billed_ms": sum(each["billed_ms"] for each in attempts),
        "unknown": {"throttles": NO_THROTTLES},
    }


def queues_of(
    sources: Mapping[str, str], dead_letters: Iterable[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """For each dead-letter queue: what lies in it at the end; only the recorder has seen that."""
    dead = [each["queue"] for each in dead_letters]
    return {
        queue: {
            "depth": None,
            "oldest_age_s": None,
            "is_dlq": True,
            "source_queue": source,
            "messages": dead.count(queue),
            "unknown": {"depth": NO_QUEUE_METRICS, "oldest_age_s": NO_QUEUE_METRICS},
        }
        for queue, source in sources.items()
    }
