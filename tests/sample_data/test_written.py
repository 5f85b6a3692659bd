"""The written stories hold what their scripts, READMEs and expected figures say."""

import base64
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pytest

from collector.batch import Signal
from sample_data.written.captures import made
from tests.sample_data.captured import (
    REQUESTS,
    expected,
    log_records,
    metric_points,
    spans,
    written,
)
from web.posts import Post
from web.stories import Story

FIGURES: Final = {
    "invocations",
    "errors",
    "timeouts",
    "out_of_memory",
    "cold_starts",
    "cold_starts_known",
    "throttles",
    "max_memory_used_mb",
    "billed_ms",
}
each_written = pytest.mark.parametrize("story", written(), ids=lambda story: story.name)


def burst() -> Story:
    return next(story for story in written() if story.name == "checkout-burst")


def records(post: Post) -> Iterator[bytes]:
    """The records of a Firehose delivery, decoded."""
    for record in json.loads(post.body)["records"]:
        yield base64.b64decode(record["data"])


def envelopes(posts: Iterator[Post]) -> Iterator[dict[str, Any]]:
    """The log subscription envelopes among deliveries."""
    for post in posts:
        if post.path == "/firehose":
            for record in records(post):
                if record[:2] == b"\x1f\x8b":
                    yield json.loads(gzip.decompress(record))


def log_events(story: Story) -> dict[str, tuple[str, str]]:
    """Event id -> (function, message), each event once."""
    return {
        event["id"]: (envelope["logGroup"].removeprefix("/aws/lambda/"), event["message"])
        for envelope in envelopes(story.posts())
        if envelope["messageType"] == "DATA_MESSAGE"
        for event in envelope["logEvents"]
    }


def stream_exports(story: Story) -> Iterator[Any]:
    """The exports of the metric stream in OpenTelemetry's format, delimited in their records."""
    for post in story.posts():
        if "deliverystream/metrics" not in post.headers.get("X-Amz-Firehose-Source-Arn", ""):
            continue
        for record in records(post):
            at = 0
            while at < len(record) and record[:1] != b"{":
                length = shift = 0
                while True:
                    length |= (record[at] & 0x7F) << shift
                    shift, at = shift + 7, at + 1
                    if not record[at - 1] & 0x80:
                        break
                yield REQUESTS[Signal.METRICS].FromString(record[at : at + length])
                at += length


def sums(story: Story, function: str, metric: str) -> dict[int, float]:
    """A counter of one function by minute, under {FunctionName} alone; the last word counts."""
    told: dict[int, float] = {}
    for export in stream_exports(story):
        for found in export.resource_metrics[0].scope_metrics[0].metrics:
            for point in found.summary.data_points:
                dimensions = {
                    pair.key: pair.value.string_value
                    for each in point.attributes
                    if each.key == "Dimensions"
                    for pair in each.value.kvlist_value.values
                }
                if found.name.endswith(metric) and dimensions == {"FunctionName": function}:
                    told[point.start_time_unix_nano] = point.sum
    return told


def reports(story: Story) -> Iterator[tuple[str, dict[str, Any]]]:
    """(function, what its report says) of every attempt, from text, JSON and Telemetry API."""
    for function, message in log_events(story).values():
        if message.startswith("REPORT"):
            yield function, text_report(message)
        elif '"platform.report"' in message:
            yield function, json_report(json.loads(message))
    batches = {post.body: post for post in story.posts() if post.path == "/lambda/telemetry"}
    for post in batches.values():
        for event in json.loads(post.body):
            if event["type"] == "platform.report":
                yield post.headers["Lambda-Function-Name"], json_report(event)


def text_report(line: str) -> dict[str, Any]:
    fields = dict(re.findall(r"\t?([A-Z][A-Za-z ]+): ([^\t\n]+)", line))
    return {
        "billed": int(fields["Billed Duration"].split()[0]),
        "memory": int(fields["Max Memory Used"].split()[0]),
        "cold": "Init Duration" in fields,
        "status": fields.get("Status", "success"),
    }


def json_report(event: dict[str, Any]) -> dict[str, Any]:
    metrics = event["record"]["metrics"]
    return {
        "billed": metrics["billedDurationMs"],
        "memory": metrics["maxMemoryUsedMB"],
        "cold": "initDurationMs" in metrics,
        "status": event["record"]["status"],
    }


def unpacked(post: Post | dict[str, Any]) -> Any:
    """A request with its records decoded: gzip differs between builds of zlib."""
    if isinstance(post, Post):
        post = {"path": post.path, "headers": post.headers, "body": json.loads(post.body)}
    if post["path"] != "/firehose":
        return post
    data = [base64.b64decode(each["data"]) for each in post["body"]["records"]]
    plain = [gzip.decompress(each) if each[:2] == b"\x1f\x8b" else each for each in data]
    return post["path"], post["headers"], post["body"]["requestId"], plain


