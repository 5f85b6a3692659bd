"""``/api/v1/costs`` and the costs of event traces: a batch of two messages, of an order each."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import TypeAdapter

from tests.build import NOW_NS, Request, export_request, link, resource, span, span_id
from tests.web.serving import Web
from web.api.advice_shapes import AdviceJson
from web.api.cost_shapes import CostsJson
from web.api.costs import CostSeries, Prices
from web.api.event_shapes import EventTraceJson

MS: Final = 1_000_000
RANGE: Final = {"since": "2026-11-20T14:59:00Z", "until": "2026-11-20T15:05:00Z"}
BATCH: Final = b"batch-of-two----"
ORDERS: Final = (b"order-1---------", b"order-2---------")
IDS: Final = ("3b2c9f04-5a3b-4a1e-9f6a-0d0c3c1b7a01", "3b2c9f04-5a3b-4a1e-9f6a-0d0c3c1b7a02")
REQUESTS: Final = (
    "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c01",
    "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c02",
    "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c03",
)
LATER: Final = ("5c2c9f04-5a3b-4a1e-9f6a-0d0c3c1b7a01", "5c2c9f04-5a3b-4a1e-9f6a-0d0c3c1b7a02")
GB: Final = 1024**3
# One order: a request (100 ms of 1 GB), half of the batch (1 s of 1 GB), one message sent, half of
# a receive and a delete.
API_USD: Final = 0.1 * 0.0000166667 + 0.0000002
HALF_USD: Final = (0.0000166667 + 0.0000002) / 2
FEES_USD: Final = 2 * 0.0000004


def of(function: str) -> Any:
    """A Lambda function of 1 GB."""
    return resource(
        service__name=function, faas__name=function, faas__max_memory=GB,
        cloud__provider="aws", cloud__platform="aws_lambda", cloud__region="us-east-1",
    )  # fmt: skip


def telemetry() -> Iterator[Request]:
    """Two requests that send a message each, and an invocation that takes both."""
    for number, trace_id in enumerate(ORDERS):
        root = span(
            "POST /orders", trace_id=trace_id, id=span_id(10 + number), start_ns=NOW_NS,
            duration_ns=100 * MS,
            attributes={"faas.trigger": "http", "faas.invocation_id": REQUESTS[number],
                        "order_id": f"ord-{number}-5d7f11"},
        )  # fmt: skip
        sent = span(
            "orders send", trace_id=trace_id, id=span_id(20 + number), parent_id=root.span_id,
            kind=Span.SPAN_KIND_PRODUCER, start_ns=NOW_NS + 50 * MS,
            attributes={"messaging.system": "aws_sqs", "messaging.destination.name": "orders",
                        "messaging.message.id": IDS[number]},
        )  # fmt: skip
        yield export_request(root, sent, resource=of("api"))
    taken = span(
        "worker", trace_id=BATCH, id=span_id(30), start_ns=NOW_NS + 2000 * MS,
        duration_ns=1000 * MS,
        attributes={"faas.trigger": "pubsub", "faas.invocation_id": REQUESTS[2]},
    )  # fmt: skip
    handled = [
        span(
            "orders process", trace_id=BATCH, id=span_id(40 + number), parent_id=taken.span_id,
            kind=Span.SPAN_KIND_CONSUMER, start_ns=NOW_NS + (2100 + 400 * number) * MS,
            duration_ns=400 * MS, links=[link(trace_id, span_id(20 + number))],
            attributes={"messaging.system": "aws_sqs", "messaging.destination.name": "orders",
                        "messaging.message.id": IDS[number]},
        )
        for number, trace_id in enumerate(ORDERS)
    ]  # fmt: skip
    yield export_request(taken, *handled, resource=of("worker"))


def repeats() -> Iterator[Request]:
    """Ten minutes later: one message done twice, one that failed twice before it was done."""
    begin_ns = NOW_NS + 600_000 * MS
    number = 0
    for message, errors in ((LATER[0], (None, None)), (LATER[1], ("no", "no", None))):
        for attempt, error in enumerate(errors):
            number += 1
            handled = span(
                "repeats process", trace_id=b"repeats-%08d" % number, id=span_id(60 + number),
                kind=Span.SPAN_KIND_CONSUMER, start_ns=begin_ns + attempt * 60_000 * MS,
                duration_ns=1000 * MS, error=error,
                attributes={"faas.trigger": "pubsub", "messaging.system": "aws_sqs",
                            "faas.invocation_id": REQUESTS[0][:-2] + f"{70 + number}",
                            "messaging.destination.name": "repeats",
                            "messaging.message.id": message},
            )  # fmt: skip
            yield export_request(handled, resource=of("repeater"))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A collector that has both orders."""
    running = Web(tmp_path_factory.mktemp("costs"), costs={"budget_usd": "0.000001"})
    running.send(*telemetry(), *repeats())
    assert running.service.stitcher.wait_reached(60)
    assert running.service.deriver.wait_reached(60)
    yield running
    running.stop()


def test_an_event_trace_costs_its_share_of_a_batch_and_its_fees(web: Web) -> None:
    """Each order its own request, half of the batch, one send, half of a receive and a delete."""
    events = web.get("/event-traces", **RANGE)["event_traces"]

    assert [each["cost_usd"] for each in events] == pytest.approx(
        [API_USD + HALF_USD + FEES_USD] * 2
    )


