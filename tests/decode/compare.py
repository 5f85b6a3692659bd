"""Batches as plain data, so that a test can say two of them are equal and show where not."""

from collections.abc import Sequence
from typing import Any

from collector.batch import Batch, Outcome
from collector.columns import TABLES


def contents(batch: Batch) -> dict[str, Any]:
    """Rows by table and what became of each export; NaN equals NaN, a -0.0 is not 0.0."""
    for name, table in batch.tables.items():
        assert table.schema == TABLES[name]
        assert len(table)
        table.validate(full=True)
    tables = {name: [repr(row) for row in each.to_pylist()] for name, each in batch.tables.items()}
    return {"tables": tables, "outcomes": [outcome(each) for each in batch.outcomes]}


def outcome(each: Outcome | Exception) -> tuple[Any, ...]:
    """An outcome as plain data; of an error only its kind."""
    if isinstance(each, Outcome):
        return each.accepted, dict(each.rejected), list(each.warnings), each.content_ns
    return (type(each),)


def together(batches: Sequence[Batch]) -> dict[str, Any]:
    """The contents of several batches one after another, each resource and scope once."""
    parts = [contents(each) for each in batches]
    tables: dict[str, list[str]] = {}
    for name in TABLES:
        rows = [row for part in parts for row in part["tables"].get(name, [])]
        if rows:
            tables[name] = list(dict.fromkeys(rows)) if name in {"resources", "scopes"} else rows
    return {"tables": tables, "outcomes": [one for part in parts for one in part["outcomes"]]}
