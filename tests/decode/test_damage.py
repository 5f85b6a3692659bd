"""Damaged bodies: never an exception, never a crash, never at the cost of another export."""

import subprocess
import sys
from random import Random
from typing import Any

import pytest
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from collector.batch import Export, Outcome, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from collector.decode.reference import decode_reference
from collector.decode.wire import REQUESTS, may_exhaust_stack
from collector.errors import Malformed
from tests.build import attributes, counter, export_request, gauge, point, span
from tests.decode.compare import contents
from tests.decode.messages import any_export
from tests.decode.mutate import damaged, holds_group, varint

LIMITS = Limits(max_attributes=8, correlation_attributes=())
TWO = {"faas.name": "orders", "faas.version": "17"}
BODY = export_request(span("good")).SerializeToString()
START_GROUP = b"\x7b"  # of field 15, which no message of OTLP has


def export(body: bytes, signal: Signal = Signal.TRACES, seq: int = 1) -> Export:
    return Export(seq, signal, body, 1_795_186_801_000_000_000)


def field(tag: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return bytes([tag]) + varint(len(content)) + content


@pytest.mark.parametrize("signal", list(Signal))
@pytest.mark.parametrize("round_", range(6))
def test_damaged_exports_decode_as_the_reference_says(signal: Signal, round_: int) -> None:
    """100 damaged exports a round: refused like the reference, or the same rows."""
    chance = Random(f"{signal} {round_}")
    for _ in range(100):
        sent = export(damaged(any_export(signal, chance).SerializeToString(), chance), signal)
        judged = decode_reference(sent, LIMITS)
        decoded = decode_group(signal, [sent], LIMITS)
        # Groups are where the fast path is known to be lenient: see collector/decode/wire.py.
        if isinstance(judged.outcomes[0], Outcome) or not holds_group(
            sent.body, REQUESTS[signal].DESCRIPTOR
        ):
            assert contents(decoded) == contents(judged), sent.body.hex()


def test_a_bad_export_costs_its_group_nothing() -> None:
    """Of a group, exactly the exports that are no messages are malformed."""
    bad = [b"\xff", BODY[:-1], b"\x00\x01", field(0x0A, b"\xff")]
    group = [export(body, seq=seq) for seq, body in enumerate([BODY, *bad, BODY])]

    batch = decode_group(Signal.TRACES, group, LIMITS)

    assert [isinstance(each, Malformed) for each in batch.outcomes] == [False, *[True] * 4, False]
    assert batch.tables["spans"].column("export_seq").to_pylist() == [0, 5]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(field(0x0A, b"\x1a\x01\xff"), id="schema URL that is not UTF-8"),
        pytest.param(
            field(0x0A, field(0x0A, field(0x0A, b"\x0a\x02\xc0\x80"))),
            id="overlong UTF-8 in a resource",
        ),
        pytest.param(b"\x0a\x05ab", id="length beyond the end"),
        pytest.param(b"\x00\x01", id="field number 0"),
        pytest.param(b"\x7c", id="end of a group that did not begin"),
        pytest.param(BODY + b"\x08", id="trailing tag without a value"),
        pytest.param(b"\x08" + b"\xff" * 10, id="varint longer than 64 bits"),
    ],
)
def test_no_message_at_all_is_malformed_with_a_remedy(body: bytes) -> None:
    """What the reference parser refuses is malformed, and the sender is told what to send."""
    (outcome,) = decode_group(Signal.TRACES, [export(body)], LIMITS).outcomes

    assert isinstance(outcome, Malformed)
    assert "send the protobuf message of this signal" in str(outcome)


@pytest.mark.parametrize("levels", [1, 39, 40, 41, 42, 47, 48, 49, 60, 3000])
@pytest.mark.parametrize("path", ["span attribute", "resource attribute"])
def test_nesting_is_judged_as_the_reference_parser_does(levels: int, path: str) -> None:
    """A value may nest until the whole request is 100 messages deep; beyond it is malformed."""
    deep = field(0x0A, b"a") + field(0x12, nested(levels))
    if path == "span attribute":
        sent = export(BODY + field(0x0A, field(0x12, field(0x12, field(0x4A, deep)))))
    else:
        sent = export(BODY + field(0x0A, field(0x0A, field(0x0A, deep))))

    assert contents(decode_group(Signal.TRACES, [sent], LIMITS)) == contents(
        decode_reference(sent, LIMITS)
    )


