"""The answer of the stitching rules alone: decoded exports in, no store and no server between.

Fast, for finding out which rule errs; what counts is the answer of the whole collector.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from benchmarks.stitching.labels import Export as Sent
from benchmarks.stitching.labels import Generated, ItemKey
from benchmarks.stitching.scoring import GivenJoint, GivenTrace
from benchmarks.stitching.wire import request
from collector.batch import Export, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from collector.model.stitching.facts import (
    Fragment,
    LinkFacts,
    LogFacts,
    Occurrence,
    Part,
    SpanFacts,
)
from collector.model.stitching.fragments import FragmentedTrace, fragment_trace, log_fragments
from collector.model.stitching.joints import Stitched, stitch
from collector.model.stitching.keys import EVIDENCE

Row = dict[str, Any]
_GROUP: Final = 200


@dataclass(slots=True)
class _Traces:
    spans: dict[str, dict[str, SpanFacts]] = field(default_factory=lambda: defaultdict(dict))
    logs: dict[str, dict[int, LogFacts]] = field(default_factory=lambda: defaultdict(dict))
    loose: dict[tuple[str | None, str | None], dict[int, LogFacts]] = field(
        default_factory=lambda: defaultdict(dict)
    )


def answer(generated: Generated) -> list[GivenTrace]:
    """Event traces of the scenario's exports."""
    traces = _read(generated.exports)
    fragments: list[Fragment] = []
    occurrences: list[Occurrence] = []
    holders: dict[Hashable, set[ItemKey]] = defaultdict(set)
    for trace_id in sorted(traces.spans.keys() | traces.logs.keys()):
        spans, logs = list(traces.spans[trace_id].values()), traces.logs[trace_id]
        cut = fragment_trace(trace_id, spans, list(logs.values()))
        _collect(cut, fragments, occurrences)
        for span in spans:
            holders[cut.of_span[span.span_id]].add((trace_id, span.span_id))
        for time_ns, log in logs.items():
            holders[_home(log, cut)].add(time_ns)
    for logs in traces.loose.values():
        cut = log_fragments(list(logs.values()))
        _collect(cut, fragments, occurrences)
        for fragment in cut.fragments:
            for time_ns, log in logs.items():
                if _is_of(log, fragment, cut):
                    holders[fragment.fragment_id].add(time_ns)
    return _given(stitch(fragments, occurrences), fragments, holders)


def _home(log: LogFacts, cut: FragmentedTrace) -> Hashable:
    """The fragment of a log record: that of its span; in a shared span, of the id it names."""
    if len(cut.fragments) == 1:
        return cut.fragments[0].fragment_id
    base = next((each.fragment_id for each in cut.fragments if each.part is Part.WHOLE), None)
    home = cut.of_span.get(log.span_id or "", base)
    if log.span_id not in cut.shared:
        return home
    texts = {log.correlation_id} | {key[3:] for key in log.keys if key[:1] in "kw"}
    texts |= {key[1:] for key in log.keys if key[:1] == "e"}
    for fragment in cut.fragments:
        if fragment.shared_id == home and texts & set(fragment.correlation_ids):
            return fragment.fragment_id
    return home


def _is_of(log: LogFacts, fragment: Fragment, cut: FragmentedTrace) -> bool:
    """True when a loose record is in this fragment, which is named for its value or for all."""
    if len(cut.fragments) == 1:
        return True
    texts = {log.correlation_id} | {key[3:] for key in log.keys if key[:1] in "kw"}
    names = {str(each.fragment_id).rsplit("\n", 1)[-1] for each in cut.fragments}
    own = str(fragment.fragment_id).rsplit("\n", 1)[-1]
    return own in texts if texts & names else own == ""


def _collect(
    cut: FragmentedTrace, fragments: list[Fragment], occurrences: list[Occurrence]
) -> None:
    fragments += cut.fragments
    occurrences += cut.occurrences


