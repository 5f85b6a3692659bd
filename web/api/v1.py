"""``/api/v1``: stable JSON over the same questions the pages ask."""

from fastapi import APIRouter

from collector.service import Service
from web.api import traces


def router(service: Service) -> APIRouter:
    """All calls of version 1."""
    routes = APIRouter(prefix="/api/v1")
    for part in (traces,):
        routes.include_router(part.router(service))
    return routes
