"""Which correlation keys spans, links and events give, and in what form."""

from typing import Any

import pytest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector.batch import Export, Signal
from collector.decode.group import decode_group
from collector.decode.key_names import family
from collector.decode.limits import Limits
from tests.build import NOW_NS, event, export_request, link, log, resource, span

PLAIN = "6b006070c0ffee00112233445566778a"  # not the trace of the builders
PARENT = f"00-{PLAIN}-{PLAIN[:16]}-01"
XRAY = "1-6b006070-c0ffee00112233445566778a"
OWN = "6b006070c0ffee00112233445566778f"
UUID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
ARN = "arn:aws:states:eu-west-1:1:execution:orders:run-7"
DURABLE = "arn:aws:lambda:eu-west-1:1:function:f:1/durable-execution/run/7"
WORKFLOW = "projects/p1/locations/europe-west1/workflows/orders/executions"
ORDER = "w" + family("order_id")


def rows(
    signal: Signal, table: str, record: Any, *configured: str, around: Resource | None = None
) -> list[dict[str, Any]]:
    body = export_request(record, resource=around).SerializeToString()
    limits = Limits(correlation_attributes=configured)
    decoded = decode_group(signal, [Export(1, signal, body, NOW_NS)], limits)
    found: list[dict[str, Any]] = decoded.tables[table].to_pylist()
    return found


def span_row(attributes: dict[str, Any], *configured: str) -> dict[str, Any]:
    (row,) = rows(Signal.TRACES, "spans", span(attributes=attributes), *configured)
    return row


