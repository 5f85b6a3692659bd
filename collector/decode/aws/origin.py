"""Where AWS telemetry comes from, as the resource attributes of the semantic conventions.

Sources: semantic conventions 1.44.0 (cloud, faas, aws log attributes); AWS Lambda developer
guide, "Log stream names": ``2026/11/20/[17]`` and 32 hex digits, with the function's name before
the bracket in a group that functions share.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue

from collector.decode.resources import log_group_function

_STREAM: Final = re.compile(r"\d{4}/\d\d/\d\d/([^/\[\]]*)\[([^\]]*)\][0-9a-f]{32}")

Value = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Around:
    """What the sender says about all it sends: None is not said.

    ``common`` are attributes a user gave a delivery stream: they fill in, they never replace.
    """

    region: str | None = None
    common: Mapping[str, str] = field(default_factory=dict)


def attribute(key: str, value: Value) -> KeyValue:
    """One attribute, a string or an array of strings."""
    if isinstance(value, str):
        return KeyValue(key=key, value=AnyValue(string_value=value))
    strings = [AnyValue(string_value=each) for each in value]
    return KeyValue(key=key, value=AnyValue(array_value=ArrayValue(values=strings)))


def attributes(said: Mapping[str, Value | None], common: Mapping[str, str]) -> list[KeyValue]:
    """All that has a value, then what the common attributes add."""
    known = {key: value for key, value in said.items() if value}
    added = {key: value for key, value in common.items() if key not in known}
    return [attribute(key, value) for key, value in {**known, **added}.items()]


def of_lambda_log(
    *,
    account_id: str | None,
    region: str | None,
    log_group: str | None,
    log_stream: str | None,
    function: str | None = None,
    version: str | None = None,
    is_lambda: bool = False,
) -> dict[str, Value | None]:
    """Resource attributes of a log stream; ``is_lambda`` when that is known otherwise."""
    of_stream = _STREAM.fullmatch(log_stream or "")
    of_group = log_group_function(log_group or "")
    is_lambda = is_lambda or of_group is not None or of_stream is not None
    if of_stream:
        function = function or of_stream[1]
        version = version or of_stream[2]
    return {
        "cloud.provider": "aws",
        "cloud.platform": "aws_lambda" if is_lambda else None,
        "cloud.account.id": account_id,
        "cloud.region": region,
        "aws.log.group.names": [log_group] if log_group else None,
        "aws.log.stream.names": [log_stream] if log_stream else None,
        "faas.name": function or of_group,
        "faas.version": version,
        "faas.instance": log_stream if is_lambda else None,
    }
