"""Spans, their events and their links as columns: the fast path of traces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.batch import Batch, Export, Signal
from collector.columns import SPAN_EVENTS, SPAN_LINKS, SPANS
from collector.decode import meanings, semconv
from collector.decode.attributes import Attributes, normalised, read_attributes
from collector.decode.envelope import Envelope, open_envelope, parents
from collector.decode.identity import (
    FUNCTION_NAMES,
    correlation_column,
    family_column,
    function_column,
    id_column,
)
from collector.decode.key_lists import Held
from collector.decode.key_names import Names, names_of
from collector.decode.keys import Wanted, key_column
from collector.decode.limits import Limits
from collector.decode.outcomes import Verdict, batch_of, kept
from collector.decode.promote import Promoter
from collector.decode.records import Ids, Mask, enumeration, in_range, nullable, times
from collector.decode.resource_keys import tenants
from collector.decode.wire import READERS

# Every attribute name that fills a column of spans.
_WANTED: Final = frozenset(
    FUNCTION_NAMES
    + semconv.INVOCATION
    + semconv.COLD_START
    + semconv.TRIGGER
    + semconv.DESTINATION
    + semconv.MESSAGE
    + semconv.ERROR_TYPE
    + semconv.EXCEPTION_TYPE
    + semconv.CORRELATION
)

KINDS: Final = 6
STATUS_CODES: Final = 3
ERROR: Final = 2
BAD_LINK: Final = "links dropped for want of a valid trace id and span id, their spans kept"


@dataclass(frozen=True, slots=True)
class _Children:
    """The events or the links of a group, and the index of the span each belongs to."""

    structs: pa.StructArray
    span: NDArray[np.int64]
    attributes: Attributes


class _Spans:
    """The spans of a group: what more than one table is made from."""

    def __init__(self, envelope: Envelope) -> None:
        structs = envelope.records
        self.envelope = envelope
        self.structs = structs
        self.trace_ids = Ids(structs.field("trace_id"), 16)
        self.span_ids = Ids(structs.field("span_id"), 8)
        self.parent_ids = Ids(structs.field("parent_span_id"), 8)
        self.start_ns = structs.field("start_time_unix_nano").to_numpy()
        self.end_ns = structs.field("end_time_unix_nano").to_numpy()
        self.attributes = read_attributes(structs.field("attributes"))

    def children(self, name: str) -> _Children | None:
        """Events or links; None when no span of the group has any."""
        lists = self.structs.field(name)
        if not len(lists.values):
            return None
        attributes = read_attributes(lists.values.field("attributes"))
        return _Children(lists.values, parents(lists), attributes)


def decode_traces(exports: Sequence[Export], limits: Limits) -> Batch:
    """Raises RefusedError, ValueError or a Rust panic where the fast path cannot vouch."""
    groups = READERS[Signal.TRACES].read([each.body for each in exports])
    envelope = open_envelope(groups, exports, "scope_spans", "spans")
    verdict = Verdict(envelope.export, len(exports))
    if not len(envelope.records):
        return batch_of(envelope, verdict, np.zeros(0, np.int64), {})
    spans = _Spans(envelope)
    events, links = spans.children("events"), spans.children("links")
    _judge(spans, [each for each in (events, links) if each], limits, verdict)
    tables = {}
    names = names_of(limits.correlation_attributes)
    dropped_links = spans.structs.field("dropped_links_count")
    if events:
        tables["span_events"] = kept(_event_table(spans, events, names), verdict.kept[events.span])
    if links:
        linked, usable = _link_table(spans, links, names)
        dropped_links = _with_dropped(dropped_links, links.span[~usable])
        verdict.warn(BAD_LINK, links.span[~usable])
        tables["span_links"] = kept(linked, usable & verdict.kept[links.span])
    tables["spans"] = kept(_span_table(spans, events, dropped_links, limits), verdict.kept)
    return batch_of(envelope, verdict, spans.start_ns.view(np.int64), tables)


def _judge(spans: _Spans, children: Sequence[_Children], limits: Limits, verdict: Verdict) -> None:
    """Rejects the spans that cannot be kept; the order is that of the reasons counted."""
    ended = spans.end_ns != 0
    verdict.reject("invalid_trace_id", ~spans.trace_ids.usable)
    verdict.reject("invalid_span_id", ~spans.span_ids.usable)
    verdict.reject("invalid_parent_span_id", spans.parent_ids.wrong_length)
    verdict.reject("invalid_time", ~in_range(spans.start_ns))
    verdict.reject("invalid_time", ended & ~in_range(spans.end_ns))
    verdict.reject("too_many_attributes", spans.attributes.count > limits.max_attributes)
    for each in children:
        crowded = each.span[each.attributes.count > limits.max_attributes]
        verdict.reject("too_many_attributes", np.isin(np.arange(len(verdict.kept)), crowded))


def _span_table(
    spans: _Spans, events: _Children | None, dropped_links: pa.Array, limits: Limits
) -> pa.Table:
    structs, envelope = spans.structs, spans.envelope
    status = structs.field("status")
    status_code = enumeration(status.field("code"), STATUS_CODES)
    ended = spans.end_ns != 0
    duration = spans.end_ns.view(np.int64) - spans.start_ns.view(np.int64)
    attributes = spans.attributes
    names = names_of(limits.correlation_attributes)
    promoter = Promoter(attributes, Wanted(_WANTED, names))
    correlation_id = correlation_column(promoter, semconv.CORRELATION, limits)
    message_id = id_column(promoter, semconv.MESSAGE)
    held = Held(
        message_id,
        correlation_id,
        family_column(promoter, names, correlation_id),
        spans.trace_ids,
    )
    return pa.Table.from_pydict(
        {
            "start_ns": pa.array(spans.start_ns.view(np.int64)),
            "duration_ns": nullable(duration, ended),
            "trace_id": spans.trace_ids.traces(),
            "span_id": spans.span_ids.spans(),
            "parent_span_id": spans.parent_ids.spans(),
            "name": structs.field("name"),
            "kind": enumeration(structs.field("kind"), KINDS),
            "status_code": status_code,
            "status_message": status.field("message"),
            "trace_state": structs.field("trace_state"),
            "flags": structs.field("flags"),
            "function": function_column(promoter, envelope.function()),
            "invocation_id": id_column(promoter, semconv.INVOCATION),
            "cold_start": normalised(
                promoter.texts(semconv.COLD_START), meanings.truth, pa.bool_()
            ),
            "trigger": normalised(promoter.texts(semconv.TRIGGER), meanings.trigger, pa.string()),
            "correlation_id": correlation_id,
            "destination": normalised(
                promoter.texts(semconv.DESTINATION), meanings.destination, pa.string()
            ),
            "message_id": message_id,
            "error_type": _error_types(promoter, status_code, events),
            "resource_id": envelope.resource_id,
            "scope_id": envelope.scope_id,
            "attributes": attributes.lists,
            "attribute_types": attributes.types,
            "dropped_attributes_count": structs.field("dropped_attributes_count"),
            "dropped_events_count": structs.field("dropped_events_count"),
            "dropped_links_count": dropped_links,
            "export_seq": pa.array(envelope.seq),
            "keys": key_column(promoter, names, held, tenants(envelope)),
        },
        schema=SPANS,
    )


def _error_types(
    promoter: Promoter, status_code: pa.Int8Array, events: _Children | None
) -> pa.StringArray:
    """error.type; on spans that failed also the type of the exception they tell of."""
    named = promoter.texts(semconv.ERROR_TYPE)
    thrown = promoter.texts(semconv.EXCEPTION_TYPE)
    if events:
        thrown = pc.coalesce(thrown, _last_exceptions(events, len(named)))
    if thrown.null_count == len(thrown):
        return named
    failed = pa.array(status_code.to_numpy() == ERROR)
    return pc.coalesce(named, pc.if_else(failed, thrown, pa.scalar(None, pa.string())))


def _last_exceptions(events: _Children, spans: int) -> pa.StringArray:
    """The type in the last exception event of each span: the one that was not handled."""
    promoter = Promoter(events.attributes, frozenset(semconv.EXCEPTION_TYPE))
    found = promoter.positions(semconv.EXCEPTION_TYPE)
    if found is None:
        return pa.nulls(spans, pa.string())
    last = np.full(spans, -1, np.int64)
    last[events.span[found >= 0]] = found[found >= 0]
    return promoter.at(last)


def _event_table(spans: _Spans, events: _Children, names: Names) -> pa.Table:
    structs = events.structs
    promoter = Promoter(events.attributes, Wanted(frozenset(), names))
    return pa.Table.from_pydict(
        {
            **_span_keys(spans, events),
            "time_ns": times(structs.field("time_unix_nano").to_numpy()),
            "name": structs.field("name"),
            **_attribute_columns(events),
            "keys": key_column(promoter, names, Held()),
        },
        schema=SPAN_EVENTS,
    )


def _link_table(spans: _Spans, links: _Children, names: Names) -> tuple[pa.Table, Mask]:
    """The links, and which of them have usable ids."""
    structs = links.structs
    trace_ids, span_ids = Ids(structs.field("trace_id"), 16), Ids(structs.field("span_id"), 8)
    promoter = Promoter(links.attributes, Wanted(frozenset(semconv.MESSAGE), names))
    message_id = id_column(promoter, semconv.MESSAGE)
    table = pa.Table.from_pydict(
        {
            **_span_keys(spans, links),
            "linked_trace_id": trace_ids.traces(),
            "linked_span_id": span_ids.spans(),
            "trace_state": structs.field("trace_state"),
            "flags": structs.field("flags"),
            "message_id": message_id,
            **_attribute_columns(links),
            "keys": key_column(promoter, names, Held(message_id)),
        },
        schema=SPAN_LINKS,
    )
    return table, trace_ids.usable & span_ids.usable


def _span_keys(spans: _Spans, children: _Children) -> dict[str, pa.Array]:
    """What a child repeats of its span."""
    index = pa.array(children.span)
    return {
        "start_ns": pa.array(spans.start_ns.view(np.int64)[children.span]),
        "trace_id": spans.trace_ids.traces().take(index),
        "span_id": spans.span_ids.spans().take(index),
        "export_seq": pa.array(spans.envelope.seq[children.span]),
    }


def _attribute_columns(children: _Children) -> dict[str, pa.Array]:
    return {
        "attributes": children.attributes.lists,
        "attribute_types": children.attributes.types,
        "dropped_attributes_count": children.structs.field("dropped_attributes_count"),
    }


def _with_dropped(counts: pa.UInt32Array, spans: NDArray[np.int64]) -> pa.UInt32Array:
    """The counts, one higher for each time a span is named; they stop at the largest uint32."""
    if not spans.size:
        return counts
    more = np.bincount(spans, minlength=len(counts)) + counts.to_numpy().astype(np.int64)
    return pa.array(np.minimum(more, 2**32 - 1).astype(np.uint32))
