"""The list of event traces: every filter in the URL, pages, and a scatter that filters by brush.

The scatter shows a sample of all that match and comes after the list, so the list never waits.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.event_filter import SORTS, EventFilter, duration_of, shape_number
from collector.model.event_list import EventPage
from collector.model.event_trace import STATUSES
from collector.model.window import Window
from collector.store.queries.event_traces import list_event_traces, survey_event_traces
from web import charts
from web.render import wants_block
from web.site import Site, window_of
from web.urls import EventQuery

PER_PAGE: Final = 50

# Of those that failed, and as many of the others: 2,000 points draw in 60 ms.
IN_CHART: Final = 1000


@dataclass(frozen=True, slots=True)
class EventsPage:
    """``longest_ns`` scales the duration bars; ``cursor`` is this page's own, None at the top."""

    filters: EventQuery
    found: EventPage
    longest_ns: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class EventsChartPage:
    """``counts`` are of all that match, ``shown`` of them are points.

    ``fitted_ns`` is the length of the time axis where it shows less than the range asked for.
    """

    figure: charts.Figure
    counts: dict[str, int]
    total: int
    shown: int
    fitted_ns: int | None


def router(site: Site) -> APIRouter:
    """``/events`` and its chart."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/events")
    def events(request: Request, cursor: str | None = None) -> Response:
        window, query = window_of(request), EventQuery.of(request.query_params)
        filters, sort = read_filters(query), _sort(query)
        # A page that refreshes itself does not wait: it asks again in a moment.
        ask = site.ask if wants_block(request) else site.ask_stitched
        found = ask(
            lambda connection: list_event_traces(
                connection,
                window,
                filters,
                sort=sort,
                limit=PER_PAGE,
                page_cursor=cursor or None,
                pricing=site.service.pricing,
            )
        )
        page = EventsPage(
            filters=query,
            found=found,
            longest_ns=max((event.duration_ns for event in found.event_traces), default=0),
            cursor=cursor or None,
        )
        frame = site.frame(request, "Event traces", "events", charts=True)
        return site.pages.response(request, "events", page, frame, block="results")

    @routes.get("/events/chart")
    def chart(request: Request) -> Response:
        window, query = window_of(request), EventQuery.of(request.query_params)
        page = _chart(site, window, read_filters(query))
        frame = site.frame(request, "Event traces", "events", charts=True)
        return site.pages.response(request, "events_chart", page, frame, block="chart")

    return routes


def _chart(site: Site, window: Window, filters: EventFilter) -> EventsChartPage:
    points, counted = site.ask(
        lambda connection: survey_event_traces(connection, window, filters, limit=IN_CHART)
    )
    counts: Counter[str] = Counter()
    for each in counted:
        counts[each.status] += each.count
    part = charts.fitted([point.start_ns for point in points], window)
    return EventsChartPage(
        figure=charts.event_scatter(points, part or window),
        counts={status: counts[status] for status in STATUSES},
        total=counts.total(),
        shown=len(points),
        fitted_ns=part.length_ns if part else None,
    )


def read_filters(query: EventQuery) -> EventFilter:
    """What the fields and the words of the search ask for together.

    Raises:
        BadQuestion: one of them cannot be read.
    """
    if query.status and query.status not in STATUSES:
        raise BadQuestion(f"status {query.status[:40]!r} is none of {', '.join(STATUSES)}")
    given = EventFilter(
        function=query.function or None,
        status=query.status or None,
        cold=True if query.cold else None,
        retried=True if query.retried else None,
        duplicate=True if query.duplicate else None,
        min_duration_ns=_duration(query.min_duration_ms, "least duration"),
        max_duration_ns=_duration(query.max_duration_ms, "greatest duration"),
        min_wait_ns=_duration(query.min_wait_ms, "least wait"),
        correlation_id=query.correlation_id or None,
        shape_id=shape_number(query.shape) if query.shape else None,
    )
    return EventFilter.parse(query.q, given)


def _duration(text: str, name: str) -> int | None:
    """A number is milliseconds; ``2s`` is read too."""
    return duration_of(text, name) if text else None


def _sort(query: EventQuery) -> str:
    if query.sort and query.sort not in SORTS:
        raise BadQuestion(f"sort {query.sort[:40]!r} is none of {', '.join(SORTS)}")
    return query.sort or SORTS[0]
