"""Reads the records of what a run has to make anew, as facts for the pure core.

The tenant of a fragment is a text of three parts, ``account/environment/tenant``: the cloud
account and deployment environment of the resource and the tenant a record names, each empty where
not said. It takes the place of the record's own tenant key.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.stitching.facts import LinkFacts, LogFacts, SpanFacts
from collector.model.stitching.keys import Letter
from collector.store.stitching import STITCHING

Places = dict[int, tuple[str, str]]
"""Account and deployment environment by resource; without those that say neither."""

_NOWHERE: Final = ("", "")
_RESOURCE: Final = 7  # of what follows the span id in trace_spans


@dataclass(slots=True)
class TraceFacts:
    """The records of one trace, or of one invocation outside any trace (``home`` names it)."""

    spans: list[SpanFacts] = field(default_factory=list)
    logs: list[LogFacts] = field(default_factory=list)
    first_seq: int = 2**63 - 1


def read_traces(cursor: Cursor, since_seq: int, up_to_seq: int) -> dict[str, TraceFacts]:
    """All records of the dirty traces, by trace id."""
    reach = {"since_seq": since_seq, "up_to_seq": up_to_seq}
    places = read_places(cursor)
    links: dict[tuple[str, str], list[LinkFacts]] = defaultdict(list)
    for trace_id, span_id, linked, linked_span, message_id, keys in STITCHING.rows(
        cursor, "trace_links", **reach
    ):
        found = LinkFacts(linked, linked_span, message_id, tuple(keys or ()))
        links[trace_id, span_id].append(found)
    event_keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for trace_id, span_id, key in STITCHING.rows(cursor, "trace_span_keys", **reach):
        event_keys[trace_id, span_id].append(key)
    traces: dict[str, TraceFacts] = defaultdict(TraceFacts)
    for trace_id, span_id, *row, keys, seq in STITCHING.rows(cursor, "trace_spans", **reach):
        trace = traces[trace_id]
        trace.first_seq = min(trace.first_seq, seq)
        whose = (trace_id, span_id)
        said = _with_tenant([*(keys or ()), *event_keys.get(whose, ())], places, row[_RESOURCE])
        trace.spans.append(_span(span_id, row, said, links.get(whose, ())))
    for trace_id, *record in STITCHING.rows(cursor, "trace_logs", **reach):
        _add_log(traces[trace_id], record, places)
    return dict(traces)


def read_loose_logs(cursor: Cursor, since_seq: int, up_to_seq: int) -> dict[int, TraceFacts]:
    """The records of the dirty invocations that name no trace, by the key of their home."""
    places = read_places(cursor)
    homes: dict[int, TraceFacts] = defaultdict(TraceFacts)
    for home, *record in STITCHING.rows(
        cursor, "loose_logs", since_seq=since_seq, up_to_seq=up_to_seq
    ):
        _add_log(homes[home], record, places)
    return dict(homes)


def read_places(cursor: Cursor) -> Places:
    """What resources say of where they are."""
    return {
        resource_id: (account or "", environment or "")
        for resource_id, account, environment in STITCHING.rows(cursor, "tenants")
        if account or environment
    }


def _span(
    span_id: str, row: Iterable[Any], keys: tuple[str, ...], links: Iterable[LinkFacts]
) -> SpanFacts:
    return SpanFacts(span_id, *tuple(row), keys=keys, links=tuple(links))


def _add_log(trace: TraceFacts, record: list[Any], places: Places) -> None:
    time_ns, span_id, function, invocation, value, keys, resource_id, seq = record
    trace.first_seq = min(trace.first_seq, seq)
    said = _with_tenant(keys or (), places, resource_id)
    trace.logs.append(LogFacts(time_ns, span_id, function, invocation, value, said))


def _with_tenant(keys: Iterable[str], places: Places, resource_id: int | None) -> tuple[str, ...]:
    said = [key for key in keys if key[:1] != Letter.TENANT]
    tenant = next((key[1:] for key in keys if key[:1] == Letter.TENANT), "")
    account, environment = places.get(resource_id or 0, _NOWHERE)
    if account or environment or tenant:
        said.append(f"{Letter.TENANT}{account}/{environment}/{tenant}")
    return tuple(said)
