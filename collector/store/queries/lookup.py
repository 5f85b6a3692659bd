"""Finds ids of any kind, names and values to suggest, and how much is stored."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.id_text import tidy_id
from collector.model.lookup import Match, Stored
from collector.model.search import span_number, trace_uuid
from collector.model.window import Window
from collector.store.queries.event_lookup import (
    MAX_MATCHES,
    NOWHERE,
    event_traces_by_trace,
    find_event_traces,
    find_former,
    find_span,
    indexed_seq,
)
from collector.store.queries.registry import QUERIES

_SAMPLE_SPANS: Final = 20_000
_SUGGESTIONS: Final = 50


def find_id(cursor: Cursor, text: str, window: Window) -> list[Match]:
    """Every kind of id the text is and the traces it occurs in, newest first; at most 100."""
    return lookup(
        cursor,
        id=text,
        trace_id=trace_uuid(text),
        span_id=span_number(text),
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        limit=MAX_MATCHES,
    )


def find_anywhere(cursor: Cursor, text: str, window: Window) -> list[Match]:
    """The event traces an id occurs in; of what is in none of them, the traces, newest first.

    Span ids, and ids that are unique at their queue only, are found through their traces.
    """
    tidy = tidy_id(text)
    found = find_event_traces(cursor, tidy, window)
    if found:
        return found
    raw = _find_spans(cursor, tidy, window) or find_id(cursor, tidy, window)
    if not raw:
        return find_former(cursor, tidy, window)
    by_trace = event_traces_by_trace(cursor, [each.trace_id for each in raw if each.trace_id])
    each_event = [
        replace(match, event_trace_id=event)
        for match in raw
        for event in _events_of(cursor, match, tidy, by_trace) or [None]
    ]
    return each_event[:MAX_MATCHES]


def _find_spans(cursor: Cursor, text: str, window: Window) -> list[Match]:
    span_id = span_number(text)
    if span_id is None:
        return []
    return span_lookup(
        cursor,
        span_id=span_id,
        exports=span_places(cursor, span_id=span_id),
        indexed_seq=indexed_seq(cursor),
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        limit=MAX_MATCHES,
    )


def _events_of(
    cursor: Cursor, match: Match, text: str, by_trace: dict[str, list[str]]
) -> Sequence[str | None]:
    """Those of the match's trace; of a span in a trace that served several, those of the span."""
    events = by_trace.get(match.trace_id or "", [])
    if match.kind != "span" or len(events) < 2:
        return events
    return [each.event_trace_id for each in find_span(cursor, match.trace_id or "", text)] or events


def suggest_keys(cursor: Cursor, window: Window, prefix: str | None = None) -> list[str]:
    """Attribute names that begin so, the most used first, from the newest spans."""
    return attribute_keys(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        prefix=prefix,
        sample=_SAMPLE_SPANS,
        limit=_SUGGESTIONS,
    )


def suggest_values(
    cursor: Cursor, window: Window, key: str, prefix: str | None = None
) -> list[str]:
    """Values of an attribute that begin so, the most used first, from the newest spans."""
    return attribute_values(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        key=key,
        prefix=prefix,
        sample=_SAMPLE_SPANS,
        limit=_SUGGESTIONS,
    )


@QUERIES.question
def lookup(
    cursor: Cursor,
    *,
    id: str,  # noqa: A002 - the parameter of the API
    trace_id: uuid.UUID | None,
    span_id: int | None,
    since_ns: int,
    until_ns: int,
    limit: int,
) -> list[Match]:
    """The kinds of an id and the traces it occurs in."""
    rows = QUERIES.rows(
        cursor,
        "lookup",
        id=id,
        trace_id=trace_id,
        span_id=span_id,
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit,
    )
    return [Match(*row) for row in rows]


@QUERIES.question
def span_places(cursor: Cursor, *, span_id: int) -> list[int]:
    """The indexed exports that may have brought a span of this id."""
    return [row[0] for row in QUERIES.rows(cursor, "span_places", span_id=span_id)] or [NOWHERE]


@QUERIES.question
def span_lookup(
    cursor: Cursor,
    *,
    span_id: int,
    exports: Sequence[int],
    indexed_seq: int,
    since_ns: int,
    until_ns: int,
    limit: int,
) -> list[Match]:
    """The traces that have a span of this id."""
    rows = QUERIES.rows(
        cursor,
        "span_lookup",
        span_id=span_id,
        exports=list(exports),
        indexed_seq=indexed_seq,
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit,
    )
    return [Match("span", trace_id, last_ns) for trace_id, last_ns in rows]


@QUERIES.question
def attribute_keys(
    cursor: Cursor, *, since_ns: int, until_ns: int, prefix: str | None, sample: int, limit: int
) -> list[str]:
    """Attribute names on the newest spans."""
    rows = QUERIES.rows(
        cursor,
        "attribute_keys",
        since_ns=since_ns,
        until_ns=until_ns,
        prefix=prefix,
        sample=sample,
        limit=limit,
    )
    return [row[0] for row in rows]


@QUERIES.question
def attribute_values(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    key: str,
    prefix: str | None,
    sample: int,
    limit: int,
) -> list[str]:
    """Values of one attribute on the newest spans."""
    rows = QUERIES.rows(
        cursor,
        "attribute_values",
        since_ns=since_ns,
        until_ns=until_ns,
        key=key,
        prefix=prefix,
        sample=sample,
        limit=limit,
    )
    return [row[0] for row in rows]


@QUERIES.question
def stored_counts(cursor: Cursor) -> list[Stored]:
    """How many records of each signal are stored, and when the newest is of."""
    return [Stored(*row) for row in QUERIES.rows(cursor, "stored_counts")]
