"""A hypothesis strategy for any OTLP export, made from the protocol's own descriptors.

Hypothesis chooses a seed and a builder makes the message of it: drawing each field through
hypothesis was seen to leave nine spans of ten without a valid id, so that nothing was compared.
Ids, times and attribute names are mostly ones that something depends on; all else is arbitrary.
"""

import struct
from random import Random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from collector.batch import Signal
from collector.decode import key_parts, key_rules, semconv
from collector.decode.wire import REQUESTS
from tests.build import NOW_NS

_NAMES = sorted(
    {
        name
        for value in vars(semconv).values()
        if isinstance(value, tuple)
        for name in value
        if isinstance(name, str)
    }
)
_KEY_NAMES = [
    *key_rules.EXACT,
    *key_parts.PART_NAMES,
    *(f"app.{ending}" for ending in key_rules.ENDINGS),
    "order_id",
    "orderId",
    "app.order.id",
    "order.id",
    "invoice.ID",
    "user_id",
    "k8s.job.id",
    "detail",
    "event",
    "http.request.header.x-order-id",
    "http.request.header.ce-causationid",
]
_TEXTS = [
    "",
    "orders",
    "true",
    "False",
    "cron",
    '["c-1","c-2"]',
    "[",
    '{"correlation_id":"c-9","requestId":"r-9"}',
    (
        '{"_aws":{"Timestamp":1795186800000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":'
        '[["service"],[],["gone"]],"Metrics":[{"Name":"Paid","Unit":"Count"},{"Name":"gone"}]}]},'
        '"service":"pay","Paid":[1,2.5]}'
    ),
    '{"FunctionName":"orders","Resource":"orders:live"}',
    "{broken",
    "1-6b006070-c0ffee00112233445566778f",
    "Self=1-1-2;Root=1-6B006070-c0ffee00112233445566778f;Sampled=1",
    "arn:aws:sns:eu-west-1:123456789012:orders-topic",
    "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-queue",
    "arn:aws:lambda:eu-west-1:123456789012:function:orders:17",
    "//run.googleapis.com/projects/p/locations/l/services/s",
    "/aws/lambda/orders",
    "ORD-12345",
    "ord-12345",
    "0123456789",
    "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "000000000",
    "1.1.1.1.",
    '"quoted-17"',
    " 17 and more\u00a0",
    "00-6b006070c0ffee00112233445566778f-53995c3f42cd8ad8-01",
    "6b006070c0ffee00112233445566778f",
    "6B006070C0FFEE00112233445566778F/77;o=1",
    "correlation_id=c-17,b=2",
    "1795186800123",
    "2026-11-20T15:00:00Z",
    "dead_letter",
    "x17" * 200,
    "7" * 129,
    '{"orderId":"ORD-12345","detail":{"metadata":{"correlationId":"c-17"},"order":{"id":17}}}',
    (
        '{"id":"e-1700000","source":"s","detail-type":"t","detail":{"bucket":{"name":"bkt"},'
        '"object":{"key":"a/b"}},"Records":[{"messageId":"m-170000","n":[1,2]}]}'
    ),
    '{"specversion":"1.0","id":"ce-17","source":"/o","body":"{\\"MessageId\\":\\"m-170000\\"}"}',
    '{"otelTraceID":"6b006070c0ffee00112233445566778f","otelSpanID":"53995C3F42cd8ad8"}',
    '{"messageAttributes":{"orderId":{"stringValue":"ORD-12345","dataType":"String"}}}',
    "START RequestId: 8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11 Version: 17",
    "[INFO]\t2026-11-20T15:00:12.100Z\t8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11\tw\u00f6rking",
    "53995c3f42cd8ad8",
    '{"a":' * 9 + '{"order_id":"ORD-12345"}' + "}" * 9,
]
# Only profiles use these; wire.py says what they mean for the other signals.
_PROFILES_ONLY = {"key_strindex", "string_value_strindex"}
_DEEPEST = 10
_WIDTHS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
_EDGES = {
    FieldDescriptor.CPPTYPE_INT32: [-(2**31), -1, 2**31 - 1],
    FieldDescriptor.CPPTYPE_INT64: [-(2**63), -1, 2**63 - 1],
    FieldDescriptor.CPPTYPE_UINT32: [2**32 - 1],
    FieldDescriptor.CPPTYPE_UINT64: [2**63, 2**64 - 1],
    FieldDescriptor.CPPTYPE_ENUM: [-1, 24, 200, 2**31 - 1],
}
_DOUBLES = [0.0, -0.0, 1.5, 1e300, 5e-324, float("inf"), float("-inf"), float("nan"), 1e16, 0.1]


