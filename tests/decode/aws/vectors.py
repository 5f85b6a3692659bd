"""What AWS sends, byte by byte: test vectors and builders of more like them."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

# A record with two messages of 401 and 432 bytes: Lambda throttles of orders-worker (42 samples,
# sum 3, minimum 0, maximum 1), and the age of the oldest message in orders-dlq (5400 s).
TWO_METRICS = (
    "kQMKjgMKrwEKFwoOY2xvdWQucHJvdmlkZXISBQoDYXdzCiIKEGNsb3VkLmFjY291bnQuaWQSDgoMMTIzNDU2Nzg5"
    "MDEyChsKDGNsb3VkLnJlZ2lvbhILCgl1cy1lYXN0LTEKUwoQYXdzLmV4cG9ydGVyLmFybhI/Cj1hcm46YXdzOmNs"
    "b3Vkd2F0Y2g6dXMtZWFzdC0xOjEyMzQ1Njc4OTAxMjptZXRyaWMtc3RyZWFtL2ZsZWV0EtkBEtYBCiJhbWF6b25h"
    "d3MuY29tL0FXUy9MYW1iZGEvVGhyb3R0bGVzGgd7Q291bnR9WqYBCqMBEQBgeB/iyOkYGQC4vxfwyOkYISoAAAAA"
    "AAAAKQAAAAAAAAhAMgAyEgkAAAAAAADwPxEAAAAAAADwPzoZCglOYW1lc3BhY2USDAoKQVdTL0xhbWJkYToZCgpN"
    "ZXRyaWNOYW1lEgsKCVRocm90dGxlczoxCgpEaW1lbnNpb25zEiMyIQofCgxGdW5jdGlvbk5hbWUSDwoNb3JkZXJz"
    "LXdvcmtlcrADCq0DCq8BChcKDmNsb3VkLnByb3ZpZGVyEgUKA2F3cwoiChBjbG91ZC5hY2NvdW50LmlkEg4KDDEy"
    "MzQ1Njc4OTAxMgobCgxjbG91ZC5yZWdpb24SCwoJdXMtZWFzdC0xClMKEGF3cy5leHBvcnRlci5hcm4SPwo9YXJu"
    "OmF3czpjbG91ZHdhdGNoOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6bWV0cmljLXN0cmVhbS9mbGVldBL4ARL1AQoz"
    "YW1hem9uYXdzLmNvbS9BV1MvU1FTL0FwcHJveGltYXRlQWdlT2ZPbGRlc3RNZXNzYWdlGgFzWroBCrcBEQBgeB/i"
    "yOkYGQC4vxfwyOkYIQEAAAAAAAAAKQAAAAAAGLVAMgkRAAAAAAAYtUAyEgkAAAAAAADwPxEAAAAAABi1QDoWCglO"
    "YW1lc3BhY2USCQoHQVdTL1NRUzotCgpNZXRyaWNOYW1lEh8KHUFwcHJveGltYXRlQWdlT2ZPbGRlc3RNZXNzYWdl"
    "OisKCkRpbWVuc2lvbnMSHTIbChkKCVF1ZXVlTmFtZRIMCgpvcmRlcnMtZGxx"
)
# A record with one subscription message, compressed: a START line of orders-worker.
START_LINE = (
    "H4sIAAAAAAAAA41QwU6EMBT8FdJ4XEJbaGm5kYgbE70sxMtKTKFlJQJd267EbPbffW408ejtZWbezHtzRrPxXh1M"
    "83k0qEC3ZVO+PFZ1XW4rtEF2XYwDmNA0YzwXEhMK8GQPW2dPR2AStfpkUnOnVWKdNs7Hq3VvsHWV1cEZNYOOYsoT"
    "QhKKk/3NQ9lUddOygWjap12mmOQizwWXTGVd2lNNDB4kWPhT53s3HsNol7txCuCPij0KNh5GZ16tN6i9BlUfZgnf"
    "3BmNGvJSgf8e/e8JMsMInQQ1w3skl4wILq6SzW9XYF835a6Jdub9BNJ7XURiYIb2RMW44zrONMtjqdI8pkPWYS01"
    "7wmJnuB8eKSIfhp4XtClvXwBbzUAzIQBAAA="
)

TIME_MS = 1_795_186_800_000  # 2026-11-20 15:00:00 UTC
STREAM = "2026/11/20/[17]5f1d2c3b4a5968778695a4b3c2d1e0f9"
REQUEST_ID = "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"

START = f"START RequestId: {REQUEST_ID} Version: 17\n"
REPORT = (
    f"REPORT RequestId: {REQUEST_ID}\tDuration: 675.20 ms\tBilled Duration: 1224 ms\t"
    "Memory Size: 512 MB\tMax Memory Used: 148 MB\tInit Duration: 548.71 ms\t\n"
)


def datum(**changes: Any) -> dict[str, Any]:
    """A datum of a metric stream in JSON: the throttles of the vector, less its percentile."""
    return {
        "metric_stream_name": "fleet",
        "account_id": "123456789012",
        "region": "us-east-1",
        "namespace": "AWS/Lambda",
        "metric_name": "Throttles",
        "dimensions": {"FunctionName": "orders-worker"},
        "timestamp": TIME_MS,
        "value": {"count": 42.0, "sum": 3.0, "max": 1.0, "min": 0.0},
        "unit": "Count",
        **changes,
    }


def subscription(*messages: str, **changes: Any) -> dict[str, Any]:
    """A message of a log subscription with an event a second."""
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/lambda/orders-worker",
        "logStream": STREAM,
        "subscriptionFilters": ["to-firehose"],
        "logEvents": [
            {"id": f"{index:056}", "timestamp": TIME_MS + 1000 * index, "message": message}
            for index, message in enumerate(messages)
        ],
        **changes,
    }


CONTROL = {
    "messageType": "CONTROL_MESSAGE",
    "owner": "CloudwatchLogs",
    "logGroup": "",
    "logStream": "",
    "subscriptionFilters": [],
    "logEvents": [
        {"id": "", "timestamp": TIME_MS, "message": "CWL CONTROL MESSAGE: Checking health."}
    ],
}


def delimited(*requests: ExportMetricsServiceRequest) -> bytes:
    """Requests behind their lengths."""
    parts = []
    for request in requests:
        body = request.SerializeToString()
        size, length = len(body), bytearray()
        while size > 0x7F:
            length.append(size & 0x7F | 0x80)
            size >>= 7
        parts.append(bytes([*length, size]) + body)
    return b"".join(parts)


def packed(*objects: Mapping[str, Any]) -> bytes:
    """JSON objects without anything between them, compressed."""
    return gzip.compress("".join(map(json.dumps, objects)).encode())


def delivery(records: Sequence[bytes | str], request_id: str = "id-1") -> bytes:
    """The body of a Firehose request; bytes are put in base64, text is taken to be that."""
    return json.dumps(
        {
            "requestId": request_id,
            "timestamp": TIME_MS,
            "records": [
                {"data": each if isinstance(each, str) else base64.b64encode(each).decode()}
                for each in records
            ],
        }
    ).encode()
