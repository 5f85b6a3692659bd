"""Reads a story for tests: its expected truth, and its messages by opentelemetry-proto."""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

from collector.batch import Signal
from web.stories import Story, stories

REQUESTS: dict[Signal, Any] = {
    Signal.TRACES: ExportTraceServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
}


def recorded() -> list[Story]:
    """The stories recorded from real functions: they have a load and handlers."""
    return [story for story in stories() if (story.folder / "story.py").exists()]


def written() -> list[Story]:
    """The stories a script writes."""
    return [story for story in stories() if (story.folder / "make.py").exists()]


@cache
def expected(story: Story) -> dict[str, Any]:
    """The truth the recorder noted."""
    return dict(json.loads((story.folder / "expected.json").read_text()))


@cache
def messages(story: Story, signal: Signal) -> list[Any]:
    """Every export of one signal, decoded."""
    return [REQUESTS[each].FromString(body) for each, body in story.requests() if each is signal]


def resource_spans(story: Story) -> Iterator[ResourceSpans]:
    for request in messages(story, Signal.TRACES):
        yield from request.resource_spans


def spans(story: Story) -> Iterator[Span]:
    for group in resource_spans(story):
        for scope in group.scope_spans:
            yield from scope.spans


def log_records(story: Story) -> Iterator[LogRecord]:
    for request in messages(story, Signal.LOGS):
        for group in request.resource_logs:
            for scope in group.scope_logs:
                yield from scope.log_records


def metric_points(story: Story) -> Iterator[Any]:
    for request in messages(story, Signal.METRICS):
        for group in request.resource_metrics:
            for scope in group.scope_metrics:
                for metric in scope.metrics:
                    yield from getattr(metric, metric.WhichOneof("data")).data_points


def platform_batches(story: Story) -> list[dict[str, Any]]:
    """The Lambda Telemetry API batches of the story."""
    text = gzip.decompress((story.folder / "telemetry-api.jsonl.gz").read_bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]


def text_attributes(record: Any) -> dict[str, str]:
    """The string attributes of a span, log record or resource."""
    return {each.key: each.value.string_value for each in record.attributes}
