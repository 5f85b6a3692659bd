"""Firehose deliveries through the port: stored, answered as the service demands, counted once."""

import base64
import gzip
import json
from typing import Any

import pytest

from collector.batch import Signal
from collector.errors import StoreUnavailable
from collector.receive.firehose_records import RecordReader
from collector.receive.intake import Intake
from tests.decode.aws.vectors import (
    CONTROL,
    START,
    START_LINE,
    STREAM,
    TWO_METRICS,
    datum,
    delivery,
    packed,
)
from tests.receive.conftest import Collector, Start, until
from tests.receive.firehose import MIB, answered, deliver, in_group, lines, unread
from web import ledger


def test_a_whole_delivery_is_answered_as_firehose_demands(collector: Collector) -> None:
    """The documented request: 200, its id again, the time as a number, and nothing else."""
    request_id = "5f0c2d0e-7d6b-4a55-8a39-0a6f4a3c9b11"
    answer = deliver(collector, delivery([TWO_METRICS], request_id), request_id)

    assert answer.status == 200
    assert answered(answer).keys() == {"requestId", "timestamp"}
    assert answered(answer)["requestId"] == request_id


def test_a_metric_stream_is_stored_with_function_and_place(start: Start) -> None:
    """The vector's two metrics: one of a function, one of a queue, both of one account."""
    collector = start()
    deliver(collector, delivery([TWO_METRICS]))
    rows = collector.rows(
        "select name, metric_points.function, provider, region, account_id, count, sum, "
        "quantile_values from metric_points join resources using (resource_id) order by name"
    )

    assert rows == [
        (
            "amazonaws.com/AWS/Lambda/Throttles",
            "orders-worker",
            *("aws", "us-east-1", "123456789012"),
            *(42, 3.0, [0.0, 1.0]),
        ),
        (
            "amazonaws.com/AWS/SQS/ApproximateAgeOfOldestMessage",
            None,
            *("aws", "us-east-1", "123456789012"),
            *(1, 5400.0, [5400.0, 5400.0]),
        ),
    ]


def test_a_log_subscription_is_stored_as_lines_of_its_function(start: Start) -> None:
    """The vector's START line, with function, version, environment, region and account."""
    collector = start()
    assert deliver(collector, delivery([START_LINE])).status == 200
    rows = collector.rows(
        "select body, log_records.function, version, instance, platform, region, account_id "
        "from log_records join resources using (resource_id)"
    )

    assert rows == [
        (
            START.replace("17\n", "$LATEST"),
            *("orders-worker", "$LATEST", STREAM.replace("17", "$LATEST", 1)),
            *("aws_lambda", "us-east-1", "123456789012"),
        )
    ]


def test_one_delivery_may_hold_everything(collector: Collector) -> None:
    """Records of each kind and form in one request: each is known by its own bytes."""
    twice = gzip.compress(json.dumps(in_group("mixed", "a\n")).encode()) + packed(
        in_group("mixed", "b"), CONTROL, in_group("mixed", "c")
    )
    plain = json.dumps(in_group("mixed", "d")).encode() + b"\n"
    to_function = {"awslogs": {"data": base64.b64encode(packed(in_group("mixed", "e"))).decode()}}
    metrics = "\n".join(json.dumps(datum(metric_name=name)) for name in ("Json1", "Json2"))
    records = [twice, plain, json.dumps(to_function).encode(), metrics.encode(), b"", b"\n"]
    body = json.loads(delivery([*records, TWO_METRICS]))
    body["records"].append({"data": in_group("mixed", "f")})
    answer = deliver(collector, json.dumps(body).encode())

    assert answer.status == 200
    assert sorted(lines(collector, "mixed")) == ["a", "b", "c", "d", "e", "f"]
    assert collector.rows("select count(*) from metric_points where name like '%Json_'") == [(2,)]


def test_a_compressed_request_is_taken(collector: Collector) -> None:
    """With Content-Encoding, as Firehose sends when it is told to compress."""
    body = gzip.compress(delivery([packed(in_group("zipped", "x"))]))

    assert deliver(collector, body, Content_Encoding="gzip").status == 200
    assert lines(collector, "zipped") == ["x"]


