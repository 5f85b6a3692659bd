"""The sentence that heads an event trace: how long it took, what it waited for, what went wrong."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from collector.model.durations import duration
from collector.model.event_trace import Delivery, EventTraceSummary, Segment

_WORTH_TELLING = 0.05
"""Part of the whole below which a class of time is not named."""

_WAITING = {"retry_backoff": "waiting to be tried again", "cold_start": "in cold starts"}
_WORKING = {"downstream": "in calls", "unknown": "unknown"}


def sentence(
    summary: EventTraceSummary, path: Sequence[Segment], deliveries: Sequence[Delivery]
) -> str:
    """``41.2 s end to end, of which 36 s waiting in orders-q; 2 retries``."""
    whole = f"{duration(summary.duration_ns)} end to end"
    if where := _where(summary.duration_ns, path):
        whole += f", of which {where}"
    return "; ".join([whole, *_troubles(summary, deliveries)])


def _where(total_ns: int, path: Sequence[Segment]) -> str:
    """The longest waiting, in a queue by its name; without any the calls, or what is unknown."""
    spent: dict[str, int] = defaultdict(int)
    worked: dict[str, int] = defaultdict(int)
    for each in path:
        length_ns = each.end_ns - each.start_ns
        if each.kind == "queue_wait":
            spent[each.label] += length_ns
        elif each.kind in _WAITING:
            spent[_WAITING[each.kind]] += length_ns
        elif each.kind in _WORKING:
            worked[_WORKING[each.kind]] += length_ns
    for class_ in (spent, worked):
        label, ns = max(class_.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if ns > 0 and ns >= total_ns * _WORTH_TELLING:
            return f"{duration(ns)} {label}"
    return ""


def _troubles(summary: EventTraceSummary, deliveries: Iterable[Delivery]) -> Iterable[str]:
    if summary.retry_count:
        yield _plural(summary.retry_count, "retry", "retries")
    if summary.duplicate_count:
        yield _plural(summary.duplicate_count, "duplicate", "duplicates")
    if summary.cold_start_count:
        yield _plural(summary.cold_start_count, "cold start", "cold starts")
    if summary.status == "dead_lettered":
        queue = next((each.queue for each in deliveries if each.ended_in == "dead_lettered"), None)
        yield f"dead-lettered from {queue}" if queue else "dead-lettered"
    elif summary.status == "open":
        yield "not over yet, as far as is known"
    if summary.phantom_count:
        yield f"{_plural(summary.phantom_count, 'part', 'parts')} never arrived"


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
