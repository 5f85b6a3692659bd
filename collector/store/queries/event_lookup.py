"""Finds event traces by any id a person may hold: through the keys their fragments were joined by.

An index says in which runs an id may be; keys of runs that it does not hold yet are all read.
"""

from collections.abc import Sequence
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.lookup import KINDS, Match, event_number, key_texts
from collector.model.stitching.keys import span_key, trace_key
from collector.model.window import Window
from collector.store.queries.registry import QUERIES

MAX_MATCHES: Final = 100
# The run and export of nothing. Joined with no place at all, DuckDB 2.0 reads the whole table.
NOWHERE: Final = -1
_SHORTEST: Final = 3
_LONGEST: Final = 500


def find_event_traces(cursor: Cursor, text: str, window: Window) -> list[Match]:
    """The event traces an id occurs in, the last seen first, at most 100; none for other texts."""
    if not _SHORTEST <= len(text) <= _LONGEST:
        return []
    return _find(cursor, key_texts(text), event_number(text), window)


def find_former(cursor: Cursor, text: str, window: Window) -> list[Match]:
    """What leads on from an id that an event trace had and that is found nowhere any more."""
    number = event_number(text)
    if number is None:
        return []
    ways = (_find(cursor, [], each, window) for each in ways_on(cursor, id=number))
    return next(filter(None, ways), [])


def find_span(cursor: Cursor, trace_id: str, span_id: str) -> list[Match]:
    """The event traces of one span in a trace that served several of them."""
    return _find(cursor, [span_key(trace_id, span_id)], None, Window.all_time())


def _find(
    cursor: Cursor, texts: Sequence[str], fragment_id: int | None, window: Window
) -> list[Match]:
    newest_seq = indexed_seq(cursor)
    runs = id_places(cursor, texts=texts, fragment_id=fragment_id)
    if runs == [NOWHERE] and not newest_ids(
        cursor, texts=texts, fragment_id=fragment_id, indexed_seq=newest_seq
    ):
        return []
    return event_lookup(
        cursor,
        texts=texts,
        fragment_id=fragment_id,
        runs=runs,
        indexed_seq=newest_seq,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        limit=MAX_MATCHES,
    )


def event_traces_by_trace(cursor: Cursor, trace_ids: Sequence[str]) -> dict[str, list[str]]:
    """The event traces each of the traces (32 hex digits) is part of; at most 100 in all."""
    if not trace_ids:
        return {}
    texts = [trace_key(each) for each in trace_ids]
    pairs = event_traces_of_traces(
        cursor,
        texts=texts,
        runs=id_places(cursor, texts=texts, fragment_id=None),
        indexed_seq=indexed_seq(cursor),
        limit=MAX_MATCHES,
    )
    found: dict[str, list[str]] = {}
    for trace_id, event_trace_id in pairs:
        found.setdefault(trace_id, []).append(event_trace_id)
    return found


@QUERIES.question
def ways_on(cursor: Cursor, *, id: int) -> list[int]:  # noqa: A002
    """Ids of fragments or event traces to try, in this order, for one that is neither any more."""
    return [row[0] for row in QUERIES.rows(cursor, "ways_on", id=id)]


@QUERIES.question
def indexed_seq(cursor: Cursor) -> int:
    """The last run, and export, whose ids are in the index."""
    return int(QUERIES.rows(cursor, "indexed_seq")[0][0])


@QUERIES.question
def id_places(cursor: Cursor, *, texts: Sequence[str], fragment_id: int | None) -> list[int]:
    """The indexed runs that may have written a key of one of the texts, or what has this id."""
    rows = QUERIES.rows(cursor, "id_places", texts=list(texts), fragment_id=fragment_id)
    return [row[0] for row in rows] or [NOWHERE]


@QUERIES.question
def newest_ids(
    cursor: Cursor, *, texts: Sequence[str], fragment_id: int | None, indexed_seq: int
) -> bool:
    """True when one of the texts, or this id, is among what is not in the index yet."""
    rows = QUERIES.rows(
        cursor,
        "newest_ids",
        texts=list(texts),
        fragment_id=fragment_id,
        indexed_seq=indexed_seq,
    )
    return bool(rows)


@QUERIES.question
def event_lookup(
    cursor: Cursor,
    *,
    texts: Sequence[str],
    fragment_id: int | None,
    runs: Sequence[int],
    indexed_seq: int,
    since_ns: int,
    until_ns: int,
    limit: int,
) -> list[Match]:
    """The kinds of an id and the event traces it occurs in."""
    rows = QUERIES.rows(
        cursor,
        "event_lookup",
        texts=list(texts),
        fragment_id=fragment_id,
        runs=list(runs),
        indexed_seq=indexed_seq,
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit,
    )
    return [Match(KINDS[kind], trace, last_ns, event) for kind, event, trace, last_ns in rows]


@QUERIES.question
def event_traces_of_traces(
    cursor: Cursor, *, texts: Sequence[str], runs: Sequence[int], indexed_seq: int, limit: int
) -> list[tuple[str, str]]:
    """(trace id, event trace id) for each event trace that has a fragment of one of the traces.

    ``texts`` are the keys of the traces.
    """
    rows = QUERIES.rows(
        cursor,
        "event_traces_of_traces",
        texts=list(texts),
        runs=list(runs),
        indexed_seq=indexed_seq,
        limit=limit,
    )
    return [(row[0], row[1]) for row in rows]
