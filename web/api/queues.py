"""``/api/v1/queues``: queues and dead-letter queues."""

from fastapi import APIRouter, Response
from typing_extensions import TypedDict

from collector.model.health import QueueHealth
from collector.model.window import format_time
from collector.service import Service
from collector.store.queries.queues import list_queues
from web.api.parameters import WindowParam, answer


class QueueJson(TypedDict):
    """One queue. null is unknown; ``evidence`` says what tells of it: metrics or messages."""

    queue: str
    provider: str | None
    is_dlq: bool
    source_queue: str | None
    source_evidence: str | None
    depth: float | None
    oldest_age_s: float | None
    oldest_age_since_first_sent_s: float | None
    in_rate: float | None
    out_rate: float | None
    observed_at: str | None
    evidence: str
    depth_evidence: str | None


class QueueList(TypedDict):
    """Queues that metrics or messages tell of in the window, dead-letter queues first."""

    queues: list[QueueJson]


def router(service: Service) -> APIRouter:
    """The call about queues."""
    routes = APIRouter(tags=["queues"])

    @routes.get("/queues", responses={200: {"model": QueueList}})
    def queues(window: WindowParam) -> Response:
        """Queues that metrics or messages tell of in the window, dead-letter queues first."""
        rules = service.settings.queues
        found = service.ask_derived(lambda store: list_queues(store, window, rules=rules))
        return answer(QueueList(queues=[_queue(each) for each in found]))

    return routes


def _queue(row: QueueHealth) -> QueueJson:
    return {
        "queue": row.name,
        "provider": row.provider,
        "is_dlq": row.is_dlq,
        "source_queue": row.source_queue,
        "source_evidence": row.source_evidence,
        "depth": row.depth,
        "oldest_age_s": row.oldest_age_s,
        "oldest_age_since_first_sent_s": row.oldest_age_since_first_sent_s,
        "in_rate": row.in_rate,
        "out_rate": row.out_rate,
        "observed_at": None if row.observed_at_ns is None else format_time(row.observed_at_ns),
        "evidence": row.evidence,
        "depth_evidence": row.depth_evidence,
    }
