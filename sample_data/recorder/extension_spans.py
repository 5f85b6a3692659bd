"""The one span an OpenTelemetry extension makes of platform telemetry: the init phase."""

import os

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span


def init_span_export(
    resource: Resource, scope: InstrumentationScope, name: str, start_ns: int, end_ns: int
) -> bytes:
    """One INTERNAL span with `faas.coldstart`, in a fresh trace without parent."""
    span = Span(
        trace_id=os.urandom(16),
        span_id=os.urandom(8),
        name=name,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=end_ns,
        attributes=[KeyValue(key="faas.coldstart", value=AnyValue(bool_value=True))],
    )
    scope_spans = ScopeSpans(scope=scope, spans=[span])
    resource_spans = ResourceSpans(resource=resource, scope_spans=[scope_spans])
    return ExportTraceServiceRequest(resource_spans=[resource_spans]).SerializeToString()