@each_written
def test_the_captures_are_what_the_script_writes(story: Story) -> None:
    """Run again, ``make.py`` gives the same requests."""
    again = made(story.name)

    for signal in Signal:
        kept = [body for each, body in story.requests() if each is signal]
        assert kept == again.bodies(signal.value)
    assert [unpacked(post) for post in story.posts()] == [unpacked(p) for p in again.posts]


@each_written
def test_the_captures_hold_as_much_as_was_noted(story: Story) -> None:
    """Exports, requests and records are counted."""
    counts = expected(story)["counts"]
    every = list(spans(story))

    assert Counter(signal.value for signal, _ in story.requests()) == counts["exports"]
    assert Counter(post.path for post in story.posts()) == counts["posts"]
    assert (len(every), len({span.trace_id for span in every})) == (
        counts["spans"],
        counts["traces"],
    )
    assert len(log_events(story)) == counts.get("log_events", 0)
    assert len(list(stream_exports(story))) == counts.get("metric_stream_exports", 0)
    assert sum(1 for _ in log_records(story)) == counts["log_records"]
    assert sum(1 for _ in metric_points(story)) == counts["metric_points"]


@each_written
def test_every_unknown_figure_has_its_reason(story: Story) -> None:
    """A figure is a number, or null with a sentence why; every function has them all."""
    for function, told in expected(story)["functions"].items():
        assert told.keys() >= FIGURES, function
        unknown = {name for name, figure in told.items() if figure is None}
        assert unknown == told.get("unknown", {}).keys(), function


@each_written
def test_the_readme_works_the_figures_out(story: Story) -> None:
    """Every function and queue is named, its invocations in bold."""
    readme = (story.folder / "README.md").read_text()

    for function, told in expected(story)["functions"].items():
        assert function.removeprefix("checkout") in readme
        assert f"**{told['invocations']}**" in readme, function
    for queue in expected(story)["queues"]:
        assert f"`{queue}`" in readme


@each_written
def test_errors_hold_timeouts_and_out_of_memory(story: Story) -> None:
    """A failure of either kind is an error; nothing fails more often than it runs."""
    for told in expected(story)["functions"].values():
        of_these = (told["timeouts"] or 0) + (told["out_of_memory"] or 0)
        assert of_these <= told["errors"] <= told["invocations"]
        assert (told["cold_starts"] or 0) <= told["cold_starts_known"] <= told["invocations"]


def test_the_reports_add_up_to_the_figures() -> None:
    """Invocations, errors, billed time and memory of the functions that AWS reports on."""
    by_function: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for function, report in reports(burst()):
        by_function[function].append(report)

    told = expected(burst())["functions"]
    assert by_function.keys() == {
        name for name, figures in told.items() if figures["billed_ms"] is not None
    }
    for function, mine in by_function.items():
        figures = told[function]
        assert len(mine) == figures["invocations"]
        assert sum(each["status"] != "success" for each in mine) == figures["errors"]
        assert sum(each["status"] == "timeout" for each in mine) == figures["timeouts"]
        assert sum(each["billed"] for each in mine) == figures["billed_ms"]
        assert max(each["memory"] for each in mine) == figures["max_memory_used_mb"]
        if function != "checkout-import":  # its inits fail: the reports name none
            assert sum(each["cold"] for each in mine) == figures["cold_starts"]


def test_the_metric_stream_counts_the_same_invocations() -> None:
    """AWS/Lambda by function adds up to the attempts; the correction of a minute replaces it."""
    told = expected(burst())["functions"]

    for function in set(told) - {"checkout-eu", "checkout-stock"}:
        assert (
            sum(sums(burst(), function, "/Invocations").values()) == told[function]["invocations"]
        )
        assert sum(sums(burst(), function, "/Errors").values()) == told[function]["errors"]
        assert sum(sums(burst(), function, "/Throttles").values()) == told[function]["throttles"]


def test_deliveries_repeat_themselves_as_firehose_and_subscriptions_do() -> None:
    """A request id twice, log events in two deliveries, a batch twice, a control message."""
    ids = Counter(post.headers.get("X-Amz-Firehose-Request-Id") for post in burst().posts())
    kinds = Counter(envelope["messageType"] for envelope in envelopes(burst().posts()))
    batches = Counter(post.body for post in burst().posts() if post.path == "/lambda/telemetry")
    delivered = [e for env in envelopes(burst().posts()) for e in env["logEvents"] if e["id"]]

    del ids[None]
    assert sorted(ids.values())[-2:] == [1, 2]
    assert kinds["CONTROL_MESSAGE"] == 1
    assert max(batches.values()) == 2
    assert len(delivered) > len(log_events(burst()))
