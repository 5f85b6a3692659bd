"""OTLP/JSON becomes the protobuf message it stands for, or says what is wrong with it."""

import base64
from typing import Any

import orjson
import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.batch import Signal
from collector.decode.otlp_json import json_to_protobuf
from collector.errors import Malformed
from tests.build import NOW_NS, TRACE_ID, attributes
from tests.decode.messages import exports

_IDS = {"traceId", "spanId", "parentSpanId"}


def otlp_json(message: Any) -> Any:
    """A message in protobuf's JSON with OTLP's one change: ids are hex, not base64."""
    return _hex_ids(MessageToDict(message, use_integers_for_enums=True))


def _hex_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: base64.b64decode(each).hex() if key in _IDS else _hex_ids(each)
            for key, each in value.items()
        }
    return [_hex_ids(each) for each in value] if isinstance(value, list) else value


def read_span(**members: Any) -> Span:
    """The span that one in OTLP/JSON with these members stands for."""
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [members]}]}]}
    request = ExportTraceServiceRequest.FromString(
        json_to_protobuf(Signal.TRACES, orjson.dumps(body))
    )
    return request.resource_spans[0].scope_spans[0].spans[0]


@pytest.mark.parametrize("signal", list(Signal))
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_json_is_the_message_it_stands_for(signal: Signal, data: st.DataObject) -> None:
    """Any message written as OTLP/JSON is read back byte for byte."""
    message = data.draw(exports(signal))

    read = json_to_protobuf(signal, orjson.dumps(otlp_json(message)))

    assert read == message.SerializeToString()


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"traceId": TRACE_ID.hex().upper()}, {"trace_id": TRACE_ID}),
        ({"traceId": "not hex"}, {"trace_id": b"\0"}),
        ({"traceId": ""}, {}),
        ({"kind": 2}, {"kind": 2}),
        ({"kind": "SPAN_KIND_SERVER"}, {"kind": 2}),
        ({"kind": "2"}, {"kind": 2}),
        ({"kind": "SPAN_KIND_OF_THE_FUTURE"}, {}),
        ({"startTimeUnixNano": str(NOW_NS)}, {"start_time_unix_nano": NOW_NS}),
        ({"startTimeUnixNano": NOW_NS}, {"start_time_unix_nano": NOW_NS}),
        ({"flags": 256.0}, {"flags": 256}),
        ({"name": None, "attributes": None, "status": None}, {}),
        ({"start_time_unix_nano": 7, "future": {"deep": [1]}}, {}),
    ],
)
def test_senders_differ_and_are_understood(
    members: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Hex of either case, enums as number or name, numbers as strings, null, unknown keys."""
    assert read_span(**members) == Span(**expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"doubleValue": "NaN"}, "nan"),
        ({"doubleValue": "-Infinity"}, "-inf"),
        ({"doubleValue": "1e3"}, "1000.0"),
        ({"doubleValue": 7}, "7.0"),
        ({"intValue": "-9223372036854775808"}, "-9223372036854775808"),
        ({"bytesValue": "AAE="}, "b'\\x00\\x01'"),
        ({"bytesValue": "_-8"}, "b'\\xff\\xef'"),
        ({"boolValue": False}, "False"),
        ({"stringValue": ""}, "''"),
    ],
)
def test_attribute_values_of_every_type(written: dict[str, Any], expected: str) -> None:
    """The words for non-finite doubles, 64-bit integers and base64 of both alphabets."""
    (attribute,) = read_span(attributes=[{"key": "k", "value": written}]).attributes

    assert repr(getattr(attribute.value, attribute.value.WhichOneof("value"))) == expected


def test_nested_and_empty_values_keep_their_shape() -> None:
    """Arrays in kvlists, an empty array and a value that is none."""
    span = read_span(
        attributes=[
            {"key": "a", "value": {"kvlistValue": {"values": [{"key": "b", "value": {
                "arrayValue": {"values": [{"intValue": 1}, {}]}}}]}}},
            {"key": "c", "value": {"arrayValue": {}}},
            {"key": "d"},
        ]
    )  # fmt: skip

    expected = attributes({"a": {"b": [1, None]}, "c": []})
    assert [each.SerializeToString() for each in span.attributes[:2]] == [
        each.SerializeToString() for each in expected
    ]
    assert not span.attributes[2].HasField("value")


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        (b"", "send OTLP/JSON or protobuf"),
        (b"{", "send OTLP/JSON or protobuf"),
        (b'"text"', "must be an object"),
        (b'{"resourceSpans":{}}', "resourceSpans: must be an array"),
        (b'{"resourceSpans":[null]}', "must be an object"),
        (b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":1}]}]}]}', "name: must be a string"),
        (b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"flags":-1}]}]}]}', "out of range"),
        (b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":true}]}]}]}', "must be an integer"),
        (b'{"resourceSpans":[{"schemaUrl":"\xff"}]}', "send OTLP/JSON or protobuf"),
        (b"[" * 100_000, "send OTLP/JSON or protobuf"),
    ],
)
def test_what_is_wrong_is_said(body: bytes, remedy: str) -> None:
    """Malformed names the place and what belongs there."""
    with pytest.raises(Malformed, match=remedy):
        json_to_protobuf(Signal.TRACES, body)


def test_deep_nesting_is_refused() -> None:
    """Values nested beyond what a protobuf parser accepts never reach one."""
    value: dict[str, Any] = {"intValue": 1}
    for _ in range(60):
        value = {"arrayValue": {"values": [value]}}

    with pytest.raises(Malformed, match="flatten"):
        read_span(attributes=[{"key": "deep", "value": value}])
