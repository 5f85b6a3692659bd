"""Opens the three levels around the records of OTLP: export, resource, scope.

All signals nest alike, so this is where each record learns which export brought it and which
resource and scope it belongs to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from collector.batch import Export
from collector.decode.refusal import RefusedError
from collector.decode.resources import Known, read_resource, read_scope


@dataclass(frozen=True, slots=True)
class Envelope:
    """The records of a group in one row of structs, and for each of them where it came from."""

    records: pa.StructArray
    exports: Sequence[Export]
    export: NDArray[np.int64]  # index into ``exports``
    within: NDArray[np.int64]  # index into ``resources``
    scoped: NDArray[np.int64]  # index into ``scopes``
    resource_id: pa.UInt64Array
    scope_id: pa.UInt64Array
    resources: list[Known]
    scopes: list[Known]

    @property
    def seq(self) -> NDArray[np.int64]:
        """The number of the export each record came in."""
        return np.array([each.seq for each in self.exports], np.int64)[self.export]

    @property
    def received_ns(self) -> NDArray[np.int64]:
        """When the export of each record was received."""
        return np.array([each.received_ns for each in self.exports], np.int64)[self.export]

    def function(self) -> pa.StringArray:
        """The function each record's resource names, null where it names none."""
        names = [each.function for each in self.resources]
        if len(set(names)) == 1:
            return pa.repeat(pa.scalar(names[0], pa.string()), len(self.records))
        return pa.array(names, pa.string()).take(pa.array(self.within))


def parents(lists: pa.ListArray) -> NDArray[np.int64]:
    """For each value of the lists, the index of the list that holds it."""
    sizes = np.diff(lists.offsets.to_numpy())
    return np.repeat(np.arange(len(lists)), sizes)


def open_envelope(
    groups: pa.ListArray, exports: Sequence[Export], scoped: str, leaf: str
) -> Envelope:
    """``scoped`` and ``leaf`` are field names, such as scope_spans and spans.

    Raises RefusedError when a resource or scope cannot be read.
    """
    outer = groups.values
    inner_lists = outer.field(scoped)
    inner = inner_lists.values
    leaves = inner.field(leaf)
    try:
        resources = _known(read_resource, outer.field("resource"), outer.field("schema_url"))
        scopes = _known(read_scope, inner.field("scope"), inner.field("schema_url"))
    except DecodeError as error:
        raise RefusedError(f"resource or scope: {error}") from error
    scope_of = parents(leaves)
    within = parents(inner_lists)[scope_of]
    return Envelope(
        records=leaves.values,
        exports=exports,
        export=parents(groups)[within],
        within=within,
        scoped=scope_of,
        resource_id=_ids(resources, within),
        scope_id=_ids(scopes, scope_of),
        resources=resources,
        scopes=scopes,
    )


def _known(
    read: Callable[[bytes, str], Known], parts: pa.ListArray, schema_urls: pa.StringArray
) -> list[Known]:
    """One Known per row, of the one piece that was sent or of nothing."""
    known = []
    for pieces, schema_url in zip(parts.to_pylist(), schema_urls.to_pylist(), strict=True):
        if len(pieces) > 1:
            raise RefusedError("a resource or scope in several parts: protobuf merges them")
        known.append(read(pieces[0] if pieces else b"", schema_url))
    return known


def _ids(known: list[Known], index: NDArray[np.int64]) -> pa.UInt64Array:
    return pa.array(np.array([each.id for each in known], np.uint64)[index])
