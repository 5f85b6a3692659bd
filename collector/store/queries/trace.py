"""One trace: its spans with events, links both ways, log records, and who sent them."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.attributes import restore
from collector.model.log import LogRecord
from collector.model.span import KINDS, STATUSES, Event, Link, Resource, Scope, Span, Trace
from collector.model.window import NS_PER_S, Window
from collector.store.queries.logs import record
from collector.store.queries.registry import QUERIES

MAX_SPANS: Final = 10_000
"""A trace beyond this is cut off at its end and says so (``truncated``)."""

REACH_NS: Final = 24 * 3600 * NS_PER_S
"""How far from a trace the other ends of its links and its log records are sought."""

UNKNOWN_RESOURCE: Final = Resource()
UNKNOWN_SCOPE: Final = Scope()


def read_trace(cursor: Cursor, trace_id: uuid.UUID, window: Window | None = None) -> Trace | None:
    """The trace, or None when no span and no log record of it is stored.

    Without a window everything stored is searched for where the trace lies.
    """
    bounds = trace_bounds(cursor, trace_id=trace_id, **_range(window or Window.all_time()))
    if bounds is None:
        return None
    first_ns, last_ns = bounds
    place: dict[str, Any] = {"trace_id": trace_id, "first_ns": first_ns, "last_ns": last_ns}
    rows = trace_spans(cursor, **place, limit=MAX_SPANS + 1)
    parts = _Parts(cursor, place, rows)
    spans = tuple(parts.span(row) for row in rows[:MAX_SPANS])
    logs = trace_logs(cursor, **place, reach_ns=REACH_NS, limit=MAX_SPANS)
    return Trace(trace_id.hex, spans, tuple(logs), truncated=len(rows) > MAX_SPANS)


class _Parts:
    """What the spans of one trace are put together from, by span and by id."""

    def __init__(
        self, cursor: Cursor, place: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        self.events = trace_events(cursor, **place, limit=MAX_SPANS)
        self.links = trace_links(cursor, **place, reach_ns=REACH_NS, limit=MAX_SPANS)
        incoming = trace_linked_from(cursor, **place, reach_ns=REACH_NS, limit=MAX_SPANS)
        for span_id, links in incoming.items():
            self.links[span_id].extend(links)
        self.resources = resources_by_id(
            cursor, resource_ids=list({row["resource_id"] for row in rows} - {None})
        )
        self.scopes = scopes_by_id(
            cursor, scope_ids=list({row["scope_id"] for row in rows} - {None})
        )

    def span(self, row: Mapping[str, Any]) -> Span:
        return span_of(
            row,
            self.resources.get(row["resource_id"], UNKNOWN_RESOURCE),
            self.scopes.get(row["scope_id"], UNKNOWN_SCOPE),
            self.events.get(row["span_id"], ()),
            self.links.get(row["span_id"], ()),
        )


def span_of(
    row: Mapping[str, Any],
    resource: Resource,
    scope: Scope,
    events: Sequence[Event],
    links: Sequence[Link],
) -> Span:
    """A span from its row by column name and what lies in other tables."""
    return Span(
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        parent_span_id=row["parent_span_id"],
        name=row["name"] or "",
        kind=_name(KINDS, row["kind"]),
        start_ns=row["start_ns"],
        duration_ns=row["duration_ns"],
        status=_name(STATUSES, row["status_code"]),
        status_message=row["status_message"] or None,
        function=row["function"] or resource.function,
        service=resource.service,
        invocation_id=row["invocation_id"],
        cold_start=row["cold_start"],
        trigger=row["trigger"],
        correlation_id=row["correlation_id"],
        destination=row["destination"],
        message_id=row["message_id"],
        error_type=row["error_type"],
        trace_state=row["trace_state"] or None,
        flags=row["flags"],
        attributes=restore(row["attributes"], row["attribute_types"]),
        resource=resource,
        scope=scope,
        events=tuple(events),
        links=tuple(links),
        dropped_attributes_count=row["dropped_attributes_count"] or 0,
        dropped_events_count=row["dropped_events_count"] or 0,
        dropped_links_count=row["dropped_links_count"] or 0,
    )


def _range(window: Window) -> dict[str, int]:
    return {"since_ns": window.since_ns, "until_ns": window.until_ns}


def _name(names: Sequence[str], number: int | None) -> str:
    """The name of an enumeration's number; numbers of later protocol versions read as unset."""
    return names[number] if number is not None and 0 <= number < len(names) else names[0]


