"""Logs, metrics, setup, status and what surrounds every page."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build import export_request, log, resource_group, span
from tests.web import telemetry
from tests.web.serving import Web

PATHS = ("/setup", "/traces", "/logs", "/series", "/series/faas.mem_usage", "/status")


@pytest.fixture(scope="module")
def down(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A collector whose database is closed under it."""
    web = Web(tmp_path_factory.mktemp("down"))
    web.service.database.close()
    yield web
    web.stop()


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


def test_a_log_record_is_fetched_when_it_is_opened(looked_at: Web) -> None:
    """The list links each record; htmx gets the record alone, everyone else a page."""
    found = _get(looked_at, "/logs?q=timed+out")
    link = re.findall(r'href="(/logs/record/[^"]+)"', found)[0]
    part = looked_at.client.get(link, headers={"HX-Request": "true"}).text
    page = _get(looked_at, link)

    assert "order.id" not in found
    assert "<html" not in part
    for text in (part, page):
        assert "card issuer timed out" in text
        assert "order.id" in text
        assert re.search(r'href="/traces/[0-9a-f]{32}\?span=[0-9a-f]{16}">Open its trace', text)


@pytest.mark.parametrize("key", ["1-1-0123456789ab", "nonsense", "9" * 19 + "-1-0123456789ab"])
def test_a_log_record_that_is_gone_is_explained(looked_at: Web, key: str) -> None:
    """404 with the likely reason, also for what never was a key."""
    answer = looked_at.client.get(f"/logs/record/{key}")

    assert answer.status_code == 404
    assert "older than the retention" in answer.text


def test_printed_json_is_shown_by_its_message_and_level(tmp_path: Path) -> None:
    """A function that prints JSON has a list as readable as one that uses an SDK."""
    web = Web(tmp_path)
    printed = '{"level":"ERROR","message":"card declined","order":7}'
    now_ns = time.time_ns()
    try:
        web.send(export_request(resource_group(log(printed, time_ns=now_ns, severity=0))))
        found = _get(web, "/logs?severity=error")
        link = re.findall(r'href="(/logs/record/[^"]+)"', found)[0]

        assert '<bdi class="body">card declined <span class="muted">order=7</span>' in found
        assert "sev-error inferred" in found
        assert "&#34;order&#34;: 7\n}" in _get(web, link)
        assert "card declined" not in _get(web, "/logs?severity=fatal")
    finally:
        web.stop()


def test_a_page_of_long_log_records_keeps_to_the_budget(tmp_path: Path) -> None:
    """100 records of 5,000 letters and 40 attributes are a list of less than 150 kB."""
    web = Web(tmp_path)
    now_ns = time.time_ns()
    many = {f"attribute.{number}": "value" * 20 for number in range(40)}
    records = [
        log("what happened " * 360, time_ns=now_ns - number, attributes=many, trace_id=b"t" * 16,
            span_id=b"s" * 8)
        for number in range(100)
    ]  # fmt: skip
    try:
        web.send(export_request(resource_group(*records)))
        text = _get(web, "/logs")

        assert text.count('<details class="log ') == 100
        assert len(text.encode()) < 150_000
    finally:
        web.stop()


@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("/suggest/functions", "payment"),
        ("/suggest/terms?q=ship.car", "ship.carrier="),
        ("/suggest/terms?q=order.id%3D7+ship.carrier%3DD", "order.id=7 ship.carrier=DHL"),
    ],
)
def test_fields_suggest_what_is_stored(looked_at: Web, path: str, option: str) -> None:
    """Functions, attribute names, and values of the attribute that was begun."""
    answer = looked_at.client.get(path, headers={"HX-Request": "true"})

    assert f'<option value="{option}">' in answer.text


def test_functions_named_only_on_spans_are_suggested(tmp_path: Path) -> None:
    """A worker of many functions names each on its spans."""
    web = Web(tmp_path)
    named = span(start_ns=time.time_ns(), attributes={"faas.name": "resize"})
    try:
        web.send(export_request(named))

        assert '<option value="resize">' in _get(web, "/suggest/functions")
    finally:
        web.stop()


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
    """A newcomer is led to what there is to do; once data is there, it is the overview."""
    web = Web(tmp_path)
    try:
        assert web.client.get("/").headers["location"] == "/setup"
        assert "Load sample data" in _get(web, "/setup")
        web.send(export_request(span()))
        assert "<h1>Overview</h1>" in _get(web, "/")
    finally:
        web.stop()


@pytest.mark.parametrize(
    "guide",
    ["lambda-python", "lambda-node", "aws", "azure", "google", "cloudflare", "sdk", "collector"],
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


@pytest.mark.parametrize("path", ["/", "/traces", "/logs", "/series", "/setup"])
def test_a_store_that_does_not_answer_is_a_sentence(down: Web, path: str) -> None:
    """503 with what it means; a part of a page gets the sentence alone."""
    page = down.client.get(path)
    part = down.client.get(path, headers={"HX-Request": "true"})

    assert page.status_code == part.status_code == 503
    assert "What senders were told is safe stays safe" in page.text
    assert "Traceback" not in page.text
    assert part.text == "The database is closed."


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
