"""Rows of event traces, made at memory speed and put straight into the tables of a store.

An event is 25 spans in five traces that follow each other over queues: each trace is an invocation
that takes a message, works, and sends the next. Every hop of an event comes in another export. One
event in five passes a batch: its third hop is handled, with up to nine others, by one invocation
with a process span for each message.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collector.columns import EXPORTS, SPAN_LINKS, SPANS

HOPS: Final = 5
SPANS_A_TRACE: Final = 5
SPANS_AN_EVENT: Final = HOPS * SPANS_A_TRACE
BATCHED: Final = 0.2
MOST_IN_A_BATCH: Final = 10
EVENTS_AN_EXPORT: Final = 100
_HOP_NS: Final = 50_000_000
_FUNCTIONS: Final = ("orders-api", "orders-worker", "payment", "shipping", "notify")
_QUEUES: Final = ("", "orders", "payments", "shipments", "mails")
_BATCH_HOP: Final = 2

Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one chunk of events."""

    spans: pa.Table
    links: pa.Table
    exports: pa.Table


def chunks(events: int, *, first_ns: int, step_ns: int, first: int = 0) -> Iterator[Rows]:
    """Rows of so many events, from the one of number ``first`` on, in order of arrival.

    Events start ``step_ns`` apart, the first of all at ``first_ns``; exports are numbered from 1.
    """
    random = np.random.default_rng(first + 1)
    made = 0
    seq = 0
    while made < events:
        count = min(20 * EVENTS_AN_EXPORT, events - made)
        yield _chunk(random, count, first + made, seq, first_ns, step_ns)
        made += count
        seq += (count // EVENTS_AN_EXPORT + 1) * HOPS


def _chunk(
    random: np.random.Generator, count: int, made: int, seq: int, first_ns: int, step_ns: int
) -> Rows:
    event = np.repeat(np.arange(count), HOPS)
    hop = np.tile(np.arange(HOPS), count)
    trace = random.integers(1, 256, (count * HOPS, 16), np.uint8)
    batch = _batches(random, count)
    lead = batch[event] != event  # of a batch, all but the first have no trace of their own
    gone = lead & (hop == _BATCH_HOP)
    leads = np.bincount(batch, minlength=count)[event] > 1
    leads &= (batch[event] == event) & (hop == _BATCH_HOP)
    messages = _uuids(random, count * HOPS)
    start = first_ns + (made + event) * step_ns + hop * _HOP_NS
    export = seq + 1 + (event // EVENTS_AN_EXPORT) * HOPS + hop
    parts = [
        _spans(random, event, hop, trace, messages, start, export, ~gone, leads, made),
        _batch_spans(random, event, hop, trace, messages, start, export, batch, made),
    ]
    spans = pa.concat_tables(part for part in parts if part.num_rows).sort_by("export_seq")
    links = _links(random, spans.num_rows)
    numbers = np.unique(spans["export_seq"].to_numpy())
    counts = np.bincount(spans["export_seq"].to_numpy() - numbers[0])[numbers - numbers[0]]
    exports = pa.table(
        {
            "export_seq": numbers,
            "content_ns": np.full(len(numbers), first_ns),
            "digest": _uuid_column(random.integers(0, 256, (len(numbers), 16), np.uint8)),
            "signal": pa.array(["traces"] * len(numbers)),
            "received_ns": np.full(len(numbers), first_ns),
            "records": counts,
            "rejected": np.zeros(len(numbers), np.int64),
            "bytes": counts * 400,
        },
        schema=EXPORTS,
    )
    return Rows(spans, links, exports)


def _batches(random: np.random.Generator, count: int) -> Array:
    """The first event of the batch each event passes; itself where it passes none."""
    first = np.arange(count)
    position = 0
    while position < count:
        if random.random() < BATCHED / 5:
            size = int(random.integers(2, MOST_IN_A_BATCH + 1))
            first[position : position + size] = position
            position += size
        else:
            position += 1
    return first


def _spans(
    random: np.random.Generator, event: Array, hop: Array, trace: NDArray[np.uint8],
    messages: pa.Array, start: Array, export: Array, kept: NDArray[np.bool_],
    leads: NDArray[np.bool_], made: int,
) -> pa.Table:  # fmt: skip
    """Five spans a trace: the invocation, three within it, the send of the next message."""
    traces = np.flatnonzero(kept)
    index = np.repeat(traces, SPANS_A_TRACE)
    place = np.tile(np.arange(SPANS_A_TRACE), len(traces))
    ids = random.integers(1, 2**63, len(index), np.uint64)
    ids[::SPANS_A_TRACE] = _roots(made, traces)
    roots = np.repeat(ids[::SPANS_A_TRACE], SPANS_A_TRACE)
    first, last = place == 0, place == SPANS_A_TRACE - 1
    hops = hop[index]
    taken = np.where(first & (hops > 0), index - 1, -1)
    sent = np.where(last & (hops < HOPS - 1), index, -1)
    taken, sent = np.where(leads[index], -1, taken), np.where(leads[index], -1, sent)
    message = np.maximum(taken, sent)
    functions = pa.array(_FUNCTIONS).take(pa.array(hops))
    queue = np.where(taken >= 0, hops, np.where(sent >= 0, hops + 1, 0))
    kinds = np.where(
        first, np.where((hops > 0) & ~leads[index], 5, 2), np.where(last & (sent >= 0), 4, 1)
    )
    orders = pa.array([f"ord-{made + each:09d}" for each in range(int(event.max()) + 1)])
    silent = ~(first | (place == 2)) | leads[index]
    return _table(
        start_ns=start[index] + place * 1_000_000,
        duration_ns=np.where(first, 9_000_000, 800_000),
        trace_id=_uuid_column(trace[index]),
        span_id=ids,
        parent_span_id=pa.array(roots, mask=first),
        name=pa.array(["handle", "query", "compute", "GET /prices", "send"]).take(pa.array(place)),
        kind=kinds.astype(np.int8),
        status_code=np.zeros(len(index), np.int8),
        function=functions,
        invocation_id=_masked(_uuids(random, len(traces)).take(
            pa.array(np.repeat(np.arange(len(traces)), SPANS_A_TRACE))), ~first),
        trigger=_masked(pa.array(["http", "pubsub"]).take(
            pa.array((hops > 0).astype(np.int64))), ~first),
        correlation_id=_masked(orders.take(pa.array(event[index])), silent),
        destination=_masked(pa.array(_QUEUES).take(pa.array(queue)), queue == 0),
        message_id=_masked(messages.take(pa.array(np.maximum(message, 0))), message < 0),
        resource_id=hops.astype(np.uint64) + 1,
        export_seq=export[index],
    )  # fmt: skip


def _batch_spans(
    random: np.random.Generator, event: Array, hop: Array, trace: NDArray[np.uint8],
    messages: pa.Array, start: Array, export: Array, batch: Array, made: int,
) -> pa.Table:  # fmt: skip
    """For each message of a batch: its process span and the send, in the batch's trace."""
    sizes = np.bincount(batch, minlength=len(batch))
    others = np.flatnonzero((sizes[batch[event]] > 1) & (hop == _BATCH_HOP))
    home = batch[event[others]] * HOPS + _BATCH_HOP
    index, at = np.repeat(others, 2), np.repeat(home, 2)
    sends = np.tile([False, True], len(others))
    ids = random.integers(1, 2**63, len(index), np.uint64)
    parent = np.where(sends, np.repeat(ids[::2], 2), _roots(made, at))
    orders = pa.array([f"ord-{made + each:09d}" for each in range(int(event.max()) + 1)])
    return _table(
        start_ns=start[at] + 2_000_000,
        duration_ns=np.full(len(index), 500_000),
        trace_id=_uuid_column(trace[at]),
        span_id=ids,
        parent_span_id=parent,
        name=pa.array(["process", "send"]).take(pa.array(sends.astype(np.int64))),
        kind=np.where(sends, 4, 5).astype(np.int8),
        status_code=np.zeros(len(index), np.int8),
        function=pa.array([_FUNCTIONS[_BATCH_HOP]] * len(index)),
        correlation_id=orders.take(pa.array(event[index])),
        destination=pa.array([_QUEUES[_BATCH_HOP], _QUEUES[_BATCH_HOP + 1]]).take(
            pa.array(sends.astype(np.int64))),
        message_id=messages.take(pa.array(np.where(sends, index, index - 1))),
        resource_id=np.full(len(index), _BATCH_HOP + 1, np.uint64),
        export_seq=export[at],
    )  # fmt: skip


def _roots(made: int, traces: Array) -> NDArray[np.uint64]:
    """Ids of the first spans of traces, by the number of the trace."""
    return (2**62 + made * HOPS + traces).astype(np.uint64)


def _links(random: np.random.Generator, rows: int) -> pa.Table:
    """None: these queues carry no context."""
    return SPAN_LINKS.empty_table()


def _table(**columns: pa.Array | NDArray[np.generic]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    return pa.table(
        [
            pa.array(columns[field.name], field.type)
            if isinstance(columns.get(field.name), np.ndarray)
            else columns.get(field.name, pa.nulls(rows, field.type))
            for field in SPANS
        ],
        schema=SPANS,
    )


def _masked(values: pa.Array, absent: NDArray[np.bool_]) -> pa.Array:
    return pa.compute.if_else(pa.array(absent), pa.scalar(None, values.type), values)


def _uuid_column(ids: NDArray[np.uint8]) -> pa.Array:
    data = pa.py_buffer(np.ascontiguousarray(ids).tobytes())
    storage = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(ids), [None, data])
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def _uuids(random: np.random.Generator, count: int) -> pa.Array:
    text = np.frombuffer(b"0123456789abcdef", np.uint8)[random.integers(0, 16, (count, 36))]
    text[:, [8, 13, 18, 23]] = ord("-")
    offsets = pa.py_buffer((np.arange(count + 1, dtype=np.int32) * 36).tobytes())
    return pa.StringArray.from_buffers(count, offsets, pa.py_buffer(text.tobytes()))
