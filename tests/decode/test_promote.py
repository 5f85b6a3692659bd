"""Which attributes fill the promoted columns of spans and logs, and what their values become."""

from typing import Any

import pytest

from collector.batch import Export, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from tests.build import NOW_NS, Record, event, export_request, gauge, log, point, resource, span

LIMITS = Limits(max_attributes=64, correlation_attributes=("order.id",))
XRAY = "1-6b006070-c0ffee00112233445566778f"
PLAIN = "6b006070c0ffee00112233445566778f"
SPAN = "53995c3f42cd8ad8"
REQUEST = "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"
GOOGLE = "logging.googleapis.com/"


def stored(signal: Signal, table: str, record: Record, **around: Any) -> dict[str, Any]:
    body = export_request(record, **around).SerializeToString()
    (row,) = (
        decode_group(signal, [Export(1, signal, body, NOW_NS)], LIMITS).tables[table].to_pylist()
    )
    return row


def span_row(attributes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return stored(Signal.TRACES, "spans", span(attributes=attributes, **fields))


def log_row(body: Any = "text", **attributes: Any) -> dict[str, Any]:
    return stored(Signal.LOGS, "log_records", log(body, attributes=attributes))


@pytest.mark.parametrize(
    ("attributes", "column", "expected"),
    [
        ({"faas.invocation_id": "r-1"}, "invocation_id", "r-1"),
        ({"faas.execution": "r-1"}, "invocation_id", "r-1"),
        ({"faas.execution": "old", "faas.invocation_id": "new"}, "invocation_id", "new"),
        ({"faas.execution": "old", "faas.invocation_id": ""}, "invocation_id", "old"),
        ({"aws.request_id": "of a call"}, "invocation_id", None),
        ({"faas.coldstart": True}, "cold_start", True),
        ({"faas.coldstart": False}, "cold_start", False),
        ({"faas.coldstart": "true"}, "cold_start", True),
        ({"faas.coldstart": "perhaps"}, "cold_start", None),
        ({}, "cold_start", None),
        ({"faas.trigger": "http"}, "trigger", "http"),
        ({"faas.trigger": "cron"}, "trigger", "timer"),
        ({"faas.trigger": "queue"}, "trigger", "pubsub"),
        ({"faas.trigger": "serviceBusTrigger"}, "trigger", "pubsub"),
        ({"faas.trigger": "email"}, "trigger", "email"),
        ({"messaging.message.conversation_id": "c"}, "correlation_id", "c"),
        ({"messaging.conversation_id": "c"}, "correlation_id", "c"),
        ({"correlationId": "c"}, "correlation_id", "c"),
        ({"X-Correlation-ID": "c"}, "correlation_id", "c"),
        ({"http.request.header.x-correlation-id": ["c", "d"]}, "correlation_id", "c"),
        ({"http.request.header.x-correlation-id": []}, "correlation_id", None),
        ({"correlation_id": "c", "order.id": 7}, "correlation_id", "7"),
        ({"correlation_id": XRAY}, "correlation_id", PLAIN),
        ({"correlation_id": f"Root={XRAY};Parent=53995c3f42cd8ad8"}, "correlation_id", PLAIN),
        ({"correlation_id": f"Self=1-2-3;Root={XRAY.upper()}"}, "correlation_id", PLAIN),
        ({"session.id": "s", "requestId": "r"}, "correlation_id", None),
        ({"messaging.destination.name": "orders-q"}, "destination", "orders-q"),
        ({"messaging.destination": "orders-q"}, "destination", "orders-q"),
        ({"messaging.destination": "arn:aws:sns:eu-west-1:1:topic"}, "destination", "topic"),
        ({"aws.sqs.queue.url": "https://sqs.eu-west-1.amazonaws.com/1/q"}, "destination", "q"),
        ({"aws.queue_url": "http://127.0.0.1:5000/1/q"}, "destination", "q"),
        ({"aws.sns.topic.arn": "arn:aws:sns:eu-west-1:1:topic"}, "destination", "topic"),
        ({"messaging.message.id": "m"}, "message_id", "m"),
        ({"messaging.message_id": "m"}, "message_id", "m"),
        ({"error.type": "TimeoutError"}, "error_type", "TimeoutError"),
        ({"exception.type": "KeyError"}, "error_type", None),
        ({"faas.name": "app/ship"}, "function", "app/ship"),
        ({"faas.id": "arn:aws:lambda:eu-west-1:1:function:ship:17"}, "function", "ship"),
        ({"aws.log.group.names": ["/aws/lambda/ship"]}, "function", "ship"),
        ({"cloud.resource_id": "no function"}, "function", "orders"),
        ({}, "function", "orders"),
    ],
)  # fmt: skip
def test_spans_say_it_in_old_and_new_names(
    attributes: dict[str, Any], column: str, expected: Any
) -> None:
    """The current name wins over the old, the user's over all; an empty value says nothing."""
    assert span_row(attributes)[column] == expected


def test_an_exception_names_the_error_of_a_failed_span() -> None:
    """exception.type counts where the span failed, and error.type goes before it."""
    thrown = {"exception.type": "KeyError"}

    assert span_row(thrown, error="boom")["error_type"] == "KeyError"
    assert span_row({**thrown, "error.type": "500"}, error="boom")["error_type"] == "500"


def test_the_last_exception_event_names_the_error_of_a_failed_span() -> None:
    """The classic form: SDKs record exceptions as events; one that was handled is no error."""
    events = [event("exception", **{"exception.type": each}) for each in ("A", "B")]

    assert span_row({}, events=events, error="boom")["error_type"] == "B"
    assert span_row({}, events=events)["error_type"] is None


def test_what_is_promoted_stays_an_attribute_as_it_came() -> None:
    """Promotion never changes or removes what the sender wrote."""
    row = span_row({"faas.trigger": "cron", "correlation_id": XRAY, "size": 7})

    assert row["attributes"] == [
        {"key": "faas.trigger", "value": "cron"},
        {"key": "correlation_id", "value": XRAY},
        {"key": "size", "value": "7"},
    ]
    assert row["attribute_types"] == "ssi"


@pytest.mark.parametrize(
    ("row", "invocation_id", "correlation_id"),
    [
        (lambda: log_row(aws_request_id="r"), "r", None),
        (lambda: log_row(requestId="r", correlation_id="c"), "r", "c"),
        (lambda: log_row('{"function_request_id":"r","correlation_id":"c"}'), "r", "c"),
        (lambda: log_row({"function_request_id": "r", "correlation_id": "c"}), "r", "c"),
        (lambda: log_row('{"correlation_id":"body"}', correlation_id="said"), None, "said"),
        (lambda: log_row(f'{{"xray_trace_id":"{XRAY}"}}'), None, PLAIN),
        (lambda: log_row(f'{{"xray_trace_id":"{XRAY}","order.id":7}}'), None, "7"),
        (lambda: log_row('{"correlation_id":null,"requestId":true}'), None, None),
        (lambda: log_row('{"correlation_id":"c"'), None, None),
        (lambda: log_row('["correlation_id"]'), None, None),
        (lambda: log_row('{"a":"' + "x" * 65_536 + '","correlation_id":"c"}'), None, None),
    ],
)
def test_logs_say_it_in_attributes_or_a_json_body(
    row: Any, invocation_id: str | None, correlation_id: str | None
) -> None:
    """Attributes go before the body; a body that is no object, or long, is only text."""
    found = row()

    assert (found["invocation_id"], found["correlation_id"]) == (invocation_id, correlation_id)


def test_a_functions_own_logger_knows_its_request_best() -> None:
    """Lambda's extension stamps a line that comes late with the request that runs by then."""
    line = '{"function_request_id":"own","message":"customer told"}'
    row = log_row(line, **{"faas.invocation_id": "next"})
    other = log_row('{"requestId":"of-a-call"}', **{"faas.invocation_id": "own"})

    assert (row["invocation_id"], other["invocation_id"]) == ("own", "own")


@pytest.mark.parametrize(
    ("row", "span_id"),
    [
        (lambda: log_row(trace_id=PLAIN.upper(), span_id=SPAN.upper()), SPAN),
        (lambda: log_row(operation_Id=PLAIN, operation_ParentId=SPAN), SPAN),
        (lambda: log_row(f'{{"otelTraceID":"{PLAIN}","otelSpanID":"{SPAN}"}}'), SPAN),
        (lambda: log_row(f'{{"dd":{{"trace_id":"{PLAIN}","span_id":"77"}}}}'), None),
        (lambda: log_row(f'{{"{GOOGLE}trace":"projects/p/traces/{PLAIN}"}}'), None),
        (lambda: log_row(f'{{"{GOOGLE}trace":"{PLAIN}","{GOOGLE}spanId":"{SPAN}"}}'), SPAN),
    ],
)
def test_a_log_record_may_name_its_trace_in_fields(row: Any, span_id: str | None) -> None:
    """As loggers write it that know no OTLP, in attributes or the body."""
    found = row()

    assert found["trace_id"].hex == PLAIN
    assert found["span_id"] == (None if span_id is None else int(span_id, 16))


@pytest.mark.parametrize("named", [XRAY, f"Root={XRAY};Sampled=1", "0", "0" * 32, "7" * 19])
def test_what_is_no_context_of_a_trace_is_only_an_attribute(named: str) -> None:
    """X-Ray's id goes beyond the trace: it is judged as a correlation id is."""
    assert log_row(trace_id=named)["trace_id"] is None
    assert log_row(f'{{"trace_id":"{named}"}}')["trace_id"] is None


def test_otlps_own_field_goes_before_what_attributes_say() -> None:
    """A record may speak of another trace than its own."""
    record = log("x", trace_id=bytes.fromhex(PLAIN), attributes={"trace.id": "7" * 31 + "8"})

    assert stored(Signal.LOGS, "log_records", record)["trace_id"].hex == PLAIN


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"START RequestId: {REQUEST} Version: 17", REQUEST),
        (f"END RequestId: {REQUEST}", REQUEST),
        (f"REPORT RequestId: {REQUEST}\tDuration: 12.00 ms\t", REQUEST),
        (f"RequestId: {REQUEST} Error: Runtime exited with error: signal: killed", REQUEST),
        (f"[INFO]\t2026-11-20T15:00:12.100Z\t{REQUEST}\tworking", REQUEST),
        (f"2026-11-20T15:00:12.100Z\t{REQUEST}\tINFO\tworking", REQUEST),
        (f"2026-11-20T15:00:20.998Z {REQUEST} Task timed out after 6.01 seconds", REQUEST),
        (f"2026-11-20T15:00:12.100Z\t{REQUEST}x\tINFO\tworking", None),
        (f"asked {REQUEST}: the RequestId: {REQUEST} of a call", None),
        ("2026-11-20T15:00:12.100Z\tundefined\tINFO\tat the start of an environment", None),
    ],
)
def test_lines_of_lambdas_own_formats_name_their_request(line: str, expected: str | None) -> None:
    """Functions that print plain text: their lines are found with the invocation they are of."""
    assert log_row(line)["invocation_id"] == expected


