"""The page of one trace."""

import re
import time
from pathlib import Path

from tests.build import export_request, log, resource_group
from tests.web import telemetry
from tests.web.serving import Web
from web.waterfall import CHUNK

FAILED = telemetry.SAGA_TRACE.hex()
CHARGE = f"{3 * 1000 + 5:016x}"
BIG = telemetry.BIG_TRACE.hex()


def _get(web: Web, path: str, target: str = "") -> str:
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    answer = web.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_every_span_is_a_row_in_tree_order(looked_at: Web) -> None:
    """Parents come before their children, one level further left."""
    text = _get(looked_at, f"/traces/{FAILED}")
    names = re.findall(r'class="t"[^>]*><bdi>([^<]+)', text)

    assert names == [
        "POST /orders",
        "DynamoDB.PutItem",
        "orders-queue send",
        "orders-queue process",
        "POST api.cards.example/charge",
        "OrderPaid publish",
    ]


def test_a_selected_span_is_shown_in_full_without_javascript(looked_at: Web) -> None:
    """Attributes lead to other traces with them; exception, links and logs are there."""
    text = _get(looked_at, f"/traces/{FAILED}?span={CHARGE}")

    assert "card issuer timed out after 3 attempts" in text
    assert 'href="/traces?q=server.address%3Dapi.cards.example"' in text
    assert "exception.stacktrace" in text
    assert 'aria-current="true"' in text


def test_htmx_is_given_the_part_it_names(looked_at: Web) -> None:
    """Details and waterfall come from the page's own URL."""
    detail = _get(looked_at, f"/traces/{FAILED}?span={CHARGE}", "detail")
    waterfall = _get(looked_at, f"/traces/{FAILED}?fold={3 * 1000 + 1:016x}", "waterfall")

    assert "wf-row" not in detail
    assert "exception.stacktrace" in detail
    assert waterfall.count("wf-row ") == 1


def test_links_lead_both_ways(looked_at: Web) -> None:
    """The consumer names the producer, and the producer shows who named it."""
    send, process = f"{3 * 1000 + 3:016x}", f"{3 * 1000 + 4:016x}"

    assert f"span={send}" in _links_of(looked_at, process)
    assert f"span={process}" in _links_of(looked_at, send)


def _links_of(web: Web, span_id: str) -> str:
    detail = _get(web, f"/traces/{FAILED}?span={span_id}", "detail")
    return detail[detail.index('class="links"') :]


def test_a_large_trace_is_sent_as_it_is_scrolled_to(looked_at: Web) -> None:
    """2,000 spans: a run of rows at once, within the 150 kB a page may have; the rest are links."""
    text = _get(looked_at, f"/traces/{BIG}")
    rows = _get(looked_at, f"/traces/{BIG}/rows?start=450", "anything")

    assert text.count("wf-row ") == CHUNK
    assert len(text.encode()) < 150_000
    assert 'href="/traces/' + BIG + '/rows?start=450"' in text
    assert rows.count("wf-row ") == CHUNK


def test_a_missing_parent_has_a_row_that_says_so(looked_at: Web) -> None:
    """What telemetry refers to and never came is shown, not hidden."""
    pages = (
        _get(looked_at, f"/traces/{BIG}/rows?start={start}", "x") for start in range(0, 2001, CHUNK)
    )

    assert sum(text.count("missing parent") for text in pages) == 1


def test_logs_of_the_trace_are_in_order_of_time(looked_at: Web) -> None:
    """Each with the time since the trace began and a link to its span."""
    text = _get(looked_at, f"/traces/{FAILED}")
    said = [text.index(words) for words in ("order ord-1003 accepted", "charging card")]

    assert said == sorted(said)
    assert f'href="/traces/{FAILED}?span={3 * 1000 + 1:016x}">Show its span' in text


def test_a_trace_of_log_records_alone_shows_them(tmp_path: Path) -> None:
    """Logs may come without spans; the page says that none arrived, and shows the logs."""
    web = Web(tmp_path)
    trace_id = bytes(range(16))
    record = log("said alone", time_ns=time.time_ns(), trace_id=trace_id, span_id=b"12345678")
    try:
        web.send(export_request(resource_group(record)))
        text = _get(web, f"/traces/{trace_id.hex()}")

        assert "No span of this trace has arrived" in text
        assert "said alone" in text
        assert "wf-row" not in text
    finally:
        web.stop()


def test_a_trace_that_is_not_stored_is_explained(looked_at: Web) -> None:
    """404 with what the reasons can be."""
    answer = looked_at.client.get(f"/traces/{1:032x}")

    assert answer.status_code == 404
    assert "it may still be on its way" in answer.text
