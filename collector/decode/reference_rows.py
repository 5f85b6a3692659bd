"""What the reference path builds a batch from: one dict per row, and counts as it goes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector.batch import Batch, Export, Outcome
from collector.columns import TABLES
from collector.decode import meanings, semconv
from collector.decode.key_names import family, names_of
from collector.decode.limits import Limits
from collector.decode.record_keys import keys_of, nested_keys
from collector.decode.records import EARLIEST_NS, LATEST_NS
from collector.decode.resource_keys import tenant_key
from collector.decode.resources import resource_row, scope_row
from collector.decode.values import attribute_rows

Row = dict[str, Any]


class RejectedRecordError(Exception):
    """A record cannot be kept; its argument is the reason it is counted under."""


class Named:
    """The attributes of one record: as stored, and asked by name."""

    def __init__(self, attributes: Sequence[KeyValue], limits: Limits) -> None:
        if len(attributes) > limits.max_attributes:
            raise RejectedRecordError("too_many_attributes")
        self.rows, self.types = attribute_rows(attributes)
        self._names = names_of(limits.correlation_attributes)

    def text(
        self, names: Iterable[str], *, arrays: bool = False, kvlists: bool = False
    ) -> str | None:
        """The first name with a value that is not empty; its first value."""
        letters = "sbid" + "a" * arrays + "k" * kvlists
        for name in names:
            for row, letter in zip(self.rows, self.types, strict=True):
                if row["key"] == name and row["value"] and letter in letters:
                    return row["value"]
        return None

    def function(self, of_resource: str | None) -> str | None:
        """The function these attributes name, else that of the resource."""
        resource_id = self.text(semconv.RESOURCE_ID) or ""
        log_group = self.text(semconv.LOG_GROUP, arrays=True) or ""
        return (
            self.text(semconv.FUNCTION)
            or meanings.function_of_resource_id(resource_id)
            or meanings.function_of_log_group(log_group)
            or of_resource
        )

    def dimension_function(self) -> str | None:
        """The function these attributes name as a CloudWatch dimension."""
        dimensions = self.text(semconv.DIMENSIONS, kvlists=True) or ""
        return meanings.function_of_dimensions(dimensions) or self.text(semconv.FUNCTION_DIMENSIONS)

    def correlation_id(self, names: Iterable[str], limits: Limits) -> str | None:
        text = self.text((*limits.correlation_attributes, *names), arrays=True)
        return meanings.correlation_id(text) if text else None

    def family(self) -> str | None:
        """The family of the correlation id, when it has one of the user's names."""
        own = (name for name in self._names.configured if self.text((name,), arrays=True))
        return next(map(family, own), None)

    def id(self, names: Iterable[str]) -> str | None:
        """An id in the form in which ids are compared."""
        text = self.text(names)
        return meanings.id_text(text) if text else None

    def keys(self) -> list[str]:
        """The keys in these attributes, whatever columns repeat of them."""
        said = [
            (row["key"], row["value"], letter)
            for row, letter in zip(self.rows, self.types, strict=True)
        ]
        found = keys_of(said, self._names)
        for name, value, letter in said:
            if letter == "k":
                found += nested_keys(name, value, self._names)
        return found

    def columns(self, dropped: int) -> Row:
        return {
            "attributes": self.rows,
            "attribute_types": self.types,
            "dropped_attributes_count": dropped,
        }


class Around:
    """The resource and scope of a record, whose rows are stored once one of theirs is."""

    def __init__(self, outer: Any, inner: Any) -> None:
        resource, scope = Resource(), InstrumentationScope()
        resource.CopyFrom(outer.resource)
        scope.CopyFrom(inner.scope)
        resource.DiscardUnknownFields()
        scope.DiscardUnknownFields()
        self.resource = resource_row(resource, outer.schema_url)
        self.scope = scope_row(scope, inner.schema_url)
        self.function: str | None = self.resource["function"]
        tenant = tenant_key(self.resource)
        self.keys = [tenant] if tenant else []
        self.ids = {
            "resource_id": self.resource["resource_id"],
            "scope_id": self.scope["scope_id"],
        }


class Rows:
    """The rows of one export by table, and what becomes of its records."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self._tables: dict[str, list[Row]] = {name: [] for name in TABLES}
        self._accepted = 0
        self._content_ns = 0
        self._rejected: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self._known: set[int] = set()

    def keep(self, around: Around, time_ns: int, **tables: list[Row]) -> None:
        """Stores one record with its rows; ``time_ns`` is 0 where the sender gave none."""
        self._content_ns = self._content_ns if self._accepted else time_ns
        self._accepted += 1
        for name, rows in tables.items():
            self._tables[name] += [{**row, "export_seq": self.export.seq} for row in rows]
        self._store_once("resources", around.ids["resource_id"], around.resource)
        self._store_once("scopes", around.ids["scope_id"], around.scope)

    def reject(self, error: RejectedRecordError) -> None:
        self._rejected[str(error)] += 1

    def warn(self, sentence: str, count: int) -> None:
        self._warnings[sentence] += count

    def batch(self) -> Batch:
        warnings = tuple(f"{said}: {count}" for said, count in self._warnings.items() if count)
        outcome = Outcome(self._accepted, dict(self._rejected), warnings, self._content_ns)
        tables = {name: table_of(rows, TABLES[name]) for name, rows in self._tables.items() if rows}
        return Batch(tables, [outcome])

    def _store_once(self, table: str, id_: int, row: Row) -> None:
        if id_ not in self._known:
            self._known.add(id_)
            self._tables[table].append(row)


def usable_id(id_: bytes, width: int) -> bytes | None:
    """The id, or None when it is absent, zero or of another length."""
    return id_ if len(id_) == width and any(id_) else None


def number(span_id: bytes | None) -> int | None:
    return None if span_id is None else int.from_bytes(span_id, "big")


def in_range(time_ns: int) -> bool:
    return EARLIEST_NS <= time_ns < LATEST_NS


def time_or_none(time_ns: int) -> int | None:
    return time_ns if in_range(time_ns) else None


def enumerated(value: int, size: int) -> int:
    return value if 0 <= value < size else 0


def table_of(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as a table; a column a row does not have is null."""
    columns = [array_of([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """As pa.array, and also where UUIDs stand within lists, which pyarrow 26 cannot build."""
    if kind == pa.uuid():
        return pa.ExtensionArray.from_storage(kind, pa.array(values, pa.binary(16)))
    if pa.types.is_struct(kind):
        children = [array_of([each[field.name] for each in values], field.type) for field in kind]
        return pa.StructArray.from_arrays(children, fields=list(kind))
    if pa.types.is_list(kind):
        offsets = np.cumsum([0, *(len(each or ()) for each in values)]).astype(np.int32)
        flat = array_of([one for each in values for one in each or ()], kind.value_type)
        mask = pa.array([each is None for each in values], pa.bool_())
        return pa.ListArray.from_arrays(pa.array(offsets), flat, type=kind, mask=mask)
    return pa.array(values, kind)
