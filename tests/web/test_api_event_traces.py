"""The calls that list event traces and flow shapes, and the look-up of what they hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from collector.model.window import format_time
from tests.store.event_rows import T0_NS, S, event, key, trace_id
from tests.web.serving import Web
from web.api.event_traces import EventTraceList, FlowShapeList
from web.api.lookup import Lookup

RANGE = {"since": format_time(T0_NS - 60 * S), "until": format_time(T0_NS + 3600 * S)}
ORDER = {"path": ["orders-api", "[orders]", "payment"], "functions": ["orders-api", "payment"]}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Three event traces, put into the tables that stitching fills."""
    directory: Path = tmp_path_factory.mktemp("events")
    served = Web(directory)
    store = served.service.database
    event(store, 1, at_s=1, takes_s=0.25)
    event(
        store,
        2,
        at_s=2,
        takes_s=41,
        status="error",
        queue_wait_ns=36 * S,
        confidence=0.95,
        correlation_ids=["ord-2"],
        shape_id=9,
        retry_count=1,
        trace_ids=[trace_id(2), trace_id(7)],
        **ORDER,
    )
    event(
        store, 3, at_s=3, takes_s=5, status="dead_lettered", cold_start_count=1, shape_id=9, **ORDER
    )
    key(store, f"t:{trace_id(7).hex}", 2, 1, role=3)
    key(store, "v:ord-2", 2, 8)
    yield served
    served.stop()


def ids(web: Web, **parameters: object) -> list[int]:
    """The numbers of the event traces a call gives."""
    answer = web.get("/event-traces", **RANGE, **parameters)
    return [int(each["event_trace_id"], 16) for each in answer["event_traces"]]


def test_an_event_trace_has_every_promised_field(web: Web) -> None:
    """What was not observed is null: its cost is unknown, its wait was not told."""
    answer = web.get("/event-traces", **RANGE)
    TypeAdapter(EventTraceList).validate_python(answer, strict=True)

    second = answer["event_traces"][1]
    assert {name: second[name] for name in ("status", "duration_ms", "queue_wait_ms")} == {
        "status": "error",
        "duration_ms": 41000.0,
        "queue_wait_ms": 36000.0,
    }
    assert second["trace_ids"] == [trace_id(2).hex, trace_id(7).hex]
    assert second["started_at"] == format_time(T0_NS + 2 * S)
    assert (second["cost_usd"], answer["event_traces"][2]["queue_wait_ms"]) == (None, None)
    assert answer["next_cursor"] is None


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [3, 2, 1]),
        ({"function": "payment"}, [3, 2]),
        ({"status": "error"}, [2]),
        ({"correlation_id": "ord-2"}, [2]),
        ({"min_duration_ms": 5000}, [3, 2]),
        ({"max_duration_ms": 300}, [1]),
        ({"min_wait_ms": 1}, [2]),
        ({"cold": True}, [3]),
        ({"dead_lettered": True}, [3]),
        ({"dead_lettered": False}, [2, 1]),
        ({"retried": "yes"}, [2]),
        ({"duplicate": True}, []),
        ({"shape_id": "0000000000000009"}, [3, 2]),
        ({"q": "function:payment retried:no"}, [3]),
        ({"sort": "duration"}, [2, 3, 1]),
        ({"sort": "wait", "limit": 1}, [2]),
    ],
)
def test_parameters_narrow_and_order_the_list(
    web: Web, parameters: dict[str, object], expected: list[int]
) -> None:
    """Each as the design names it."""
    assert ids(web, **parameters) == expected


def test_pages_go_on_where_the_one_before_ended(web: Web) -> None:
    """By the cursor alone."""
    first = web.get("/event-traces", **RANGE, limit=2, sort="duration")

    assert ids(web, sort="duration", cursor=first["next_cursor"]) == [1]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"q": "status:broken"}, "none of ok, error"),
        ({"q": "duration:long"}, "not a duration"),
        ({"q": "status:ok", "status": "error"}, "status is asked for twice"),
        ({"shape_id": "orders"}, "not the id of a shape"),
        ({"sort": "price"}, "sort"),
        ({"cursor": "zzz"}, "cursor is not one this list gave out"),
    ],
)
def test_what_cannot_be_read_is_explained(
    web: Web, parameters: dict[str, str], sentence: str
) -> None:
    """As a problem that says what to do."""
    answer = web.client.get("/api/v1/event-traces", params=RANGE | parameters)

    assert answer.status_code in (400, 422)
    assert sentence in answer.json()["detail"]


def test_shapes_group_event_traces_by_path(web: Web) -> None:
    """The most frequent first; what was before is not stored."""
    answer = web.get("/flow-shapes", **RANGE)
    TypeAdapter(FlowShapeList).validate_python(answer, strict=True)
    order, plain = answer["flow_shapes"]

    assert (order["path"], plain["path"]) == (ORDER["path"], ["orders-api"])
    assert (order["event_traces"], order["errors"], order["dead_lettered"]) == (2, 1, 1)
    assert (order["share"], order["event_traces_before"]) == (pytest.approx(2 / 3), None)
    assert order["duration_p50_ms"] == 23000.0


@pytest.mark.parametrize(
    ("id", "kind"),
    [
        ("ord-2", "correlation id"),
        (trace_id(7).hex, "trace"),
        (f"1-{trace_id(7).hex[:8]}-{trace_id(7).hex[8:]}", "trace"),
        (f"{2:016x}", "event trace"),
    ],
)
def test_an_id_leads_to_its_event_trace(web: Web, id: str, kind: str) -> None:  # noqa: A002
    """By any of its keys."""
    answer = web.get("/lookup", id=id)
    TypeAdapter(Lookup).validate_python(answer, strict=True)

    assert [(match["kind"], match["event_trace_id"]) for match in answer["matches"]] == [
        (kind, f"{2:016x}")
    ]