def test_common_attributes_are_on_the_resource(collector: Collector) -> None:
    """Those a user set on the delivery stream; a header that is damaged costs nothing."""
    good = '{"commonAttributes":{"deployment.environment.name":"prod","cloud.region":"mars"}}'
    for group, header in (
        ("common", good),
        ("damaged", "{"),
        ("strange", '{"commonAttributes":7}'),
    ):
        body = delivery([packed(in_group(group, "x"))])
        answer = deliver(collector, body, X_Amz_Firehose_Common_Attributes=header)
        assert answer.status == 200
        assert lines(collector, group) == ["x"]

    [(attributes, region)] = collector.rows(
        "select attributes::varchar, region from resources where function = 'common'"
    )
    assert "deployment.environment.name" in attributes
    assert region == "us-east-1"


def test_a_delivery_that_comes_again_counts_once(collector: Collector) -> None:
    """Firehose sends again what was stored when the answer got lost."""
    body = delivery(
        [packed(in_group("again", "x", "y")), json.dumps(datum(namespace="Again")).encode()]
    )
    before = collector.service.writer.applier.records.duplicate.total()
    answers = [deliver(collector, body).status for _ in range(3)]

    assert answers == [200, 200, 200]
    assert lines(collector, "again") == ["x", "y"]
    assert collector.rows("select count(*) from metric_points where name like '%/Again/%'") == [
        (1,)
    ]
    assert collector.service.writer.applier.records.duplicate.total() == before + 6


def test_a_record_that_comes_again_in_another_delivery_counts_once(collector: Collector) -> None:
    """CloudWatch Logs may put it into the stream twice; it stands among others each time."""
    twice = packed(in_group("redelivered", "x"))
    for other in ("one", "two"):
        records = [packed(in_group("redelivered", other)), twice]
        assert deliver(collector, delivery(records, other), other).status == 200

    assert sorted(lines(collector, "redelivered")) == ["one", "two", "x"]


def test_equal_lines_of_the_same_moment_are_two_when_their_ids_are(collector: Collector) -> None:
    """A function that logs the same words twice in a millisecond did so twice."""
    first, second = in_group("equal", "tick"), in_group("equal", "tick")
    second["logEvents"][0]["id"] = "7" * 56
    for message in (first, second, second):
        assert deliver(collector, delivery([packed(message)])).status == 200

    assert lines(collector, "equal") == ["tick", "tick"]


def test_what_was_stored_before_a_crash_counts_once_after_it(start: Start) -> None:
    """The journal and the store know the exports of a delivery, not its request id."""
    first = start()
    body = delivery([packed(in_group("crash", "x")), TWO_METRICS])
    assert deliver(first, body).status == 200
    first.stop()
    second = start(db=first.service.settings.db)

    assert deliver(second, body.replace(b"id-1", b"id-2"), "id-2").status == 200
    assert lines(second, "crash") == ["x"]
    assert second.count("metric_points") == 2


def test_a_retry_after_half_of_it_was_stored_doubles_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The metrics are stored, the disk fails at the logs: 503; the next time both count once."""
    collector = start()
    body = delivery([packed(in_group("half", "x")), TWO_METRICS])
    accept = Intake.accept

    async def failing(self: Intake, signal: Signal, export: bytes, admission: Any) -> Any:
        if signal is Signal.LOGS:
            admission.release()
            raise StoreUnavailable("the disk is full")
        return await accept(self, signal, export, admission)

    with monkeypatch.context() as patch:
        patch.setattr(Intake, "accept", failing)
        refused = deliver(collector, body)
    stored = collector.count("metric_points")
    taken = deliver(collector, body)

    assert (refused.status, stored) == (503, 2)
    assert answered(refused)["errorMessage"] == "the disk is full"
    assert taken.status == 200
    assert collector.count("metric_points") == 2
    assert lines(collector, "half") == ["x"]
    until(collector.is_idle)


DAMAGED = {
    "bad_base64": "***",
    "bad_gzip": gzip.compress(b"x" * 100)[:-10],
    "bad_json": b'{"messageType": "DATA',
    "bad_delimited": b"\x7f\x0a\x01",
    "bad_protobuf": b"\x03\xff\xff\xff",
    "unknown_record": b'{"hello": "world"}',
    "unknown_record ": b"START RequestId: 8f5e Version: 17\n",
    "no_log_events": b'{"messageType":"DATA_MESSAGE","logEvents":7}',
    "not_otlp": b"\x02\x10\x01",
    "too_large": gzip.compress(b" " * (33 * MIB)),
}


@pytest.mark.parametrize("reason", DAMAGED)
def test_a_record_that_cannot_be_read_costs_itself_only(collector: Collector, reason: str) -> None:
    """It is counted and the delivery succeeds: sending it again would change nothing."""
    group, damaged = f"beside-{list(DAMAGED).index(reason)}", DAMAGED[reason]
    reason = reason.strip()
    before = unread(collector).get(("firehose", reason), 0)
    records = [packed(in_group(group, "before")), damaged, packed(in_group(group, "after"))]
    answer = deliver(collector, delivery(records))

    assert answer.status == 200
    assert sorted(lines(collector, group)) == ["after", "before"]
    assert unread(collector)["firehose", reason] == before + 1
    assert collector.outcomes("firehose", Signal.LOGS)["partial"] >= 1


def test_a_fault_of_ours_costs_one_record_too(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it answered as a failure, the same delivery would fail again without end."""
    read = RecordReader.read

    def failing(self: RecordReader, data: bytes) -> Any:
        if b"fault" in data:
            raise RecursionError
        return read(self, data)

    monkeypatch.setattr(RecordReader, "read", failing)
    records = [b'{"fault": 1}', packed(in_group("beside-fault", "x"))]

    assert deliver(collector, delivery(records)).status == 200
    assert lines(collector, "beside-fault") == ["x"]
    assert unread(collector)["firehose", "fault"] == 1


