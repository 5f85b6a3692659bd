"""``/api/v1/event-traces/{id}``: one business event, over OTLP and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import TypeAdapter

from collector.batch import Signal
from tests.build import NOW_NS, Request, event, export_request, link, log, resource, span, span_id
from tests.web.serving import Web
from web import otlp_files
from web.api.event_shapes import EventTraceJson

S = 1_000_000_000
MS = 1_000_000
RANGE = {"since": "2026-11-20T14:00:00Z", "until": "2026-11-20T16:00:00Z"}
ORDER, FIRST, SECOND, OTHER, LATE = (n.to_bytes(16, "big") for n in range(0xE1, 0xE6))
API, SEND, WORK, AGAIN, OTHER_API, OTHER_SEND, BATCH = (span_id(n) for n in range(0xD1, 0xD8))
MESSAGE = "0f4c2f4e-6a51-4f0c-9d25-0a7f3b1c9e01"
OTHER_MESSAGE = "5b1de7a4-30d2-4a86-9c54-7be14f0d2c02"
TIMED_OUT = "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"
EVIL = "<script>alert(1)</script>'; drop table spans; -- \u202e\"\\"
EVERY_TYPE: dict[str, Any] = {
    "s": "text", "b": True, "i": -(2**63), "d": 0.5, "list": [1, "two", None, {"x": 1.5}],
    "map": {"a": {"b": [True]}}, "bytes": b"\x00\xff", "empty": None, EVIL: EVIL,
}  # fmt: skip
HTTP = {"faas.trigger": "http", "correlation_id": "ord-4711"}
BATCH_TOLD = {"faas.invocation_id": "batch-0001", "faas.trigger": "pubsub"}


def queue(message: str, **more: Any) -> dict[str, Any]:
    named = {"messaging.system": "aws_sqs", "messaging.destination.name": "orders"}
    return named | {"messaging.message.id": message} | more


def order() -> list[Request]:
    """An order whose worker fails once and then succeeds, the first time in a batch of two."""
    api = span(
        "POST /orders", trace_id=ORDER, id=API, duration_ns=100 * MS, attributes=EVERY_TYPE | HTTP
    )
    send = span("orders send", trace_id=ORDER, id=SEND, parent_id=API, start_ns=NOW_NS + 20 * MS,
                duration_ns=30 * MS, kind=Span.SPAN_KIND_PRODUCER, attributes=queue(MESSAGE),
                events=[event("queued", NOW_NS + 30 * MS)])  # fmt: skip
    other = span("POST /orders", trace_id=OTHER, id=OTHER_API, duration_ns=100 * MS)
    other_send = span("orders send", trace_id=OTHER, id=OTHER_SEND, parent_id=OTHER_API,
                      start_ns=NOW_NS + 20 * MS, duration_ns=30 * MS,
                      kind=Span.SPAN_KIND_PRODUCER, attributes=queue(OTHER_MESSAGE))  # fmt: skip
    return [
        export_request(api, send, other, other_send),
        export_request(*batch(), *again(), resource=worker("w-1")),
        export_request(
            log("order taken", trace_id=ORDER, span_id=API, time_ns=NOW_NS + 10 * MS),
        ),
        export_request(
            log("order done", trace_id=SECOND, span_id=AGAIN, time_ns=NOW_NS + 9 * S),
            log(f"START RequestId: {TIMED_OUT} Version: 3", time_ns=NOW_NS + 2 * S,
                attributes={"type": "platform.start", "faas.invocation_id": TIMED_OUT}),
            resource=worker("w-1"),
        ),
    ]  # fmt: skip


def worker(instance: str) -> Any:
    return resource(faas__name="worker", service__name="worker", faas__instance=instance)


def batch() -> list[Span]:
    """Two messages taken at once; the order's own part fails."""
    root = span(
        "worker",
        trace_id=FIRST,
        id=BATCH,
        start_ns=NOW_NS + 2 * S,
        duration_ns=900 * MS,
        attributes=BATCH_TOLD,
    )
    process = span("process orders", trace_id=FIRST, id=span_id(0xDC), parent_id=BATCH,
                   start_ns=NOW_NS + 2 * S, duration_ns=900 * MS, kind=Span.SPAN_KIND_CONSUMER,
                   attributes={"messaging.destination.name": "orders"},
                   links=[link(OTHER, OTHER_SEND), link(ORDER, SEND)])  # fmt: skip
    parts = [
        span("handle", trace_id=FIRST, id=own, parent_id=process.span_id, error=error,
             start_ns=NOW_NS + 2 * S + at * MS, duration_ns=200 * MS,
             kind=Span.SPAN_KIND_INTERNAL, attributes={"messaging.message.id": message})
        for own, at, error, message in (
            (WORK, 100, "no stock", MESSAGE),
            (span_id(0xDF), 400, None, OTHER_MESSAGE),
        )
    ]  # fmt: skip
    return [root, process, *parts]


