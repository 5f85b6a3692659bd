"""What AWS posts to a collector: Firehose deliveries of metric streams and log subscriptions.

Shapes: "HTTP endpoint delivery request and response specifications" of the Firehose developer
guide; the metric stream output formats ``opentelemetry1.0`` and ``json`` of the CloudWatch user
guide; the subscription envelope of the CloudWatch Logs user guide.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from sample_data.recorder.captures import varint

from . import otlp

ACCOUNT: Final = "123456789012"
_UNITS: Final = {"Count": "{Count}", "Milliseconds": "ms", "Seconds": "s"}

Post = dict[str, Any]
"""A line of ``requests.jsonl.gz``: ``{"path", "headers", "body"}``."""


@dataclass(frozen=True)
class Point:
    """One minute of one CloudWatch metric; ``minute`` counts from the story's start."""

    namespace: str
    name: str
    unit: str
    minute: int
    samples: int
    total: float
    least: float
    most: float
    dimensions: tuple[tuple[str, str], ...] = ()


def stream_otlp(points: Iterable[Point], region: str, stream: str) -> bytes:
    """A record of the format ``opentelemetry1.0``: one delimited export a metric name."""
    resource = {
        "cloud.provider": "aws",
        "cloud.account.id": ACCOUNT,
        "cloud.region": region,
        "aws.exporter.arn": f"arn:aws:cloudwatch:{region}:{ACCOUNT}:metric-stream/{stream}",
    }
    record = b""
    for point in points:
        export = otlp.metrics(resource, "", [_summary(point)])
        export.resource_metrics[0].scope_metrics[0].ClearField("scope")
        body = export.SerializeToString(deterministic=True)
        record += varint(len(body)) + body
    return record


def _summary(point: Point) -> Metric:
    metric = Metric(name=f"amazonaws.com/{point.namespace}/{point.name}", unit=_UNITS[point.unit])
    made = metric.summary.data_points.add(
        start_time_unix_nano=otlp.at_ns(point.minute * 60),
        time_unix_nano=otlp.at_ns(point.minute * 60 + 60),
        count=point.samples,
        sum=point.total,
    )
    made.quantile_values.add(quantile=0.0, value=point.least)
    made.quantile_values.add(quantile=1.0, value=point.most)
    told: dict[str, Any] = {"Namespace": point.namespace, "MetricName": point.name}
    if point.dimensions:
        told["Dimensions"] = dict(point.dimensions)
    made.attributes.extend(otlp.attributes(told))
    return metric


def stream_json(points: Iterable[Point], region: str, stream: str) -> bytes:
    """A record of the format ``json``: one object a line."""
    lines = [
        {
            "metric_stream_name": stream,
            "account_id": ACCOUNT,
            "region": region,
            "namespace": point.namespace,
            "metric_name": point.name,
            "dimensions": dict(point.dimensions),
            "timestamp": otlp.at_ns(point.minute * 60) // 1_000_000,
            "value": {
                "max": point.most,
                "min": point.least,
                "sum": point.total,
                "count": float(point.samples),
            },
            "unit": point.unit,
        }
        for point in points
    ]
    return "".join(f"{compact(line)}\n" for line in lines).encode()


def subscription(group: str, stream: str, events: Sequence[tuple[float, str]]) -> bytes:
    """A log subscription's envelope, gzip as CloudWatch Logs sends it."""
    told = [
        {
            "id": _event_id(f"{stream} {index} {second} {message}"),
            "timestamp": otlp.at_ns(second) // 1_000_000,
            "message": message,
        }
        for index, (second, message) in enumerate(events)
    ]
    return _gzip(
        {
            "messageType": "DATA_MESSAGE",
            "owner": ACCOUNT,
            "logGroup": group,
            "logStream": stream,
            "subscriptionFilters": ["to-lockstitch"],
            "logEvents": told,
        }
    )


def probe(second: float) -> bytes:
    """The control message with which CloudWatch Logs tries whether anybody listens."""
    message = "CWL CONTROL MESSAGE: Checking health of destination Firehose."
    event = {"id": "", "timestamp": otlp.at_ns(second) // 1_000_000, "message": message}
    return _gzip(
        {
            "messageType": "CONTROL_MESSAGE",
            "owner": "CloudWatchLogs",
            "logGroup": "",
            "logStream": "",
            "subscriptionFilters": [],
            "logEvents": [event],
        }
    )


def firehose(name: str, stream: str, second: float, records: Iterable[bytes], region: str) -> Post:
    """One delivery; the same ``name`` is the same request id, as a retry has it."""
    request_id = otlp.uuid(f"firehose {name}")
    return {
        "path": "/firehose",
        "headers": {
            "Content-Type": "application/json",
            "User-Agent": "Amazon Kinesis Data Firehose Agent/1.0",
            "X-Amz-Firehose-Protocol-Version": "1.0",
            "X-Amz-Firehose-Request-Id": request_id,
            "X-Amz-Firehose-Source-Arn": (
                f"arn:aws:firehose:{region}:{ACCOUNT}:deliverystream/{stream}"
            ),
        },
        "body": {
            "requestId": request_id,
            "timestamp": otlp.at_ns(second) // 1_000_000,
            "records": [{"data": base64.b64encode(record).decode()} for record in records],
        },
    }


def telemetry(headers: Mapping[str, str], events: Sequence[Mapping[str, Any]]) -> Post:
    """One Telemetry API batch as an extension forwards it."""
    return {
        "path": "/lambda/telemetry",
        "headers": {"Content-Type": "application/json", **headers},
        "body": list(events),
    }


def compact(of: Any) -> str:
    """JSON without spaces."""
    return json.dumps(of, separators=(",", ":"))


def _event_id(name: str) -> str:
    """56 digits: long decimal text, as CloudWatch Logs names an event."""
    return str(int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10**53 + 38 * 10**54)


def _gzip(envelope: Any) -> bytes:
    return gzip.compress(compact(envelope).encode(), compresslevel=9, mtime=0)
