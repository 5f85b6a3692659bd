"""Makes fragments of what a run makes anew: in SQL where a trace is plain, else facts for Python.

A trace is plain when it cannot hold a batch and holds nothing unusual: one fragment, cut in SQL
just as the pure core would (``whole.py``; a property test holds them equal). The others, and log
records that name no trace, are read as facts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.stitching.facts import LinkFacts, LogFacts, SpanFacts
from collector.model.stitching.keys import WORTHLESS
from collector.store.stitching import STITCHING

_READS: Final = ("spans", "logs", "links", "event_keys")
_EVER: Final = 2**63 - 1


@dataclass(slots=True)
class TraceFacts:
    """The records of one trace, or of one invocation that names none."""

    spans: list[SpanFacts] = field(default_factory=list)
    logs: list[LogFacts] = field(default_factory=list)
    first_seq: int = _EVER


def read_records(
    cursor: Cursor, since_seq: int, up_to_seq: int, dead_letter_queues: Iterable[str]
) -> None:
    """Reads the records of the dirty traces, what they name, and which traces are not plain."""
    for records in _READS:
        STITCHING.run(cursor, f"make_read_{records}", since_seq=since_seq, up_to_seq=up_to_seq)
    STITCHING.run(cursor, "make_read_keys")
    STITCHING.run(cursor, "make_told")
    STITCHING.run(cursor, "make_mentions", worthless=sorted(WORTHLESS))
    STITCHING.run(cursor, "make_slow_traces", dead_letter_queues=sorted(dead_letter_queues))


def make_plain(cursor: Cursor) -> None:
    """Makes fragments of the plain traces whose records were read."""
    STITCHING.run(cursor, "make_plain_names")
    STITCHING.run(cursor, "make_plain_fragments")
    STITCHING.run(cursor, "make_plain_keys")


def read_traces(cursor: Cursor) -> dict[str, TraceFacts]:
    """All records of the dirty traces that are not plain, by trace id."""
    links: dict[tuple[str, str], list[LinkFacts]] = defaultdict(list)
    for trace_id, span_id, linked, linked_span, message_id, keys in STITCHING.rows(
        cursor, "trace_links"
    ):
        found = LinkFacts(linked, linked_span, message_id, tuple(keys or ()))
        links[trace_id, span_id].append(found)
    event_keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for trace_id, span_id, key in STITCHING.rows(cursor, "trace_span_keys"):
        event_keys[trace_id, span_id].append(key)
    traces: dict[str, TraceFacts] = defaultdict(TraceFacts)
    for trace_id, span_id, *row, keys, seq in STITCHING.rows(cursor, "trace_spans"):
        trace = traces[trace_id]
        trace.first_seq = min(trace.first_seq, seq)
        whose = (trace_id, span_id)
        said = (*(keys or ()), *event_keys.get(whose, ()))
        values: tuple[Any, ...] = (span_id, *row, said, tuple(links.get(whose, ())))
        trace.spans.append(SpanFacts(*values))
    for trace_id, *record in STITCHING.rows(cursor, "trace_logs"):
        _add_log(traces[trace_id], record)
    return dict(traces)


def read_loose_logs(cursor: Cursor, since_seq: int, up_to_seq: int) -> dict[int, TraceFacts]:
    """The records of the dirty invocations that name no trace, by the key of their home."""
    homes: dict[int, TraceFacts] = defaultdict(TraceFacts)
    for home, *record in STITCHING.rows(
        cursor, "loose_logs", since_seq=since_seq, up_to_seq=up_to_seq
    ):
        _add_log(homes[home], record)
    return dict(homes)


def _add_log(trace: TraceFacts, record: list[Any]) -> None:
    time_ns, span_id, function, invocation, value, keys, seq = record
    trace.first_seq = min(trace.first_seq, seq)
    said = tuple(keys or ())
    trace.logs.append(LogFacts(time_ns, span_id, function, invocation, value, said))
