"""Which records are rejected and for what reason, and what is kept with a warning."""

from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.batch import Batch, Export, Outcome, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from tests.build import NOW_NS, Record, event, export_request, gauge, link, log, point, span

LIMITS = Limits(max_attributes=3, correlation_attributes=())
RECEIVED_NS = NOW_NS + 1_000_000_000
LATE_NS = 7_258_118_400_000_000_000  # 2200-01-01
MANY = dict.fromkeys("abcd", 1)


def decode(*records: Record) -> Batch:
    signal = {Span: Signal.TRACES, LogRecord: Signal.LOGS, Metric: Signal.METRICS}[type(records[0])]
    body = export_request(*records).SerializeToString()
    return decode_group(signal, [Export(1, signal, body, RECEIVED_NS)], LIMITS)


def outcome(*records: Record) -> Outcome:
    (found,) = decode(*records).outcomes
    assert isinstance(found, Outcome)
    return found


def histogram(buckets: list[int], bounds: list[float]) -> Metric:
    data = HistogramDataPoint(time_unix_nano=NOW_NS, bucket_counts=buckets, explicit_bounds=bounds)
    return Metric(name="h", histogram=Histogram(data_points=[data]))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trace_id": b""}, "invalid_trace_id"),
        ({"trace_id": bytes(16)}, "invalid_trace_id"),
        ({"trace_id": b"x" * 15}, "invalid_trace_id"),
        ({"id": b""}, "invalid_span_id"),
        ({"id": bytes(8)}, "invalid_span_id"),
        ({"id": b"x" * 9}, "invalid_span_id"),
        ({"parent_id": b"x"}, "invalid_parent_span_id"),
        ({"start_ns": 0}, "invalid_time"),
        ({"start_ns": 946_684_799_999_999_999}, "invalid_time"),
        ({"start_ns": LATE_NS, "duration_ns": 0}, "invalid_time"),
        ({"end_time_unix_nano": 2**64 - 1}, "invalid_time"),
        ({"end_time_unix_nano": 5}, "invalid_time"),
        ({"attributes": MANY}, "too_many_attributes"),
        ({"events": [event("e", **MANY)]}, "too_many_attributes"),
        ({"links": [link(b"t" * 16, b"s" * 8, **MANY)]}, "too_many_attributes"),
        ({"trace_id": b"", "id": b"", "start_ns": 0}, "invalid_trace_id"),
    ],
)
def test_a_span_that_cannot_be_kept_takes_no_other_with_it(
    fields: dict[str, Any], reason: str
) -> None:
    """It is counted under its first reason; the spans beside it are stored."""
    batch = decode(span("before"), span("bad", **fields), span("after"))

    assert batch.outcomes == [Outcome(2, {reason: 1}, (), NOW_NS)]
    assert batch.tables["spans"].column("name").to_pylist() == ["before", "after"]
    assert batch.tables.keys() == {"spans", "resources", "scopes"}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (log(time_ns=1), "invalid_time"),
        (log(time_ns=2**64 - 1), "invalid_time"),
        (log(attributes=MANY), "too_many_attributes"),
        (gauge("g", point(1, time_ns=0)), "invalid_time"),
        (gauge("g", point(1, start_time_unix_nano=1)), "invalid_time"),
        (gauge("g", point(1, attributes=MANY)), "too_many_attributes"),
        (gauge("g", NumberDataPoint(time_unix_nano=NOW_NS)), "no_value"),
        (histogram([1, 2], []), "invalid_histogram"),
        (histogram([], [1.0]), "invalid_histogram"),
        (histogram([1, 2], [1.0, 2.0]), "invalid_histogram"),
    ],
)
def test_a_log_or_point_that_cannot_be_kept_is_counted(record: Record, reason: str) -> None:
    """Each reason by name; nothing is stored of an export without a good record."""
    batch = decode(record)

    assert batch.outcomes == [Outcome(0, {reason: 1})]
    assert not batch.tables


@pytest.mark.parametrize(
    "record",
    [
        gauge("g", NumberDataPoint(time_unix_nano=NOW_NS, flags=1)),
        histogram([], []),
        histogram([3], []),
        span(parent_id=bytes(8)),
        span(attributes=dict.fromkeys("abc", 1)),
        span(duration_ns=-5),
    ],
)
def test_odd_but_valid_records_are_kept(record: Record) -> None:
    """A point that says it has no value, a histogram without buckets, a clock set back."""
    assert outcome(record).accepted == 1


def test_a_span_without_an_end_has_no_duration() -> None:
    """Unknown is null, not zero; a clock that was set back shows as negative."""
    batch = decode(span(end_time_unix_nano=0), span(duration_ns=0), span(duration_ns=-5))

    assert batch.tables["spans"].column("duration_ns").to_pylist() == [None, 0, -5]


def test_a_link_without_ids_is_dropped_and_its_span_kept() -> None:
    """The sender is warned, and the span counts one more dropped link."""
    links = [link(b"t" * 16, b"s" * 8), link(b"short", b"s" * 8), link(b"t" * 16, bytes(8))]

    batch = decode(span(links=links, dropped_links_count=5))

    assert batch.outcomes[0].warnings == (
        "links dropped for want of a valid trace id and span id, their spans kept: 2",
    )
    assert batch.tables["spans"].column("dropped_links_count").to_pylist() == [7]
    assert len(batch.tables["span_links"]) == 1


def test_a_log_with_ids_of_wrong_length_is_kept_without_them() -> None:
    """The text of a log is worth keeping; absent and zero ids are no reason to warn."""
    batch = decode(log("a", trace_id=b"x"), log("b", span_id=bytes(8)), log("c"))

    assert batch.outcomes[0].warnings == (
        "log records kept without a trace or span id that was of the wrong length: 1",
    )
    assert batch.tables["log_records"].column("trace_id").null_count == 3


def test_a_log_without_a_time_has_the_time_it_was_observed_or_received() -> None:
    """Only a time the sender gave is content: a repeated export must have the same."""
    observed_ns = NOW_NS + 7
    batch = decode(log(time_ns=0), log(time_ns=0, observed_time_unix_nano=observed_ns))

    times = batch.tables["log_records"].column("time_ns").to_pylist()
    assert times == [RECEIVED_NS, observed_ns]
    assert batch.outcomes[0].content_ns == 0


def test_content_time_is_that_of_the_first_record_kept() -> None:
    """It does not depend on when or with what the export was received."""
    kept_ns = NOW_NS + 5

    assert outcome(span(start_ns=1), span(start_ns=kept_ns), span()).content_ns == kept_ns


def test_an_empty_export_is_accepted() -> None:
    """Nothing sent is nothing stored, and no error."""
    for signal in Signal:
        assert decode_group(signal, [Export(1, signal, b"", 0)], LIMITS) == Batch({}, [Outcome(0)])
