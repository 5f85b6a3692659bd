"""Moves the times of an export, and nothing else: ids, bodies and attributes stay as sent.

X-Ray style trace ids begin with the second they were made in; they are names and stay, too.
"""

from collections.abc import Iterator
from typing import Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.batch import Signal

# A message that has times, and the names of the fields that hold them. Generated protobuf classes
# have no common type that knows its fields, hence Any.
Timed = tuple[Any, tuple[str, ...]]

_REQUESTS: Final[dict[Signal, Any]] = {
    Signal.TRACES: ExportTraceServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
}
_SPAN: Final = ("start_time_unix_nano", "end_time_unix_nano")
_LOG: Final = ("time_unix_nano", "observed_time_unix_nano")
_POINT: Final = ("start_time_unix_nano", "time_unix_nano")
_MOMENT: Final = ("time_unix_nano",)


def shifted(signal: Signal, body: bytes, delta_ns: int) -> bytes:
    """The export with every time moved by ``delta_ns``; an unset time (0) stays unset."""
    request = _REQUESTS[signal].FromString(body)
    for message, names in _timed(signal, request):
        for name in names:
            at_ns = getattr(message, name)
            if at_ns:
                setattr(message, name, at_ns + delta_ns)
    return bytes(request.SerializeToString())


def times(signal: Signal, body: bytes) -> Iterator[int]:
    """Every time an export holds, in ns; unset ones left out."""
    request = _REQUESTS[signal].FromString(body)
    for message, names in _timed(signal, request):
        yield from (at_ns for name in names if (at_ns := getattr(message, name)))


def _timed(signal: Signal, request: Any) -> Iterator[Timed]:
    if signal is Signal.TRACES:
        return _timed_in_spans(request)
    return _timed_in_logs(request) if signal is Signal.LOGS else _timed_in_metrics(request)


def _timed_in_spans(request: Any) -> Iterator[Timed]:
    for group in request.resource_spans:
        for scope in group.scope_spans:
            for span in scope.spans:
                yield span, _SPAN
                yield from ((event, _MOMENT) for event in span.events)


def _timed_in_logs(request: Any) -> Iterator[Timed]:
    for group in request.resource_logs:
        for scope in group.scope_logs:
            yield from ((record, _LOG) for record in scope.log_records)


def _timed_in_metrics(request: Any) -> Iterator[Timed]:
    for group in request.resource_metrics:
        for scope in group.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                points = getattr(metric, kind).data_points if kind else ()
                for point in points:
                    yield point, _POINT
                    exemplars = getattr(point, "exemplars", ())  # a summary's points have none
                    yield from ((exemplar, _MOMENT) for exemplar in exemplars)
