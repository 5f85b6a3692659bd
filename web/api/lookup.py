"""``/api/v1/lookup``: what an id that a person holds belongs to."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from collector.model.window import format_time
from collector.service import Service
from collector.store.queries.lookup import find_id
from web.api.parameters import OptionalWindow, answer


class MatchJson(TypedDict):
    """kind: trace, span, correlation id, message id or request id."""

    kind: str
    event_trace_id: str | None
    trace_id: str | None
    last_seen: str


class Lookup(TypedDict):
    """Where the id occurs, newest first; empty when it is not stored."""

    id: str
    matches: list[MatchJson]


def router(service: Service) -> APIRouter:
    """The look-up."""
    routes = APIRouter(tags=["lookup"])

    @routes.get("/lookup", responses={200: {"model": Lookup}})
    def lookup(
        id: Annotated[str, Query(min_length=1, max_length=500)],  # noqa: A002 - the API's name
        window: OptionalWindow,
    ) -> Response:
        """Finds a trace id (plain or X-Ray), span, correlation, message or request id.

        Searches all that is stored unless `since` or `until` is given. One match for each kind
        and trace the id occurs in, at most 100. This version stores telemetry as it was sent and
        does not join traces: `event_trace_id` is always null, `trace_id` is the trace to open.
        """
        text = id.strip()
        found = service.ask(lambda store: find_id(store, text, window))
        matches = [
            MatchJson(
                kind=match.kind,
                event_trace_id=None,
                trace_id=match.trace_id,
                last_seen=format_time(match.last_seen_ns),
            )
            for match in found
        ]
        return answer(Lookup(id=id, matches=matches))

    return routes
