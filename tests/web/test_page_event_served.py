"""The page of an event trace as it is served: its parts, its file, and what is not there."""

import time
from collections.abc import Iterator

import pytest

from tests.web import event_telemetry
from tests.web.serving import Web

WAIT_S = 120.0


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A collector that has stitched an order of three traces and a fan-out of 101."""
    running = Web(tmp_path_factory.mktemp("events"))
    running.send(*event_telemetry.everything(time.time_ns()))
    _event_id(running, 3)
    _event_id(running, 101)
    yield running
    running.stop()


def _event_id(web: Web, traces: int) -> str:
    """The event trace of so many traces, as soon as there is one."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        for each in web.get("/event-traces")["event_traces"]:
            if len(each["trace_ids"]) == traces:
                return str(each["event_trace_id"])
        time.sleep(0.1)
    raise AssertionError(f"no event trace of {traces} traces within {WAIT_S} s")


def _part(web: Web, path: str, target: str = "x") -> str:
    answer = web.client.get(path, headers={"HX-Request": "true", "HX-Target": target})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_traces_without_a_common_id_are_one_page(web: Web) -> None:
    """The order's three traces, tied by the message id alone."""
    text = web.client.get(f"/events/{_event_id(web, 3)}").text

    assert "attempt 2 of 2" in text
    assert "card issuer answered 503" in text
    assert "waiting in payments" in text
    assert event_telemetry.ORDER_TRACE in text


def test_htmx_is_given_the_part_it_names(web: Web) -> None:
    """Details and timeline come from the page's own URL."""
    page = f"/events/{_event_id(web, 3)}"

    assert "<h1" not in _part(web, f"{page}?path=1", "timeline")
    assert "wf-row" not in _part(web, f"{page}?sel=d.x", "detail")
    refused = web.client.get(page, headers={"HX-Request": "true", "HX-Target": "elsewhere"})
    assert refused.status_code == 400


def test_the_rest_of_a_long_event_comes_in_runs(web: Web) -> None:
    """Rows, joints and logs, each also a page of its own without JavaScript."""
    page = f"/events/{_event_id(web, 101)}"

    assert _part(web, f"{page}/rows?start=80").count("wf-row ") == 21
    assert _part(web, f"{page}/joints?start=20").count("message id") == 80
    assert web.client.get(f"{page}/rows?start=40").status_code == 200
    assert web.client.get(f"{page}/joints?start=20").status_code == 200
    assert web.client.get(f"/events/{_event_id(web, 3)}/logs?start=0").status_code == 200


def test_the_file_is_sent_as_one(web: Web) -> None:
    """To be kept, and with a policy of its own: nothing runs in it."""
    event_id = _event_id(web, 3)
    answer = web.client.get(f"/events/{event_id}/export.html")

    assert f'filename="event-{event_id}.html"' in answer.headers["content-disposition"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("event_id", ["0" * 16, "zz", "ORD-1", "a" * 400])
def test_an_event_that_is_not_there_is_explained(web: Web, event_id: str) -> None:
    """404 with what to do: the id can be sought among all others."""
    answer = web.client.get(f"/events/{event_id}")

    assert answer.status_code == 404
    assert "it may be older than the retention" in answer.text
    assert "No such event trace" in answer.text
    assert f'value="{event_id[:64]}"' in answer.text