def exports(signal: Signal) -> st.SearchStrategy[Message]:
    """Any ``Export*ServiceRequest`` of a signal."""
    return st.integers(0, 2**64 - 1).map(lambda seed: any_export(signal, Random(seed)))


def any_export(signal: Signal, chance: Random) -> Message:
    """An export that is all the builder's doing: the same chance gives the same message."""
    kind = REQUESTS[signal]
    return kind(**_Builder(chance).arguments(kind.DESCRIPTOR, 0))


class _Builder:
    """Fills any message; one in ten ids and one in thirty times is not usable."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        # Many senders fill few fields, some fill all.
        self._fullness = chance.choice([0.3, 0.7, 1.0])

    def arguments(self, kind: Descriptor, depth: int) -> dict[str, Any]:
        """What a message is built from; oneofs get one member, too deep messages nothing."""
        built = {}
        for field in self._fields(kind):
            needed = field.name in _WIDTHS or field.name.endswith("time_unix_nano") or depth < 3
            deep = field.message_type is not None and depth >= _DEEPEST
            if not deep and (needed or self._chance.random() < self._fullness):
                built[field.name] = self._field(field, depth)
        if kind.name == "HistogramDataPoint" and self._chance.random() < 0.8:
            built["explicit_bounds"] = [0.5] * max(0, len(built.get("bucket_counts", ())) - 1)
        return built

    def _fields(self, kind: Descriptor) -> list[FieldDescriptor]:
        plain = [each for each in kind.fields if each.containing_oneof is None]
        choices = [self._chance.choice(oneof.fields) for oneof in kind.oneofs]
        if kind.name == "AnyValue" and self._chance.random() < 0.5:
            choices = [kind.fields_by_name["string_value"]]
        return [each for each in plain + choices if each.name not in _PROFILES_ONLY]

    def _field(self, field: FieldDescriptor, depth: int) -> Any:
        if not field.is_repeated:
            return self._one(field, depth)
        most = 5 if field.name == "attributes" else 3 if depth < 4 else 2
        return [self._one(field, depth) for _ in range(self._chance.randint(0, most))]

    def _one(self, field: FieldDescriptor, depth: int) -> Any:
        chance = self._chance
        if field.message_type is not None:
            return self.arguments(field.message_type, depth + 1)
        if field.name in _WIDTHS:
            return self._id(_WIDTHS[field.name])
        if field.name.endswith("time_unix_nano"):
            return self._time()
        if field.type == FieldDescriptor.TYPE_BYTES:
            return chance.randbytes(chance.randint(0, 4))
        if field.type == FieldDescriptor.TYPE_STRING:
            return self._name() if field.name == "key" else self._text()
        if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
            return chance.random() < 0.5
        if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
            return chance.choice([*_DOUBLES, struct.unpack("d", chance.randbytes(8))[0]])
        return chance.choice([0, 1, 2, 3, *_EDGES[field.cpp_type]])

    def _name(self) -> str:
        return self._chance.choice(self._chance.choice([_NAMES, _KEY_NAMES]))

    def _text(self) -> str:
        if self._chance.random() < 0.7:
            return self._chance.choice(_TEXTS)
        letters = "aé😀\x00\U0010ffff {"
        return "".join(self._chance.choices(letters, k=self._chance.randint(0, 4)))

    def _id(self, width: int) -> bytes:
        if self._chance.random() < 0.9:
            return self._chance.randbytes(width)
        return self._chance.choice([b"", bytes(width), b"x", b"x" * (width + 1)])

    def _time(self) -> int:
        if self._chance.random() < 0.97:
            return NOW_NS + self._chance.randint(-(10**9), 10**9)
        return self._chance.choice([0, 1, 2**63 - 1, 2**63, 2**64 - 1])
