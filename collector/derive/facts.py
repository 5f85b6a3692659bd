"""The records of traces that are not plain, and of what names no trace, as facts for the core."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from collector.derive.coding import Truths, numbers
from collector.model.stitching.facts import LinkFacts, LogFacts, SpanFacts
from collector.store.stitching_facts import Records

_EVER: Final = 2**63 - 1
_SPAN: Final = (
    "trace", "span_id", "parent_span_id", "name", "kind", "start_ns", "end_ns", "failed",
    "function", "resource_id", "invocation_id", "cold_start", "trigger", "destination",
    "message_id", "correlation_id", "keys", "export_seq",
)  # fmt: skip
_LOG: Final = (
    "trace", "time_ns", "span_id", "function", "invocation_id", "correlation_id", "keys",
    "export_seq",
)  # fmt: skip
_LINK: Final = ("trace", "span_id", "linked_trace", "linked_span", "message_id", "keys")


@dataclass(slots=True)
class TraceFacts:
    """The records of one trace, or of one invocation that names none."""

    spans: list[SpanFacts] = field(default_factory=list)
    logs: list[LogFacts] = field(default_factory=list)
    first_seq: int = _EVER


def trace_facts(records: Records, wanted: Truths) -> dict[str, TraceFacts]:
    """All records of the wanted traces, by trace id."""
    links: dict[tuple[int, int], list[LinkFacts]] = defaultdict(list)
    for trace, span, linked, linked_span, message_id, keys in _rows(records.links, _LINK, wanted):
        found = LinkFacts(linked, linked_span, message_id, tuple(keys or ()))
        links[trace, span].append(found)
    event_keys: dict[tuple[int, int], list[str]] = defaultdict(list)
    for trace, span, key in _rows(records.event_keys, ("trace", "span_id", "key"), wanted):
        event_keys[trace, span].append(key)
    traces: dict[int, TraceFacts] = defaultdict(TraceFacts)
    for trace, span, parent, *row, keys, seq in _rows(records.spans, _SPAN, wanted):
        facts = traces[trace]
        facts.first_seq = min(facts.first_seq, seq)
        said = (*(keys or ()), *event_keys.get((trace, span), ()))
        values: tuple[Any, ...] = (*row, said, tuple(links.get((trace, span), ())))
        facts.spans.append(SpanFacts(_hex(span), None if parent is None else _hex(parent), *values))
    for trace, *record in _rows(records.logs, _LOG, wanted):
        _add_log(traces[trace], record)
    texts = records.traces["text"].to_pylist() if traces else []
    return {texts[trace].removeprefix("t:"): facts for trace, facts in traces.items()}


def loose_facts(records: Iterable[tuple[Any, ...]]) -> dict[int, TraceFacts]:
    """The records that name no trace, by the key of their home."""
    homes: dict[int, TraceFacts] = defaultdict(TraceFacts)
    for home, *record in records:
        _add_log(homes[home], record)
    return dict(homes)


def _rows(table: pa.Table, names: Iterable[str], wanted: Truths) -> Iterable[tuple[Any, ...]]:
    mine = table.filter(pa.array(wanted[numbers(table["trace"])])).select(list(names))
    return zip(*(column.to_pylist() for column in mine.columns), strict=True)


def _add_log(trace: TraceFacts, record: list[Any]) -> None:
    time_ns, span_id, function, invocation, value, keys, seq, *of_platform = record
    trace.first_seq = min(trace.first_seq, seq)
    span = None if span_id is None else _hex(span_id)
    trace.logs.append(
        LogFacts(time_ns, span, function, invocation, value, tuple(keys or ()), *of_platform)
    )


def _hex(span_id: int) -> str:
    return f"{span_id:016x}"