def test_the_parts_of_an_event_trace_add_up(web: Web) -> None:
    """Invocations in order of time with their shares, then fees."""
    listed = web.get("/event-traces", **RANGE)["event_traces"][0]
    found = web.get(f"/event-traces/{listed['event_trace_id']}")
    parts = found["cost_parts"]

    TypeAdapter(EventTraceJson).validate_python(found, strict=True)
    assert [(each["kind"], each["name"], each["share"]) for each in parts] == [
        ("invocation", "api", 1.0), ("invocation", "worker", 0.5), ("fee", "orders", 1.0),
    ]  # fmt: skip
    assert sum(each["cost_usd"] for each in parts) == pytest.approx(found["cost_usd"])
    assert found["cost"]["cost_usd"] == found["cost_usd"] == listed["cost_usd"]


def test_every_grouping_has_the_same_total(web: Web) -> None:
    """By function and queue, day, flow shape and order."""
    answers = {
        by: web.get("/costs", by=by, attribute="order_id", **RANGE)
        for by in ("function", "day", "event_shape", "correlation")
    }
    for each in answers.values():
        TypeAdapter(CostsJson).validate_python(each, strict=True)
    whole = 2 * (API_USD + HALF_USD + FEES_USD)

    assert [each["total"]["cost_usd"] for each in answers.values()] == pytest.approx([whole] * 4)
    assert [
        sum(row["cost_usd"] for row in each["costs"]) for each in answers.values()
    ] == pytest.approx([whole] * 4)


def test_rows_say_what_they_are(web: Web) -> None:
    """Functions and the queue's fees; one shape of two events; an order each."""
    kinds = {
        by: [
            (row["kind"], row["key"], row["event_traces"])
            for row in web.get("/costs", by=by, attribute="order_id", **RANGE)["costs"]
        ]
        for by in ("function", "event_shape", "correlation")
    }

    assert sorted(kinds["function"]) == [
        ("function", "api", None), ("function", "worker", None), ("queue", "orders", None),
    ]  # fmt: skip
    assert [(kind, count) for kind, _, count in kinds["event_shape"]] == [("event_shape", 2)]
    assert sorted(kinds["correlation"])[:2] == [
        ("correlation", "ord-0-5d7f11", 1), ("correlation", "ord-1-5d7f11", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["function", "day", "event_shape"])
def test_retries_and_duplicates_of_messages_are_told_apart(web: Web, by: str) -> None:
    """Of five handlings at a second each: one failed, one failed again, one was done before."""
    window = {"since": "2026-11-20T15:09:00Z", "until": "2026-11-20T15:20:00Z"}
    split = web.get("/costs", by=by, **window)["total"]["split"]
    each = pytest.approx(0.0000166667 + 0.0000002)

    assert (split["failed_usd"], split["retry_usd"], split["duplicate_usd"]) == (each, each, each)
    assert split["useful_usd"] == pytest.approx(2 * (0.0000166667 + 0.0000002))
    assert split["fee_usd"] == pytest.approx(5 * 2 * 0.0000004)


def test_event_traces_come_in_order_of_cost(web: Web) -> None:
    """A page at a time, none twice."""
    first = web.get("/event-traces", sort="cost", limit=1, **RANGE)
    second = web.get("/event-traces", sort="cost", limit=1, cursor=first["next_cursor"], **RANGE)
    ids = [each["event_traces"][0]["event_trace_id"] for each in (first, second)]

    assert len(set(ids)) == 2
    assert second["next_cursor"] is None


def test_costs_over_time_and_prices(web: Web) -> None:
    """The series adds up to the functions' total; the price book says what is not verified."""
    series = web.get("/costs/series", **RANGE)
    prices = web.get("/prices", **RANGE)
    used = {(each["product"], each["item"]) for each in prices["prices"] if each["is_used"]}

    TypeAdapter(CostSeries).validate_python(series, strict=True)
    TypeAdapter(Prices).validate_python(prices, strict=True)
    assert sum(each["cost_usd"] for each in series["series"]) == pytest.approx(
        2 * (API_USD + HALF_USD)
    )
    assert {each["verified"] for each in prices["prices"]} == {True, False}
    assert used == {("lambda", "requests"), ("lambda", "duration"), ("sqs", "requests")}


def test_advice_names_the_budget(web: Web) -> None:
    """What the settings allow for a month, beside what it will have cost."""
    advice = web.get("/costs/advice", **RANGE)

    TypeAdapter(AdviceJson).validate_python(advice, strict=True)
    assert advice["projection"] is None or advice["budgets"][0]["scope"] == "all"


def test_versions_are_those_of_one_function(web: Web) -> None:
    """Which has to be named; its telemetry tells none here."""
    found = web.get("/costs", by="version", function="worker", **RANGE)
    refused = web.client.get("/api/v1/costs", params={"by": "version"})

    TypeAdapter(CostsJson).validate_python(found, strict=True)
    assert [(row["key"], row["kind"]) for row in found["costs"]] == [("", "version")]
    assert found["total"]["cost_usd"] == pytest.approx(2 * HALF_USD)
    assert refused.status_code == 400
    assert "needs function" in refused.json()["detail"]


def test_a_grouping_that_does_not_exist_is_refused(web: Web) -> None:
    """With what there is instead."""
    answer = web.client.get("/api/v1/costs", params={"by": "moon"})

    assert answer.status_code == 422
    assert "event_shape" in answer.json()["detail"]
