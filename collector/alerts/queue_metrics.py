"""The metrics of queues and dead-letter queues; what each means is told in docs/health.md."""

from functools import partial
from typing import Final

from collector.alerts.metric import COUNT, LEVEL, SECONDS, Metric
from collector.model.health import QueueHealth


def _age(queue: QueueHealth) -> float | None:
    """Nothing in it: nothing is old, whatever was last told of an age."""
    return 0.0 if queue.depth == 0 else queue.oldest_age_s


def _age_since_first_sent(queue: QueueHealth) -> float | None:
    return 0.0 if queue.depth == 0 else queue.oldest_age_since_first_sent_s


_dead = partial(
    Metric, kind="queue", source="dead_letter_queues", comparison=">", window="1h",
    together="max", no_data="keep", needs_owner=True, nature=LEVEL,
)  # fmt: skip
_live = partial(
    Metric, kind="queue", source="queues", comparison=">", window="15m", together="max",
    no_data="keep", nature=LEVEL,
)  # fmt: skip

QUEUE_METRICS: Final = (
    _dead(
        name="dlq_depth", title="Dead letters", unit=COUNT, read=lambda queue: queue.depth,
        description="Messages that wait in a dead-letter queue.", threshold=0, together="sum",
    ),
    _dead(
        name="dlq_age_s", title="DLQ age", unit=SECONDS, read=_age,
        description="How long the oldest message has been in a dead-letter queue.", threshold=900,
    ),
    _dead(
        name="dlq_age_since_first_sent_s", title="DLQ age since first sent", unit=SECONDS,
        read=_age_since_first_sent,
        description="How long ago the oldest message of a dead-letter queue was first sent.",
        threshold=3600,
    ),
    _live(
        name="queue_age_s", title="Queue age", unit=SECONDS, read=_age,
        description="How long the oldest message of a queue has waited.", threshold=300,
    ),
    _live(
        name="queue_depth", title="Queue depth", unit=COUNT, read=lambda queue: queue.depth,
        description="Messages that wait in a queue.", threshold=1000, together="sum",
    ),
)  # fmt: skip
