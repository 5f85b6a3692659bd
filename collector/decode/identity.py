"""The columns that say whose record it is: its function and its correlation id, in any signal."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.decode import meanings, semconv
from collector.decode.attributes import is_valid, normalised
from collector.decode.id_columns import tidied
from collector.decode.key_names import Names, family
from collector.decode.limits import Limits
from collector.decode.promote import Promoter

FUNCTION_NAMES: Final = semconv.FUNCTION + semconv.RESOURCE_ID + semconv.LOG_GROUP


def function_column(
    promoter: Promoter, of_resource: pa.StringArray, *, dimensions: bool = False
) -> pa.StringArray:
    """faas.name, else the function in a cloud resource id or log group, else the resource's.

    The record's own attributes are asked first: one process may host many functions. Those of a
    metric may be CloudWatch ``dimensions``.
    """
    own = [
        promoter.texts(semconv.FUNCTION),
        normalised(
            promoter.texts(semconv.RESOURCE_ID), meanings.function_of_resource_id, pa.string()
        ),
        normalised(
            promoter.texts(semconv.LOG_GROUP, arrays=True),
            meanings.function_of_log_group,
            pa.string(),
        ),
    ]
    if dimensions:
        told = promoter.texts(semconv.DIMENSIONS, kvlists=True)
        own += [
            normalised(told, meanings.function_of_dimensions, pa.string()),
            promoter.texts(semconv.FUNCTION_DIMENSIONS),
        ]
    said = [column for column in own if column.null_count < len(column)]
    return pc.coalesce(*said, of_resource) if said else of_resource


def correlation_column(promoter: Promoter, names: Sequence[str], limits: Limits) -> pa.StringArray:
    """The correlation id by the user's names first, then by the usual ones."""
    found = promoter.texts((*limits.correlation_attributes, *names), arrays=True)
    return tidied(found, meanings.correlation_id)


def family_column(
    promoter: Promoter, names: Names, correlation_id: pa.StringArray
) -> pa.StringArray | None:
    """The family of each correlation id that has one of the user's names; null for the others.

    None where the user named no attributes.
    """
    if not names.configured:
        return None
    rank = np.full(promoter.size, -1)
    for index in range(len(names.configured) - 1, -1, -1):
        found = promoter.positions((names.configured[index],), arrays=True)
        if found is not None:
            rank[found >= 0] = index
    families = pa.array([family(name) for name in names.configured], pa.string())
    return families.take(pa.array(rank, mask=(rank < 0) | ~is_valid(correlation_id)))


def id_column(promoter: Promoter, names: Sequence[str]) -> pa.StringArray:
    """An id in the form in which ids are compared."""
    return tidied(promoter.texts(names), meanings.id_text)
