"""The records an event trace is told by: its row, fragments, spans, events, links and logs."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from duckdb import DuckDBPyConnection as Cursor

from collector.model.attributes import restore
from collector.model.log import LogRecord
from collector.model.span import Event, Link
from collector.model.stitching.facts import LinkFacts, LogFacts
from collector.store.queries.logs import record
from collector.store.queries.registry import QUERIES

Context: TypeAlias = tuple[str, str]
"""Trace and span id, as hex."""

StoredLink: TypeAlias = tuple[Link, LinkFacts]


@QUERIES.question
def event_trace_invoked(
    cursor: Cursor, *, invocation_ids: Sequence[str], first_ns: int, last_ns: int
) -> list[str]:
    """Those of these invocations that have a span."""
    rows = QUERIES.rows(
        cursor,
        "event_trace_invoked",
        invocation_ids=list(invocation_ids),
        first_ns=first_ns,
        last_ns=last_ns,
    )
    return [row[0] for row in rows]


@QUERIES.question
def event_trace_row(cursor: Cursor, *, id: int) -> dict[str, Any] | None:  # noqa: A002
    """The row of the event trace that holds this fragment now."""
    rows = QUERIES.records(cursor, "event_trace_row", id=id)
    return rows[0] if rows else None


@QUERIES.question
def event_trace_fragments(
    cursor: Cursor, *, event_trace_id: int, first_run: int
) -> list[dict[str, Any]]:
    """Its fragments (``own``) and the others of their traces, by column name.

    ``first_run``: none of its fragments is of an earlier run of the stitcher.
    """
    return QUERIES.records(
        cursor, "event_trace_fragments", event_trace_id=event_trace_id, first_run=first_run
    )


@QUERIES.question
def event_trace_spans(
    cursor: Cursor, *, trace_ids: Sequence[uuid.UUID], first_ns: int, last_ns: int, limit: int
) -> list[dict[str, Any]]:
    """The spans of several traces as rows by column name, in order of time; each once.

    Told apart here, for DuckDB takes longer for that than for reading 1,000 spans.
    """
    asked = limit
    while True:
        rows = QUERIES.many_records(
            cursor,
            "event_trace_spans",
            trace_ids=list(trace_ids),
            first_ns=first_ns,
            last_ns=last_ns,
            limit=asked,
        )
        once: dict[Context, dict[str, Any]] = {}
        for row in rows:
            once.setdefault((row["trace_id"], row["span_id"]), row)
        if len(rows) < asked or len(once) >= limit:
            return list(once.values())[:limit]
        asked *= 2  # those sent twice took the place of others


@QUERIES.question
def event_trace_events(
    cursor: Cursor, *, trace_ids: Sequence[uuid.UUID], first_ns: int, last_ns: int, limit: int
) -> dict[Context, list[tuple[Event, Sequence[str]]]]:
    """The events of each span with their keys, by trace and span id."""
    events: dict[Context, list[tuple[Event, Sequence[str]]]] = defaultdict(list)
    for trace_id, span_id, time_ns, name, attributes, types, keys in QUERIES.rows(
        cursor,
        "event_trace_events",
        trace_ids=list(trace_ids),
        first_ns=first_ns,
        last_ns=last_ns,
        limit=limit,
    ):
        event = Event(time_ns, name or "", restore(attributes, types))
        events[trace_id, span_id].append((event, keys or ()))
    return events


@QUERIES.question
def event_trace_links(
    cursor: Cursor, *, trace_ids: Sequence[uuid.UUID], first_ns: int, last_ns: int, limit: int
) -> dict[Context, list[StoredLink]]:
    """The links of each span, by trace and span id; who is at the other end is not said."""
    links: dict[Context, list[StoredLink]] = defaultdict(list)
    for (
        trace_id,
        span_id,
        to_trace,
        to_span,
        message_id,
        state,
        attributes,
        types,
        keys,
    ) in QUERIES.rows(
        cursor,
        "event_trace_links",
        trace_ids=list(trace_ids),
        first_ns=first_ns,
        last_ns=last_ns,
        limit=limit,
    ):
        link = Link("outgoing", to_trace, to_span, restore(attributes, types), state or None)
        facts = LinkFacts(to_trace, to_span, message_id, tuple(keys or ()))
        links[trace_id, span_id].append((link, facts))
    return links


@QUERIES.question
def event_trace_ends(
    cursor: Cursor,
    *,
    trace_ids: Sequence[uuid.UUID],
    span_ids: Sequence[int],
    first_ns: int,
    last_ns: int,
) -> list[Context]:
    """Those of these spans that are stored."""
    rows = QUERIES.rows(
        cursor,
        "event_trace_ends",
        trace_ids=list(trace_ids),
        span_ids=list(span_ids),
        first_ns=first_ns,
        last_ns=last_ns,
    )
    return [(row[0], row[1]) for row in rows]


@QUERIES.question
def event_trace_logs(
    cursor: Cursor,
    *,
    trace_ids: Sequence[uuid.UUID],
    invocation_ids: Sequence[str],
    homes: Sequence[int],
    first_ns: int,
    last_ns: int,
    limit: int,
) -> list[tuple[LogRecord, LogFacts]]:
    """The log records of these traces, invocations and homes, in order of time."""
    rows = QUERIES.records(
        cursor,
        "event_trace_logs",
        trace_ids=list(trace_ids),
        invocation_ids=list(invocation_ids),
        homes=list(homes),
        first_ns=first_ns,
        last_ns=last_ns,
        limit=limit,
    )
    return [(record(row), _log_facts(row)) for row in rows]


def _log_facts(row: Mapping[str, Any]) -> LogFacts:
    return LogFacts(
        time_ns=row["time_ns"],
        span_id=row["span_id"],
        function=row["function"],
        invocation_id=row["invocation_id"],
        correlation_id=row["correlation_id"],
        keys=tuple(row["keys"] or ()),
    )


@QUERIES.question
def event_trace_keys(cursor: Cursor, *, texts: Sequence[str]) -> list[tuple[str, int, str, int]]:
    """Text, kind, reason and count of those of these keys that join nothing."""
    rows = QUERIES.rows(cursor, "event_trace_keys", texts=list(texts))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


@QUERIES.question
def fragment_numbers(cursor: Cursor, *, texts: Sequence[str]) -> dict[str, str]:
    """The ids (16 hex digits) of fragments by the texts they are made of."""
    rows = QUERIES.rows(cursor, "fragment_numbers", texts=list(texts))
    return {text: f"{number:016x}" for text, number in rows}
