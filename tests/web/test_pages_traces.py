"""The trace search page."""

import re

import pytest

from tests.web import telemetry
from tests.web.serving import Web

HTMX = {"HX-Request": "true"}


def _text(web: Web, path: str, **headers: str) -> str:
    answer = web.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_list_links_each_trace(looked_at: Web) -> None:
    """A row is a link to the trace."""
    text = _text(looked_at, "/traces?status=error")

    assert f'href="/traces/{telemetry.SAGA_TRACE.hex()}"' in text


@pytest.mark.parametrize("query", ["q=order.id%3Dord-1003", "q=inv-3", "q=m-3"])
def test_an_attribute_or_id_finds_its_trace_alone(looked_at: Web, query: str) -> None:
    """An attribute as key=value, an invocation id and a message id find the one order."""
    text = _text(looked_at, f"/traces?{query}")

    assert text.count('class="main-link') == 1


def test_a_trace_with_a_cold_start_says_so(looked_at: Web) -> None:
    """Order 1002 met a cold function, order 1003 did not."""
    assert "holds a cold start" in _text(looked_at, "/traces?q=order.id%3Dord-1002")
    assert "holds a cold start" not in _text(looked_at, "/traces?q=order.id%3Dord-1003")


def test_filters_stay_in_the_form_and_in_every_link(looked_at: Web) -> None:
    """What was searched can be read, changed and sent on."""
    text = _text(looked_at, "/traces?q=orders&status=error&since=-6h")

    assert 'name="q" value="orders"' in text
    assert '<option value="error" selected>' in text
    assert 'name="since" value="-6h"' in text
    assert 'href="/logs?since=-6h"' in text


def test_pages_do_not_repeat_a_trace(looked_at: Web) -> None:
    """The link to older traces leads to other traces."""
    first = _text(looked_at, "/traces")
    older = first.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    second = _text(looked_at, older)

    assert _links(first)
    assert _links(second)
    assert not _links(first) & _links(second)


def test_the_chart_shows_the_whole_search_and_is_kept_while_its_pages_are_turned(
    looked_at: Web,
) -> None:
    """More than a page of traces, each a link; its element keeps its id from page to page."""
    first = _text(looked_at, "/traces?q=orders&since=-6h")
    older = first.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    place = re.findall(r'id="(\w+)" hx-preserve="true" hx-get="([^"]+)"', first)[0]
    url = place[1].replace("&amp;", "&")
    chart = _text(looked_at, url, **HTMX)

    assert place in re.findall(
        r'id="(\w+)" hx-preserve="true" hx-get="([^"]+)"', _text(looked_at, older)
    )
    assert "<h2>60 traces, 9 with errors</h2>" in chart
    assert chart.count('"/traces/') == 60
    assert "<html" in _text(looked_at, url)


def test_htmx_is_given_the_results_alone(looked_at: Web) -> None:
    """The same URL answers a part, and says that the answer depends on who asks."""
    answer = looked_at.client.get("/traces", headers=HTMX)

    assert "<html" not in answer.text
    assert 'class="main-link' in answer.text
    assert "HX-Request" in answer.headers["vary"]


def test_a_restored_history_entry_is_a_whole_page(looked_at: Web) -> None:
    """Going back must not leave a part of a page in the window."""
    restore = {**HTMX, "HX-History-Restore-Request": "true"}

    assert "<html" in _text(looked_at, "/traces", **restore)


def test_nothing_found_says_what_to_do(looked_at: Web) -> None:
    """An empty list offers to clear the filters or to look further back."""
    text = _text(looked_at, "/traces?q=order.id%3Dnone")

    assert "Clear the filters" in text
    assert "since=-14d" in text


@pytest.mark.parametrize("query", ["since=yesterday-ish", "min_duration_ms=fast", "cursor=xx"])
def test_a_filter_that_cannot_be_read_is_explained(looked_at: Web, query: str) -> None:
    """A page with a sentence, not a stack trace; htmx gets the sentence for the flash area."""
    page = looked_at.client.get(f"/traces?{query}")
    part = looked_at.client.get(f"/traces?{query}", headers=HTMX)

    assert page.status_code == part.status_code == 400
    assert "<h1>Bad Request</h1>" in page.text
    assert "<html" not in part.text


def test_the_search_box_opens_the_event_trace_of_an_id(looked_at: Web) -> None:
    """Plain and X-Ray forms of the trace id, message ids, request ids and attributes lead to it."""
    hexadecimal = telemetry.SAGA_TRACE.hex()
    xray = f"1-{hexadecimal[:8]}-{hexadecimal[8:]}"
    [event] = {
        match["event_trace_id"] for match in looked_at.get("/lookup", id=hexadecimal)["matches"]
    }

    for text in (hexadecimal, xray, "m-3", "inv-3"):
        answer = looked_at.client.get("/find", params={"q": text, "since": "-6h"})
        assert answer.headers["location"] == f"/events/{event}?since=-6h"
    answer = looked_at.client.get("/find", params={"q": "order.id=7"})
    assert answer.headers["location"] == "/events?q=order.id%3D7"


def _links(text: str) -> set[str]:
    return {part.split('"')[0] for part in text.split('cell" href="/traces/')[1:]}
