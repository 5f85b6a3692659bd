"""How traces were joined into event traces, what joined nothing, and where an end is missing."""

import time
from collections.abc import Sequence
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.correlation import Coverage, EvidenceCount, IgnoredValue
from collector.model.instrumentation import (
    INFERRED,
    Hop,
    InferredHop,
    MissingLinks,
    MissingParents,
    Runtime,
    Seen,
)
from collector.model.stitching.keys import WORTHLESS, Kind
from collector.model.window import NS_PER_S, Window
from collector.store.queries.registry import QUERIES

REACH_NS: Final = 1800 * NS_PER_S
"""How far beyond the window the other end of a message is sought."""

LONGEST_NS: Final = 6 * 3600 * NS_PER_S
"""Hops are judged by the newest part of a window: a setting is wrong now or it is not."""

_ON_THE_WAY_NS: Final = 60 * NS_PER_S
_MOST_ROWS: Final = 200
_MOST_FUNCTIONS: Final = 2000
_SAMPLE_EVENTS: Final = 20_000


def read_hops(cursor: Cursor, window: Window) -> Seen:
    """What the ends of hops show, for the advice."""
    now_ns = time.time_ns()
    until_ns = min(window.until_ns, now_ns + REACH_NS)
    since_ns = max(window.since_ns, until_ns - LONGEST_NS)
    return Seen(
        hops=hop_ends(
            cursor,
            since_ns=since_ns,
            until_ns=until_ns,
            reach_ns=REACH_NS,
            settled_ns=min(until_ns, now_ns - _ON_THE_WAY_NS),
            limit=_MOST_ROWS,
        ),
        links=missing_links(cursor, since_ns=since_ns, until_ns=until_ns, limit=_MOST_ROWS),
        parents=missing_parents(cursor, since_ns=since_ns, until_ns=until_ns, limit=_MOST_ROWS),
        inferred=inferred_hops(
            cursor,
            since_ns=since_ns,
            until_ns=until_ns,
            inferred=[int(kind) for kind in INFERRED],
            reach_ns=REACH_NS,
            sample=_SAMPLE_EVENTS,
            limit=_MOST_ROWS,
        ),
        runtimes=function_runtimes(cursor, limit=_MOST_FUNCTIONS),
    )


def read_coverage(cursor: Cursor, window: Window) -> Coverage:
    """How far the event traces of a window reach."""
    return event_trace_coverage(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        inferred=[int(kind) for kind in INFERRED],
    )


@QUERIES.question
def event_trace_coverage(
    cursor: Cursor, *, since_ns: int, until_ns: int, inferred: Sequence[int]
) -> Coverage:
    """How far the event traces that began in the window reach."""
    rows = QUERIES.rows(
        cursor,
        "event_trace_coverage",
        since_ns=since_ns,
        until_ns=until_ns,
        inferred=list(inferred),
    )
    return Coverage(*rows[0])


@QUERIES.question
def joint_counts(cursor: Cursor, *, since_ns: int, until_ns: int) -> list[EvidenceCount]:
    """The evidence that holds event traces together, the most frequent first."""
    rows = QUERIES.rows(cursor, "joint_counts", since_ns=since_ns, until_ns=until_ns)
    return [EvidenceCount(Kind(row[0]), row[1], row[2]) for row in rows]


def read_ignored(cursor: Cursor, window: Window, limit: int) -> list[IgnoredValue]:
    """Keys and worthless values that joined nothing: of each reason ``limit``, the most held."""
    return ignored_key_list(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        worthless=sorted(WORTHLESS),
        correlation=int(Kind.CORRELATION),
        limit=limit,
    )


@QUERIES.question
def ignored_key_list(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    worthless: Sequence[str],
    correlation: int,
    limit: int,
) -> list[IgnoredValue]:
    """Keys that joined nothing; ``worthless`` are words, in lower case, that are no ids."""
    rows = QUERIES.rows(
        cursor,
        "ignored_key_list",
        since_ns=since_ns,
        until_ns=until_ns,
        worthless=list(worthless),
        correlation=correlation,
        limit=limit,
    )
    return [IgnoredValue(Kind(row[0]), *row[1:]) for row in rows]


@QUERIES.question
def hop_ends(
    cursor: Cursor, *, since_ns: int, until_ns: int, reach_ns: int, settled_ns: int, limit: int
) -> list[Hop]:
    """Both ends of the messages of each queue."""
    rows = QUERIES.rows(
        cursor,
        "hop_ends",
        since_ns=since_ns,
        until_ns=until_ns,
        reach_ns=reach_ns,
        settled_ns=settled_ns,
        limit=limit,
    )
    return [Hop(*row) for row in rows]


@QUERIES.question
def missing_links(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> list[MissingLinks]:
    """Links to traces nothing of which arrived."""
    rows = QUERIES.rows(cursor, "missing_links", since_ns=since_ns, until_ns=until_ns, limit=limit)
    return [MissingLinks(*row) for row in rows]


@QUERIES.question
def missing_parents(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> list[MissingParents]:
    """Traces whose first span has a parent that never arrived."""
    rows = QUERIES.rows(
        cursor, "missing_parents", since_ns=since_ns, until_ns=until_ns, limit=limit
    )
    return [MissingParents(*row) for row in rows]


@QUERIES.question
def inferred_hops(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    inferred: Sequence[int],
    reach_ns: int,
    sample: int,
    limit: int,
) -> list[InferredHop]:
    """Hops that hold by inference alone, in a sample of the event traces that have such a joint."""
    rows = QUERIES.rows(
        cursor,
        "inferred_hops",
        since_ns=since_ns,
        until_ns=until_ns,
        inferred=list(inferred),
        reach_ns=reach_ns,
        sample=sample,
        limit=limit,
    )
    return [InferredHop(row[0], row[1], row[2], Kind(row[3]), row[4]) for row in rows]


@QUERIES.question
def function_runtimes(cursor: Cursor, *, limit: int) -> dict[str, Runtime]:
    """Provider and language of each function that says so."""
    rows = QUERIES.rows(cursor, "function_runtimes", limit=limit)
    return {row[0]: Runtime(row[1], row[2]) for row in rows}
