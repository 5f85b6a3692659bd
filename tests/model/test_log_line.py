"""Lines of log lists: message, severity and author, told from what functions print."""

import json
import re

import pytest

from collector.model.log import LogRecord
from collector.model.log_line import level_pattern, read_line

POWERTOOLS = '{"level":"WARNING","message":"payment declined","timestamp":"2026-01-01","cold":true}'
NODE = "2026-11-20T16:58:40.428Z\t336619ae-3cdf-4b34-bf61-25bc863d721b\tERROR\tno\tstock"
PYTHON = "[ERROR]\t2026-11-20T16:58:40.428Z\t336619ae-3cdf-4b34-bf61-25bc863d721b\tno stock"
PINO = '{"level":50,"msg":"pino counts in tens"}'


def log_record(body: object, severity_number: int = 0, **attributes: str) -> LogRecord:
    """A record of a function that said nothing else."""
    nothing = dict.fromkeys(
        ("severity_text", "event_name", "trace_id", "span_id", "function", "service",
         "invocation_id", "correlation_id")
    )  # fmt: skip
    return LogRecord(
        time_ns=1, severity_number=severity_number, body=body, attributes=dict(attributes),
        resource_attributes={}, **nothing,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "message", "severity"),
    [
        (POWERTOOLS, "payment declined", 13),
        (json.loads(POWERTOOLS), "payment declined", 13),
        (PINO, "pino counts in tens", 17),
        (NODE, "no\tstock", 17),
        (PYTHON, "no stock", 17),
        ("plain text", "plain text", 0),
        ('{"level": "loud", "answer": 42}', '{"level": "loud", "answer": 42}', 0),
        ("{not json", "{not json", 0),
        (None, "", 0),
    ],
)
def test_the_message_and_the_level_are_read_out_of_the_text(
    body: object, message: str, severity: int
) -> None:
    """JSON of the usual loggers and the Lambda runtimes' formats; anything else is whole."""
    line = read_line(log_record(body=body, severity_number=0))

    assert (line.message, line.severity_number) == (message, severity)
    assert line.inferred is (severity > 0)


def test_fields_beside_the_message_are_kept_without_what_loggers_always_add() -> None:
    """They are what tells two lines with one message apart."""
    body = '{"level":"INFO","message":"paid","timestamp":"now","order":7,"card":{"last4":"1881"}}'

    assert read_line(log_record(body)).fields == {"order": 7, "card": {"last4": "1881"}}


def test_a_severity_that_was_sent_is_never_replaced() -> None:
    """The sender knows better than its text."""
    line = read_line(log_record(body=POWERTOOLS, severity_number=9))

    assert (line.severity_number, line.inferred) == (9, False)


@pytest.mark.parametrize(
    ("body", "attributes", "platform"),
    [
        ("REPORT RequestId: 1 Duration: 2 ms", {}, True),
        ("whatever", {"type": "platform.report"}, True),
        ("REPORT of the day", {"type": "function"}, False),
    ],
)
def test_lines_of_the_platform_are_told_from_those_of_code(
    body: str, attributes: dict[str, str], platform: bool
) -> None:
    """By their text, or by the type the Telemetry API gives."""
    assert read_line(log_record(body=body, **attributes)).platform is platform


@pytest.mark.parametrize("body", [POWERTOOLS, NODE, PYTHON, PINO])
def test_the_pattern_of_a_level_finds_what_is_read(body: str) -> None:
    """Searching by severity and showing it agree."""
    severity = read_line(log_record(body=body, severity_number=0)).severity_number

    assert re.search(level_pattern(severity), body)
    assert not re.search(level_pattern(severity + 4), body)
