"""``/healthz``, ``/readyz`` and ``/metrics``: what whoever runs this process polls."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from collector.service import Service
from web.api.exposition import OwnCounters
from web.api.problems import Problem
from web.readiness import why_not_ready


def router(service: Service) -> APIRouter:
    """Alive, ready, counters."""
    routes = APIRouter(tags=["health"])
    registry = CollectorRegistry(auto_describe=False)
    registry.register(OwnCounters(service))
    ProcessCollector(registry=registry)

    @routes.get("/healthz", response_class=PlainTextResponse)
    async def alive() -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    @routes.get("/readyz")
    def ready() -> Response:
        """Data can be taken and stored; 503 with the reason when not."""
        reason = why_not_ready(service)
        if reason is not None:
            raise Problem(503, reason, {"Retry-After": "5"})
        return JSONResponse({"status": "ready"})

    @routes.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> Response:
        """Own counters as Prometheus text: received = stored + rejected + duplicate + waiting.

        Needs the web password when the port can be reached from other machines.
        """
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return routes
