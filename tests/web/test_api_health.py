"""``/healthz``, ``/readyz``, ``/metrics`` and ``/docs``."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.errors import StoreUnavailable
from tests.build import counter, export_request, log, span
from tests.web.serving import Web


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    web = Web(tmp_path)
    yield web
    web.stop()


def sums(web: Web) -> dict[str, float]:
    """Samples of /metrics by name, summed over all labels but signal."""
    found: dict[str, float] = {}
    for name, signal, value in re.findall(
        r'^lockstitch_(records_\w+?)\{.*?signal="(\w+)".*?\} (\S+)$',
        web.client.get("/metrics").text,
        re.MULTILINE,
    ):
        key = f"{name.removesuffix('_total')} {signal}"
        found[key] = found.get(key, 0) + float(value)
    return found


def test_received_is_stored_and_rejected_and_duplicate_and_waiting(web: Web) -> None:
    """The relation holds for every signal, at once and when all is stored."""
    twice = export_request(span("twice"), span("bad", trace_id=b""))
    web.send(twice, twice, export_request(log(), log()), export_request(counter("c", 1)))
    at_once = sums(web)
    web.service.writer.wait_visible(10)
    later = sums(web)

    for found in (at_once, later):
        for signal in ("traces", "logs", "metrics"):
            parts = (f"records_{name} {signal}" for name in
                     ("stored", "rejected", "duplicate", "waiting"))  # fmt: skip
            assert found[f"records_received {signal}"] == sum(found.get(part, 0) for part in parts)
    assert later["records_received traces"] == 4
    assert later["records_stored traces"] == 1
    assert later["records_duplicate traces"] == 1
    assert later["records_rejected traces"] == 2
    assert later["records_waiting traces"] == 0


def test_the_counters_are_prometheus_text(web: Web) -> None:
    """Content type, help and type lines, and the process's own memory."""
    answer = web.client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE lockstitch_records_received_total counter" in answer.text
    assert "lockstitch_writer_healthy 1.0" in answer.text
    assert 'lockstitch_commit_seconds_bucket{le="+Inf"}' in answer.text
    assert "process_resident_memory_bytes" in answer.text


def test_a_healthy_collector_is_alive_and_ready(web: Web) -> None:
    """Both answer without any question to the store."""
    assert web.client.get("/healthz").text == "ok\n"
    assert web.client.get("/readyz").json() == {"status": "ready"}


def test_a_store_that_takes_nothing_is_not_ready_but_alive(web: Web) -> None:
    """503 with the sentence and when to ask again; liveness stays, a restart would not help."""
    web.service.writer.applier.failed(StoreUnavailable("no space left on device"))
    answer = web.client.get("/readyz")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"] == "the database takes nothing: no space left on device"
    assert web.client.get("/healthz").status_code == 200


def test_a_question_that_takes_too_long_is_a_problem(tmp_path: Path) -> None:
    """504 that says to narrow the time range."""
    web = Web(tmp_path, query_timeout_s=1e-6)
    web.send(export_request(*(span(str(number)) for number in range(200))))
    # An interrupt between two statements is lost; about one in fifteen meets one that runs.
    answers = (web.client.get("/api/v1/traces", params={"since": "-2w"}) for _ in range(300))
    late = next((answer for answer in answers if answer.status_code == 504), None)
    web.stop()

    assert late is not None
    assert "narrow its time range" in late.json()["detail"]


def test_a_store_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    """503 with a sentence instead of a stack trace."""
    web = Web(tmp_path)
    web.stop()
    answer = web.new_client().get("/api/v1/traces")

    assert answer.status_code in (500, 503)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text


def test_the_api_page_loads_nothing_from_elsewhere(web: Web) -> None:
    """Every script and style is ours to serve, hashed, and allowed by the policy."""
    page = web.client.get("/docs")
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    answers = [web.client.get(link) for link in links]

    assert len(links) >= 4
    assert all(link.startswith("/") for link in links)
    assert [answer.status_code for answer in answers] == [200] * len(links)
    assert "<script>" not in page.text
    assert "<style" not in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]


def test_the_openapi_document_describes_every_call(web: Web) -> None:
    """Each has a description, and its answer a schema."""
    paths = web.client.get("/api/v1/openapi.json").json()["paths"]

    for call in ("event-traces", "event-traces/{event_trace_id}", "flow-shapes", "traces",
                 "traces/{trace_id}", "logs", "metrics", "lookup", "functions"):  # fmt: skip
        assert f"/api/v1/{call}" in paths
    assert "application/problem+json" in str(paths["/api/v1/traces"]["get"]["responses"]["422"])
    assert all(call["description"] for path in paths.values() for call in path.values())
    assert "one match for each event trace" in " ".join(
        paths["/api/v1/lookup"]["get"]["description"].split()
    )
