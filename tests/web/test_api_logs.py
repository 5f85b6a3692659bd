"""``/api/v1/logs``: search, filters and pages."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.build import NOW_NS, export_request, log, resource
from tests.web.serving import Web
from web.api.shapes import LogList

S = 1_000_000_000
RANGE = {"since": "2026-11-20T14:00:00Z", "until": "2026-11-20T16:00:00Z"}
TRACE = (0xC1).to_bytes(16, "big")
EVIL = "</script><img src=x onerror=alert(1)> 100% '; --"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Five records of two functions."""
    web = Web(tmp_path_factory.mktemp("logs"))
    web.send(
        export_request(
            log("order 42 taken", attributes={"order.id": 42}, trace_id=TRACE, span_id=b"\1" * 8),
            log("Order 43 refused", severity=17, time_ns=NOW_NS + S, severity_text="ERROR"),
            log({"event": "charged", "cents": 1299}, time_ns=NOW_NS + 2 * S),
            resource=resource(cloud__region="eu-north-1"),
        ),
        export_request(
            log(EVIL, severity=13, time_ns=NOW_NS + 3 * S),
            log("quiet", severity=0, time_ns=NOW_NS + 4 * S),
            resource=resource(faas__name="payment"),
        ),
    )
    yield web
    web.stop()


def bodies(web: Web, **filters: Any) -> list[Any]:
    return [row["body"] for row in web.get("/logs", **RANGE, **filters)["logs"]]


def test_records_come_newest_first_with_all_they_carry(web: Web) -> None:
    """Structured bodies stay structured; ids, severity and attributes are there."""
    answer = web.get("/logs", **RANGE)

    TypeAdapter(LogList).validate_python(answer, strict=True)
    assert [row["body"] for row in answer["logs"]] == [
        "quiet", EVIL, {"event": "charged", "cents": 1299}, "Order 43 refused", "order 42 taken",
    ]  # fmt: skip
    last = answer["logs"][-1]
    assert (last["time"], last["severity"]) == ("2026-11-20T15:00:00Z", "info")
    assert (last["trace_id"], last["span_id"]) == (TRACE.hex(), "01" * 8)
    assert (last["function"], last["attributes"]) == ("orders", {"order.id": 42})


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"q": "ORDER 4"}, ["Order 43 refused", "order 42 taken"]),
        ({"q": "order.id=42"}, ["order 42 taken"]),
        ({"q": "cloud.region=eu-north-1 refused"}, ["Order 43 refused"]),
        ({"q": TRACE.hex()}, ["order 42 taken"]),
        ({"q": "100%"}, [EVIL]),
        ({"q": "o_d"}, []),
        ({"trace_id": TRACE.hex()}, ["order 42 taken"]),
        ({"severity": "error"}, ["Order 43 refused"]),
        ({"severity": "warning"}, [EVIL, "Order 43 refused"]),
        ({"function": "payment"}, ["quiet", EVIL]),
        ({"function": "' or true --"}, []),
    ],
)
def test_filters(web: Web, filters: dict[str, Any], expected: list[str]) -> None:
    """Each filter finds its records; wildcards and quotes are just characters."""
    assert bodies(web, **filters) == expected


@pytest.mark.parametrize(
    ("parameters", "detail"),
    [
        ({"severity": "loud"}, "severity 'loud' is unknown: use trace, debug"),
        ({"trace_id": "12"}, "trace_id '12' is not 32 hex digits"),
        ({"cursor": "WzEsMl0"}, "pass next_cursor unchanged"),
    ],
)
def test_refusals_say_what_is_accepted(web: Web, parameters: dict[str, str], detail: str) -> None:
    """Problem JSON with the accepted forms."""
    answer = web.client.get("/api/v1/logs", params=parameters)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert detail in answer.json()["detail"]


def test_pages_hold_when_many_records_share_a_time(tmp_path: Any) -> None:
    """Fifty records of one nanosecond, paged by seven while others arrive: each is given once."""
    web = Web(tmp_path)
    web.send(export_request(*(log(f"record {number}") for number in range(50))))
    given: list[str] = []
    cursor = ""
    for _ in range(20):
        page = web.get("/logs", **RANGE, q="record", limit=7, cursor=cursor)
        given += [row["body"] for row in page["logs"]]
        web.send(export_request(log("record late"), log("record later", time_ns=NOW_NS + S)))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    web.stop()

    assert sorted(given) == sorted(f"record {number}" for number in range(50))
