"""Exports of one shape with fresh ids, times and business ids each, made at memory speed.

A template is serialised once with marker values; each export is a copy of its bytes with the
markers overwritten by random ones. A span is about 420 bytes with 9 attributes, 8 spans a trace,
after the shape design targets are stated for.
"""

import time
from dataclasses import dataclass

import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SPANS_PER_TRACE = 8
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_DIGITS = np.frombuffer(b"0123456789", np.uint8)


class SpanExports:
    """An endless supply of trace exports of ``spans`` spans each."""

    def __init__(self, spans: int, seed: int = 0) -> None:
        self.spans = spans
        self._random = np.random.default_rng(seed)
        message, marks = _template(spans)
        self._bytes = np.frombuffer(message.SerializeToString(), np.uint8)
        raw = self._bytes.tobytes()
        self._trace_ids = _find(raw, marks.traces, 16)
        self._trace_of = np.array(marks.trace_of)
        self._span_ids = _find(raw, marks.spans, 8)
        self._parents = _find(raw, marks.parents, 8)
        self._starts = _find(raw, marks.starts, 8)
        self._ends = _find(raw, marks.ends, 8)
        self._invocations = _find(raw, marks.invocations, 36)
        self._orders = _find(raw, marks.orders, 10)

    @property
    def size(self) -> int:
        """Bytes of one export."""
        return len(self._bytes)

    def make(self) -> tuple[bytes, np.ndarray]:
        """One export and its span ids as uint64 (big-endian value)."""
        body, rnd = self._bytes.copy(), self._random
        traces = rnd.integers(1, 256, (len(self._trace_of) // SPANS_PER_TRACE + 1, 16), np.uint8)
        body[self._trace_ids] = traces[self._trace_of]
        spans = rnd.integers(1, 256, self._span_ids.shape, np.uint8)
        body[self._span_ids] = spans
        child = np.arange(self.spans) % SPANS_PER_TRACE != 0
        body[self._parents] = spans[:-1][child[1:]]
        starts = time.time_ns() + np.arange(self.spans, dtype="<u8") * 1000
        body[self._starts] = starts.view(np.uint8).reshape(-1, 8)
        ends = starts + rnd.integers(10**5, 10**9, self.spans, dtype="<u8")
        body[self._ends] = ends.view(np.uint8).reshape(-1, 8)
        body[self._invocations] = _uuids(rnd, len(self._invocations))
        orders = _DIGITS[rnd.integers(0, 10, (len(traces), 10), np.uint8)]
        body[self._orders] = orders[self._trace_of]  # a trace is about one order
        return body.tobytes(), spans.view(">u8").ravel()


@dataclass(frozen=True, slots=True)
class _Marks:
    traces: list[bytes]
    trace_of: list[int]
    spans: list[bytes]
    parents: list[bytes]
    starts: list[bytes]
    ends: list[bytes]
    invocations: list[bytes]
    orders: list[bytes]


def _template(count: int) -> tuple[ExportTraceServiceRequest, _Marks]:
    marks = _Marks([], [], [], [], [], [], [], [])
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    for key, value in (
        ("service.name", "orders-worker"),
        ("cloud.provider", "aws"),
        ("cloud.region", "eu-west-1"),
        ("cloud.account.id", "123456789012"),
        ("faas.name", "orders-worker"),
        ("faas.version", "17"),
        ("faas.instance", "2026/11/20/[17]5f1d2c3b4a5968778695a4b3c2d1e0f9"),
    ):
        resource_spans.resource.attributes.add(key=key).value.string_value = value
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = "@opentelemetry/instrumentation-aws-lambda"
    scope_spans.scope.version = "0.60.0"
    for index in range(count):
        first = index % SPANS_PER_TRACE == 0
        span = scope_spans.spans.add(
            trace_id=_mark(b"T", index, 16),
            span_id=_mark(b"S", index, 8),
            parent_span_id=b"" if first else _mark(b"P", index, 8),
            name=f"orders-{index % 20} process",
            kind=1 + index % 5,
            start_time_unix_nano=int.from_bytes(_mark(b"A", index, 8), "little"),
            end_time_unix_nano=int.from_bytes(_mark(b"E", index, 8), "little"),
        )
        span.flags = 0x101
        span.status.code = 2 if index % 97 == 0 else 0
        invocation, order = _mark(b"I", index, 36), _mark(b"O", index, 10)
        for key, value in (
            ("faas.invocation_id", invocation.decode()),
            ("order_id", order.decode()),
            ("faas.trigger", "pubsub"),
            ("messaging.system", "aws_sqs"),
            ("messaging.destination.name", f"orders-{index % 6}-queue"),
            ("http.route", "/orders/{id}"),
            ("code.function.name", f"handler.step_{index % 11}"),
        ):
            span.attributes.add(key=key).value.string_value = value
        span.attributes.add(key="faas.coldstart").value.bool_value = index % 50 == 0
        span.attributes.add(key="http.response.status_code").value.int_value = 200
        marks.traces.append(span.trace_id)
        marks.trace_of.append(index // SPANS_PER_TRACE)
        marks.spans.append(span.span_id)
        if not first:
            marks.parents.append(span.parent_span_id)
        marks.starts.append(_mark(b"A", index, 8))
        marks.ends.append(_mark(b"E", index, 8))
        marks.invocations.append(invocation)
        marks.orders.append(order)
    return request, marks


def _mark(kind: bytes, index: int, width: int) -> bytes:
    return (kind + b"%05d" % index).ljust(width, b"#")


def _find(raw: bytes, marks: list[bytes], width: int) -> np.ndarray:
    starts, position = [], 0
    for mark in marks:
        position = raw.index(mark, position)
        starts.append(position)
    return np.array(starts, np.int64)[:, None] + np.arange(width)


def _uuids(rnd: np.random.Generator, count: int) -> np.ndarray:
    text = _HEX[rnd.integers(0, 16, (count, 36), np.uint8)]
    text[:, [8, 13, 18, 23]] = ord("-")
    return text
