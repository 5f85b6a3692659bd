"""``/api/v1/lookup``: what an id that a person holds belongs to."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from collector.model.window import format_time
from collector.service import Service
from collector.store.queries.lookup import find_anywhere
from web.api.parameters import OptionalWindow, answer


class MatchJson(TypedDict):
    """What the id is there, and the event trace that holds it.

    kind: event trace, trace, span, message id, request id, execution id, event id, object key,
    correlation id or idempotency key. event_trace_id is null for what is in no event trace (yet):
    trace_id is then the trace to open. last_seen: when it was last heard of.
    """

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
        """Finds the event traces that any id a person may hold belongs to.

        Trace ids (plain, in X-Ray form or a whole header), event trace ids (an older one leads to
        the event trace that holds it now), correlation, message and request ids, execution ids and
        ARNs, objects (`bucket/key`), span ids. A batch invocation's trace or request id has one
        match for each event trace it served. Searches all that is stored unless `since` or `until`
        is given; at most 100 matches, the last seen first.
        """
        text = id.strip()
        found = service.ask_stitched(lambda store: find_anywhere(store, text, window))
        matches = [
            MatchJson(
                kind=match.kind,
                event_trace_id=match.event_trace_id,
                trace_id=match.trace_id,
                last_seen=format_time(match.last_seen_ns),
            )
            for match in found
        ]
        return answer(Lookup(id=id, matches=matches))

    return routes
