"""Telemetry whose health is worth a look: a shop of three functions, two queues and their DLQs.

``checkout`` answers requests and sends orders; ``payment`` takes them, is throttled for the last
20 minutes and fails for good on some; ``report`` is known by metrics alone. A new version of
``payment`` begins half an hour ago. Spans, REPORT lines and CloudWatch metrics as they are sent.
"""

import uuid
from collections.abc import Iterator
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, Summary, SummaryDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests import build
from tests.build import Request, export_request, log, resource, resource_group, span

MS: Final = 1_000_000
MINUTE: Final = 60_000 * MS
THROTTLED_MINUTES: Final = 20
ORDERS: Final = 30
LOST: Final = (4, 11, 20)  # orders whose payment failed three times: given up
REDONE: Final = 27  # an order as theirs, which passed after the last of them


def everything(until_ns: int) -> Iterator[Request]:
    """All of it, over the hour that ends at ``until_ns``."""
    start_ns = until_ns // MINUTE * MINUTE - 60 * MINUTE
    for number in range(ORDERS):
        yield from order(number, start_ns + (number * 2 + 1) * MINUTE - 30_000 * MS)
    for minute in range(58):
        at_ns = start_ns + minute * MINUTE
        yield from metrics(at_ns, minute)


def order(number: int, at_ns: int) -> Iterator[Request]:
    """A request to checkout, a message on orders-q, and payment: one try, or three in vain."""
    message, trace = str(_uuid("message", number)), _uuid("trace", number).bytes
    asked = str(_uuid("checkout", number))
    root = span(
        "POST /checkout", trace_id=trace, id=build.span_id(), start_ns=at_ns,
        duration_ns=(40 + number * 3) * MS,
        attributes=_invoked(asked, cold=number == 0) | {"order.id": f"ord-{number}"},
    )  # fmt: skip
    send = span(
        "orders-q send", trace_id=trace, id=build.span_id(), parent_id=root.span_id,
        start_ns=at_ns + 10 * MS, duration_ns=5 * MS, kind=Span.SPAN_KIND_PRODUCER,
        attributes=_message(message, "send"),
    )  # fmt: skip
    yield _sent(function("checkout"), root, send)
    yield _reported(
        function("checkout"), asked, at_ns, 40 + number * 3, used_mb=200, cold=number == 0
    )
    version = "18" if number >= 15 else "17"
    for attempt in range(3 if number in LOST else 1):
        begun_ns = at_ns + (1 + attempt * 8) * 1000 * MS
        invocation, cold = str(_uuid("payment", number, attempt)), number % 10 == 0 and not attempt
        took_ms = 120 + number * 5
        handled = span(
            "orders-q process", trace_id=_uuid("paid", number, attempt).bytes, id=build.span_id(),
            start_ns=begun_ns, duration_ns=took_ms * MS, kind=Span.SPAN_KIND_CONSUMER,
            attributes=_invoked(invocation, cold=cold) | _message(message, "process"),
            error="CardDeclined: issuer said no" if number in LOST else None,
            events=[
                build.event("exception", begun_ns, **{"exception.type": "CardDeclined"})
            ] if number in LOST else [],
        )  # fmt: skip
        payment = function("payment", version)
        yield _sent(payment, handled)
        yield _reported(payment, invocation, begun_ns, took_ms, used_mb=480, cold=cold)


def metrics(at_ns: int, minute: int) -> Iterator[Request]:
    """A minute of CloudWatch: Lambda of payment and report, SQS of orders-q and its DLQ."""
    throttles = 25 if minute >= 58 - THROTTLED_MINUTES else 0
    lambdas = [
        ("payment", {"Throttles": throttles, "ConcurrentExecutions": 4 + minute % 5}),
        ("report", {"Throttles": 0, "Invocations": 12, "Errors": 0}),
    ]
    lost = sum(minute > number * 2 + 1 for number in LOST)
    queues = [
        ("orders-q", {"ApproximateNumberOfMessagesVisible": minute % 7,
                      "ApproximateAgeOfOldestMessage": 3, "NumberOfMessagesSent": 5,
                      "NumberOfMessagesDeleted": 5}),
        ("orders-q-dlq", {"ApproximateNumberOfMessagesVisible": lost,
                          "ApproximateAgeOfOldestMessage":
                              max(0, minute - LOST[0] * 2 - 1) * 60 if lost else 0}),
    ]  # fmt: skip
    points = [
        _summary(f"amazonaws.com/AWS/{namespace}/{name}", value, {dimension: each}, at_ns)
        for namespace, dimension, group in
        (("Lambda", "FunctionName", lambdas), ("SQS", "QueueName", queues))
        for each, values in group
        for name, value in values.items()
    ]  # fmt: skip
    stream = resource(
        cloud__region="eu-central-1", cloud__account__id="123456789012", faas__name=None,
        service__name=None,
    )  # fmt: skip
    for attribute in list(stream.attributes):
        if attribute.key in ("faas.name", "service.name"):
            stream.attributes.remove(attribute)
    yield export_request(resource_group(*points, resource=stream))


def function(name: str, version: str = "17"):  # type: ignore[no-untyped-def]
    """The resource of a function on Lambda."""
    return resource(
        faas__name=name, service__name=name, faas__version=version, cloud__region="eu-central-1",
        cloud__platform="aws_lambda", cloud__account__id="123456789012",
        faas__max_memory=512 * 1024 * 1024, faas__instance=f"2026/11/20/[{version}]{name}",
    )  # fmt: skip


def _uuid(*parts: object) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, repr(parts))


def _invoked(invocation_id: str, *, cold: bool) -> dict[str, Any]:
    return {"faas.invocation_id": invocation_id, "faas.coldstart": cold, "faas.trigger": "http"}


def _message(message_id: str, operation: str) -> dict[str, Any]:
    return {
        "messaging.system": "aws_sqs",
        "messaging.destination.name": "orders-q",
        "messaging.message.id": message_id,
        "messaging.operation.type": operation,
    }


def _reported(
    sender: Any, invocation_id: str, at_ns: int, took_ms: int, *, used_mb: int, cold: bool
) -> Request:
    init = "\tInit Duration: 812.50 ms" if cold else ""
    text = (
        f"REPORT RequestId: {invocation_id}\tDuration: {took_ms}.00 ms\tBilled Duration:"
        f" {took_ms} ms\tMemory Size: 512 MB\tMax Memory Used: {used_mb} MB{init}\t"
    )
    record = log(text, time_ns=at_ns + took_ms * MS)
    return export_request(resource_group(record, resource=sender))


def _sent(sender: Any, *spans: Span) -> Request:
    return export_request(resource_group(*spans, resource=sender))


def _summary(name: str, value: float, dimensions: dict[str, str], at_ns: int) -> Metric:
    """A minute as CloudWatch streams it: the sum, and least and greatest as quantiles."""
    quantiles = [
        SummaryDataPoint.ValueAtQuantile(quantile=quantile, value=value) for quantile in (0.0, 1.0)
    ]
    point = SummaryDataPoint(
        start_time_unix_nano=at_ns,
        time_unix_nano=at_ns + MINUTE,
        count=1,
        sum=value,
        quantile_values=quantiles,
        attributes=build.attributes({"Dimensions": dimensions}),
    )
    return Metric(name=name, unit="{Count}", summary=Summary(data_points=[point]))
