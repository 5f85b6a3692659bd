"""What one log record says, for a list: its message, its severity, and who wrote it.

Functions print JSON (Powertools, pino, structlog) or the runtime's own line format, and platforms
forward that as plain text without a severity. The message and the level are then read out of the
text; a level found so is marked ``inferred``, because the sender did not state it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.errors import BadQuestion
from collector.model.log import LogRecord, severity_number

_MESSAGE_KEYS: Final = ("message", "msg", "event")
_LEVEL_KEYS: Final = ("level", "severity", "levelname", "log.level")
# What Powertools, pino and others put on each line: known from elsewhere in the record.
_ALWAYS: Final = frozenset(
    (
        *_MESSAGE_KEYS, *_LEVEL_KEYS, "time", "timestamp", "location", "service", "cold_start",
        "function_name", "function_memory_size", "function_arn", "function_request_id",
        "xray_trace_id", "hostname", "pid", "v",
    )
)  # fmt: skip
_LONGEST_JSON: Final = 65_536  # characters; a page of longer ones would be slow, and is no line
_MOST_PINO: Final = 60

# The formats of AWS Lambda's Node.js and Python runtimes: fields between tabs, the level named.
_NODE: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]{1,64}\t([A-Z]{4,8})\t(.*)", re.DOTALL)
_PYTHON: Final = re.compile(
    r"\[([A-Z]{4,8})\]\s+\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]{0,64}\t(.*)", re.DOTALL
)

# Lines the Lambda platform writes around an invocation, and how its Telemetry API names them.
_PLATFORM: Final = re.compile(
    r"(?:START|END|REPORT) RequestId: |INIT_(?:START|REPORT|RUNTIME_DONE) |XRAY TraceId: "
)
_LEVELS: Final = (
    ("TRACE",),
    ("DEBUG",),
    ("INFO", "INFORMATION"),
    ("WARN", "WARNING"),
    ("ERROR",),
    ("FATAL", "CRITICAL"),
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One record as a line.

    ``fields`` are what a JSON body holds beside its message and what its logger always adds.
    ``inferred``: the severity was read out of the text; ``platform``: not said by the function.
    """

    message: str
    fields: Mapping[str, Any]
    severity_number: int
    inferred: bool
    platform: bool


def read_line(record: LogRecord) -> LogLine:
    """The record as a line; what cannot be told apart is the whole body."""
    message, found, fields = _read(record.body)
    kind = record.attributes.get("type")
    platform = (isinstance(kind, str) and kind.startswith("platform.")) or (
        isinstance(record.body, str) and _PLATFORM.match(record.body) is not None
    )
    stated = record.severity_number
    return LogLine(
        message=message or record.event_name or "",
        fields=fields,
        severity_number=stated or found,
        inferred=not stated and found > 0,
        platform=platform,
    )


def level_pattern(least: int) -> str:
    """A regular expression (RE2) for texts that name a level of at least this severity number.

    It finds what :func:`read_line` reads: a level in JSON, or in the Lambda runtimes' formats.
    """
    high = [place for place in range(len(_LEVELS)) if place * 4 + 1 >= least]
    either = "|".join(word for place in high for word in _LEVELS[place])
    tens = "|".join(f"{place + 1}0" for place in high)
    keys = "|".join(_LEVEL_KEYS).replace(".", r"\.")
    return (
        rf'"(?:{keys})"\s*:\s*(?:"(?i:{either})"|(?:{tens})\b)'
        rf"|^\d{{4}}-\d\d-\d\dT[\d:.]+Z\t[^\t]{{1,64}}\t(?:{either})\t"
        rf"|^\[(?:{either})\]\s+\d{{4}}-"
    )


def _read(body: Any) -> tuple[str, int, Mapping[str, Any]]:
    """Message, severity number (0: none named) and other fields of a body."""
    if isinstance(body, Mapping):
        return _of_fields(body, json.dumps(body, ensure_ascii=False, default=str))
    if not isinstance(body, str):
        return "" if body is None else json.dumps(body, ensure_ascii=False, default=str), 0, {}
    if body.startswith("{") and len(body) <= _LONGEST_JSON:
        try:
            return _of_fields(json.loads(body), body)
        except (ValueError, RecursionError):
            return body, 0, {}
    if found := _NODE.match(body) or _PYTHON.match(body):
        return found[2], _severity(found[1]), {}
    return body, 0, {}


def _of_fields(fields: Mapping[str, Any], text: str) -> tuple[str, int, Mapping[str, Any]]:
    """As :func:`_read`; without a message the whole ``text`` is it."""
    severity = _severity(next((fields[key] for key in _LEVEL_KEYS if key in fields), None))
    message = _named(fields, _MESSAGE_KEYS)
    if message is None:
        return text, severity, {}
    return message, severity, {key: fields[key] for key in fields if key not in _ALWAYS}


def _named(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((fields[key] for key in keys if isinstance(fields.get(key), str)), None)


def _severity(level: Any) -> int:
    """The severity number of a level as loggers write it: a word, or pino's 10 to 60."""
    if isinstance(level, int) and not isinstance(level, bool):
        return level // 10 * 4 - 3 if 10 <= level <= _MOST_PINO else 0
    try:
        return severity_number(level) if isinstance(level, str) and not level.isdigit() else 0
    except BadQuestion:
        return 0
