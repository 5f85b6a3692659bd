"""The recorded stories hold what they say, from real instrumentation."""

import re
from collections import Counter, defaultdict

import pytest

from collector.batch import Signal
from tests.sample_data.captured import (
    expected,
    log_records,
    messages,
    metric_points,
    platform_batches,
    recorded,
    resource_spans,
    spans,
    text_attributes,
)
from web.stories import Story, stories

PYTHON_LAMBDA = "opentelemetry.instrumentation.aws_lambda"
JAVA_LAMBDA = "io.opentelemetry.aws-lambda-events-2.2"
NODE_LAMBDA = "@opentelemetry/instrumentation-aws-lambda"
EXTENSION = "github.com/open-telemetry/opentelemetry-lambda/collector/receiver/telemetryapi"
REPORT = re.compile(r"REPORT RequestId: (\S+) Duration: ([\d.]+) ms Billed Duration: (\d+) ms")

each_story = pytest.mark.parametrize("story", recorded(), ids=lambda story: story.name)


def story_named(name: str) -> Story:
    return next(story for story in stories() if story.name == name)


def test_every_story_is_found_with_its_title() -> None:
    """A checkout finds the stories beside the packages."""

    assert {story.name: story.title for story in stories()} == {
        "azure-invoices": "Azure invoices",
        "checkout-burst": "Checkout burst",
        "cloudflare-edge": "Cloudflare edge",
        "document-pipeline": "Document pipeline",
        "gcp-thumbnails": "GCP thumbnails",
        "java-orders": "Java orders",
        "knative-openfaas": "Knative and OpenFaaS",
        "order-saga": "Order saga",
        "steady-signups": "Steady signups",
    }


@each_story
def test_the_captures_hold_as_much_as_was_noted(story: Story) -> None:
    """Every capture decodes with opentelemetry-proto and its counts are the recorder's."""
    figures = expected(story)["figures"]
    every = list(spans(story))

    assert {signal.value: len(messages(story, signal)) for signal in Signal} == figures["exports"]
    assert len(every) == figures["spans"]
    assert len({span.trace_id for span in every}) == figures["traces"]
    assert sum(len(span.links) for span in every) == figures["span_links"]
    assert sum(1 for _ in log_records(story)) == figures["log_records"]
    assert sum(1 for _ in metric_points(story)) == figures["metric_points"]


@each_story
def test_the_spans_come_from_released_instrumentation(story: Story) -> None:
    """Every language's Lambda and AWS SDK instrumentations speak, under their own resources."""
    scopes = {scope.scope.name for group in resource_spans(story) for scope in group.scope_spans}
    languages = {
        text_attributes(group.resource).get("telemetry.sdk.language")
        for group in resource_spans(story)
    }

    if story.name == "java-orders":
        assert scopes == {JAVA_LAMBDA, "io.opentelemetry.aws-sdk-2.2", EXTENSION}
        assert languages == {"java", None}
        return
    assert {PYTHON_LAMBDA, NODE_LAMBDA, EXTENSION} <= scopes
    assert {"opentelemetry.instrumentation.botocore", "@opentelemetry/instrumentation-aws-sdk"} <= (
        scopes
    )
    assert languages == {"python", "nodejs", None}


def test_the_java_agent_tells_of_an_invocation_more_than_once() -> None:
    """Two server spans of a Spring function, three of a plain handler, each in its own trace."""
    told: dict[str, set[str]] = defaultdict(set)
    for span in spans(story_named("java-orders")):
        told[text_attributes(span).get("faas.invocation_id", "")].add(span.trace_id.hex())
    del told[""]

    traces: dict[str, set[int]] = defaultdict(set)
    for attempt in expected(story_named("java-orders"))["attempts"]:
        traces[attempt["function"]].add(len(told[attempt["request_id"]]))
    assert traces["orders-intake"] == {2}
    assert traces["orders-fulfilment"] == {2, 0}
    assert traces["orders-pricing"] == {3}


@each_story
def test_every_invocation_that_could_export_has_its_span(story: Story) -> None:
    """Request id and trace id of an attempt are those of a server span in the captures."""
    seen = {
        (text_attributes(span)["faas.invocation_id"], span.trace_id.hex())
        for span in spans(story)
        if "faas.invocation_id" in text_attributes(span)
    }
    attempts = expected(story)["attempts"]

    noted = {
        (each["request_id"], trace_id)
        for each in attempts
        if each["own_span"]
        for trace_id in (each["trace_id"], *each.get("other_trace_ids", ()))
    }
    assert noted == seen
    assert {each["status"] for each in attempts if not each["own_span"]} <= {"error", "timeout"}


@each_story
def test_the_first_invocation_of_an_environment_is_the_cold_one(story: Story) -> None:
    """Cold is told once for each environment, at its start."""
    environments: set[str] = set()
    for attempt in expected(story)["attempts"]:
        assert attempt["cold"] == (attempt["instance"] not in environments)
        assert attempt["cold"] == (attempt["init_ms"] is not None)
        environments.add(attempt["instance"])