@QUERIES.question
def trace_bounds(
    cursor: Cursor, *, trace_id: uuid.UUID, since_ns: int, until_ns: int
) -> tuple[int, int] | None:
    """First and last time (ns) of the spans of a trace, or of its log records if it has none."""
    first_ns, last_ns = QUERIES.rows(
        cursor, "trace_bounds", trace_id=trace_id, since_ns=since_ns, until_ns=until_ns
    )[0]
    return None if first_ns is None else (first_ns, last_ns)


@QUERIES.question
def trace_spans(
    cursor: Cursor, *, trace_id: uuid.UUID, first_ns: int, last_ns: int, limit: int
) -> list[dict[str, Any]]:
    """The spans as rows by column name, in order of time."""
    return QUERIES.many_records(
        cursor, "trace_spans", trace_id=trace_id, first_ns=first_ns, last_ns=last_ns, limit=limit
    )


@QUERIES.question
def trace_events(
    cursor: Cursor, *, trace_id: uuid.UUID, first_ns: int, last_ns: int, limit: int
) -> dict[str, list[Event]]:
    """The events of each span, by span id."""
    events: dict[str, list[Event]] = defaultdict(list)
    for span_id, time_ns, name, attributes, types in QUERIES.rows(
        cursor, "trace_events", trace_id=trace_id, first_ns=first_ns, last_ns=last_ns, limit=limit
    ):
        events[span_id].append(Event(time_ns, name or "", restore(attributes, types)))
    return events


@QUERIES.question
def trace_links(
    cursor: Cursor,
    *,
    trace_id: uuid.UUID,
    first_ns: int,
    last_ns: int,
    reach_ns: int,
    limit: int,
) -> dict[str, list[Link]]:
    """The links each span has to others, by span id."""
    rows = QUERIES.rows(
        cursor,
        "trace_links",
        trace_id=trace_id,
        first_ns=first_ns,
        last_ns=last_ns,
        reach_ns=reach_ns,
        limit=limit,
    )
    return _links("outgoing", rows)


@QUERIES.question
def trace_linked_from(
    cursor: Cursor,
    *,
    trace_id: uuid.UUID,
    first_ns: int,
    last_ns: int,
    reach_ns: int,
    limit: int,
) -> dict[str, list[Link]]:
    """The links others have to spans of this trace, by the id of the span they name."""
    rows = QUERIES.rows(
        cursor,
        "trace_linked_from",
        trace_id=trace_id,
        first_ns=first_ns,
        last_ns=last_ns,
        reach_ns=reach_ns,
        limit=limit,
    )
    return _links("incoming", rows)


def _links(direction: str, rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Link]]:
    links: dict[str, list[Link]] = defaultdict(list)
    for span_id, trace_id, other_id, state, attributes, types, name, function in rows:
        links[span_id].append(
            Link(
                direction=direction,
                trace_id=trace_id,
                span_id=other_id,
                attributes=restore(attributes, types),
                trace_state=state or None,
                name=name,
                function=function,
            )
        )
    return links


@QUERIES.question
def trace_logs(
    cursor: Cursor,
    *,
    trace_id: uuid.UUID,
    first_ns: int,
    last_ns: int,
    reach_ns: int,
    limit: int,
) -> list[LogRecord]:
    """The log records that carry the trace's id, in order of time."""
    rows = QUERIES.records(
        cursor,
        "trace_logs",
        trace_id=trace_id,
        first_ns=first_ns,
        last_ns=last_ns,
        reach_ns=reach_ns,
        limit=limit,
    )
    return [record(row) for row in rows]


@QUERIES.question
def resources_by_id(cursor: Cursor, *, resource_ids: Sequence[int]) -> dict[int, Resource]:
    """Resources by their id; an id that is not stored is not in the answer."""
    rows = QUERIES.records(cursor, "resources_by_id", resource_ids=list(resource_ids))
    return {row["resource_id"]: _resource(row) for row in rows}


def _resource(row: Mapping[str, Any]) -> Resource:
    known = {field.name: row[field.name] for field in fields(Resource) if field.name in row}
    attributes = restore(row["attributes"], row["attribute_types"])
    return replace(Resource(**known), attributes=attributes)


@QUERIES.question
def scopes_by_id(cursor: Cursor, *, scope_ids: Sequence[int]) -> dict[int, Scope]:
    """Scopes by their id; an id that is not stored is not in the answer."""
    rows = QUERIES.rows(cursor, "scopes_by_id", scope_ids=list(scope_ids))
    return {row[0]: Scope(row[1], row[2], restore(row[3], row[4])) for row in rows}
