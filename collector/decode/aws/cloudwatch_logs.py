"""CloudWatch Logs subscription messages as OTLP logs: one resource a log stream.

A message is ``{"messageType":"DATA_MESSAGE","owner":…,"logGroup":…,"logStream":…,"logEvents":
[{"id":…,"timestamp":ms,"message":…}]}``. The id of an event is not kept with it: it is 56 digits
that say nothing and hardly compress. But a hash of all of them is in the request, in a field that
no reader knows, so that a message that comes again is the same bytes, and another with equal lines
at the same time is not.
Source: CloudWatch Logs user guide, "Real-time processing of log data with subscriptions".
"""

from hashlib import blake2b
from typing import Any, Final

import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from collector.batch import Signal
from collector.decode.aws.json_objects import Members
from collector.decode.aws.levels import set_level, stated_level
from collector.decode.aws.origin import Around, Value, attributes, of_lambda_log
from collector.decode.aws.translated import Translated

SCOPE: Final = "aws.cloudwatch.logs"
_NS_PER_MS: Final = 1_000_000
# Number and wire type of that field: 1000, length-delimited; then the length of the hash.
_IDS_TAG: Final = b"\xc2\x3e\x10"
_LAST_MS: Final = 2**63 // _NS_PER_MS


def is_logs(members: Members) -> bool:
    """Whether an object is a message of a subscription."""
    return "logEvents" in members or "messageType" in members


def read_logs(members: Members, around: Around, into: Translated) -> None:
    """Adds the events of one message; a control message, which only asks who is there, has none."""
    events = members.get("logEvents")
    if members.get("messageType") == "CONTROL_MESSAGE":
        return
    if not isinstance(events, list):
        into.unreadable["no_log_events"] += 1
        return
    said = of_lambda_log(
        account_id=_text(members.get("owner")),
        region=around.region,
        log_group=_text(members.get("logGroup")),
        log_stream=_text(members.get("logStream")),
    )
    add_events(events, said, around, into)


def add_events(
    events: list[Any], said: dict[str, Value | None], around: Around, into: Translated
) -> None:
    """Adds log events (``timestamp`` in ms and ``message``) of one stream."""
    request = ExportLogsServiceRequest()
    outer = request.resource_logs.add()
    outer.resource.attributes.extend(attributes(said, around.common))
    inner = outer.scope_logs.add()
    inner.scope.name = SCOPE
    records = inner.log_records
    for event in events:
        time_ms = event.get("timestamp") if isinstance(event, dict) else None
        if type(time_ms) is not int or not 0 < time_ms < _LAST_MS:
            into.rejected[Signal.LOGS, "invalid_time"] += 1
            continue
        _fill(records.add(), time_ms * _NS_PER_MS, event.get("message", ""))
    if records:
        into.add(Signal.LOGS, request.SerializeToString() + _IDS_TAG + _hash_of_ids(events))


def _hash_of_ids(events: list[Any]) -> bytes:
    """16 bytes that differ where the ids of the events do."""
    ids = (each.get("id", each.get("eventId")) for each in events if isinstance(each, dict))
    return blake2b("\n".join(map(str, ids)).encode(errors="replace"), digest_size=16).digest()


def _fill(record: LogRecord, time_ns: int, message: Any) -> None:
    line = message if isinstance(message, str) else orjson.dumps(message).decode()
    line = line.rstrip("\r\n")
    record.time_unix_nano = time_ns
    record.body.string_value = line
    set_level(record, stated_level(line))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
