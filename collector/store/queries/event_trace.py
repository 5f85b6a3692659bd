"""One event trace: the traces of its fragments read back whole, and the story told of them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.costs.pricing import Pricing
from collector.model.event_trace import EventTrace
from collector.model.events.assembling import assemble
from collector.model.events.gathering import Found, cut, gather
from collector.model.events.pieces import Material
from collector.model.log import LogRecord
from collector.model.lookup import event_number
from collector.model.span import Link, Span
from collector.model.stitching.facts import LogFacts, SpanFacts
from collector.model.window import NS_PER_S
from collector.store.queries.event_costs import read_event_cost
from collector.store.queries.event_lookup import ways_on
from collector.store.queries.event_trace_records import (
    Context,
    StoredLink,
    event_trace_ends,
    event_trace_events,
    event_trace_fragments,
    event_trace_invoked,
    event_trace_keys,
    event_trace_links,
    event_trace_logs,
    event_trace_row,
    event_trace_spans,
    fragment_numbers,
)
from collector.store.queries.event_traces import summary_of
from collector.store.queries.trace import (
    REACH_NS,
    UNKNOWN_RESOURCE,
    UNKNOWN_SCOPE,
    resources_by_id,
    scopes_by_id,
    span_of,
)

MAX_SPANS: Final = 5_000
"""Spans of an event trace that are shown; it says so when there are more (``truncated``)."""

_READ_SPANS: Final = 20_000
"""Spans read for them: of a batch the other messages' are read too, and left out."""

_LOG_REACH_NS: Final = 900 * NS_PER_S
"""How far from the spans of an event its log records are sought: the longest a function runs."""


def read_event_trace(
    cursor: Cursor, event_trace_id: str, pricing: Pricing | None = None
) -> EventTrace | None:
    """The event trace of this id, or the one it was merged into; None when there is none.

    With ``pricing`` it says what it cost, and what each part of it did.
    """
    material = read_material(cursor, event_trace_id)
    if material is None:
        return None
    event = assemble(material)
    if pricing is None:
        return event
    cost = read_event_cost(cursor, material.summary, pricing)
    usd = None if cost.cost.usd is None else float(cost.cost.usd)
    return replace(event, cost=cost, summary=replace(event.summary, cost_usd=usd))


def read_material(cursor: Cursor, event_trace_id: str) -> Material | None:
    """What the event trace is made of, with the times as they were sent.

    ``event_trace_id``: 16 hex digits, also of an event trace that was merged into another.
    """
    number = event_number(event_trace_id)
    row = None if number is None else _row(cursor, number)
    if row is None:
        return None
    fragments = event_trace_fragments(
        cursor, event_trace_id=row["event_trace_id"], first_run=row["first_run"]
    )
    found = _Reading(cursor, fragments).found(row)
    parts = cut(found)
    ids = fragment_numbers(cursor, texts=sorted(parts.names))
    verdicts = event_trace_keys(cursor, texts=parts.keys)
    return gather(
        found,
        parts,
        ids,
        verdicts,
        arrived=_arrived(cursor, found.spans),
        invoked=_invoked(cursor, found, parts.invocations_without_span(found, ids)),
        max_spans=MAX_SPANS,
    )


def _row(cursor: Cursor, number: int) -> dict[str, Any] | None:
    """The row of the event trace that has this id, or that it leads to."""
    row = event_trace_row(cursor, id=number)
    if row is not None:
        return row
    ways = (event_trace_row(cursor, id=each) for each in ways_on(cursor, id=number))
    return next(filter(None, ways), None)