def again() -> list[Span]:
    """The same message, taken alone after a visibility timeout; its function was cold."""
    cold = {"faas.invocation_id": "alone-0002", "faas.coldstart": True, "faas.trigger": "pubsub"}
    root = span("worker", trace_id=SECOND, id=AGAIN, start_ns=NOW_NS + 8 * S, duration_ns=2 * S,
                attributes=cold)  # fmt: skip
    handle = span("handle", trace_id=SECOND, id=span_id(0xDE), parent_id=AGAIN,
                  start_ns=NOW_NS + 8 * S + MS, duration_ns=S, kind=Span.SPAN_KIND_CONSUMER,
                  attributes=queue(MESSAGE, **{"messaging.message.delivery_count": 2}),
                  links=[link(ORDER, SEND)])  # fmt: skip
    return [root, handle]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    web = Web(tmp_path_factory.mktemp("event"))
    web.send(*order())
    settle(web)
    yield web
    web.stop()


def settle(web: Web) -> None:
    """Waits, longer than a question does, until event traces and invocations are up to date."""
    assert web.service.stitcher.wait_reached(60)
    assert web.service.deriver.wait_reached(60)


def event_id(web: Web, id_: str = ORDER.hex()) -> str:
    """The event trace of any id."""
    [match, *_] = web.get("/lookup", id=id_)["matches"]
    return str(match["event_trace_id"])


def found(web: Web, id_: str = ORDER.hex()) -> Any:
    return web.get(f"/event-traces/{event_id(web, id_)}")


def test_one_event_trace_has_what_the_api_page_describes(web: Web) -> None:
    """Every field of the design, and nothing else."""
    answer = found(web)

    TypeAdapter(EventTraceJson).validate_python(answer, strict=True)
    assert answer["redirected_from"] is None
    assert answer["root_function"] == "orders"
    assert answer["functions"] == ["orders", "worker"]
    assert set(answer["trace_ids"]) == {ORDER.hex(), FIRST.hex(), SECOND.hex()}
    assert answer["correlation_ids"] == ["ord-4711"]
    assert answer["status"] == "ok"
    parts = sum(part["cost_usd"] for part in answer["cost_parts"])
    assert answer["cost_usd"] == pytest.approx(parts)
    assert parts > 0
    assert answer["duration_ms"] == 10_000


def test_the_list_and_the_event_agree(web: Web) -> None:
    """The same figures in the row of the list."""
    answer = found(web)
    rows = web.get("/event-traces", **RANGE, correlation_id="ord-4711")["event_traces"]

    assert [row["event_trace_id"] for row in rows] == [answer["event_trace_id"]]
    assert {name: answer[name] for name in rows[0] if name != "phantom_count"} == {
        name: value for name, value in rows[0].items() if name != "phantom_count"
    }


def test_attempts_of_a_message_are_numbered(web: Web) -> None:
    """The failed one in a batch of two, then the one that succeeded."""
    api, *tries = found(web)["deliveries"]

    assert (api["function"], api["attempt"], api["attempts"]) == ("orders", 1, 1)
    assert [(each["attempt"], each["attempts"]) for each in tries] == [(1, 2), (2, 2)]
    assert [(each["outcome"], each["ended_in"]) for each in tries] == [
        ("error", "retried"), ("ok", None),
    ]  # fmt: skip
    assert {(each["queue"], each["message_id"]) for each in tries} == {("orders", MESSAGE)}
    assert [each["batch_size"] for each in tries] == [2, None]
    assert [each["cold_start"] for each in tries] == [None, True]


def test_waits_stand_between_the_sending_and_the_handling(web: Web) -> None:
    """In the queue until the batch began, then until the message was visible again."""
    waits = [(each["kind"], each["label"], each["duration_ms"]) for each in found(web)["waits"]]

    assert waits == [
        ("queue_wait", "waiting in orders", 1950.0),
        ("retry_backoff", "before attempt 2 of worker", 5100.0),
    ]


def test_the_critical_path_is_the_whole_event(web: Web) -> None:
    """Contiguous, and the durations add up."""
    answer = found(web)
    path = answer["critical_path"]

    assert sum(each["duration_ms"] for each in path) == pytest.approx(answer["duration_ms"])
    assert path[0]["started_at"] == answer["started_at"]
    assert {"compute", "downstream", "queue_wait", "retry_backoff"} == {
        each["class"] for each in path
    }
    assert answer["sentence"].startswith(
        "10 s end to end, of which 5.1 s waiting to be tried again"
    )


