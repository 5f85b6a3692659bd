"""A Firehose client, and what came of its deliveries."""

import json
import time
from collections.abc import Mapping
from typing import Any

from tests.decode.aws.vectors import subscription
from tests.receive.conftest import Answer, Collector

MIB = 1024**2
HEADERS = {
    "Content-Type": "application/json",
    "X-Amz-Firehose-Protocol-Version": "1.0",
    "X-Amz-Firehose-Source-Arn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs",
    "User-Agent": "Amazon Kinesis Data Firehose Agent/1.0",
}


def deliver(collector: Collector, body: bytes, request_id: str = "id-1", **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = HEADERS | {"X-Amz-Firehose-Request-Id": request_id} | names
    return collector.request("POST", "/firehose", body, sent)


def answered(answer: Answer) -> dict[str, Any]:
    """The body of an answer that has the form Firehose demands, whatever it says."""
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Content-Encoding"] is None
    assert answer.headers["Transfer-Encoding"] is None
    content: dict[str, Any] = json.loads(answer.body)
    assert type(content["timestamp"]) is int
    assert abs(content["timestamp"] - time.time() * 1000) < 60_000
    assert len(content.get("errorMessage", "")) <= 8192
    return content


def unread(collector: Collector) -> Mapping[tuple[str, str], int]:
    return collector.service.intake.counters.read().unreadable


def lines(collector: Collector, group: str) -> list[str]:
    """The log lines of a group."""
    sql = (
        "select body from log_records join resources using (resource_id) "
        f"where resources.attributes::varchar like '%{group}%' order by time_ns"
    )
    return [body for (body,) in collector.rows(sql)]


def in_group(group: str, *messages: str) -> dict[str, Any]:
    return subscription(*messages, logGroup=f"/aws/lambda/{group}")
