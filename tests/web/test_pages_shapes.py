"""Flow shapes and the correlation page, from telemetry as functions send it."""

import time
from collections.abc import Iterator

import pytest

from tests.build import Request, export_request, link, resource, resource_group, span, span_id
from tests.web import telemetry
from tests.web.serving import Web

MINUTE_NS = 60_000_000_000
QUEUE = {"messaging.system": "aws_sqs", "messaging.destination.name": "ship-q"}


def _function(name: str, language: str = "python"):  # type: ignore[no-untyped-def]
    return resource(faas__name=name, service__name=name, cloud__provider="aws",
                    telemetry__sdk__language=language)  # fmt: skip


def _order(number: int, start_ns: int) -> Iterator[Request]:
    """An API that sends a message, and a worker that notes no id but the order's, and X-Ray's."""
    sent, taken = (f"7{place}{number:030d}" for place in (1, 2))
    xray = bytes.fromhex(f"{start_ns // 10**9:08x}{number:024d}")
    order = {"correlation_id": f"ord-{number}-{'ab12' * 3}"}
    yield export_request(
        resource_group(
            span("POST /orders", trace_id=bytes.fromhex(sent), id=span_id(number * 10 + 1),
                 start_ns=start_ns, kind=2, attributes={"http.route": "/orders", **order}),
            span("ship-q send", trace_id=bytes.fromhex(sent), id=span_id(number * 10 + 2),
                 parent_id=span_id(number * 10 + 1), start_ns=start_ns, kind=4,
                 attributes={"messaging.message.id": f"6f1d0000-0000-4000-8000-{number:012d}",
                             **QUEUE}),
            resource=_function("orders-api"),
        ),
        resource_group(
            span("ship-q process", trace_id=bytes.fromhex(taken), id=span_id(number * 10 + 3),
                 start_ns=start_ns + 10**9, kind=5, links=[link(xray, span_id(5))],
                 attributes=QUEUE | order),
            resource=_function("shipping", "nodejs"),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Eight such orders, and the telemetry of the other page tests."""
    served = Web(tmp_path_factory.mktemp("shapes"))
    now_ns = time.time_ns()
    served.send(
        *(
            request
            for number in range(1, 9)
            for request in _order(number, now_ns - number * MINUTE_NS - MINUTE_NS)
        ),
        *telemetry.hostile(now_ns - 3 * MINUTE_NS),
    )
    yield served
    served.stop()


def _text(web: Web, path: str) -> str:
    answer = web.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_path_is_one_row_and_leads_to_its_event_traces(web: Web) -> None:
    """Eight orders took it; the period before is not stored."""
    text = _text(web, "/events/shapes?q=shipping&since=-30m")
    shape = text.split("shape=")[1].split("&")[0]
    events = _text(web, f"/events?shape={shape}&since=-30m")

    assert 'title="orders-api &gt; [ship-q] &gt; shipping"' in text
    assert '<span class="num" title="8">8</span>' in text
    assert "the period before is not stored whole" in text
    assert events.count('class="main-link"') == 8


def test_shapes_are_filtered_and_say_when_there_are_none(web: Web) -> None:
    """By function and by a piece of the path."""
    assert "ship-q" in _text(web, "/events/shapes?function=shipping")
    assert "Clear the filters" in _text(web, "/events/shapes?q=nothing-like-it")
    assert "Show 14 days" in _text(web, "/events/shapes?since=2020-01-01T00:00:00Z&until=-9w")


def test_the_correlation_page_says_what_joins_and_what_mends(web: Web) -> None:
    """The order's id joins them; the links lead to X-Ray's segments, the messages to nobody."""
    text = _text(web, "/events/correlation?since=-30m")

    assert "correlation id <" in text
    assert "8 links of shipping to X-Ray contexts that are never exported." in text
    assert "OTEL_PROPAGATORS=tracecontext,baggage,xray" in text
    assert "8 messages that orders-api sent to ship-q: nobody known took them." in text


def test_hostile_names_are_text(web: Web) -> None:
    """On both pages, in paths, hops and keys."""
    text = _text(web, "/events/shapes") + _text(web, "/events/correlation")

    assert not any(payload in text for payload in telemetry.PAYLOADS if "<" in payload)


def test_without_event_traces_the_correlation_page_says_what_would_be_here(web: Web) -> None:
    """With a way to look further back."""
    text = _text(web, "/events/correlation?since=2020-01-01T00:00:00Z&until=-9w")

    assert "Nothing to correlate here" in text