class _Reading:
    """Reads the records of the traces that these fragments lie in."""

    def __init__(self, cursor: Cursor, fragments: Sequence[Mapping[str, Any]]) -> None:
        self._cursor = cursor
        self._own = [each for each in fragments if each["own"]]
        traces = sorted({each["trace_id"] for each in fragments if each["trace_id"]})
        self._place: dict[str, Any] = {
            "trace_ids": [uuid.UUID(hex=each) for each in traces],
            "first_ns": min(each["start_ns"] for each in fragments),
            "last_ns": max(each["end_ns"] for each in fragments),
        }

    def found(self, row: Mapping[str, Any]) -> Found:
        rows = event_trace_spans(self._cursor, **self._place, limit=_READ_SPANS + 1)
        spans = self._spans(rows[:_READ_SPANS])
        invocations = {each["invocation_id"] for each in rows if each["invocation_id"]}
        return Found(
            summary=summary_of(dict(row)),
            own=frozenset(f"{each['fragment_id']:016x}" for each in self._own),
            spans=spans,
            logs=self._logs(sorted(invocations)),
            truncated=len(rows) > _READ_SPANS,
        )

    def _spans(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Span, SpanFacts]]:
        events = event_trace_events(self._cursor, **self._place, limit=_READ_SPANS)
        links = event_trace_links(self._cursor, **self._place, limit=_READ_SPANS)
        resources = resources_by_id(
            self._cursor, resource_ids=list({row["resource_id"] for row in rows} - {None})
        )
        scopes = scopes_by_id(
            self._cursor, scope_ids=list({row["scope_id"] for row in rows} - {None})
        )
        both_ways = _both_ways(rows, links)
        made = []
        for row in rows:
            place = (row["trace_id"], row["span_id"])
            of_span = events.get(place, ())
            span = span_of(
                row,
                resources.get(row["resource_id"], UNKNOWN_RESOURCE),
                scopes.get(row["scope_id"], UNKNOWN_SCOPE),
                [event for event, _ in of_span],
                both_ways.get(place, ()),
            )
            keys = row["keys"] or ()
            if of_span:
                keys = [*keys, *(key for _, more in of_span for key in more)]
            made.append((span, _facts(row, span, keys, links.get(place, ()))))
        return made

    def _logs(self, invocation_ids: Sequence[str]) -> list[tuple[LogRecord, LogFacts]]:
        return event_trace_logs(
            self._cursor,
            trace_ids=self._place["trace_ids"],
            invocation_ids=invocation_ids,
            homes=[each["home"] for each in self._own if each["home"] is not None],
            first_ns=self._place["first_ns"] - _LOG_REACH_NS,
            last_ns=self._place["last_ns"] + _LOG_REACH_NS,
            limit=_READ_SPANS,
        )


def _facts(
    row: Mapping[str, Any], span: Span, keys: Sequence[str], links: Iterable[StoredLink]
) -> SpanFacts:
    return SpanFacts(
        span_id=span.span_id,
        parent_id=span.parent_span_id,
        name=span.name,
        kind=row["kind"] or 0,
        start_ns=span.start_ns,
        end_ns=None if span.duration_ns is None else span.end_ns,
        failed=row["status_code"] == 2,
        function=row["function"],
        resource_id=row["resource_id"],
        invocation_id=span.invocation_id,
        cold_start=span.cold_start,
        trigger=span.trigger,
        destination=span.destination,
        message_id=span.message_id,
        correlation_id=span.correlation_id,
        keys=tuple(dict.fromkeys(keys)) if keys else (),
        links=tuple(facts for _, facts in links) if links else (),
    )


def _both_ways(
    rows: Sequence[Mapping[str, Any]], links: Mapping[Context, Sequence[StoredLink]]
) -> dict[Context, list[Link]]:
    """The links of each span, those to it from other spans of the event as well."""
    known = {(row["trace_id"], row["span_id"]): row for row in rows}
    found: dict[Context, list[Link]] = defaultdict(list)
    for source, outgoing in links.items():
        for link, _ in outgoing:
            target = (link.trace_id, link.span_id)
            other, this = known.get(target), known.get(source)
            if this is None:
                continue
            found[source].append(
                Link(
                    "outgoing",
                    *target,
                    link.attributes,
                    link.trace_state,
                    other["name"] or "" if other else None,
                    other["function"] if other else None,
                )
            )
            if other:
                found[target].append(
                    Link("incoming", *source, link.attributes, link.trace_state,
                         this["name"] or "", this["function"])
                )  # fmt: skip
    return found


def _arrived(cursor: Cursor, spans: Sequence[tuple[Span, SpanFacts]]) -> list[Context]:
    """Which spans outside these that they link to are stored."""
    outside = {
        (link.trace_id, link.span_id)
        for span, _ in spans
        for link in span.links
        if link.direction == "outgoing" and link.name is None
    }
    if not outside:
        return []
    times = [span.start_ns for span, _ in spans]
    return event_trace_ends(
        cursor,
        trace_ids=[uuid.UUID(hex=each) for each in sorted({each for each, _ in outside})],
        span_ids=[int(each, 16) for each in sorted({each for _, each in outside})],
        first_ns=min(times) - REACH_NS,
        last_ns=max(times) + REACH_NS,
    )


def _invoked(cursor: Cursor, found: Found, invocation_ids: Set[str]) -> list[str]:
    """Those of these invocations that spans of other events tell of."""
    if not invocation_ids:
        return []
    times = [record.time_ns for record, _ in found.logs]
    return event_trace_invoked(
        cursor,
        invocation_ids=sorted(invocation_ids),
        first_ns=min(times) - _LOG_REACH_NS,
        last_ns=max(times) + _LOG_REACH_NS,
    )
