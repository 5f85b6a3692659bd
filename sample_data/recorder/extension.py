"""Forwards one environment's Telemetry API batches as OTLP, as an OpenTelemetry extension does.

The shapes are those of opentelemetry-lambda's `telemetryapireceiver` with `log_report: true`: its
scope name, its resource attributes (memory as text in MB), log bodies with single spaces, one
`init` span in a trace of its own, and cumulative metrics per environment.
"""

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from .extension_metrics import EnvironmentMetrics
from .extension_spans import init_span_export
from .function import REGION, Function
from .telemetry_events import Event

SCOPE = "github.com/open-telemetry/opentelemetry-lambda/collector/receiver/telemetryapi"
Send = Callable[[str, bytes], None]


def text(key: str, value: str) -> KeyValue:
    """A string attribute."""
    return KeyValue(key=key, value=AnyValue(string_value=value))


def time_ns(event: Event) -> int:
    """The event's own time; the Telemetry API gives milliseconds."""
    return int(datetime.fromisoformat(event["time"]).timestamp() * 1000) * 1_000_000


def resource_of(function: Function) -> Resource:
    """The resource the receiver builds from the environment's variables."""
    attributes = {
        "faas.invoked_provider": "aws",
        "faas.name": function.name,
        "faas.version": function.version,
        "faas.max_memory": str(function.memory_mb),
        "faas.invoked_region": REGION,
        "service.name": function.name,
        "service.instance.id": str(uuid.uuid4()),
    }
    return Resource(attributes=[text(key, value) for key, value in attributes.items()])


def body_text(event: Event) -> str:
    """The event as the line of text the receiver writes for it."""
    kind, record = event["type"], event["record"]
    if kind == "function":
        return str(record)
    if kind == "platform.initStart":
        version, arn = record["runtimeVersion"], record["runtimeVersionArn"]
        return f"INIT_START Runtime Version: {version} Runtime Version ARN: {arn}"
    if kind == "platform.initRuntimeDone":
        return f"INIT_RUNTIME_DONE Status: {record['status']}"
    if kind == "platform.initReport":
        return (
            f"INIT_REPORT Initialization Type: {record['initializationType']} "
            f"Phase: {record['phase']} Status: {record['status']} "
            f"Duration: {record['metrics']['durationMs']:.2f} ms"
        )
    if kind == "platform.start":
        return f"START RequestId: {record['requestId']} Version: {record['version']}"
    if kind == "platform.report":
        return report_text(record)
    return json.dumps(record)


def report_text(record: dict[str, Any]) -> str:
    """The REPORT line: initialisation only when cold, status only when not a success."""
    metrics = record["metrics"]
    line = (
        f"REPORT RequestId: {record['requestId']} Duration: {metrics['durationMs']:.2f} ms "
        f"Billed Duration: {metrics['billedDurationMs']} ms "
        f"Memory Size: {metrics['memorySizeMB']} MB "
        f"Max Memory Used: {metrics['maxMemoryUsedMB']} MB"
    )
    if "initDurationMs" in metrics:
        line += f" Init Duration: {metrics['initDurationMs']:.2f} ms"
    if record["status"] != "success":
        line += f" Status: {record['status']}"
    if record.get("errorType"):
        line += f" Error Type: {record['errorType']}"
    return line


class Extension:
    """Forwards batches of one environment; keeps what its metrics have counted."""

    def __init__(self, function: Function, send: Send) -> None:
        self._function = function
        self._send = send
        self._resource = resource_of(function)
        self._scope = InstrumentationScope(name=SCOPE)
        self._metrics = EnvironmentMetrics(self._resource, self._scope)
        self._request_id = ""
        self._init_started_ns = 0

    def forward(self, batch: Sequence[Event], received_ns: int) -> None:
        """One Telemetry API batch → its logs, its init span, its share of the metrics."""
        for event in batch:
            self._metrics.count(event, received_ns)
            self._forward_init(event)
        records = [record for event in batch for record in self._records(event, received_ns)]
        if records:
            self._send("logs", self._logs(records))

    def flush_metrics(self, now_ns: int) -> None:
        """Sends the cumulative metrics: every 30 s and when the environment shuts down."""
        export = self._metrics.export(now_ns)
        if export:
            self._send("metrics", export)

    def _forward_init(self, event: Event) -> None:
        if event["type"] == "platform.initStart":
            self._init_started_ns = time_ns(event)
        elif event["type"] == "platform.initReport":
            self._send("traces", self._init_span(time_ns(event)))

    def _init_span(self, ended_ns: int) -> bytes:
        name = f"init {self._function.name}"
        return init_span_export(self._resource, self._scope, name, self._init_started_ns, ended_ns)

    def _records(self, event: Event, received_ns: int) -> list[LogRecord]:
        kind = event["type"]
        if kind == "function" and self._function.log_route == "sdk":
            return []
        if kind == "platform.start":
            self._request_id = event["record"]["requestId"]
        body = body_text(event)
        if kind == "platform.runtimeDone":
            body = (
                f"END RequestId: {event['record']['requestId']} Version: {self._function.version}"
            )
        record = LogRecord(
            time_unix_nano=time_ns(event),
            observed_time_unix_nano=received_ns,
            attributes=[text("type", kind)],
            body=AnyValue(string_value=body),
        )
        if kind != "function":
            record.severity_number = 9  # type: ignore[assignment]
            record.severity_text = "Info"
        if self._request_id:
            record.attributes.append(text("faas.invocation_id", self._request_id))
        return [record]

    def _logs(self, records: list[LogRecord]) -> bytes:
        scope_logs = ScopeLogs(scope=self._scope, log_records=records)
        resource_logs = ResourceLogs(resource=self._resource, scope_logs=[scope_logs])
        return ExportLogsServiceRequest(resource_logs=[resource_logs]).SerializeToString()
