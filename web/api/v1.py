"""``/api/v1``: stable JSON over the same questions the pages ask."""

from fastapi import APIRouter

from collector.service import Service
from web.api import (
    alert_deliveries,
    alert_silences,
    alert_targets,
    alerts,
    costs,
    event_trace,
    event_traces,
    functions,
    logs,
    lookup,
    metrics,
    queues,
    scorecard,
    slos,
    traces,
)
from web.api.problems import DOCUMENTED


def router(service: Service) -> APIRouter:
    """All calls of version 1."""
    routes = APIRouter(prefix="/api/v1", responses=DOCUMENTED)
    for part in (
        event_traces,
        event_trace,
        traces,
        logs,
        metrics,
        lookup,
        functions,
        queues,
        alerts,
        slos,
        scorecard,
        alert_targets,
        alert_silences,
        alert_deliveries,
        costs,
    ):
        routes.include_router(part.router(service))
    return routes