def keys(attributes: dict[str, Any], *configured: str) -> list[str] | None:
    found: list[str] | None = span_row(attributes, *configured)["keys"]
    return found


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        # message ids that the column does not take
        ({"messaging.message.id": "m-1"}, None),
        ({"messaging.message.id": "m-1", "messaging.message_id": "m-2"}, ["mm-2"]),
        ({"messaging.message.id": "m-1", "messaging.message_id": " m-1 "}, None),
        ({"aws.sns.message.id": UUID}, ["m" + UUID]),
        ({"sqs_message_id": UUID.upper()}, ["m" + UUID]),
        ({"messageId": "19917247034"}, ["m19917247034"]),
        ({"messaging.kafka.offset": 42, "messaging.destination.partition.id": "3"}, ["m3:42"]),
        ({"messaging.kafka.message.offset": 42, "messaging.kafka.partition": 3}, ["m3:42"]),
        ({"messaging.kafka.offset": 42}, ["m42"]),
        ({"messaging.kafka.partition": 3}, None),
        # ids of one request that is handed on
        ({"http.request.header.x-request-id": [UUID]}, ["k" + family("x-request-id") + UUID]),
        ({"X-Request-ID": UUID}, ["k" + family("x-request-id") + UUID]),
        ({"http.request.header.x-call-id": [UUID]}, ["u" + UUID]),
        ({"http.response.header.x-call-id": [UUID]}, ["u" + UUID]),
        ({"execution.name": "order-7"}, None),
        ({"aws.kinesis.sequence_number": "495" * 18, "aws.kinesis.shard_id": "s-0"},
         ["ms-0:" + "495" * 18]),
        ({"messaging.eventhubs.message.sequence_number": 7,
          "messaging.destination.partition.id": "1"}, ["m1:7"]),
        # executions
        ({"aws.step_functions.execution.arn": ARN}, ["x" + ARN]),
        ({"execution_arn": ARN}, ["x" + ARN]),
        ({"executionArn": ARN}, ["x" + ARN]),
        ({"detail.executionArn": ARN}, ["x" + ARN]),
        ({"durable.execution.arn": DURABLE}, ["x" + DURABLE]),
        ({"executionId": ARN}, ["x" + ARN]),
        ({"executionId": "of one request"}, None),
        ({"durabletask.task.instance_id": "run-7"}, ["xrun-7"]),
        ({"temporalWorkflowID": "order-1", "temporalRunID": UUID}, ["x" + UUID]),
        ({"temporalWorkflowID": "order-1"}, ["xorder-1"]),
        ({"workflows.googleapis.com/execution_id": UUID}, ["x" + UUID]),
        ({"gcp.cloud_run.job.execution": "job-x7k2p"}, ["xjob-x7k2p"]),
        ({"cloudflare.workflow.instance_id": UUID}, ["x" + UUID]),
        # events and causes
        ({"cloudevents.event_id": "e-1", "cloudevents.event_source": "/orders"},
         ["e/orders\ne-1"]),
        ({"http.request.header.ce-id": ["e-1"], "http.request.header.ce-source": ["/orders"]},
         ["e/orders\ne-1"]),
        ({"cloudevents.event_id": "e-1"}, ["ee-1"]),
        ({"event_id": UUID}, ["e" + UUID]),
        ({"eventId": UUID.upper()}, ["e" + UUID]),
        ({"EventId": 14}, None),
        ({"cloudevents.causationid": "e-1"}, ["ue-1"]),
        ({"http.request.header.ce-causationid": ["e-1"]}, ["ue-1"]),
        # objects
        ({"aws.s3.bucket": "bkt", "aws.s3.key": "in/a+b%20c.csv"}, ["obkt/in/a b c.csv"]),
        ({"faas.document.collection": "bkt", "faas.document.name": "a.csv"}, ["obkt/a.csv"]),
        ({"aws.s3.bucket": "bkt"}, None),
        ({"bucket": "limits", "key": "of"}, None),
        # correlation ids that the column does not take
        ({"correlation_id": "c-1"}, None),
        ({"correlation_id": "c-1", "correlationId": "c-1"}, None),
        ({"correlation_id": "c-1", "correlationId": "c-2"}, ["kccc-2"]),
        ({"app.correlationId": "c-1"}, ["kccc-1"]),
        ({"http.request.header.baggage": ["a=b,Correlation-Id=c%2D1;p=1"]}, ["kccc-1"]),
        ({"app.correlation_id": "unknown"}, ["kccunknown"]),
        ({"session.id": UUID, "requestId": UUID, "user.id": UUID}, None),
        # business ids
        ({"order_id": "ORD-1001"}, [ORDER + "ORD-1001"]),
        ({"orderId": "ORD-1001"}, [ORDER + "ORD-1001"]),
        ({"order.id": "ORD-1001"}, [ORDER + "ORD-1001"]),
        ({"app.order.id": 100_001}, [ORDER + "100001"]),
        ({"http.request.header.x-order-id": ["ORD-1001"]}, [ORDER + "ORD-1001"]),
        ({"order_id": "ORD-1001", "orderId": "ORD-1001"}, [ORDER + "ORD-1001"]),
        ({"paymentID": UUID.upper()}, ["w" + family("payment.id") + UUID]),
        ({"order_id": "12345"}, None),
        ({"order_id": "pending"}, None),
        ({"order_id": "ORD 1001"}, None),
        ({"order_id": "000000000"}, None),
        ({"order_id": True, "document_id": 1.5}, None),
        ({"order_id": ["ORD-1001", "ORD-1002"]}, None),
        ({"paid": "ORD-1001", "orderid": "ORD-1001", "id": "ORD-1001"}, None),
        ({"product_id": "P-10001", "tenant_ids": "T-10001"}, None),
        ({"aws.order.id": "ORD-1001", "k8s.pod.uid": UUID, "host.id": UUID}, None),
        # idempotency keys and traces
        ({"idempotency_key": "k-1"}, ["qk-1"]),
        ({"http.request.header.idempotency-key": ["k-1"]}, ["qk-1"]),
        ({"xray_trace_id": XRAY}, ["t" + PLAIN]),
        ({"dd.trace_id": PLAIN}, ["t" + PLAIN]),
        ({"dd.trace_id": "1234567890123456789"}, None),
        ({"operation_Id": PLAIN}, ["t" + PLAIN]),
        ({"otelTraceID": PLAIN.upper()}, ["t" + PLAIN]),
        ({"http.request.header.traceparent": [f"00-{PLAIN}-53995c3f42cd8ad8-01"]}, ["t" + PLAIN]),
        ({"http.request.header.x-amzn-trace-id": [f"Root={XRAY};Sampled=1"]}, ["t" + PLAIN]),
        ({"x-cloud-trace-context": f"{PLAIN}/789;o=1"}, ["t" + PLAIN]),
        ({"logging.googleapis.com/trace": f"projects/p/traces/{PLAIN}"}, ["t" + PLAIN]),
        ({"traceId": OWN, "trace_id": "0" * 32}, None),
        ({"correlation_id": XRAY}, ["t" + PLAIN]),
        ({"correlation_id": f"00-{PLAIN}-53995c3f42cd8ad8-01"}, ["t" + PLAIN]),
        ({"correlation_id": "c-1", "correlationId": XRAY}, ["kcc" + PLAIN, "t" + PLAIN]),
        # tenants, batches, attempts, times, dead letters
        ({"tenant.id": "acme"}, ["nacme"]),
        ({"tenantId": "1", "customer.tenant": "acme"}, ["n1"]),
        ({"tenant": "none"}, None),
        ({"messaging.batch.message_count": 10}, ["b10"]),
        ({"messaging.batch.message_count": -1}, None),
        ({"messaging.servicebus.message.delivery_count": 2}, ["r2"]),
        ({"messaging.gcp_pubsub.message.delivery_attempt": 3}, ["r3"]),
        ({"ApproximateReceiveCount": "4"}, ["r4"]),
        ({"messaging.message.delivery_count": 5}, ["r5"]),
        ({"messaging.servicebus.message.enqueued_time": 1_795_186_800}, [f"g{NOW_NS}"]),
        ({"messaging.eventhubs.message.enqueued_time": "1795186800"}, [f"g{NOW_NS}"]),
        ({"SentTimestamp": "1795186800123"}, [f"g{NOW_NS + 123_000_000}"]),
        ({"approximateArrivalTimestamp": 1_795_186_800.5}, [f"g{NOW_NS + 500_000_000}"]),
        ({"enqueuedTimeUtc": "2026-11-20T15:00:00Z"}, [f"g{NOW_NS}"]),
        ({"SentTimestamp": "17"}, None),
        ({"DeadLetterQueueSourceArn": "arn:aws:sqs:eu-west-1:1:orders-q"}, ["dorders-q"]),
        ({"messaging.servicebus.disposition_status": "dead_letter"}, ["d"]),
        ({"messaging.servicebus.disposition_status": "complete"}, None),
    ],
)  # fmt: skip
def test_spans_give_keys_by_name(attributes: dict[str, Any], expected: list[str] | None) -> None:
    """Every spelling gives one form; what a column says already is no key."""
    assert keys(attributes) == expected


