"""The severity a line states itself: the ``level`` of Lambda's JSON log format.

Text lines state none in a form that all runtimes share, so theirs stays unknown.
Source: AWS Lambda developer guide, "JSON structured log format": TRACE to FATAL.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

import orjson
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber

_SEVERITIES: Final = {
    "TRACE": 1,
    "DEBUG": 5,
    "INFO": 9,
    "WARN": 13,
    "WARNING": 13,
    "ERROR": 17,
    "FATAL": 21,
    "CRITICAL": 21,
}
_LARGEST_BYTES: Final = 65_536  # what decode reads of a body that is JSON, too


def stated_level(line: str) -> str | None:
    """The level of a line that is a JSON object; None when it states none."""
    if not line.startswith("{") or '"level"' not in line or len(line) > _LARGEST_BYTES:
        return None
    try:
        members = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return level_of(members)


def level_of(members: Mapping[str, Any]) -> str | None:
    """The level that a structured log line states."""
    level = members.get("level")
    return level if isinstance(level, str) and level.upper() in _SEVERITIES else None


def set_level(record: LogRecord, level: str | None) -> None:
    """States a level as the number and text of OTLP."""
    if level is not None:
        number = _SEVERITIES[level.upper()]
        record.severity_number = cast("SeverityNumber.ValueType", number)
        record.severity_text = level
