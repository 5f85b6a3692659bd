"""Batches of Lambda's Telemetry API, forwarded by an extension, as OTLP logs.

A batch is an array of ``{"time": RFC 3339, "type": …, "record": object or line}``. A platform
event keeps its JSON text, which is what Lambda's JSON log format writes of the same event; a line
of the function or of an extension is its own body. Samples in Lambda's own documentation miss
members it calls required, so only what is used is asked for.
Source: AWS Lambda developer guide, "Lambda Telemetry API reference" and "Event schemas".
"""

import calendar
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from collector.batch import Signal
from collector.decode.aws.json_objects import Members, load, require_sparse
from collector.decode.aws.levels import level_of, set_level, stated_level
from collector.decode.aws.origin import Around, attribute, attributes, of_lambda_log
from collector.decode.aws.translated import Translated
from collector.errors import Malformed

SCOPE: Final = "aws.lambda.telemetry"
_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):?(\d\d))?"
)
_FUNCTION_ARN: Final = re.compile(r"arn:[^:]*:lambda:([^:]*):([^:]*):function:([^:]+)")
_EVENTS_WITH_ENVIRONMENT: Final = ("platform.initStart", "platform.restoreStart")


@dataclass(frozen=True, slots=True)
class Environment:
    """The execution environment as the sender names it; what is "" the batch may say."""

    function: str = ""
    version: str = ""
    log_stream: str = ""
    region: str = ""
    account_id: str = ""


def read_batch(body: bytes, environment: Environment) -> Translated:
    """The events of one batch as logs of one resource.

    Raises:
        Malformed: it is no JSON array.
        TooLarge: see :func:`collector.decode.aws.json_objects.require_sparse`.
    """
    require_sparse(body)
    try:
        events = load(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the batch is not JSON ({error}): send it as Lambda does") from error
    if not isinstance(events, list):
        raise Malformed("the batch must be a JSON array of events, as the Telemetry API sends it")
    return read_events(events, environment)


def read_events(events: list[Any], environment: Environment) -> Translated:
    """The events as logs of one resource; those that cannot be kept are counted."""
    into = Translated()
    request = ExportLogsServiceRequest()
    outer = request.resource_logs.add()
    named = [each for each in events if isinstance(each, dict)]
    outer.resource.attributes.extend(_resource(_completed(environment, named)))
    inner = outer.scope_logs.add()
    inner.scope.name = SCOPE
    for event in events:
        reason = _read(event, inner.log_records)
        if reason:
            into.rejected[Signal.LOGS, reason] += 1
    if inner.log_records:
        into.add(Signal.LOGS, request.SerializeToString())
    return into


def is_event(members: Members) -> bool:
    """Whether an object is an event of the Telemetry API, or a platform line in JSON."""
    return "time" in members and "type" in members and "record" in members


def _resource(environment: Environment) -> Any:
    said = of_lambda_log(
        account_id=environment.account_id,
        region=environment.region,
        log_group=None,  # not said, and a function may write to any
        log_stream=environment.log_stream,
        function=environment.function,
        version=environment.version,
        is_lambda=True,
    )
    return attributes(said, Around().common)


def _completed(environment: Environment, events: list[Members]) -> Environment:
    """What the sender did not name, from the events that name it."""
    function, version = environment.function, environment.version
    region, account_id = environment.region, environment.account_id
    for event in events:
        record = event.get("record")
        if not isinstance(record, dict):
            continue
        if event.get("type") in _EVENTS_WITH_ENVIRONMENT:
            function = function or _text(record, "functionName")
            version = version or _text(record, "functionVersion")
        if event.get("type") == "platform.start":
            version = version or _text(record, "version")
            if found := _FUNCTION_ARN.match(_text(record, "functionArn")):
                region, account_id = region or found[1], account_id or found[2]
                function = function or found[3]
    return Environment(function, version, environment.log_stream, region, account_id)


def _read(event: Any, records: Any) -> str | None:
    """Adds one event to the records; the reason when it cannot be kept."""
    if not isinstance(event, dict):
        return "not_an_event"
    time_ns = time_of(event.get("time"))
    if time_ns is None:
        return "invalid_time"
    type_, content = event.get("type"), event.get("record")
    if not isinstance(type_, str) or content is None:
        return "not_an_event"
    try:
        body, level = _body(type_, event, content)
    except orjson.JSONEncodeError:
        return "too_deep"
    record: LogRecord = records.add()
    record.time_unix_nano = time_ns
    record.body.string_value = body
    record.attributes.append(attribute("type", type_))
    set_level(record, level)
    return None


def _body(type_: str, event: Members, content: Any) -> tuple[str, str | None]:
    """The text of an event and the level it states."""
    if type_.startswith("platform."):
        told = {"time": event["time"], "type": type_, "record": content}
        return orjson.dumps(told).decode(), None
    if isinstance(content, str):
        line = content.rstrip("\r\n")
        return line, stated_level(line)
    level = level_of(content) if isinstance(content, dict) else None
    return orjson.dumps(content).decode(), level


def time_of(text: Any) -> int | None:
    """Nanoseconds since the epoch of an RFC 3339 time; None when it is none."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        whole = time.strptime(found[1].upper().replace(" ", "T"), "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return None
    offset_s = (int(found[4]) * 3600 + int(found[5]) * 60) if found[3] else 0
    seconds = calendar.timegm(whole) - (-offset_s if found[3] == "-" else offset_s)
    time_ns = seconds * 1_000_000_000 + int((found[2] or "0").ljust(9, "0"))
    return time_ns if 0 < time_ns < 2**63 else None


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""
