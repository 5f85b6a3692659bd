"""A trace export as OTLP/JSON: protobuf's own JSON, but with the ids in hex."""

import base64

import orjson
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def to_json(body: bytes) -> bytes:
    """OTLP/JSON of a serialised ``ExportTraceServiceRequest``."""
    message = MessageToDict(ExportTraceServiceRequest.FromString(body), use_integers_for_enums=True)
    for resource_spans in message["resourceSpans"]:
        for scope_spans in resource_spans["scopeSpans"]:
            for span in scope_spans["spans"]:
                for key in span.keys() & {"traceId", "spanId", "parentSpanId"}:
                    span[key] = base64.b64decode(span[key]).hex()
    return orjson.dumps(message)
