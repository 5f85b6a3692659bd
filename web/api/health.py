"""``/healthz``, ``/readyz`` and ``/metrics``: what whoever runs this process polls."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from collector.service import Service
from web.api.problems import problem


def router(service: Service) -> APIRouter:
    """Alive, ready, counters."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz")
    async def alive() -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    @routes.get("/readyz")
    async def ready() -> Response:
        """Data can be taken and stored; 503 with the reason when not."""
        if service.writer.last_error is not None:
            return problem(503, service.writer.last_error, {"Retry-After": "5"})
        return JSONResponse({"status": "ready"})

    return routes
