"""An event trace as OTLP JSON: what is written is read back as what was sent."""

import base64
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.batch import Signal
from collector.decode.otlp_json import json_to_protobuf
from collector.model.stitching.keys import Kind, span_key
from tests.build import value
from tests.model.events.build import log, material, piece, span_id, taken, trace_id
from web.exporting import any_value, otlp_lines, resource_spans

PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.binary().map(lambda raw: {"$bytes": base64.b64encode(raw).decode()}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc.", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


def sent(plain: Any) -> Any:
    """The value as it was before it was stored: bytes are shown in base64."""
    match plain:
        case {"$bytes": encoded} if len(plain) == 1:
            return base64.b64decode(encoded)
        case dict():
            return {key: sent(each) for key, each in plain.items()}
        case list():
            return [sent(each) for each in plain]
    return plain


@settings(deadline=None)
@given(PLAIN)
def test_values_come_back_with_their_types(plain: Any) -> None:
    """Integers of 64 bits, bytes, empty values, lists and maps within each other."""
    spans = [{"attributes": [{"key": "a", "value": any_value(plain)}]}]
    body = orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    read = ExportTraceServiceRequest.FromString(json_to_protobuf(Signal.TRACES, body))

    assert read.resource_spans[0].scope_spans[0].spans[0].attributes[0].value == value(sent(plain))


def test_a_large_event_is_several_exports() -> None:
    """A line holds at most 500 records, spans before log records."""
    pieces = [piece("s", number) for number in range(1, 1002)]
    lines = [orjson.loads(line) for line in otlp_lines(material(pieces, logs=[log("x", 1)]))]

    assert [list(line) for line in lines] == [["resourceSpans"]] * 3 + [["resourceLogs"]]


def test_spans_stand_under_what_sent_them() -> None:
    """One group for each resource, an end that never came left out."""
    spans = [piece("a", 1).span, piece("b", 2, 0, None, function="b").span, piece("c", 3).span]
    [group] = resource_spans(spans)

    names = [each["name"] for each in group["scopeSpans"][0]["spans"]]
    assert names == ["a", "b", "c"]
    assert "endTimeUnixNano" not in group["scopeSpans"][0]["spans"][1]


def test_an_export_is_of_this_event_not_of_others_of_its_batch() -> None:
    """A shared span keeps the link its message came by, and those that lead elsewhere."""
    mine, same_sender, elsewhere = (4, 7), (4, 8), (5, 9)
    shared = piece("process", 2, shared=True, links=[mine, same_sender, elsewhere])
    held = [taken(span_key(trace_id(4), span_id(7)), 1, kind=Kind.SPAN)]
    [line] = otlp_lines(material([shared], occurrences=held))
    [group] = orjson.loads(line)["resourceSpans"]
    [span] = group["scopeSpans"][0]["spans"]

    assert [int(each["spanId"], 16) for each in span["links"]] == [7, 9]
