"""Telemetry that attacks whoever looks at it: payloads in every text field OTLP has.

The messages are filled by walking the protocol's own descriptors, so a field that a later version
of the protocol adds is attacked too.
"""

import itertools
import time
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

# Each would set a flag on the page, open a dialog or load something if it were taken as markup,
# as an attribute, as a script, as a link, as CSS or as a template.
PAYLOADS = (
    "<script>window.pwned=1</script>",
    '"><img src=/pwned onerror="window.pwned=1">',
    "'><svg onload=alert(1)><a href='javascript:window.pwned=1'>",
    "</script></title></textarea><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "javascript:window.pwned=1//%0aalert(1)",
    "' onmouseover='window.pwned=1' autofocus onfocus='window.pwned=1' x='",
    "{{7*7}}${7*7}<%= 7*7 %>{% raw %}",
    "data:text/html,<script>alert(1)</script>",
    "`}-->]]>*/alert(1)//\\u003cscript\\u003e",
    "\u202egnp.exe \u2066right to left\u2069 \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "line\r\nSet-Cookie: pwned=1\r\n\r\n<b>",
    "x" * 600,
)
# Names we read ourselves end up in columns, chips and filters of their own.
_PROMOTED = (
    "service.name",
    "faas.name",
    "faas.invocation_id",
    "faas.trigger",
    "cloud.provider",
    "cloud.region",
    "messaging.destination.name",
    "messaging.message.id",
    "order_id",
    "error.type",
    "exception.stacktrace",
    "http.route",
    "url.full",
)


def exports() -> Iterator[tuple[str, bytes]]:
    """One export of each signal for each payload: (signal, protobuf body)."""
    for payload in PAYLOADS:
        filler = _Filler(payload)
        yield "traces", filler.filled(ExportTraceServiceRequest()).SerializeToString()
        yield "logs", filler.filled(ExportLogsServiceRequest()).SerializeToString()
        yield "metrics", filler.filled(ExportMetricsServiceRequest()).SerializeToString()


class _Filler:
    """Fills whole messages with one payload, valid times and ids that belong together."""

    def __init__(self, payload: str) -> None:
        self._payload = payload
        self._now_ns = time.time_ns() - 2_000_000_000
        self._numbers = itertools.count(self._now_ns)
        self._trace_id = next(self._numbers).to_bytes(16, "big")
        self._last_span_id = b""

    def filled(self, message: Message) -> Message:
        """The message with every field set, one element in every list."""
        if isinstance(message, AnyValue):
            message.string_value = self._payload
            return message
        for field in message.DESCRIPTOR.fields:
            if isinstance(message, Metric) and field.containing_oneof:
                continue
            if field.name == "attributes":
                message.attributes.extend(self._attributes())  # type: ignore[attr-defined]
            elif field.name == "metrics":
                message.metrics.extend(self._metrics())  # type: ignore[attr-defined]
            else:
                self._fill(message, field)
        return message

    def _fill(self, message: Message, field: FieldDescriptor) -> None:
        held = getattr(message, field.name)
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            self.filled(held.add() if field.is_repeated else held)
        elif field.name == "bucket_counts":
            held.extend([1, 0])  # one more than there are bounds
        elif field.is_repeated:
            held.append(self._scalar(field))
        else:
            setattr(message, field.name, self._scalar(field))

    def _scalar(self, field: FieldDescriptor) -> Any:
        if field.type == FieldDescriptor.TYPE_STRING:
            return self._payload
        if field.type == FieldDescriptor.TYPE_BYTES:
            return self._id(field.name)
        if field.type == FieldDescriptor.TYPE_ENUM:
            return field.enum_type.values[-1].number
        if field.name == "end_time_unix_nano":
            return self._now_ns + 1_000_000
        return self._now_ns if field.name.endswith("unix_nano") else 1

    def _id(self, name: str) -> bytes:
        if name == "trace_id":
            return self._trace_id
        if name == "parent_span_id":
            return self._last_span_id
        self._last_span_id = next(self._numbers).to_bytes(8, "big")
        return self._last_span_id

    def _attributes(self) -> list[KeyValue]:
        text = AnyValue(string_value=self._payload)
        nested = AnyValue(kvlist_value={"values": [KeyValue(key=self._payload, value=text)]})
        array = AnyValue(array_value={"values": [text, nested]})
        return [
            KeyValue(key=self._payload, value=text),
            KeyValue(key=f"array {self._payload}", value=array),
            *(KeyValue(key=key, value=text) for key in _PROMOTED),
        ]

    def _metrics(self) -> list[Metric]:
        made = []
        for field in Metric.DESCRIPTOR.oneofs_by_name["data"].fields:
            metric = self.filled(Metric())
            metric.name = f"{field.name} {self._payload}"  # type: ignore[attr-defined]
            self._fill(metric, field)
            made.append(metric)
        return made
