"""What a resource or a scope says, decoded once per distinct one and named by its content.

The id is a hash of the canonical content (unknown fields dropped) and the schema URL, so the
same resource has the same id whoever sent it, and a row is written once.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, Final

import pyarrow as pa
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector.columns import RESOURCES, SCOPES
from collector.decode import semconv
from collector.decode.refusal import RefusedError
from collector.decode.values import attribute_rows, is_deep, json_text, text_and_letter

Row = dict[str, Any]

# Tables of one row each are put together faster than one is made of so many rows.
_FEW: Final = 16
# A sender that makes every resource different must not fill memory: one of 4 KiB takes about
# 60 KB when it is decoded, a usual one of 700 bytes 15 KB. One that is not remembered costs 47 µs.
_REMEMBERED: Final = 2_048
_LARGEST_REMEMBERED_BYTES: Final = 4_096

_ARN: Final = re.compile(r"arn:[^:]*:lambda:([^:]*):([^:]*):function:([^:]+)")
_GCP: Final = re.compile(
    r"//run\.googleapis\.com/projects/([^/]+)/locations/([^/]+)/services/([^/]+)"
)
_GCP_FUNCTION: Final = re.compile(
    r"//cloudfunctions\.googleapis\.com/projects/([^/]+)/locations/([^/]+)/functions/([^/]+)"
)
_AZURE: Final = re.compile(
    r"/subscriptions/([^/]+)/.*/sites/[^/]+/functions/([^/]+)", re.IGNORECASE
)
_LOG_GROUP: Final = re.compile(r"/aws/lambda/(?:[a-z0-9-]+\.)?([^/:]+)")


class Known:
    """A resource or scope: its id, its row, and (resources only) its function."""

    def __init__(self, id_: int, row: Row, schema: pa.Schema) -> None:
        self.id = id_
        self.row = row
        self.function: str | None = row.get("function")
        self._schema = schema

    @cached_property
    def table(self) -> pa.Table:
        """The row as a table of its own, made once: most groups hold few resources."""
        return pa.Table.from_pylist([self.row], self._schema)


@dataclass(frozen=True, slots=True)
class Place:
    """What a cloud resource id tells; None where it does not."""

    function: str | None = None
    region: str | None = None
    account_id: str | None = None
    provider: str | None = None
    platform: str | None = None


def read_place(resource_id: str) -> Place:
    """Reads a Lambda ARN, a Cloud Run service or function name, or an Azure function id."""
    if found := _ARN.match(resource_id):
        return Place(found[3], found[1] or None, found[2] or None, "aws", "aws_lambda")
    if found := _GCP.match(resource_id):
        return Place(found[3], found[2], found[1], "gcp", "gcp_cloud_run")
    if found := _GCP_FUNCTION.match(resource_id):
        return Place(found[3], found[2], found[1], "gcp", "gcp_cloud_functions")
    if found := _AZURE.match(resource_id):
        return Place(found[2], None, found[1], "azure", "azure.functions")
    return Place()


def log_group_function(name: str) -> str | None:
    """``/aws/lambda/orders`` and its edge replicas ``/aws/lambda/us-east-1.orders`` -> orders."""
    found = _LOG_GROUP.match(name)
    return found[1] if found else None


def content_id(kind: str, content: bytes, schema_url: str) -> int:
    """64 bits of a hash; the length in front keeps content and URL apart."""
    digest = blake2b(digest_size=8, person=kind.encode())
    digest.update(len(content).to_bytes(8, "big") + content + schema_url.encode())
    return int.from_bytes(digest.digest(), "big")


def read_resource(body: bytes, schema_url: str) -> Known:
    """Raises DecodeError when ``body`` is not a Resource, RefusedError when it nests deep."""
    if len(body) > _LARGEST_REMEMBERED_BYTES:
        return _resource(body, schema_url)
    return _remembered_resource(body, schema_url)


def read_scope(body: bytes, schema_url: str) -> Known:
    """Raises DecodeError when ``body`` is not a scope, RefusedError when it nests deep."""
    if len(body) > _LARGEST_REMEMBERED_BYTES:
        return _scope(body, schema_url)
    return _remembered_scope(body, schema_url)


def _resource(body: bytes, schema_url: str) -> Known:
    resource = Resource.FromString(body)
    resource.DiscardUnknownFields()
    _refuse_deep(resource)
    row = resource_row(resource, schema_url)
    return Known(row["resource_id"], row, RESOURCES)


def _scope(body: bytes, schema_url: str) -> Known:
    scope = InstrumentationScope.FromString(body)
    scope.DiscardUnknownFields()
    _refuse_deep(scope)
    row = scope_row(scope, schema_url)
    return Known(row["scope_id"], row, SCOPES)


def _refuse_deep(message: Resource | InstrumentationScope) -> None:
    if any(is_deep(each.value) for each in message.attributes):
        raise RefusedError("a resource or scope too deep to judge apart from its request")


_remembered_resource = lru_cache(_REMEMBERED)(_resource)
_remembered_scope = lru_cache(_REMEMBERED)(_scope)


def scope_row(scope: InstrumentationScope, schema_url: str) -> Row:
    """The row of ``scopes``; expects a message without unknown fields."""
    attributes, types = attribute_rows(scope.attributes)
    return {
        "scope_id": content_id("scope", scope.SerializeToString(deterministic=True), schema_url),
        "name": scope.name,
        "version": scope.version,
        "schema_url": schema_url,
        "attributes": attributes,
        "attribute_types": types,
        "dropped_attributes_count": scope.dropped_attributes_count,
    }


def resource_row(resource: Resource, schema_url: str) -> Row:
    """The row of ``resources``; expects a message without unknown fields."""
    attributes, types = attribute_rows(resource.attributes)
    content = resource.SerializeToString(deterministic=True)
    return {
        "resource_id": content_id("resource", content, schema_url),
        **_identity({each.key: each.value for each in reversed(resource.attributes)}),
        "schema_url": schema_url,
        "entity_refs": _entity_refs(resource),
        "attributes": attributes,
        "attribute_types": types,
        "dropped_attributes_count": resource.dropped_attributes_count,
    }


def _identity(values: dict[str, AnyValue]) -> dict[str, str | int | None]:
    """The derived columns of a resource, by the look-up order of each in ``semconv``."""
    place = read_place(_first(values, semconv.RESOURCE_ID) or "")
    service = _first(values, semconv.SERVICE)
    log_group = log_group_function(_first(values, semconv.LOG_GROUP) or "")
    return {
        "service": service,
        "function": _first(values, semconv.FUNCTION) or place.function or log_group or service,
        "version": _first(values, semconv.VERSION),
        "instance": _first(values, semconv.INSTANCE),
        "provider": _first(values, semconv.PROVIDER) or place.provider,
        "platform": _platform(values) or place.platform,
        "region": _first(values, semconv.REGION) or place.region,
        "account_id": _first(values, semconv.ACCOUNT) or place.account_id,
        "memory_bytes": memory_bytes(_first(values, semconv.MEMORY)),
    }


def _platform(values: dict[str, AnyValue]) -> str | None:
    """The platform by its current name; Azure's were spelled with an underscore until 1.35."""
    said = _first(values, semconv.PLATFORM)
    if said and said.startswith("azure_"):
        return said.replace("_", ".", 1)
    # Only the receiver of Lambda's Telemetry API describes a resource as an invoked function.
    invoked = _first(values, semconv.INVOKED_PROVIDER)
    return said or ("aws_lambda" if invoked == "aws" else None)


