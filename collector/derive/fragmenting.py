"""Cuts the traces of a run into fragments by the pure core, as tables for the store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from collector.derive.facts import TraceFacts
from collector.model.stitching.facts import Fragment, Occurrence
from collector.model.stitching.fragments import FragmentedTrace, fragment_trace, log_fragments
from collector.model.stitching.keys import Role
from collector.model.stitching.rules import Queues

_TEXTS: Final = pa.list_(pa.string())
_FRAGMENTS: Final = pa.schema(
    [
        ("fragment", pa.string()),
        ("trace", pa.string()),
        ("part", pa.uint8()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("function", pa.string()),
        ("functions", _TEXTS),
        ("destinations", _TEXTS),
        ("entry", pa.bool_()),
        ("failed", pa.bool_()),
        ("tenant", pa.string()),
        ("shared", pa.string()),
        ("correlation_ids", _TEXTS),
        ("span_count", pa.int32()),
        ("error_count", pa.int32()),
        ("invocation_count", pa.int32()),
        ("cold_start_count", pa.int32()),
        ("phantom_count", pa.int32()),
        ("unfinished", pa.bool_()),
        ("platform_only", pa.bool_()),
        ("shared_by", pa.int32()),
        ("first_seq", pa.int64()),
    ]
)
_OCCURRENCES: Final = pa.schema(
    [
        ("fragment", pa.string()),
        ("text", pa.string()),
        ("kind", pa.uint8()),
        ("role", pa.uint8()),
        ("time_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("outcome", pa.uint8()),
        ("place", pa.string()),
        ("function", pa.string()),
        ("family", pa.string()),
        ("attempt", pa.int16()),
        ("dead_letter", pa.bool_()),
    ]
)
_MAX_ATTEMPT: Final = 32_767
_HOME: Final = 0


@dataclass(slots=True)
class Made:
    """Rows of the fragments and occurrences made, ids and keys as texts."""

    fragments: list[tuple[Any, ...]] = field(default_factory=list)
    occurrences: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, found: FragmentedTrace, facts: TraceFacts) -> None:
        self.fragments += [_fragment_row(each, facts) for each in found.fragments]
        self.occurrences += [_occurrence_row(each) for each in found.occurrences]

    def tables(self) -> tuple[pa.Table, pa.Table]:
        return _table(_FRAGMENTS, self.fragments), _table(_OCCURRENCES, self.occurrences)


def make(traces: Mapping[str, TraceFacts], loose: Mapping[int, TraceFacts], queues: Queues) -> Made:
    """The fragments of these traces and of these log records outside any trace."""
    made = Made()
    for trace_id, facts in traces.items():
        made.add(fragment_trace(trace_id, facts.spans, facts.logs, queues=queues), facts)
    for facts in loose.values():
        found = log_fragments(facts.logs, queues=queues)
        made.add(found, facts)
        made.occurrences += [_home_row(each, facts) for each in found.fragments]
    return made


def _fragment_row(each: Fragment, facts: TraceFacts) -> tuple[Any, ...]:
    return (
        each.fragment_id, each.trace_id, int(each.part), each.start_ns, each.end_ns, each.function,
        each.functions, each.destinations, each.entry, each.failed,
        each.tenant, each.shared_id, each.correlation_ids, each.span_count,
        each.error_count, each.invocation_count, each.cold_start_count, each.phantom_count,
        each.unfinished, each.platform_only, each.shared_by, facts.first_seq,
    )  # fmt: skip


def _occurrence_row(each: Occurrence) -> tuple[Any, ...]:
    attempt = None if each.attempt is None else min(max(each.attempt, 0), _MAX_ATTEMPT)
    return (
        each.fragment_id, each.key, int(each.kind), int(each.role), each.time_ns, each.end_ns,
        int(each.outcome), each.place, each.function, each.family, attempt, each.dead_letter,
    )  # fmt: skip


def _home_row(fragment: Fragment, facts: TraceFacts) -> tuple[Any, ...]:
    """The key by which the fragments of one invocation's log records are found again."""
    first = facts.logs[0]
    home = first.invocation_id or f"{first.function or ''}\n{first.correlation_id}"
    return (
        fragment.fragment_id, f"l:{home}", _HOME, int(Role.OWN), fragment.start_ns, None,
        0, None, None, "", None, False,
    )  # fmt: skip


def _table(schema: pa.Schema, rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, each.type) for column, each in zip(columns, schema, strict=True)],
        schema=schema,
    )
