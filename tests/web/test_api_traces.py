"""``/api/v1/traces``: lists and single traces, over OTLP and back."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.build import NOW_NS, event, export_request, link, log, resource, span, span_id, trace
from tests.web.serving import Web
from web.api.shapes import TraceJson, TraceList

S = 1_000_000_000
RANGE = {"since": "2026-11-20T14:00:00Z", "until": "2026-11-20T16:00:00Z"}


def trace_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


ORDER = trace_id(0xA1)
PAYMENT = trace_id(0xA2)
HOSTILE = trace_id(0xA3)
EVIL = "<script>alert(1)</script>'; drop table spans; -- \u202e\"\\"
ROOT, CHARGE, CONSUMER = span_id(0xB1), span_id(0xB2), span_id(0xB3)
EVERY_TYPE: dict[str, Any] = {
    "s": "text", "b": True, "i": -(2**63), "d": 0.5, "list": [1, "two", None, {"x": 1.5}],
    "map": {"a": {"b": [True]}}, "bytes": b"\x00\xff", "empty": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Three traces (an order, its payment by link, a hostile one) and one log record."""
    web = Web(tmp_path_factory.mktemp("traces"))
    order = trace(
        span("POST /orders", id=ROOT, duration_ns=3 * S, attributes={"order.id": 42}),
        span("charge", id=CHARGE, start_ns=NOW_NS + S, error="card refused",
             attributes=EVERY_TYPE, events=[event("retry", NOW_NS + S + 5, attempt=2)]),
        trace_id=ORDER,
    )  # fmt: skip
    payment = span(
        "take payment", trace_id=PAYMENT, id=CONSUMER, start_ns=NOW_NS + 60 * S,
        links=[link(ORDER, CHARGE, reason="queue")],
    )  # fmt: skip
    hostile = span(EVIL, trace_id=HOSTILE, start_ns=NOW_NS - 60 * S, attributes={EVIL: EVIL})
    web.send(
        export_request(*order, resource=resource(cloud__region="eu-north-1")),
        export_request(payment, resource=resource(faas__name="payment", service__name="pay")),
        export_request(hostile, resource=resource(faas__name=EVIL)),
        export_request(log("charging", trace_id=ORDER, span_id=CHARGE, time_ns=NOW_NS + S)),
    )
    yield web
    web.stop()


def names(web: Web, **filters: Any) -> list[str]:
    return [row["root_name"] for row in web.get("/traces", **RANGE, **filters)["traces"]]


def test_the_list_sums_a_trace_up(web: Web) -> None:
    """One row a trace, newest first, as the OpenAPI page describes it."""
    answer = web.get("/traces", **RANGE)

    TypeAdapter(TraceList).validate_python(answer, strict=True)
    assert [row["root_name"] for row in answer["traces"]] == ["take payment", "POST /orders", EVIL]
    assert answer["traces"][1] == {
        "trace_id": ORDER.hex(), "started_at": "2026-11-20T15:00:00Z", "duration_ms": 3000.0,
        "root_name": "POST /orders", "root_function": "orders", "functions": ["orders"],
        "services": ["orders"], "span_count": 2, "error_count": 1, "status": "error",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"function": "payment"}, ["take payment"]),
        ({"function": EVIL}, [EVIL]),
        ({"function": "nobody"}, []),
        ({"status": "error"}, ["POST /orders"]),
        ({"status": "ok"}, ["take payment", EVIL]),
        ({"min_duration_ms": 2999.5}, ["POST /orders"]),
        ({"min_duration_ms": 3000.5}, []),
        ({"q": "order.id=42"}, ["POST /orders"]),
        ({"q": "order.id=42 cloud.region=eu-north-1"}, ["POST /orders"]),
        ({"q": "order.id=42 cloud.region=eu-west-1"}, []),
        ({"q": "b=true charge"}, ["POST /orders"]),
        ({"q": "CHARGE"}, ["POST /orders"]),
        ({"q": ORDER.hex()}, ["POST /orders"]),
        ({"q": f"1-{ORDER.hex()[:8]}-{ORDER.hex()[8:]}"}, ["POST /orders"]),
        ({"q": CHARGE.hex()}, ["POST /orders"]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"q": "' or 1=1 --"}, []),
        ({"q": "'; drop table spans; --"}, [EVIL]),
        ({"function": "x' or '1'='1"}, []),
    ],
)
def test_filters(web: Web, filters: dict[str, Any], expected: list[str]) -> None:
    """Each filter finds its traces; quotes, wildcards and SQL are just characters."""
    assert names(web, **filters) == expected


def test_a_window_that_saw_nothing_is_an_empty_list(web: Web) -> None:
    """Traces outside the window are not shown."""
    answer = web.get("/traces", since="2026-11-20T10:00:00Z", until="2026-11-20T11:00:00Z")

    assert answer == {"traces": [], "next_cursor": None}


def test_one_trace_has_everything_that_was_sent(web: Web) -> None:
    """Spans in order, types restored, events, links, log records and the resource."""
    answer = web.get(f"/traces/{ORDER.hex()}")
    root, charge = answer["spans"]

    TypeAdapter(TraceJson).validate_python(answer, strict=True)
    assert (root["span_id"], root["parent_span_id"]) == (ROOT.hex(), None)
    assert (charge["status"], charge["status_message"]) == ("error", "card refused")
    assert charge["attributes"] == EVERY_TYPE | {"bytes": {"$bytes": "AP8="}}
    assert charge["resource"]["cloud.region"] == "eu-north-1"
    assert charge["events"] == [
        {"time": "2026-11-20T15:00:01.000000005Z", "name": "retry", "attributes": {"attempt": 2}}
    ]
    assert [(log["body"], log["span_id"]) for log in answer["logs"]] == [("charging", CHARGE.hex())]


