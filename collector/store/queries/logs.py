"""Log records: newest first, by window and filters, a page at a time."""

from collections.abc import Mapping
from typing import Any

from collector.model.attributes import restore, restore_value
from collector.model.log import LogRecord


def record(row: Mapping[str, Any]) -> LogRecord:
    """One log record from a row by column name."""
    return LogRecord(
        time_ns=row["time_ns"],
        severity_number=row["severity"] or 0,
        severity_text=row["severity_text"] or None,
        body=restore_value(row["body"], row["body_type"]),
        event_name=row["event_name"] or None,
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        function=row["function"],
        service=row["service"],
        invocation_id=row["invocation_id"],
        correlation_id=row["correlation_id"],
        attributes=restore(row["attributes"], row["attribute_types"]),
        resource_attributes=restore(row["resource_attributes"], row["resource_types"]),
    )
