"""The written stories in a running collector: their event traces, and every way in."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from collector.errors import Rejected
from sample_data.written import otlp
from tests.end_to_end import serving
from tests.sample_data.captured import expected, written
from tests.sample_data.replaying import replay
from tests.sample_data.test_event_traces import listed
from tests.web.serving import Web
from web import stories
from web.posts import Post
from web.samples import SampleData
from web.sending import Sender
from web.stories import Story

ROUTES: Final = ("/firehose", "/lambda/telemetry")
with_events = pytest.mark.parametrize(
    "story",
    [story for story in written() if "event_traces" in expected(story)],
    ids=lambda story: story.name,
)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A collector that has received the written stories' OTLP as it was written."""
    running = Web(tmp_path_factory.mktemp("written"), retention_days=100_000)
    replay(running, [export for story in written() for export in story.requests()])
    yield running
    running.stop()


def burst() -> Story:
    return next(story for story in written() if story.name == "checkout-burst")


def require_routes(web: Web) -> None:
    """Skips where this build of the collector has no such routes at all."""
    for path in ROUTES:
        if status_of(web, path) == 404:
            pytest.skip(f"the collector has no {path}")


def status_of(web: Web, path: str) -> int:
    """What an empty POST to a path is answered."""
    connection = http.client.HTTPConnection(urlsplit(web.service.endpoints.http).netloc, timeout=60)
    connection.request("POST", path, b"", {"Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    return status


@with_events
def test_every_event_is_one_event_trace(story: Story, web: Web) -> None:
    """The traces of an event are in one event trace, and with them no others."""
    held = {frozenset(each["trace_ids"]): each for each in listed(web)}

    for name, truth in expected(story)["event_traces"].items():
        traces = frozenset(otlp.trace_id(trace).hex() for trace in truth["traces"])
        assert traces in held, name
        told = held[traces]
        assert told["status"] == truth["status"], name
        assert set(truth["functions"]) <= set(told["functions"]), name
        if "deliveries" in truth:
            assert told["invocation_count"] == truth["deliveries"], name


def test_there_are_no_event_traces_beside_those_of_the_stories(web: Web) -> None:
    """Every event trace that holds a trace is one that a README tells of."""
    told = [name for story in written() for name in expected(story).get("event_traces", {})]

    assert len([each for each in listed(web) if each["trace_ids"]]) == len(told)


def test_every_delivery_is_taken(web: Web) -> None:
    """Firehose and an extension get the answer they wait for, also for what comes twice."""
    require_routes(web)
    with Sender(web.service.endpoints.http) as sender:
        for post in burst().posts():
            sender.post(post)


def test_what_functions_write_is_listed_though_no_span_came(web: Web) -> None:
    """Not what the platform alone tells of: nobody says what for it ran."""
    require_routes(web)
    with Sender(web.service.endpoints.http) as sender:
        for post in burst().posts():
            sender.post(post)
    web.settle()
    bare = [each["root_function"] for each in listed(web) if not each["trace_ids"]]

    assert Counter(bare) == {"checkout-worker": 6, "checkout-tax": 3}


def test_sample_data_brings_a_correction_after_what_it_corrects(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The throttles of 15:06 are stored as 30 first and as 42 last, moved to the same time."""
    require_routes(web)
    monkeypatch.setattr(stories, "stories", lambda: [burst()])
    samples = SampleData(web.service)
    samples.start()
    while samples.progress.running:
        time.sleep(0.05)
    assert samples.progress.error is None
    web.settle()

    told = web.service.ask(
        lambda cursor: cursor.execute(
            "select sum, time_ns from metric_points where name like '%/Throttles'"
            " and sum in (30, 42) and time_ns > 1795187400000000000 order by export_seq"
        ).fetchall()
    )
    # Under three sets of dimensions each: of the account the corrected sum is the same.
    assert [amount for amount, _ in told] == [30.0] * 3 + [42.0] * 3
    assert len({at_ns for _, at_ns in told}) == 1


def test_a_collector_without_the_path_says_so(web: Web) -> None:
    """The sender is told at once, and what the collector answered."""
    post = Post("/no/such/path", {"Content-Type": "application/json"}, b"{}")

    with Sender(web.service.endpoints.http) as sender, pytest.raises(Rejected, match="404"):
        sender.post(post)


def test_deliveries_are_imported_from_their_file(web: Web, tmp_path: Path) -> None:
    """``lockstitch import`` takes them like any other capture, into a database without a port."""
    require_routes(web)
    capture = burst().folder / "requests.jsonl.gz"
    ended = serving.run("import", "--db", str(tmp_path / "t.duckdb"), str(capture), timeout_s=240)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{sum(1 for _ in burst().posts())} exports" in ended.stdout


def test_a_line_that_is_no_request_is_named(tmp_path: Path) -> None:
    """The file and the line, and what a line has to be."""
    good: dict[str, Any] = {"path": "/firehose", "headers": {}, "body": {}}
    broken = tmp_path / "requests.jsonl"
    broken.write_text(json.dumps(good) + "\n{}\n")
    ended = serving.run("import", "--db", str(tmp_path / "t.duckdb"), str(broken))

    assert ended.returncode == 2
    assert f"{broken}, line 2" in ended.stderr.replace("\n", "")
    assert "Traceback" not in ended.stderr