@each_story
def test_the_report_lines_tell_the_noted_durations(story: Story) -> None:
    """A REPORT line a finished attempt, with an init duration when it was cold."""
    reports: Counter[tuple[str, float, int, bool]] = Counter()
    for record in log_records(story):
        found = REPORT.match(record.body.string_value)
        if found:
            cold = "Init Duration" in record.body.string_value
            reports[found[1], float(found[2]), int(found[3]), cold] += 1

    noted = Counter(
        (each["request_id"], each["duration_ms"], each["billed_ms"], each["cold"])
        for each in expected(story)["attempts"]
    )
    assert reports == noted


@each_story
def test_the_platform_batches_tell_of_the_same_invocations(story: Story) -> None:
    """Telemetry API reports and attempts agree, environment by environment."""
    reports: Counter[tuple[str, str, str]] = Counter()
    for batch in platform_batches(story):
        instance = batch["headers"]["Lambda-Log-Stream"]
        for event in batch["events"]:
            if event["type"] == "platform.report":
                reports[instance, event["record"]["requestId"], event["record"]["status"]] += 1

    attempts = expected(story)["attempts"]
    assert reports == Counter((a["instance"], a["request_id"], a["status"]) for a in attempts)


@each_story
def test_every_business_event_names_its_traces(story: Story) -> None:
    """Each event has an outcome, attempts and traces that exist."""
    traces = {span.trace_id.hex() for span in spans(story)}
    events = expected(story)["events"]

    assert len(events) == expected(story)["figures"]["events"] >= 20
    for event in events.values():
        assert event["outcome"]
        assert event["attempts"]
        assert set(event["trace_ids"]) <= traces


@each_story
def test_nothing_tells_of_the_recording_machine(story: Story) -> None:
    """Code paths are Lambda's own."""
    paths = [
        path
        for record in log_records(story)
        for path in (text_attributes(record).get("code.file.path", "/var/"),)
    ]
    frames = [
        frame
        for record in log_records(story)
        for frame in re.findall(r'File "(/[^"]+)"', record.body.string_value)
    ]
    events = [
        frame
        for span in spans(story)
        for event in span.events
        for frame in re.findall(r'File "(/[^"]+)"', str(text_attributes(event)))
    ]

    assert all(path.startswith("/var/") for path in paths + frames + events)


@each_story
def test_the_readme_shows_the_recorded_figures(story: Story) -> None:
    """The README's tables are those of this recording."""
    figures = expected(story)["figures"]
    readme = (story.folder / "README.md").read_text()

    assert f"| {figures['spans']}, {figures['traces']}, {figures['span_links']} |" in readme
    for function, count in figures["attempts_by_function"].items():
        cold = figures["cold_starts_by_function"].get(function, 0)
        assert f"| {function} | {count} | {cold} |" in readme


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.name)
def test_a_story_stays_small(story: Story) -> None:
    """Three megabytes at most, for the wheel carries them all; of most a tenth."""
    files = [path for path in story.folder.glob("*") if path.is_file()]

    limit = 3_000_000 if story.name in ("order-saga", "document-pipeline") else 300_000
    assert sum(path.stat().st_size for path in files) < limit


def test_the_poison_document_is_received_three_times_and_lies_in_the_dead_letter_queue() -> None:
    """The same message id is delivered with rising receive counts, then never again."""
    truth = expected(story_named("document-pipeline"))
    (dead,) = truth["dead_letters"]
    counts = [
        message["receive_count"]
        for attempt in truth["attempts"]
        for message in attempt["messages"]
        if message["message_id"] == dead["message_id"]
    ]

    assert counts == [1, 2, 3]
    (event_id,) = dead["event_ids"]
    assert truth["events"][event_id]["outcome"] == "dead_lettered"


def test_a_timed_out_batch_is_delivered_again_whole() -> None:
    """All messages of the batch that timed out come back."""
    truth = expected(story_named("document-pipeline"))
    (lost,) = [each for each in truth["attempts"] if each["status"] == "timeout"]
    deliveries = Counter(
        message["message_id"] for attempt in truth["attempts"] for message in attempt["messages"]
    )

    assert not lost["own_span"]
    assert all(deliveries[message["message_id"]] > 1 for message in lost["messages"])


def test_orders_that_cannot_be_met_are_compensated() -> None:
    """Cancelled orders went through order-cancel, paid ones through payment-refund first."""
    events = expected(story_named("order-saga"))["events"].values()
    for event in events:
        functions = {function for function, *_ in event["attempts"]}
        assert ("order-cancel" in functions) == event["outcome"].startswith("cancelled")
        assert ("payment-refund" in functions) == (event["outcome"] == "cancelled: out of stock")