def test_links_are_seen_from_both_ends(web: Web) -> None:
    """The span that names another, and the span that is named."""
    outgoing = web.get(f"/traces/{PAYMENT.hex()}")["spans"][0]["links"]
    incoming = web.get(f"/traces/{ORDER.hex()}")["spans"][1]["links"]

    assert outgoing == [{
        "trace_id": ORDER.hex(), "span_id": CHARGE.hex(), "attributes": {"reason": "queue"},
        "direction": "outgoing",
    }]  # fmt: skip
    assert incoming == [{
        "trace_id": PAYMENT.hex(), "span_id": CONSUMER.hex(), "attributes": {"reason": "queue"},
        "direction": "incoming",
    }]  # fmt: skip


def test_hostile_text_stays_text(web: Web) -> None:
    """Markup and SQL come back as they were sent, in JSON that says it is JSON."""
    answer = web.client.get(f"/api/v1/traces/{HOSTILE.hex()}")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["spans"][0]["attributes"] == {EVIL: EVIL}


def test_pages_neither_repeat_nor_skip_while_data_arrives(tmp_path: Any) -> None:
    """New traces between two pages change neither of them; each trace is listed once."""
    web = Web(tmp_path)
    web.send(*(export_request(*_spread(number)) for number in range(1, 26)))
    listed, cursor = [], ""
    for late in range(100, 200):
        page = web.get("/traces", **RANGE, limit=4, cursor=cursor)
        listed += [row["trace_id"] for row in page["traces"]]
        web.send(export_request(span("late", trace_id=trace_id(late), start_ns=NOW_NS + 3000 * S)))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    web.stop()

    assert listed == [trace_id(number).hex() for number in range(25, 0, -1)]


def _spread(number: int) -> list[Any]:
    """A trace with spans up to 20 minutes apart, so that slices of the window cut it."""
    start_ns = NOW_NS - 3600 * S + number * 100 * S
    return trace(
        span("root", start_ns=start_ns),
        span("late part", start_ns=start_ns + number * 50 * S),
        trace_id=trace_id(number),
    )


def test_a_span_sent_twice_is_shown_once(tmp_path: Any) -> None:
    """The same span in two different exports is one span of the trace and of the list."""
    web = Web(tmp_path)
    twice = span("once", trace_id=ORDER, id=ROOT)
    web.send(export_request(twice), export_request(twice, span("other", trace_id=PAYMENT)))
    listed = web.get("/traces", **RANGE, q=ORDER.hex())["traces"]
    found = web.get(f"/traces/{ORDER.hex()}")["spans"]
    web.stop()

    assert [row["span_count"] for row in listed] == [1]
    assert len(found) == 1


def test_a_trace_of_log_records_alone_can_be_opened(tmp_path: Any) -> None:
    """A function that is not traced logs the id it was given: its page and its JSON are there."""
    web = Web(tmp_path)
    web.send(export_request(log("one", trace_id=ORDER), log("two", trace_id=ORDER)))
    answer = web.get(f"/traces/{ORDER.hex()}")
    page = web.client.get(f"/traces/{ORDER.hex()}")
    web.stop()

    assert (answer["spans"], [row["body"] for row in answer["logs"]]) == ([], ["one", "two"])
    assert answer["started_at"] == "2026-11-20T15:00:00Z"
    assert page.status_code == 200


def test_limits_are_capped(web: Web) -> None:
    """A limit beyond 1000 is read as 1000: no request can ask for everything at once."""
    assert len(web.get("/traces", **RANGE, limit=10**9)["traces"]) == 3


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/traces?since=yesterday", 400, "since 'yesterday' is not a time: use RFC 3339"),
        ("/traces?since=now&until=-1h", 400, "since is not before until"),
        ("/traces?cursor=nonsense", 400, "pass next_cursor unchanged"),
        ("/traces?limit=0", 422, "limit: Input should be greater than or equal to 1"),
        ("/traces?limit=many", 422, "limit: Input should be a valid integer"),
        ("/traces?status=bad", 422, "status: Input should be 'ok' or 'error'"),
        ("/traces?min_duration_ms=nan", 422, "min_duration_ms"),
        ("/traces?q=a%3D1+b%3D1+c%3D1+d%3D1+e%3D1", 400, "at most 4 are taken"),
        (f"/traces/{uuid.UUID(int=9).hex}", 404, "never arrived, or is past retention"),
        ("/traces/xyz", 404, "is not a trace id (32 hex digits"),
        ("/nothing", 404, "/docs lists what the API answers"),
    ],
)
def test_every_refusal_is_a_problem_that_says_what_to_do(
    web: Web, path: str, status: int, detail: str
) -> None:
    """RFC 9457: media type, status and a detail for a person."""
    answer = web.client.get(f"/api/v1{path}")

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]
    assert "Traceback" not in answer.text


def test_methods_that_are_not_there_are_problems_too(web: Web) -> None:
    """405 with the allowed methods."""
    answer = web.client.delete("/api/v1/traces")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"