@pytest.mark.parametrize(
    ("configured", "attributes", "correlation_id", "expected"),
    [
        ("order.id", {"order.id": "7"}, "7", ["f" + family("order.id")]),
        ("order.id", {"order.id": "7", "correlation_id": "c-1"}, "7",
         ["kccc-1", "f" + family("order.id")]),
        ("order.id", {"correlation_id": "c-1", "orderId": "7"}, "c-1",
         ["k" + family("order.id") + "7"]),
        ("user_id", {"user_id": "u-1"}, "u-1", ["f" + family("user_id")]),
        ("correlationId", {"correlationId": "c-1"}, "c-1", None),
        ("detail.order.id", {"detail": {"order": {"id": 7}}}, None,
         ["k" + family("order.id") + "7"]),
        ("order.number", {"app.orderNumber": "7"}, None, ["k" + family("order_number") + "7"]),
        ("id", {"id": "7", "thing.id": "T-10001"}, "7",
         ["w" + family("thing_id") + "T-10001", "f" + family("id")]),
    ],
)  # fmt: skip
def test_the_users_names_are_correlation_ids(
    configured: str, attributes: dict[str, Any], correlation_id: str | None, expected: Any
) -> None:
    """They win over every other rule; their family is named unless it is the usual one."""
    row = span_row(attributes, configured)

    assert (row["correlation_id"], row["keys"]) == (correlation_id, expected)


