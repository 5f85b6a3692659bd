"""Log records without a trace: lists show what functions wrote, not what only platforms say."""

from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StitchedStore]:
    """An empty store."""
    opened = StitchedStore(tmp_path)
    yield opened
    opened.close()


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
