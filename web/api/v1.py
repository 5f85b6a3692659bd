"""``/api/v1``: stable JSON over the same questions the pages ask."""

from fastapi import APIRouter

from collector.service import Service
from web.api import functions, logs, lookup, metrics, traces


def router(service: Service) -> APIRouter:
    """All calls of version 1."""
    routes = APIRouter(prefix="/api/v1")
    for part in (traces, logs, metrics, lookup, functions):
        routes.include_router(part.router(service))
    return routes
