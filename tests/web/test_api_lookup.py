"""``/api/v1/lookup`` and ``/api/v1/functions``."""

from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter

from tests.build import NOW_NS, export_request, log, resource, span, span_id
from tests.web.serving import Web
from web.api.functions import FunctionList
from web.api.lookup import Lookup

S = 1_000_000_000
RANGE = {"since": "2026-11-20T14:00:00Z", "until": "2026-11-20T16:00:00Z"}
FIRST, SECOND = (0xD1).to_bytes(16, "big"), (0xD2).to_bytes(16, "big")
REQUEST = "8f5e1c1a-0000-4000-8000-00000000abcd"
SPAN = span_id(0xFEED)


def invocation(trace: bytes, number: int, called_by: bytes = b"", **attributes: object) -> object:
    named = {"faas.invocation_id": f"req-{number}"} | {
        key.replace("__", "."): value for key, value in attributes.items()
    }
    return span(
        "handler", trace_id=trace, id=span_id(number), parent_id=called_by,
        start_ns=NOW_NS + number * S, duration_ns=number * 1_000_000,
        attributes=named, error="boom" if number == 4 else None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Four invocations of one function, three of known cold or warm start; ids of every kind."""
    web = Web(
        tmp_path_factory.mktemp("lookup"),
        correlation={"attributes": ["order.id"]},
    )
    web.send(
        export_request(
            span("handler", id=SPAN, trace_id=FIRST, start_ns=NOW_NS + S, duration_ns=1_000_000,
                 attributes={"faas.invocation_id": REQUEST, "faas.coldstart": True,
                             "order.id": "o-77"}),
            invocation(FIRST, 2, SPAN, faas__coldstart=False),
            invocation(SECOND, 3, faas__coldstart=False, order__id="o-77"),
            invocation(SECOND, 4, span_id(0xBAD)),  # by what sent nothing
            span("send", trace_id=SECOND, kind=4, start_ns=NOW_NS + 5 * S,
                 attributes={"messaging.message.id": "m-1", "messaging.destination.name": "q"}),
            resource=resource(cloud__region="eu-north-1", cloud__account__id="123"),
        ),
        export_request(log("outside any trace", attributes={"faas.invocation_id": REQUEST})),
    )  # fmt: skip
    yield web
    web.stop()


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        (FIRST.hex(), [("trace", FIRST)]),
        (FIRST.hex().upper(), [("trace", FIRST)]),
        (f"1-{FIRST.hex()[:8]}-{FIRST.hex()[8:]}", [("trace", FIRST)]),
        (f"Root=1-{FIRST.hex()[:8]}-{FIRST.hex()[8:]};Sampled=1", [("trace", FIRST)]),
        (f"00-{SECOND.hex()}-{SPAN.hex()}-01", [("trace", SECOND)]),
        (SPAN.hex(), [("span", FIRST)]),
        (REQUEST, [("request id", FIRST)]),
        (REQUEST.upper(), [("request id", FIRST)]),
        ("m-1", [("message id", SECOND)]),
        ("o-77", [("correlation id", SECOND)]),
        ("nobody's", []),
        ("' or 1=1; --", []),
    ],
)
def test_any_id_is_found(web: Web, id: str, expected: list[tuple[str, bytes]]) -> None:  # noqa: A002
    """Its kind and the event trace it is of: both traces are one event, by their order's id."""
    answer = web.get("/lookup", id=id)
    event = web.get("/lookup", id="o-77")["matches"][0]["event_trace_id"]

    TypeAdapter(Lookup).validate_python(answer, strict=True)
    assert answer["id"] == id
    assert [(match["kind"], match["trace_id"]) for match in answer["matches"]] == [
        (kind, trace.hex()) for kind, trace in expected
    ]
    assert all(match["event_trace_id"] == event for match in answer["matches"])


def test_an_event_trace_is_found_by_its_own_id(web: Web) -> None:
    """As the list of event traces gives it."""
    [event] = web.get("/event-traces", **RANGE)["event_traces"]
    [match] = web.get("/lookup", id=event["event_trace_id"].upper())["matches"]

    assert (match["kind"], match["event_trace_id"]) == ("event trace", event["event_trace_id"])
    assert sorted(event["trace_ids"]) == [FIRST.hex(), SECOND.hex()]


def test_a_window_narrows_the_lookup(web: Web) -> None:
    """With a bound only what lies within it is searched."""
    assert web.get("/lookup", id="m-1", since="2026-11-20T15:00:06Z")["matches"] == []
    assert len(web.get("/lookup", id="m-1", until="2026-11-20T15:00:06Z")["matches"]) == 1


def test_an_id_is_needed(web: Web) -> None:
    """Without one the problem names the parameter."""
    answer = web.client.get("/api/v1/lookup")

    assert (answer.status_code, "id: Field required" in answer.json()["detail"]) == (422, True)


def test_functions_say_what_spans_tell(web: Web) -> None:
    """Counts, rates of what is known, and null for what nothing stored says."""
    answer = web.get("/functions", **RANGE)
    row = answer["functions"][0]

    TypeAdapter(FunctionList).validate_python(answer, strict=True)
    assert [each["function"] for each in answer["functions"]] == ["orders"]
    assert (row["invocations"], row["errors"], row["error_rate"]) == (4, 1, 0.25)
    assert (row["cold_starts"], row["cold_start_coverage"]) == (1, 0.75)
    assert row["cold_start_rate"] == pytest.approx(1 / 3)
    assert row["duration_p50_ms"] == pytest.approx(2.5, rel=0.01)
    assert (row["region"], row["account_id"]) == ("eu-north-1", "123")
    assert (row["throttles"], row["init_p50_ms"]) == (None, None)
    # Four requests, and 10 ms of the smallest memory, for none is told.
    assert row["cost_usd"] == pytest.approx(4 * 0.0000002 + 0.01 * 128 / 1024 * 0.0000166667)


def test_one_function_or_a_problem(web: Web) -> None:
    """By its name; an unknown one says where to look."""
    assert web.get("/functions/orders", **RANGE)["invocations"] == 4
    answer = web.client.get("/api/v1/functions/nobody", params=RANGE)

    assert answer.status_code == 404
    assert "see /api/v1/functions" in answer.json()["detail"]
