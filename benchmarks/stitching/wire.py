"""Exports as the bytes an SDK would send: plain Python values in, protobuf out."""

from collections.abc import Mapping
from typing import Any, cast

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from benchmarks.stitching.labels import Export

Request = ExportTraceServiceRequest | ExportLogsServiceRequest


def any_value(plain: Any) -> AnyValue:
    """The AnyValue of a text, number, truth, list or dict."""
    match plain:
        case bool():
            return AnyValue(bool_value=plain)
        case int():
            return AnyValue(int_value=plain)
        case float():
            return AnyValue(double_value=plain)
        case str():
            return AnyValue(string_value=plain)
        case Mapping():
            return AnyValue(kvlist_value=KeyValueList(values=key_values(plain)))
        case _:
            return AnyValue(array_value=ArrayValue(values=[any_value(each) for each in plain]))


def key_values(plain: Mapping[str, Any]) -> list[KeyValue]:
    """Attributes; a value of None is left out."""
    return [
        KeyValue(key=key, value=any_value(each)) for key, each in plain.items() if each is not None
    ]


def request(export: Export) -> Request:
    """The request of an export."""
    # The messages of the two signals differ in names only.
    made: Any
    group: Any
    if export.signal == "traces":
        made = ExportTraceServiceRequest()
        group = made.resource_spans.add()
        scope = group.scope_spans.add()
        records = scope.spans
    else:
        made = ExportLogsServiceRequest()
        group = made.resource_logs.add()
        scope = group.scope_logs.add()
        records = scope.log_records
    group.resource.attributes.extend(key_values(export.resource))
    scope.scope.name = export.scope
    records.extend(item.record for item in export.items)
    return cast("Request", made)
