"""Cold or warm: what tells it, and that no start is counted twice."""

import json
from typing import Any

import pytest

from tests.health.derived import (
    MINUTE,
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

SECOND_ID = "1b2c3d4e-0b6d-4d57-9a37-2f4b0d9d6c22"


def init(kind: str, at_s: float = -1, **record: Any) -> Row:
    """An event about the environment's beginning."""
    return line(json.dumps({"type": kind, "record": record}), at_s)


INIT_SPAN = span(
    -1, 0.9, invocation_id=None, kind=1, name="init orders", cold_start=True, span_id=99
)

# What is told beside a plain span: the kind, its evidence, and the init duration in ms.
RULES: list[tuple[str, list[Row], tuple[Any, ...]]] = [
    ("nothing", [span(resource_id=None)], (None, None, None)),
    ("an attribute that says cold", [span(cold_start=True)], ("cold", "faas.coldstart", None)),
    ("an attribute that says warm", [span(cold_start=False)], ("warm", "faas.coldstart", None)),
    (
        "a report with an init",
        [span(), report(0.6, 500, "Init Duration: 300.00 ms")],
        ("cold", "REPORT Init Duration", 300.0),
    ),
    (
        "a report without one",
        [span(), report(0.6, 500)],
        ("warm", "REPORT without Init Duration", None),
    ),
    (
        "the start of its environment",
        [init("platform.initStart", initializationType="on-demand"), span()],
        ("cold", "platform.initStart", None),
    ),
    (
        "a report of its environment's init",
        [
            init("platform.initReport", initializationType="on-demand",
                 metrics={"durationMs": 548.71}, status="success"),
            span(),
        ],
        ("cold", "platform.initReport", 548.71),
    ),
    (
        "the text of such a report",
        [line("INIT_REPORT Initialization Type: on-demand Phase: init Status: success "
              "Duration: 125.33 ms", -1), span()],
        ("cold", "platform.initReport", 125.33),
    ),
    (
        "a failed init in CloudWatch's words",
        [line("INIT_REPORT Init Duration: 150.79 ms\tPhase: init\tStatus: error\t"
              "Error Type: Runtime.ImportModuleError", -1), span()],
        ("cold", "platform.initReport", 150.79),
    ),
    (
        "provisioned concurrency",
        [init("platform.initStart", initializationType="provisioned-concurrency"),
         span(), report(0.6, 500, "Init Duration: 300.00 ms")],
        ("provisioned", "platform.initStart", 300.0),
    ),
    (
        "a snapshot",
        [line("RESTORE_REPORT Restore Duration: 398.97 ms", -1), span()],
        ("snapshot_restore", "a restored snapshot", 398.97),
    ),
    ("an init span of the environment", [INIT_SPAN, span()], ("cold", "an init span", 900.0)),
    (
        "nothing but that it is the first seen, soon after the function was",
        [span()],
        (None, "first invocation seen of its environment", None),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "expected"), [each[1:] for each in RULES], ids=[each[0] for each in RULES]
)
def test_how_a_start_is_known(
    store: DerivedStore, told: list[Row], expected: tuple[Any, ...]
) -> None:
    """Kind, evidence and duration of the initialisation; unknown stays unknown."""
    store.take(*told)

    assert store.invocations("init_kind, init_evidence, init_ns / 1e6") == [expected]


def test_only_the_first_of_an_environment_was_cold(store: DerivedStore) -> None:
    """The next in the same environment is warm although nothing says so of it."""
    store.take(init("platform.initStart"), span(), span(5, invocation_id=SECOND_ID, span_id=2))

    assert store.invocations("init_kind, init_evidence") == [
        ("cold", "platform.initStart"),
        ("warm", "its environment had an invocation before"),
    ]


def test_an_earlier_one_that_comes_late_takes_the_cold_start(store: DerivedStore) -> None:
    """The init belongs to the first by time, in whatever order they arrive."""
    store.take(init("platform.initStart"), span(5, invocation_id=SECOND_ID, span_id=2))
    store.take(span())

    assert store.invocations("init_kind") == [("cold",), ("warm",)]
    assert store.figures() == store.figures_anew()


def test_an_init_that_comes_late_is_told_of_the_first(store: DerivedStore) -> None:
    """The Telemetry API delivers the beginning with the next invocation."""
    store.take(span())
    store.take(init("platform.initReport", metrics={"durationMs": 100.0}))

    assert store.invocations("init_kind, init_ns") == [("cold", 100_000_000)]
    assert store.figures() == store.figures_anew()


def test_several_sources_of_a_cold_start_count_one(store: DerivedStore) -> None:
    """Init span, init events, REPORT and the span's own word: one cold invocation."""
    store.take(
        INIT_SPAN, init("platform.initStart"), init("platform.initReport"), start(0),
        span(cold_start=True), report(0.6, 500, "Init Duration: 300.00 ms"),
    )  # fmt: skip
    [(cold, known)] = store.rows(
        f"select cold_starts, cold_starts + warm from health_by({T0_NS - MINUTE},"
        f" {T0_NS + MINUTE}, 0, true, false, false, null)"
    )

    assert (cold, known) == (1, 1)


def test_the_first_seen_is_cold_once_the_function_was_watched(store: DerivedStore) -> None:
    """An environment without work does not live an hour: after that the first seen began it."""
    hour = 3600
    store.take(
        resource(2, instance="2026/11/20/[17]ffff9d1e2b4a5968778695a4b3c2d1e0"),
        span(),
        span(hour + 60, invocation_id=SECOND_ID, span_id=2, resource_id=2),
    )
    [(cold, warm, invocations)] = store.rows(
        f"select cold_starts, warm, invocations from health_by({T0_NS},"
        f" {T0_NS + 2 * hour * SECOND}, 0, true, false, false, null)"
    )

    assert store.invocations("init_kind") == [(None,), ("cold",)]
    assert (cold, warm, invocations) == (1, 0, 2)


def test_the_environment_is_known_by_either_of_its_names(store: DerivedStore) -> None:
    """The receiver names the process by a UUID, the SDK the environment by its log stream."""
    uuid = "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"
    store.take(
        resource(2, instance=uuid),
        line("INIT_START Runtime Version: python:3.13.v61", -1, resource_id=2),
        start(0, resource_id=2),
        span(),
        span(5, invocation_id=SECOND_ID, span_id=2),
    )

    assert store.invocations("invocation_id, init_kind, environment") == [
        (REQUEST, "cold", "2026/11/20/[17]0f3c9d1e2b4a5968778695a4b3c2d1e0"),
        (SECOND_ID, "warm", "2026/11/20/[17]0f3c9d1e2b4a5968778695a4b3c2d1e0"),
    ]
