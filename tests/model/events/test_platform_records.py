"""What the platform logs of invocations."""

import json

from collector.model.events.platform_records import logged_attempts
from tests.model.events.build import log

ID = "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"
REPORT = (
    f"REPORT RequestId: {ID} Duration: 675.20 ms Billed Duration: 1224 ms Memory Size: 512 MB "
    "Max Memory Used: 148 MB Init Duration: 548.71 ms"
)


def test_a_text_report_tells_duration_and_initialisation() -> None:
    """Separated by tabs as Lambda writes it, or by spaces as the collector's receiver does."""
    for text in (REPORT, REPORT.replace(" ms ", " ms\t")):
        (found,) = logged_attempts([log(f"START RequestId: {ID} Version: 3", 0), log(text, 700)])

        assert (found.duration_ns, found.init_ns) == (675_200_000, 548_710_000)
        assert (found.cold_start, found.failed, found.ended) == (True, False, True)
        assert (found.start_ns, found.end_ns) == (0, 675_200_000)


def test_a_timeout_is_a_failure() -> None:
    """Status: timeout, without an initialisation: it was warm."""
    (found,) = logged_attempts(
        [log(f"REPORT RequestId: {ID} Duration: 6000.00 ms Billed Duration: 6000 ms "
             "Memory Size: 512 MB Max Memory Used: 63 MB Status: timeout", 6000)]
    )  # fmt: skip

    assert (found.status, found.failed, found.cold_start) == ("timeout", True, False)
    assert found.start_ns == 0


def test_json_records_say_the_same() -> None:
    """Lambda's JSON log format as text, and the Telemetry API's event as a map."""
    event = {
        "time": "2026-11-20T15:00:12Z",
        "type": "platform.report",
        "record": {
            "requestId": ID,
            "status": "error",
            "errorType": "Runtime.ExitError",
            "metrics": {"durationMs": 512.18},
        },
    }
    for body in (event, json.dumps(event)):
        (found,) = logged_attempts([log(body, 600)])

        assert (found.invocation_id, found.error_type) == (ID, "Runtime.ExitError")
        assert found.duration_ns == 512_180_000


def test_a_second_start_is_a_second_attempt() -> None:
    """Asynchronous retries have the request id of the first attempt."""
    found = logged_attempts(
        [
            log(f"START RequestId: {ID} Version: 6", 0),
            log(f"REPORT RequestId: {ID} Duration: 512.18 ms Status: error", 513),
            log(f"START RequestId: {ID} Version: 6", 3000),
            log("stock reserved", 3100, invocation_id=ID),
            log(f"REPORT RequestId: {ID} Duration: 859.48 ms", 3860),
        ]
    )

    assert [each.start_ns for each in found] == [0, 3_000_000_000]
    assert [each.failed for each in found] == [True, False]


def test_lines_of_the_function_are_an_attempt_of_which_the_platform_says_nothing() -> None:
    """Known by the invocation id they carry; how it ended is not known."""
    (found,) = logged_attempts([log("working", 5, invocation_id=ID), log("no id", 6)])

    assert (found.told, found.ended, found.cold_start) == (False, False, None)


def test_text_that_looks_like_json_is_harmless() -> None:
    """Cut-off events and odd types read as what a function wrote."""
    for body in (
        '{"type":"platform.report","rec',
        {"type": "platform.report", "record": 3},
        7,
        None,
    ):
        assert logged_attempts([log(body, 0)]) == []
