"""One row per invocation, whatever tells of it; each rule by what it makes of telemetry."""

import json
from typing import Any

import pytest

from tests.health.derived import (
    REQUEST,
    SECOND,
    T0_NS,
    DerivedStore,
    Row,
    line,
    report,
    resource,
    span,
    start,
)
from tests.store import event_rows

OTHER = "1b2c3d4e-0b6d-4d57-9a37-2f4b0d9d6c22"


def event(kind: str, at_s: float, **record: Any) -> Row:
    """An event of the Telemetry API, or of the JSON log format, as the body of a log record."""
    text = json.dumps({"time": "2026-11-20T15:00:00Z", "type": kind, "record": record})
    return line(text, at_s)


METRICS = {"durationMs": 675.2, "billedDurationMs": 1224, "memorySizeMB": 512}

# What the platform's forms of one report say: duration, billed, init in ms, memory, used in MB.
REPORTS: list[tuple[str, Row, tuple[Any, ...]]] = [
    (
        "tabs",
        line(
            f"REPORT RequestId: {REQUEST}\tDuration: 675.20 ms\tBilled Duration: 1224 ms\t"
            "Memory Size: 512 MB\tMax Memory Used: 148 MB\tInit Duration: 548.71 ms\t\n"
            "XRAY TraceId: 1-6b00606c-c0ffee00112233445566778f\tSegmentId: 54565fb41ac79632\t"
            "Sampled: true\t"
        ),
        (675.2, 1224.0, 548.71, 512, 148, "cold"),
    ),
    (
        "single spaces",
        line(
            f"REPORT RequestId: {REQUEST} Duration: 675.20 ms Billed Duration: 1224 ms "
            "Memory Size: 512 MB Max Memory Used: 148 MB Init Duration: 548.71 ms"
        ),
        (675.2, 1224.0, 548.71, 512, 148, "cold"),
    ),
    (
        "init first, as the emulator prints it",
        line(
            f"REPORT RequestId: {REQUEST}\tInit Duration: 0.12 ms\tDuration: 5.10 ms\t"
            "Billed Duration: 6 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB"
        ),
        (5.1, 6.0, 0.12, 128, 128, "cold"),
    ),
    (
        "glued to what the function printed without a newline",
        line(
            f"no newlineREPORT RequestId: {REQUEST}\tDuration: 1.00 ms\tBilled Duration: 1 ms\t"
            "Memory Size: 128 MB\tMax Memory Used: 41 MB"
        ),
        (1.0, 1.0, None, 128, 41, "warm"),
    ),
    (
        "warm",
        report(0.7, 675.2),
        (675.2, 675.0, None, 512, 148, "warm"),
    ),
    (
        "a restored snapshot",
        report(0.7, 2338.66, "Restore Duration: 398.97 ms\tBilled Restore Duration: 182 ms\t"),
        (2338.66, 2339.0, 398.97, 512, 148, "snapshot_restore"),
    ),
    (
        "an event",
        event(
            "platform.report", 0.7, requestId=REQUEST, status="success",
            metrics={**METRICS, "maxMemoryUsedMB": 148, "initDurationMs": 548.71},
        ),
        (675.2, 1224.0, 548.71, 512, 148, "cold"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "expected"),
    [each[1:] for each in REPORTS],
    ids=[each[0] for each in REPORTS],
)
def test_every_form_of_a_report_says_the_same(
    store: DerivedStore, told: Row, expected: tuple[Any, ...]
) -> None:
    """Fields are found by label, in any order and with any space between."""
    store.take(told)
    [found] = store.invocations(
        "duration_ns / 1e6, billed_ns / 1e6, init_ns / 1e6, memory_mb, used_mb, init_kind"
    )

    assert found == expected


# How an invocation ended, by what tells it.
OUTCOMES: list[tuple[str, list[Row], tuple[str | None, str | None]]] = [
    ("a report without a status", [report(1, 5)], ("ok", None)),
    ("a status timeout", [report(6, 6000, "Status: timeout")], ("timeout", None)),
    (
        "a status and a type",
        [report(1, 5, "Status: error\tError Type: Runtime.ExitError")],
        ("error", "Runtime.ExitError"),
    ),
    (
        "out of memory by its type",
        [report(1, 5, "Status: error\tError Type: Runtime.OutOfMemory")],
        ("out_of_memory", "Runtime.OutOfMemory"),
    ),
    (
        "killed",
        [
            line(f"RequestId: {REQUEST} Error: Runtime exited with error: signal: killed", 1),
            report(1, 900, "Status: error\tError Type: Runtime.ExitError"),
        ],
        ("out_of_memory", "Runtime.ExitError"),
    ),
    (
        "the older line of a timeout beside the newer",
        [
            line(f"2026-11-20T15:00:06.0Z {REQUEST} Task timed out after 6.00 seconds", 6),
            report(6, 6000, "Status: timeout"),
        ],
        ("timeout", None),
    ),
    ("only a start", [start(0)], (None, None)),
    (
        "an event that failed",
        [event("platform.runtimeDone", 1, requestId=REQUEST, status="failure")],
        ("error", None),
    ),
    (
        "a span with an error",
        [span(status_code=2, error_type="ValueError")],
        ("error", "ValueError"),
    ),
    ("a span without", [span()], ("ok", None)),
]


@pytest.mark.parametrize(
    ("told", "expected"), [each[1:] for each in OUTCOMES], ids=[each[0] for each in OUTCOMES]
)
def test_how_an_invocation_ended(
    store: DerivedStore, told: list[Row], expected: tuple[str | None, str | None]
) -> None:
    """The platform's word before the span's; unknown while only a START has come."""
    store.take(*told)

    assert store.invocations("outcome, error_type") == [expected]


def test_all_sources_of_one_invocation_are_one_row(store: DerivedStore) -> None:
    """Span, text lines and JSON events: one invocation, one cold start, the platform's duration."""
    store.take(
        resource(2, instance="6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"),
        span(0.003, 0.67, cold_start=True, trigger="http"),
        start(0),
        line(f"START RequestId: {REQUEST} Version: 17", 0.001, resource_id=2),
        report(0.7, 675.2, "Init Duration: 548.71 ms"),
        event("platform.report", 0.71, requestId=REQUEST, status="success", metrics=METRICS),
        line("the function's own words", 0.1, invocation_id=REQUEST),
    )

    assert store.invocations(
        "function, version, init_kind, duration_ns, start_ns, trigger, memory_mb"
    ) == [("orders", "17", "cold", 675_200_000, T0_NS, "http", 512)]


def test_asynchronous_retries_are_attempts_of_their_own(store: DerivedStore) -> None:
    """They have the same request id: a minute later, in another environment, with another end."""
    store.take(
        resource(2, instance="2026/11/20/[17]ffff9d1e2b4a5968778695a4b3c2d1e0"),
        start(0),
        report(3, 3000, "Status: timeout"),
        start(63, resource_id=2),
        report(64, 900, resource_id=2),
        span(63.01, 0.8, resource_id=2),
    )

    assert store.invocations(
        "attempt, outcome, (start_ns - 1795186800000000000) // 1000000000"
    ) == [
        (1, "timeout", 0),
        (2, "ok", 63),
    ]


def test_spans_apart_are_attempts_without_any_line(store: DerivedStore) -> None:
    """Only SDKs tell: the same request id a minute later is the retry."""
    store.take(span(0, 0.5, status_code=2), span(61, 0.5, span_id=2))

    assert store.invocations("attempt, outcome") == [(1, "error"), (2, "ok")]


def test_overlapping_executions_in_two_environments_are_two(store: DerivedStore) -> None:
    """A request id may be handed out twice at once; the environment tells them apart."""
    store.take(
        resource(2, instance="2026/11/20/[17]ffff9d1e2b4a5968778695a4b3c2d1e0"),
        start(0), report(1, 1000), start(0.2, resource_id=2), report(1.2, 1000, resource_id=2),
    )  # fmt: skip

    assert len(store.invocations("attempt")) == 2


def test_what_a_function_logs_makes_no_invocation(store: DerivedStore) -> None:
    """It may name somebody else's request."""
    store.take(line("charged", invocation_id=OTHER))

    assert store.invocations("invocation_id") == []


def test_a_call_is_not_the_invocation_it_causes(store: DerivedStore) -> None:
    """The JavaScript SDK writes the callee's request id on the caller's client span."""
    store.take(span(kind=3, parent_span_id=9), span(span_id=2, kind=4))

    assert store.invocations("invocation_id") == []


def test_a_host_and_its_worker_are_one_invocation(store: DerivedStore) -> None:
    """Azure: the host's span knows trigger and cold start, the isolated worker's is below it."""
    azure = {"provider": "azure", "platform": "azure.functions"}
    store.take(
        resource(5, "resize", **azure),
        span(0, 1, resource_id=5, function="resize", kind=1, trigger="pubsub", cold_start=True),
        span(0.1, 0.8, resource_id=5, function="resize", kind=1, span_id=2, parent_span_id=1),
    )

    assert store.invocations("function, init_kind, duration_ns, trigger") == [
        ("resize", "cold", SECOND, "pubsub")
    ]


def test_azures_host_says_nothing_when_warm(store: DerivedStore) -> None:
    """``faas.coldstart`` is only there when cold, so its absence on the host's span is warm."""
    azure = {"provider": "azure", "platform": "azure.functions"}
    store.take(resource(5, "resize", **azure), span(resource_id=5, kind=1, trigger="timer"))

    assert store.invocations("init_kind, init_evidence") == [
        ("warm", "no faas.coldstart on the host's span")
    ]


def test_a_cloud_run_request_is_an_invocation_without_an_id(store: DerivedStore) -> None:
    """Google gives none: the server span stands for it, and what is below does not."""
    store.take(
        resource(5, "thumbs", provider="gcp", platform="gcp_cloud_run", instance="00a1b2"),
        span(0, 1, resource_id=5, function="thumbs", invocation_id=None),
        span(0.1, 0.2, resource_id=5, function="thumbs", invocation_id=None, kind=1, span_id=2),
    )

    assert store.invocations("function, duration_ns, outcome") == [("thumbs", SECOND, "ok")]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("ok", ("ok", None)),
        ("exception", ("error", "exception")),
        ("exceededCpu", ("error", "exceededCpu")),
        ("exceededMemory", ("out_of_memory", "exceededMemory")),
        ("canceled", ("ok", "canceled")),
    ],
)
def test_a_worker_says_its_outcome(
    store: DerivedStore, outcome: str, expected: tuple[str, str | None]
) -> None:
    """Cloudflare's root span has it as an attribute, with the CPU time that is billed."""
    said = [
        {"key": "cloudflare.outcome", "value": outcome},
        {"key": "cloudflare.cpu_time_ms", "value": "12.5"},
    ]
    store.take(
        resource(5, "edge", provider="cloudflare", platform="cloudflare.workers"),
        span(resource_id=5, function="edge", trigger="http", attributes=said),
    )

    assert store.invocations("outcome, error_type, cpu_ns, init_kind") == [
        (*expected, 12_500_000, None)
    ]


def test_start_and_end_without_a_report_are_one(store: DerivedStore) -> None:
    """The receiver's default leaves REPORT out: no billed duration, but an invocation."""
    store.take(
        start(0),
        line(f"END RequestId: {REQUEST} Version: 17", 4.2, attributes=None),
    )

    assert store.invocations("outcome, billed_ns, init_kind") == [(None, None, None)]


def test_an_invocation_tells_where_it_ran_and_which_event_trace_it_served(
    store: DerivedStore,
) -> None:
    """In the view that a person asks; one whose trace is in no event trace has none."""
    store.take(
        span(), span(5, invocation_id="r-2", span_id=2, trace_id=event_rows.trace_id(9).bytes)
    )
    event_rows.event(store.database, 9)

    assert store.invocations(
        "provider, platform, region, account_id, event_trace_of(trace_id)"
    ) == [
        ("aws", "aws_lambda", "eu-west-1", "123456789012", None),
        ("aws", "aws_lambda", "eu-west-1", "123456789012", "0000000000000009"),
    ]
