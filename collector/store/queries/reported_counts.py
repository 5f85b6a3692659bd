"""What metrics of a function mean for its counts, alone and beside what invocations tell."""

from dataclasses import replace

from collector.model.health import Counts
from collector.store.queries.batches import HandedBack
from collector.store.queries.reported import Report


def handed_back(counts: Counts, throttles: float | None, reported: Report) -> HandedBack | None:
    """By the metrics of its event sources, which count the messages of all batches that failed.

    Where invocations failed or were throttled, that is more than what was handed back.
    """
    failed = reported.get("failed_events")
    if failed is None or (failed and (counts.error_count or throttles)):
        return None
    return HandedBack(round(failed), None, "metrics")


def reported_counts(reported: Report) -> Counts:
    """Counts as metrics tell them; whole numbers, for they count. No errors: none of any kind."""
    cold, errors = reported.get("cold_starts"), reported.get("errors")
    invocations = round(reported.get("invocations") or 0)
    special = {name: reported.get(name) for name in ("timeouts", "out_of_memory")}
    special = {name: 0 if errors == 0 else each for name, each in special.items()}
    timeouts, out_of_memory = special.values()
    return Counts(
        invocation_count=invocations,
        error_count=round(errors or 0),
        timeout_count=None if timeouts is None else round(timeouts),
        out_of_memory_count=None if out_of_memory is None else round(out_of_memory),
        cold_start_count=round(cold or 0),
        warm_count=0 if cold is None else max(invocations - round(cold), 0),
    )


def with_starts(counts: Counts, reported: Report) -> Counts:
    """Counts of invocations, their unknown starts filled in from a metric of all cold starts.

    A metric of starts tells of the function's every start, so that what it leaves is warm.
    """
    unknown = counts.invocation_count - counts.known_start_count
    cold = reported.get("cold_starts")
    if cold is None or unknown <= 0:
        return counts
    more = min(max(round(cold) - counts.cold_start_count, 0), unknown)
    return replace(
        counts,
        cold_start_count=counts.cold_start_count + more,
        warm_count=counts.warm_count + unknown - more,
    )
