"""The list of event traces: rows, filters in every link, pages, the scatter, and the search box."""

import re
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.store import event_rows as rows
from tests.web import telemetry
from tests.web.serving import Web

HTMX = {"HX-Request": "true"}
PATH = ["orders-api", "[orders-queue]", "payment"]
FUNCTIONS = ["orders-api", "payment"]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Sixty event traces of the last hour: some fail, wait, are retried; one is hostile."""
    served = Web(tmp_path_factory.mktemp("pages"))
    store = served.service.database
    ago_s = (time.time_ns() - rows.T0_NS) / rows.S
    for number in range(1, 61):
        failed = number % 20 == 3
        rows.event(
            store, number, at_s=ago_s - number * 50, takes_s=number / 4,
            status="error" if failed else "ok", retry_count=2 if failed else 0,
            cold_start_count=number % 9 == 2, confidence=0.8 if number == 7 else 1.0,
            queue_wait_ns=rows.S // 8 if number == 7 else None, path=PATH, functions=FUNCTIONS,
            correlation_ids=[f"ord-{number}"],
        )  # fmt: skip
    rows.event(store, 99, at_s=ago_s - 20, path=[telemetry.HOSTILE, f"[{telemetry.HOSTILE}]"],
               root_function=telemetry.HOSTILE, correlation_ids=[telemetry.HOSTILE])  # fmt: skip
    for number in (5, 6):
        rows.key(store, "v:shared-1", number, 8, time_ns=time.time_ns())
    rows.key(store, "v:ord-7", 7, 8, time_ns=time.time_ns())
    yield served
    served.stop()


def _text(web: Web, path: str, **headers: str) -> str:
    answer = web.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def _links(text: str) -> set[str]:
    return set(re.findall(r'href="/events/([0-9a-f]{16})', text))


def test_a_row_tells_outcome_path_and_what_went_wrong(web: Web) -> None:
    """Failed, with two retries, along its path; the link keeps the range."""
    text = _text(web, "/events?since=-6h&correlation_id=ord-3")

    assert _links(text) == {f"{3:016x}"}
    assert f'href="/events/{3:016x}?since=-6h"' in text
    assert all(word in text for word in ("error</span>", "2 retries", "orders-queue", "payment"))


def test_a_guessed_joint_and_the_wait_are_drawn(web: Web) -> None:
    """Confidence below one is written, inferred ones with a tilde; the wait has its share."""
    text = _text(web, "/events?correlation_id=ord-7")

    assert ">inferred</span>" in text
    assert "125 ms of 1.75 s waiting in queues" in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=error", 3),
        ("retried=yes", 3),
        ("cold=yes", 7),
        ("q=status:error", 3),
        ("q=ord-7", 1),
        ("min_duration_ms=14s", 5),
        ("min_duration_ms=500&max_duration_ms=1000", 4),
        ("min_wait_ms=100", 1),
        ("function=payment&sort=duration", 50),
    ],
)
def test_filters_narrow_the_list(web: Web, query: str, count: int) -> None:
    """Fields of the form and words of the search; a page holds fifty."""
    assert len(_links(_text(web, f"/events?{query}"))) == count


def test_filters_stay_in_the_form_and_in_every_link(web: Web) -> None:
    """What was asked can be read, changed and sent on; what has no field can be taken away."""
    text = _text(web, "/events?q=pay&status=error&cold=yes&max_duration_ms=5000&since=-6h")

    assert 'name="q" value="pay"' in text
    assert '<option value="error" selected>' in text
    assert 'name="cold" value="yes" checked' in text
    assert 'name="max_duration_ms" value="5000"' in text
    assert 'title="Take this filter away">at most <bdi>5000 ms</bdi>' in text
    assert 'href="/events?q=pay&amp;status=error&amp;cold=yes&amp;since=-6h"' in text


@pytest.mark.parametrize("sort", ["", "duration"])
def test_pages_hold_everything_once(web: Web, sort: str) -> None:
    """The second page goes on where the first ended."""
    first = _text(web, f"/events?sort={sort}")
    older = first.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    second = _text(web, older)

    assert len(_links(first)) == 50
    assert len(_links(second)) == 11
    assert not _links(first) & _links(second)


def test_the_scatter_tells_outcomes_apart_and_lets_a_box_be_drawn(web: Web) -> None:
    """Both axes are free; a point is a link."""
    text = _text(web, "/events/chart?since=-6h", **HTMX)

    assert "<h2>61 event traces, 3 failed</h2>" in text
    assert '"fixedrange": false' in text
    assert text.count('"/events/') == 61


def test_hostile_names_are_text(web: Web) -> None:
    """Markup in functions, queues and ids is shown, never run."""
    text = _text(web, "/events") + _text(web, "/events/chart")

    assert not any(payload in text for payload in telemetry.PAYLOADS if "<" in payload)


def test_htmx_is_given_the_results_alone(web: Web) -> None:
    """The same URL answers a part."""
    text = _text(web, "/events", **HTMX)

    assert "<html" not in text
    assert _links(text)


def test_a_live_page_asks_again_and_a_past_range_does_not(web: Web) -> None:
    """Only while the range ends now."""
    assert 'hx-trigger="tick from:document"' in _text(web, "/events?live=1")
    assert "tick from:document" not in _text(web, "/events?live=1&until=-1m")


@pytest.mark.parametrize(
    "query",
    ["q=status:odd", "min_duration_ms=fast", "cursor=x", "sort=size", "shape=x", "status=x"],
)
def test_a_filter_that_cannot_be_read_is_explained(web: Web, query: str) -> None:
    """A page with a sentence."""
    answer = web.client.get(f"/events?{query}")

    assert answer.status_code == 400
    assert "Traceback" not in answer.text


def test_nothing_found_says_what_to_do(web: Web) -> None:
    """An empty list offers to clear the filters or to look further back."""
    text = _text(web, "/events?q=nothing-like-it")

    assert "Clear the filters" in text
    assert "since=-14d" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ord-7", f"/events/{7:016x}"),
        (f"{7:016X}", f"/events/{7:016x}"),
        ("shared-1", "/events?q=shared-1"),
        ("status:error", "/events?q=status%3Aerror"),
        ("order.id=7", "/events?q=order.id%3D7"),
        ("no such id", "/events?q=no+such+id"),
        ("", "/events"),
    ],
)
def test_the_search_box_leads_to_the_event_trace(web: Web, text: str, expected: str) -> None:
    """An id of one event trace opens it; anything else narrows the list."""
    answer = web.client.get("/find", params={"q": text})

    assert (answer.status_code, answer.headers["location"]) == (303, expected)


def test_an_id_may_end_like_the_name_of_an_attribute(web: Web) -> None:
    """API Gateway's request ids are written in base64."""
    rows.key(web.service.database, "v:f9wgyvYPniBFsg0=", 7, 8, time_ns=time.time_ns())
    answer = web.client.get("/find", params={"q": "f9wgyvYPniBFsg0="})

    assert answer.headers["location"] == f"/events/{7:016x}"


def test_an_id_seen_long_ago_widens_the_range(web: Web) -> None:
    """Otherwise the list would be empty."""
    store = web.service.database
    for number in (5, 6):
        rows.key(store, "v:old-1", number, 8, time_ns=time.time_ns() - 7200 * rows.S)
    answer = web.client.get("/find", params={"q": "old-1"})

    assert parse_qs(urlsplit(answer.headers["location"]).query)["since"] == ["-6h"]


def test_words_and_their_values_are_suggested(web: Web) -> None:
    """The last word is completed, what stands before it is kept."""
    text = _text(web, "/suggest/words?q=payment+status:", **HTMX)

    assert 'value="payment status:dead_lettered"' in text
    assert 'value="retried:"' in _text(web, "/suggest/words?q=ret", **HTMX)