@pytest.mark.parametrize("text", [UUID.upper(), f'"{UUID}"', f" {UUID}\n", UUID])
@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("faas.invocation_id", "invocation_id"),
        ("correlation_id", "correlation_id"),
        ("messaging.message.id", "message_id"),
    ],
)
def test_ids_in_columns_are_in_the_form_of_keys(name: str, column: str, text: str) -> None:
    """Quotes, spaces and the case of hex do not keep equal ids apart; attributes stay as sent."""
    row = span_row({name: text})

    assert row[column] == UUID
    assert row["attributes"] == [{"key": name, "value": text}]


def test_objects_in_attributes_are_entered() -> None:
    """A path counts by its last words, wherever the sender nested them."""
    nested = {"detail": {"metadata": {"correlationId": "c-1"}, "bucket": {"name": "bkt"},
                         "object": {"key": "a.csv"}}}  # fmt: skip

    assert keys(nested) == ["kccc-1", "obkt/a.csv"]


def test_links_and_events_give_keys_too() -> None:
    """What differs per message stands on its link."""
    sent = span(
        links=[
            link(
                bytes(range(16)), b"l" * 8, **{"messaging.message.id": "m-1", "order_id": "O-1001"}
            )
        ],
        events=[event("taken", order_id="O-1002")],
    )

    assert rows(Signal.TRACES, "span_links", sent)[0]["keys"] == [ORDER + "O-1001"]
    assert rows(Signal.TRACES, "span_links", sent)[0]["message_id"] == "m-1"
    assert rows(Signal.TRACES, "span_events", sent)[0]["keys"] == [ORDER + "O-1002"]


def test_a_record_has_32_keys_at_most() -> None:
    """The first ones; more are not what ties a record to others."""
    many = {f"thing{number}.id": f"T-1000{number}" for number in range(40)}

    found = keys(many)

    assert found is not None
    assert len(found) == 32


@pytest.mark.parametrize(
    "name", ["order_id", "messageId", "executionArn", "correlation_id", "app.correlationId",
             "baggage", "idempotency_key", "traceId", "tenant", "event_id",
             "DeadLetterQueueSourceArn"],
)  # fmt: skip
def test_very_long_values_are_no_ids(name: str) -> None:
    """10 kB under the name of an id is kept as the attribute it is, and as nothing else."""
    row = span_row({name: "x1" * 5_000})

    assert (row["keys"], row["correlation_id"]) == (None, None)


def test_names_without_end_cost_no_memory() -> None:
    """Senders that put ids into names do not fill the tables of rules."""
    long = {"x" * 5_000 + ".order_id": "ORD-1001", **{f"a{n}.b.c.d": "1" for n in range(200)}}

    assert keys(long) is None


