"""The metrics of flows: event traces by the function they began with, or by the path they took."""

from typing import Any, Final

from collector.alerts.metric import ABSENCE, AMOUNT, COUNT, MILLISECONDS, RATIO, SECONDS, Metric
from collector.model.flow import FlowFigures


def _ended(flow: FlowFigures) -> int:
    return flow.ended_count


def _p95_ms(flow: FlowFigures) -> float | None:
    return None if flow.duration_p95_ns is None else flow.duration_p95_ns / 1e6


def _metric(**said: Any) -> Metric:
    known: dict[str, Any] = {"kind": "flow", "source": "flows", "comparison": ">"}
    return Metric(**(known | said))


FLOW_METRICS: Final = (
    _metric(
        name="flow_success_rate", title="Event success rate", unit=RATIO,
        read=lambda flow: flow.success_rate, count=_ended,
        description="Event traces that ended well, of those that ended.",
        comparison="<", threshold=0.99, window="15m",
    ),
    _metric(
        name="flow_p95_ms", title="End-to-end p95", unit=MILLISECONDS, read=_p95_ms, count=_ended,
        description="95 % of event traces took no longer, from what started them to their last "
        "effect.",
        threshold=30_000, window="15m",
    ),
    _metric(
        name="flow_dead_lettered", title="Dead-lettered events", unit=COUNT,
        read=lambda flow: flow.dead_lettered_count, nature=AMOUNT, needs_owner=True,
        description="Event traces that began in the window and ended on a dead-letter queue.",
        threshold=0, window="15m",
    ),
    _metric(
        name="flow_absence_s", title="Flow silent for", unit=SECONDS, source="flows_last_seen",
        read=lambda subject: subject.silent_s, nature=ABSENCE, together="min",
        description="How long no event trace of the flow has begun. The window says how far back "
        "it must have been seen; after that it counts as gone.",
        threshold=1800, window="1d",
    ),
    _metric(
        name="new_flow_shapes", title="Events on a new path", unit=COUNT, source="new_shapes",
        read=lambda flow: flow.event_count, nature=AMOUNT, together="sum",
        description="Event traces that took a path never seen before the window, through a "
        "function of which a new version began in the window.",
        threshold=0, window="1h",
    ),
)  # fmt: skip
