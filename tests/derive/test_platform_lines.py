"""Log records without a trace: lists show what functions wrote, not what only platforms say."""

import pytest

from tests.derive.stitched import StitchedStore

T0_NS = 1_795_000_000_000_000_000
ID = "8f507cfc-0d4b-4b3c-9d8a-1f2e3d4c5b6a"
OF_PLATFORM = [
    f"START RequestId: {ID} Version: $LATEST\n",
    f"END RequestId: {ID}",
    f"REPORT RequestId: {ID}\tDuration: 6000.00 ms\tBilled Duration: 6000 ms\tStatus: timeout",
    f"2026-11-20T15:05:07.001Z {ID} Task timed out after 6.00 seconds",
    f"RequestId: {ID} Error: Runtime exited with error: signal: killed",
    "INIT_START Runtime Version: python:3.13.v13\tRuntime Version ARN: arn:aws:lambda::x",
    f'{{"time":"2026-11-20T15:05:01Z","type":"platform.start","record":{{"requestId":"{ID}"}}}}',
    f'{{ "type": "platform.report", "record": {{"requestId": "{ID}", "status": "success"}}}}',
]
OF_FUNCTION = [
    f"[INFO]\t2026-11-20T15:05:07.001Z\t{ID}\tstored",
    '{"level":"INFO","message":"done"}',
    '{"time":"2026-11-20T15:05:01Z","type":"app.log","level":"INFO","message":"platform 9"}',
    "START of the day",
    "Reported to the platform.",
    "",
]


def commit(store: StitchedStore, *bodies: str, time_ns: int = T0_NS) -> None:
    """One export of lines on one invocation, stitched."""
    row = {"time_ns": time_ns, "function": "worker", "invocation_id": ID}
    store.commit([[("log_records", row | {"body": body})] for body in bodies])
    store.stitch()


def listed(store: StitchedStore) -> int:
    return len(store.rows("select * from listed_event_traces"))


@pytest.mark.parametrize("line", OF_PLATFORM)
def test_what_the_platform_says_is_no_event(store: StitchedStore, line: str) -> None:
    """It is an event trace that its ids lead to, and in no list."""
    commit(store, line)

    assert store.rows("select platform_only from event_traces") == [(True,)]
    assert listed(store) == 0


@pytest.mark.parametrize("line", OF_FUNCTION)
def test_what_a_function_wrote_is_one(store: StitchedStore, line: str) -> None:
    """Its spans may be lost, or there never were any."""
    commit(store, line)

    assert listed(store) == 1


def test_a_platform_line_that_carries_an_id_is_listed(store: StitchedStore) -> None:
    """Whoever ships it may have added one, and the id is what a person looks for."""
    row = {"time_ns": T0_NS, "function": "worker", "invocation_id": ID, "body": OF_PLATFORM[0]}
    store.commit([[("log_records", row | {"correlation_id": "order-77"})]])
    store.stitch()

    assert store.rows("select platform_only from event_traces") == [(True,)]
    assert listed(store) == 1


def test_a_line_of_the_function_may_come_late(store: StitchedStore) -> None:
    """The platform's lines on its invocation are of the same event trace from then on."""
    commit(store, *OF_PLATFORM)
    assert listed(store) == 0

    commit(store, OF_FUNCTION[0], time_ns=T0_NS + 5)
    assert listed(store) == 1


WROTE = '{"level":"INFO","message":"storing","correlation_id":"order-77"}'
START, END, REPORT = OF_PLATFORM[0], OF_PLATFORM[1], f"REPORT RequestId: {ID}\tDuration: 12.00 ms"
FAILURES = [
    OF_PLATFORM[2],
    OF_PLATFORM[3],
    OF_PLATFORM[4],
    f'{{"time":"x","type":"platform.report","record":{{"requestId":"{ID}","status":"timeout"}}}}',
    f'{{"type":"platform.runtimeDone","record":{{"requestId":"{ID}","status": "error"}}}}',
]


def status(store: StitchedStore) -> list[str]:
    return [each for (each,) in store.rows("select status from listed_event_traces")]


@pytest.mark.parametrize("line", FAILURES)
def test_who_died_silently_failed(store: StitchedStore, line: str) -> None:
    """A function that is killed loses its spans; the platform tells of it."""
    commit(store, START, WROTE)
    assert status(store) == ["ok"]

    commit(store, line, time_ns=T0_NS + 6)
    assert status(store) == ["error"]


def test_an_asynchronous_invocation_is_tried_again_under_its_id(store: StitchedStore) -> None:
    """The last attempt tells how it ended."""
    commit(store, START, WROTE)
    commit(store, FAILURES[0], END, time_ns=T0_NS + 6)
    commit(store, START, WROTE, time_ns=T0_NS + 60)
    commit(store, REPORT, time_ns=T0_NS + 61)

    assert status(store) == ["ok"]


def test_what_spans_tell_of_an_invocation_counts(store: StitchedStore) -> None:
    """They came, so it did not die silently: a failure after its work is no failed event."""
    commit(store, START, WROTE, FAILURES[0])
    store.commit(
        [
            [
                (
                    "spans",
                    {
                        "start_ns": T0_NS, "duration_ns": 5, "trace_id": (7).to_bytes(16, "big"),
                        "span_id": 1, "name": "worker", "kind": 2, "status_code": 0,
                        "function": "worker", "invocation_id": ID,
                    },
                )
            ]
        ]
    )  # fmt: skip
    store.stitch()

    assert status(store) == ["ok"]


def test_an_event_goes_on_after_a_function_died(store: StitchedStore) -> None:
    """Another invocation did the work that the first, killed one did not."""
    body = [
        ({"invocation_id": ID, "time_ns": T0_NS}, START),
        ({"invocation_id": ID, "time_ns": T0_NS + 1, "correlation_id": "order-77"}, WROTE),
        ({"invocation_id": ID, "time_ns": T0_NS + 6}, FAILURES[0]),
    ]

    def take(lines: list[tuple[dict[str, object], str]]) -> None:
        rows = [("log_records", {"function": "worker", "body": text} | row) for row, text in lines]
        store.commit([rows])
        store.stitch()

    take(body)
    assert status(store) == ["error"]
    again = {"invocation_id": ID.replace("8f50", "77aa"), "correlation_id": "order-77"}
    take([({"time_ns": T0_NS + 900, **again}, WROTE)])

    assert status(store) == ["ok"]