def test_the_other_message_of_a_batch_is_left_out(web: Web) -> None:
    """Its spans are another event's; what both share is marked."""
    spans = {each["span_id"]: each for each in found(web)["spans"]}

    assert span_id(0xDF).hex() not in spans
    assert spans[BATCH.hex()]["shared"] is True
    assert spans[BATCH.hex()]["delivery_id"] is None
    assert spans[WORK.hex()]["shared"] is False
    assert spans[WORK.hex()]["delivery_id"] == found(web)["deliveries"][1]["delivery_id"]
    assert found(web, OTHER.hex())["event_trace_id"] != event_id(web)


def test_joints_say_why(web: Web) -> None:
    """Evidence, the value as it was sent, the spans that carry it, exact or not."""
    joints = found(web)["joints"]
    by_message = [each for each in joints if each["evidence"] == "message id"]

    assert {each["key"] for each in by_message} == {MESSAGE}
    assert {each["from_span_id"] for each in by_message} <= {SEND.hex(), WORK.hex()}
    assert all(each["exact"] and each["confidence"] >= 0.9 for each in by_message)
    fragments = {each["fragment_id"] for each in found(web)["deliveries"]}
    assert {each[end] for each in joints for end in ("from", "to")} >= fragments


def test_logs_of_all_parts_come_in_order_of_time(web: Web) -> None:
    """Those of another invocation of the same function do not."""
    assert [each["body"] for each in found(web)["logs"]] == ["order taken", "order done"]


def test_links_are_seen_from_both_ends(web: Web) -> None:
    """From the handlings to the sending, and back."""
    spans = {each["span_id"]: each for each in found(web)["spans"]}

    assert [each["direction"] for each in spans[SEND.hex()]["links"]] == ["incoming"] * 2
    assert SEND.hex() in {each["span_id"] for each in spans[span_id(0xDC).hex()]["links"]}


def test_an_invocation_of_which_only_a_start_is_known_is_open(web: Web) -> None:
    """An event trace of log records alone: no span, one phantom with a reason."""
    answer = found(web, TIMED_OUT)

    assert answer["spans"] == []
    assert [each["span_id"] for each in answer["deliveries"]] == [None]
    assert "no end of it was told" in answer["phantoms"][0]["reason"]


def test_an_export_is_the_same_event_where_it_is_imported(web: Web, tmp_path: Path) -> None:
    """OTLP JSON lines into an empty store: the same story, to the attribute and the nanosecond."""
    first = found(web)
    exported = web.client.get(f"/api/v1/event-traces/{event_id(web)}/export")
    path = tmp_path / "event.jsonl"
    path.write_bytes(exported.content)
    second_web = Web(tmp_path)
    try:
        second_web.send(*map(_request, otlp_files.read(path)))
        settle(second_web)
        second = found(second_web)
    finally:
        second_web.stop()

    assert exported.headers["content-type"] == "application/x-ndjson"
    assert "attachment" in exported.headers["content-disposition"]
    # Of a batch only this event's message is exported, so that nothing shares its cost.
    costs = {"cost_usd", "cost", "cost_parts"}
    same = set(first) - {"event_trace_id", "redirected_from"} - costs
    assert {name: second[name] for name in same} == {name: first[name] for name in same}


def _request(export: tuple[Signal, bytes]) -> Request:
    kinds = {Signal.TRACES: ExportTraceServiceRequest, Signal.LOGS: ExportLogsServiceRequest}
    return kinds[export[0]].FromString(export[1])


def test_an_id_that_was_merged_away_answers_with_todays(tmp_path: Path) -> None:
    """Two event traces become one when what ties them arrives; both ids lead there."""
    web = Web(tmp_path)
    early = span("api", trace_id=ORDER, id=API, attributes={"correlation_id": "ord-9000-1"})
    later = span("mail", trace_id=LATE, start_ns=NOW_NS + S)
    web.send(export_request(early), export_request(later, resource=worker("m")))
    ids = {event_id(web), event_id(web, LATE.hex())}
    between = log("sent", trace_id=LATE, time_ns=NOW_NS + S,
                  attributes={"correlation_id": "ord-9000-1"})  # fmt: skip
    web.send(export_request(between, resource=worker("m")))
    answers = {each: web.get(f"/event-traces/{each}") for each in ids}
    web.stop()

    assert len(ids) == 2
    assert len({each["event_trace_id"] for each in answers.values()}) == 1
    assert {asked for asked, each in answers.items() if each["redirected_from"] == asked} == (
        ids - {next(iter(answers.values()))["event_trace_id"]}
    )


@pytest.mark.parametrize("path", ["/event-traces/{}", "/event-traces/{}/export"])
@pytest.mark.parametrize("wrong", ["0123456789abcdef", "xyz", "0" * 300, "%3Cscript%3E"])
def test_an_id_that_is_none_is_a_problem_that_says_what_to_do(
    web: Web, path: str, wrong: str
) -> None:
    """404 as problem JSON."""
    answer = web.client.get(f"/api/v1{path.format(wrong)}")

    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "/lookup" in answer.json()["detail"]