def log_keys(body: Any) -> list[str] | None:
    (row,) = rows(Signal.LOGS, "log_records", log(body))
    found: list[str] | None = row["keys"]
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"orderId": "ORD-1001"}, [ORDER + "ORD-1001"]),
        ('{"orderId":"ORD-1001","n":null,"b":true}', [ORDER + "ORD-1001"]),
        ('{"correlation_id":"c-1"}', None),
        ('{"detail":{"metadata":{"correlationId":"c-1"}}}', ["kccc-1"]),
        (f'{{"xray_trace_id":"{XRAY}"}}', ["t" + PLAIN]),
        (f'{{"correlation_id":"Root={XRAY};Sampled=1"}}', ["t" + PLAIN]),
        ('{"message_id":"m-10001","otelTraceID":"0"}', ["mm-10001"]),
        (f'{{"event":{{"detail":{{"executionArn":"{ARN}"}}}}}}', ["x" + ARN]),
        ('{"id":"e-10001","source":"shop","detail-type":"Order"}', ["ee-10001"]),
        ('{"id":"e-1","source":"/shop","specversion":"1.0"}', ["e/shop\ne-1"]),
        ('{"Records":[{"s3":{"bucket":{"name":"bkt"},"object":{"key":"a%2Fb.csv"}}}]}',
         ["obkt/a/b.csv"]),
        ('{"Records":[{"messageId":"m-10001","attributes":{"SentTimestamp":"1795186800000"}}]}',
         ["mm-10001", f"g{NOW_NS}"]),
        ('{"Records":[{"messageId":"m-10001"},{"messageId":"m-10002"}]}', None),
        ('{"body":"{\\"Type\\":\\"Notification\\",\\"MessageId\\":\\"m-10001\\"}"}', ["mm-10001"]),
        # values in the typed form of SQS, SNS and DynamoDB
        ('{"messageAttributes":{"correlationId":{"stringValue":"c-1","dataType":"String"}}}',
         ["kccc-1"]),
        (f'{{"attributes":{{"traceparent":{{"Type":"String","Value":"{PARENT}"}}}}}}',
         ["t" + PLAIN]),
        ('{"MessageAttributes":{"orderId":{"Type":"String","Value":"ORD-1001"}}}',
         [ORDER + "ORD-1001"]),
        ('{"dynamodb":{"NewImage":{"correlationId":{"S":"c-1"},"orderId":{"N":"1000001"}}}}',
         ["kccc-1", ORDER + "1000001"]),
        ('{"body":{"S":"{\\"orderId\\":\\"ORD-1001\\"}"}}', [ORDER + "ORD-1001"]),
        ('{"orderId":{"S":"ORD-1001","N":"7"}}', None),
        # the request whose failure a destination or dead-letter queue is told of
        (f'{{"requestContext":{{"requestId":"{UUID}","condition":"RetriesExhausted"}}}}',
         ["u" + UUID]),
        (f'{{"messageAttributes":{{"RequestID":{{"stringValue":"{UUID}","dataType":"String"}}}}}}',
         ["u" + UUID]),
        (f'{{"execution":{{"name":"{WORKFLOW}/{UUID}"}}}}', [f"x{WORKFLOW}/{UUID}"]),
        ('{"orderId":"ORD-1001"', None),
        ('{"a":' * 12 + '{"orderId":"ORD-1001"}' + "}" * 12, None),
        ('{"orderId":{"orderId":["ORD-1001"]}}', [ORDER + "ORD-1001"]),
        ('{"orderId":"' + "x1" * 5_000 + '"}', None),
        ('["ORD-1001"]', None),
        ("orderId=ORD-1001", None),
    ],
)  # fmt: skip
def test_json_log_bodies_give_keys_by_path(body: Any, expected: list[str] | None) -> None:
    """Text that is a JSON object or an object sent as such; what is no object is only text."""
    assert log_keys(body) == expected


def test_a_field_path_of_the_user_names_a_correlation_id() -> None:
    """correlation.attributes = ["detail.order.id"] is a path into a JSON body."""
    body = '{"detail":{"order":{"id":"7"}},"correlation_id":"c-1"}'
    (row,) = rows(Signal.LOGS, "log_records", log(body), "detail.order.id")

    assert row["correlation_id"] == "7"
    assert row["keys"] == ["kccc-1", "f" + family("order.id")]


def test_attributes_of_a_record_go_before_its_body() -> None:
    """Both give keys; the column is the attribute's, with the attribute's family."""
    (row,) = rows(
        Signal.LOGS,
        "log_records",
        log('{"order.id":"7"}', attributes={"correlation_id": "c-1", "payment_id": "P-1001"}),
        "order.id",
    )

    assert row["correlation_id"] == "c-1"
    assert row["keys"] == ["w" + family("payment_id") + "P-1001", "k" + family("order.id") + "7"]


def test_ids_in_names_are_read_too() -> None:
    """Many names in one group take another way to the same keys."""
    sent = span(attributes={f"thing{number:x}.id": f"T-{number:05}" for number in range(900)})
    (row,) = rows(Signal.TRACES, "spans", sent)

    assert row["keys"] == [
        "w" + family(f"thing{number:x}_id") + f"T-{number:05}" for number in range(32)
    ]


def test_a_tenant_of_the_resource_is_that_of_its_records() -> None:
    """One process serves one tenant; a record that names another goes before."""
    own = span(attributes={"tenant.id": "globex"})
    around = resource(tenant__id="acme")
    (first,) = rows(Signal.TRACES, "spans", span(), around=around)
    (second,) = rows(Signal.TRACES, "spans", own, around=around)
    (line,) = rows(Signal.LOGS, "log_records", log("text"), around=around)

    assert (first["keys"], second["keys"], line["keys"]) == (["nacme"], ["nglobex"], ["nacme"])