def test_rejected_records_keep_the_ledger_even(start: Start) -> None:
    """Received = stored + rejected + duplicate + waiting, for events and data without a time."""
    collector = start()
    timeless = in_group("ledger", "x", "y")
    timeless["logEvents"][0]["timestamp"] = None
    body = delivery([packed(timeless), json.dumps(datum(timestamp=None)).encode(), TWO_METRICS])
    assert deliver(collector, body).status == 200
    assert collector.count("metric_points") == 2
    found = ledger.read(collector.service)

    assert found[Signal.LOGS].received == 2
    assert dict(found[Signal.LOGS].rejected) == {"invalid_time": 1}
    assert dict(found[Signal.METRICS].rejected) == {"invalid_time": 1}
    assert [each.waiting for each in found.values()] == [0, 0, 0]


@pytest.mark.parametrize(
    ("body", "header", "told"),
    [
        (b"", "id-1", "not JSON"),
        (b"[]", "id-1", "records"),
        (b'{"requestId":"id-1","records":7}', "id-1", "records"),
        (b"{" * 100_000, "id-1", "not JSON"),
        (b'{"records":[' + b"{}," * 2_100_000 + b"{}]}", "id-1", "2,000,000"),
        (delivery([], "other"), "id-1", "request id"),
        (delivery([], ""), "", "request id"),
    ],
)
def test_a_body_that_is_no_delivery_is_refused_but_never_for_good(
    collector: Collector, body: bytes, header: str, told: str
) -> None:
    """400: Firehose tries again and then puts it into its bucket; 413 would lose it."""
    answer = deliver(collector, body, header)

    assert answer.status == 400
    assert told in answered(answer)["errorMessage"]
    assert answered(answer)["requestId"] == header


def test_too_large_a_delivery_is_not_dropped_for_good(start: Start) -> None:
    """Announced, sent or inflated: over the limit is 400 with its reason, never 413."""
    small = start(max_request_bytes=MIB)
    large = delivery([b"x" * 2 * MIB])
    answers = [
        deliver(small, large),
        deliver(small, gzip.compress(large), Content_Encoding="gzip"),
        deliver(small, delivery([gzip.compress(b" " * (9 * MIB))] * 3)),
    ]

    assert [answer.status for answer in answers] == [400, 400, 400]
    assert "limit" in answered(answers[0])["errorMessage"]
    assert "inflate" in answered(answers[2])["errorMessage"]


def test_the_access_key_is_an_ingest_token(start: Start) -> None:
    """Also a missing or empty key is refused as soon as tokens are demanded."""
    collector = start()
    token = collector.service.access.new_token("firehose")
    body = delivery([TWO_METRICS])
    refused = [
        deliver(collector, body),
        deliver(collector, body, X_Amz_Firehose_Access_Key=""),
        deliver(collector, body, X_Amz_Firehose_Access_Key=token + "x"),
        deliver(collector, body, X_Amz_Firehose_Access_Key="x" * 4096),
    ]
    accepted = deliver(collector, body, X_Amz_Firehose_Access_Key=token)

    assert [answer.status for answer in refused] == [401] * 4
    assert answered(refused[0])["requestId"] == "id-1"
    assert "errorMessage" in answered(refused[0])
    assert accepted.status == 200
    assert collector.outcomes("firehose", "none") == {"unauthenticated": 4}  # type: ignore[arg-type]


def test_other_methods_are_told_what_to_use(collector: Collector) -> None:
    """A GET by a curious person is no delivery."""
    answer = collector.request("GET", "/firehose")

    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