def _given(
    stitched: Stitched, fragments: Sequence[Fragment], holders: dict[Hashable, set[ItemKey]]
) -> list[GivenTrace]:
    by_id = {fragment.fragment_id: fragment for fragment in fragments}
    made: list[GivenTrace] = []
    for event_id, members in stitched.events().items():
        items: set[ItemKey] = set()
        shared: set[ItemKey] = set()
        for member in members:
            items |= holders[member]
            batch = by_id[member].shared_id
            if batch is not None and batch not in members:
                shared |= holders[batch]
        joints = [
            GivenJoint(
                str(joint.source),
                str(joint.target),
                EVIDENCE[joint.kind],
                str(joint.key),
                joint.confidence,
            )
            for joint in stitched.joints
            if stitched.event_of.get(joint.source) == event_id
        ]
        made.append(GivenTrace(str(event_id), items | shared, joints, shared))
    return made


def _read(exports: Iterable[Sent]) -> _Traces:
    traces = _Traces()
    by_signal: dict[str, list[Export]] = {"traces": [], "logs": []}
    for number, sent in enumerate(exports):
        body = request(sent).SerializeToString()
        by_signal[sent.signal].append(Export(number, Signal(sent.signal), body, sent.sent_ns))
    for signal, group in by_signal.items():
        for start in range(0, len(group), _GROUP):
            batch = decode_group(Signal(signal), group[start : start + _GROUP], Limits())
            tables = {name: table.to_pylist() for name, table in batch.tables.items()}
            _add_spans(traces, tables)
            _add_logs(traces, tables.get("log_records", ()))
    return traces


def _add_spans(traces: _Traces, tables: dict[str, list[Row]]) -> None:
    links: dict[tuple[str, int], list[LinkFacts]] = defaultdict(list)
    for row in tables.get("span_links", ()):
        links[_trace(row["trace_id"]), row["span_id"]].append(
            LinkFacts(
                _trace(row["linked_trace_id"]),
                f"{row['linked_span_id']:016x}",
                row["message_id"],
                tuple(row["keys"] or ()),
            )
        )
    events: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in tables.get("span_events", ()):
        events[_trace(row["trace_id"]), row["span_id"]] += row["keys"] or ()
    for row in tables.get("spans", ()):
        trace_id = _trace(row["trace_id"])
        place = trace_id, row["span_id"]
        span = _span(row, tuple(links[place]), events[place])
        traces.spans[trace_id][span.span_id] = span


def _span(row: Row, links: tuple[LinkFacts, ...], more: list[str]) -> SpanFacts:
    duration = row["duration_ns"]
    parent = row["parent_span_id"]
    return SpanFacts(
        span_id=f"{row['span_id']:016x}",
        parent_id=None if parent is None else f"{parent:016x}",
        name=row["name"],
        kind=row["kind"],
        start_ns=row["start_ns"],
        end_ns=None if duration is None else row["start_ns"] + max(duration, 0),
        failed=row["status_code"] == 2,
        function=row["function"],
        resource_id=row["resource_id"],
        invocation_id=row["invocation_id"],
        cold_start=row["cold_start"],
        trigger=row["trigger"],
        destination=row["destination"],
        message_id=row["message_id"],
        correlation_id=row["correlation_id"],
        keys=(*(row["keys"] or ()), *more),
        links=links,
    )


def _add_logs(traces: _Traces, rows: Iterable[Row]) -> None:
    for row in rows:
        log = LogFacts(
            time_ns=row["time_ns"],
            span_id=None if row["span_id"] is None else f"{row['span_id']:016x}",
            function=row["function"],
            invocation_id=row["invocation_id"],
            correlation_id=row["correlation_id"],
            keys=tuple(row["keys"] or ()),
        )
        if row["trace_id"] is not None:
            traces.logs[_trace(row["trace_id"])][log.time_ns] = log
        else:
            traces.loose[log.function, log.invocation_id][log.time_ns] = log


def _trace(trace_id: UUID | bytes) -> str:
    return trace_id.hex if isinstance(trace_id, UUID) else trace_id.hex()
