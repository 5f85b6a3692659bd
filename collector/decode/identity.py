"""The columns that say whose record it is: its function and its correlation id, in any signal."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.decode import meanings, semconv
from collector.decode.attributes import normalised
from collector.decode.limits import Limits
from collector.decode.promote import Promoter

FUNCTION_NAMES: Final = semconv.FUNCTION + semconv.RESOURCE_ID + semconv.LOG_GROUP


def function_column(promoter: Promoter, of_resource: pa.StringArray) -> pa.StringArray:
    """faas.name, else the function in a cloud resource id or log group, else the resource's.

    The record's own attributes are asked first: one process may host many functions.
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
    said = [column for column in own if column.null_count < len(column)]
    return pc.coalesce(*said, of_resource) if said else of_resource


def correlation_column(promoter: Promoter, names: Sequence[str], limits: Limits) -> pa.StringArray:
    """The correlation id by the user's names first, then by the usual ones."""
    found = promoter.texts((*limits.correlation_attributes, *names), arrays=True)
    return normalised(found, meanings.correlation_id, pa.string())
