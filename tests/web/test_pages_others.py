"""Logs, metrics, setup, status and what surrounds every page."""

import re
from pathlib import Path

import pytest

from tests.build import export_request, span
from tests.web import telemetry
from tests.web.serving import Web

PATHS = ("/setup", "/traces", "/logs", "/series", "/series/faas.mem_usage", "/status")


def _get(web: Web, path: str) -> str:
    answer = web.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_logs_are_filtered_by_severity_text_and_trace(looked_at: Web) -> None:
    """Least severity and text narrow the list; a trace id shows its records alone."""
    trace_id = telemetry.SAGA_TRACE.hex()
    errors = _get(looked_at, "/logs?severity=error&q=issuer")
    of_trace = _get(looked_at, f"/logs?trace_id={trace_id}")

    assert "card issuer timed out" in errors
    assert "charging card" not in errors
    assert of_trace.count('<details class="log ') == 3


def test_a_log_record_jumps_to_its_span(looked_at: Web) -> None:
    """The link opens the trace with the span selected."""
    assert re.search(
        r'href="/traces/[0-9a-f]{32}\?span=[0-9a-f]{16}">Open its trace', _get(looked_at, "/logs")
    )


def test_a_metric_is_drawn_by_any_of_its_attributes(looked_at: Web) -> None:
    """A line for each value, with the figures in a table behind."""
    text = _get(looked_at, "/series/faas.mem_usage?by=function")

    assert "data-figure=" in text
    for name in ("orders-api", "payment", "shipping"):
        assert f"<bdi>{name}</bdi>" in text


def test_metric_names_with_slashes_have_a_page(looked_at: Web) -> None:
    """Google Cloud names metrics like paths."""
    assert looked_at.client.get("/series/run.googleapis.com%2Frequest_count").status_code == 404
    assert looked_at.client.get("/series/faas.invocations").status_code == 200


def test_without_data_the_first_page_is_setup(tmp_path: Path) -> None:
    """A newcomer is led to what there is to do; once data is there, to the traces."""
    web = Web(tmp_path)
    try:
        assert web.client.get("/").headers["location"] == "/setup"
        assert "Load sample data" in _get(web, "/setup")
        web.send(export_request(span()))
        assert web.client.get("/").headers["location"] == "/traces"
    finally:
        web.stop()


@pytest.mark.parametrize(
    "guide", ["lambda-python", "lambda-node", "azure", "google", "cloudflare", "sdk", "collector"]
)
def test_each_guide_holds_the_address_we_listen_on(looked_at: Web, guide: str) -> None:
    """What is copied works as it is."""
    assert (
        looked_at.service.endpoints.http
        in _get(looked_at, f"/setup?for={guide}").split('id="guide"')[1]
    )


def test_status_shows_where_every_record_went(looked_at: Web) -> None:
    """The page and the counters say the same."""
    received = sum(looked_at.service.intake.counters.read().received.values())

    assert received > 2_000
    assert "received = stored + rejected + duplicate + waiting" in _get(looked_at, "/status")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_refers_to_nothing_elsewhere_and_to_nothing_missing(
    looked_at: Web, path: str
) -> None:
    """Every script, stylesheet and picture is ours, under a hashed address that is there."""
    found = re.findall(r'(?:src|href)="([^"]+)"', _get(looked_at, path))
    files = [url for url in found if url.startswith("/static/")]

    assert not [url for url in found if url.startswith(("http:", "https:", "//"))]
    assert {looked_at.client.get(url).status_code for url in files} == {200}
    assert all(re.search(r"\.[0-9a-f]{16}\.\w+$", url) for url in files)


def test_assets_are_kept_for_ever_and_sent_compressed(looked_at: Web) -> None:
    """An address holds the hash of its content, so what is there never changes."""
    url = re.findall(r'src="(/static/plotly[^"]+)"', _get(looked_at, "/traces"))[0]
    answer = looked_at.client.get(url)

    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"


def test_the_icon_is_found_where_browsers_guess_it(looked_at: Web) -> None:
    """Answers that are not pages cannot link it."""
    answer = looked_at.client.get("/favicon.ico", follow_redirects=True)

    assert answer.headers["content-type"] == "image/svg+xml"


def test_the_theme_is_rendered_by_the_server(looked_at: Web) -> None:
    """The switch works without JavaScript and never flashes; it leads back to where it was."""
    client = looked_at.new_client()
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/traces").text)[0]
    fields = {"to": "dark", "back": "/logs?since=-6h", "csrf_token": token}

    assert client.post("/theme", data=fields).headers["location"] == "/logs?since=-6h"
    assert '<html lang="en" data-theme="dark">' in client.get("/logs").text
    fields["back"] = "//elsewhere.example"
    assert client.post("/theme", data=fields).headers["location"] == "/"


def test_an_unknown_address_is_a_page_and_an_unknown_call_is_json(looked_at: Web) -> None:
    """People get a way on, programs a problem document."""
    page = looked_at.client.get("/nope")
    call = looked_at.client.get("/api/v1/nope")

    assert (page.status_code, call.status_code) == (404, 404)
    assert "There is no page at this address" in page.text
    assert call.headers["content-type"] == "application/problem+json"