def _first(values: dict[str, AnyValue], names: Iterable[str]) -> str | None:
    """Text of the first name that has a value; of an array, its first element."""
    for name in names:
        value = values.get(name, AnyValue())
        if value.WhichOneof("value") == "array_value":
            value = next(iter(value.array_value.values), AnyValue())
        text, letter = text_and_letter(value)
        if text and letter in "sibd":
            return text
    return None


def memory_bytes(text: str | None) -> int | None:
    """Memory of a function in bytes, from bytes or megabytes; None when it is no number."""
    try:
        size = int(float(text or ""))
    except (ValueError, OverflowError):
        return None
    if 0 < size <= semconv.LARGEST_MEMORY_MB:
        return size * semconv.BYTES_PER_MB
    return size if 0 < size < 2**63 else None


def _entity_refs(resource: Resource) -> str | None:
    if not resource.entity_refs:
        return None
    return json_text(
        [
            {
                "schema_url": ref.schema_url,
                "type": ref.type,
                "id_keys": list(ref.id_keys),
                "description_keys": list(ref.description_keys),
            }
            for ref in resource.entity_refs
        ]
    )


def rows_of(known: Sequence[Known], schema: pa.Schema) -> pa.Table:
    """One table with a row for each distinct id."""
    distinct = list({each.id: each for each in known}.values())
    if len(distinct) <= _FEW:
        return pa.concat_tables([each.table for each in distinct])
    return pa.Table.from_pylist([each.row for each in distinct], schema)