def test_messages_sent_in_parts_are_merged() -> None:
    """A resource in two parts is one resource, as protobuf has it."""
    parts = [field(0x0A, attribute.SerializeToString()) for attribute in attributes(TWO)]
    spans = export_request(span("a")).resource_spans[0].scope_spans[0].SerializeToString()
    group = b"".join(field(0x0A, part) for part in parts) + field(0x12, spans)

    batch = decode_group(Signal.TRACES, [export(field(0x0A, group))], LIMITS)

    (resource,) = batch.tables["resources"].to_pylist()
    assert (resource["function"], resource["version"]) == ("orders", "17")


def test_of_several_members_of_a_value_the_last_counts() -> None:
    """A value that is sent as a string and then as a number is the number."""
    both = field(0x0A, b"a") + field(0x12, field(0x0A, b"text") + b"\x18\x07")
    sent = span("a").SerializeToString() + field(0x4A, both)

    (row,) = spans_of(field(0x0A, field(0x12, field(0x12, sent))))

    assert (row["attributes"], row["attribute_types"]) == ([{"key": "a", "value": "7"}], "i")


@pytest.mark.parametrize(
    "several",
    [
        pytest.param([gauge("g", 1), counter("g", 2)], id="types of a metric"),
        pytest.param([gauge("g", 1), gauge("g", 2)], id="one type in two parts"),
        pytest.param([counter("g", 1), gauge("g", 2), counter("g", 3)], id="back and forth"),
    ],
)
def test_of_several_types_of_a_metric_the_last_counts(several: list[Metric]) -> None:
    """Parts of one type are merged, as protobuf has it; another type replaces them."""
    metric = b"".join(each.SerializeToString() for each in several)
    body = field(0x0A, field(0x12, field(0x12, metric)))

    batch = decode_group(Signal.METRICS, [export(body, Signal.METRICS)], LIMITS)

    expected = decode_reference(export(body, Signal.METRICS), LIMITS)
    assert contents(batch) == contents(expected)


def test_of_several_numbers_of_a_point_the_last_counts() -> None:
    """A point that is sent as a double and then as an int is the int."""
    number = point(1.5).SerializeToString() + b"\x31" + (7).to_bytes(8, "little")
    body = field(0x0A, field(0x12, field(0x12, field(0x2A, field(0x0A, number)))))

    batch = decode_group(Signal.METRICS, [export(body, Signal.METRICS)], LIMITS)

    (row,) = batch.tables["metric_points"].to_pylist()
    assert (row["value_int"], row["value_double"]) == (7, None)


def test_unknown_fields_are_ignored_at_every_level() -> None:
    """A newer sender's fields cost nothing, of whatever wire type they are."""
    unknown = b"\xa0\x06\x01" + b"\xa1\x06" + bytes(8) + b"\xa2\x06\x01x" + b"\xa5\x06" + bytes(4)
    known = export_request(span("a", id=b"\x01" * 8, attributes={"k": 1}))
    newer = type(known).FromString(known.SerializeToString())
    for message in levels_of(newer):
        message.MergeFromString(unknown)

    assert spans_of(newer.SerializeToString()) == spans_of(known.SerializeToString())


@pytest.mark.parametrize("depth", [101, 100_000, 3_000_000])
def test_nested_groups_end_no_process(depth: int) -> None:
    """A body of group tags, which overflows ptars' stack, is refused or ignored; we live on."""
    program = (
        "from tests.decode.test_damage import *;"
        f"b = decode_group(Signal.TRACES, [export(START_GROUP * {depth}), export(BODY)], LIMITS);"
        "print(len(b.tables['spans']))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, "1\n")


def test_usual_bodies_are_not_suspected_of_groups() -> None:
    """512 spans of text and numbers are read once, not twice."""
    spans = [
        span(f"orders {each}", attributes=dict.fromkeys("abcdefghi", "sks")) for each in range(512)
    ]

    assert not may_exhaust_stack(export_request(*spans).SerializeToString())


def nested(levels: int) -> bytes:
    """An AnyValue of arrays within arrays; made by hand, for no builder nests so deep."""
    any_value = b""
    for _ in range(levels):
        any_value = field(0x2A, field(0x0A, any_value))
    return any_value


def spans_of(body: bytes) -> list[dict[str, Any]]:
    return decode_group(Signal.TRACES, [export(body)], LIMITS).tables["spans"].to_pylist()


def levels_of(request: ExportTraceServiceRequest) -> list[Message]:
    """One message of every level of a request."""
    outer = request.resource_spans[0]
    inner = outer.scope_spans[0]
    sent = inner.spans[0]
    return [
        request,
        outer,
        outer.resource,
        inner,
        inner.scope,
        sent,
        sent.status,
        sent.attributes[0],
        sent.attributes[0].value,
    ]