def test_a_line_knows_its_request_better_than_the_extension_that_sent_it() -> None:
    """Lambda's extension stamps a line that comes late with the request that runs by then."""
    line = f"[INFO]\t2026-11-20T15:00:12.100Z\t{REQUEST}\tworking"

    assert log_row(line, **{"faas.invocation_id": "next"})["invocation_id"] == REQUEST


def test_a_metric_point_has_the_function_of_its_attributes_or_resource() -> None:
    """A collector reports on many functions from one resource."""
    own = stored(
        Signal.METRICS, "metric_points", gauge("g", point(1, attributes={"faas.name": "a"}))
    )
    around = stored(
        Signal.METRICS, "metric_points", gauge("g", 1), resource=resource(faas__name="b")
    )

    assert (own["function"], around["function"]) == ("a", "b")


@pytest.mark.parametrize(
    "attributes",
    [
        {"Dimensions": {"FunctionName": "payment", "Resource": "payment:live"}},
        {"Dimensions": {"service": "shop", "function_name": "payment"}},
        {"Dimensions": '{"FunctionName":"payment"}'},
        {"FunctionName": "payment"},
    ],
)
def test_a_cloudwatch_metric_is_of_the_function_among_its_dimensions(
    attributes: dict[str, Any],
) -> None:
    """Nested as a metric stream has them, as JSON text, or one by one."""
    around = resource(faas__name="b")
    queue = {"Dimensions": {"QueueName": "orders-dlq"}}
    rows = [
        stored(
            Signal.METRICS, "metric_points", gauge("g", point(1, attributes=each)), resource=around
        )
        for each in (attributes, queue)
    ]

    assert [row["function"] for row in rows] == ["payment", "b"]
