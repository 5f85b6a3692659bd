"""Pieces of event traces for tests: times in ms, ids as small numbers."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from collector.model.event_trace import EventTraceSummary
from collector.model.events.pieces import LogPiece, Material, Piece
from collector.model.log import LogRecord
from collector.model.span import Link, Resource, Scope, Span
from collector.model.stitching.facts import Fragment, Joint, Occurrence, Part
from collector.model.stitching.keys import Kind, Outcome, Role

MS = 1_000_000
HOME = "a" * 16


def trace_id(number: int) -> str:
    return f"{number:032x}"


def span_id(number: int) -> str:
    return f"{number:016x}"


def span(
    name: str,
    id: int,  # noqa: A002 - reads as a keyword at the call
    start: float = 0,
    end: float | None = 10,
    *,
    trace: int = 1,
    parent: int | None = None,
    kind: str = "internal",
    function: str | None = "api",
    error: bool = False,
    host: str | None = None,
    links: Iterable[tuple[int, int]] = (),
    **fields: Any,
) -> Span:
    """A span from ``start`` to ``end`` (ms, None: no end) with the fields that matter here."""
    known: dict[str, Any] = {
        "status_message": None,
        "service": None,
        "invocation_id": None,
        "cold_start": None,
        "trigger": None,
        "correlation_id": None,
        "destination": None,
        "message_id": None,
        "error_type": None,
        "trace_state": None,
        "flags": None,
        "attributes": {},
        "scope": Scope(),
    }
    return Span(
        trace_id=trace_id(trace),
        span_id=span_id(id),
        parent_span_id=None if parent is None else span_id(parent),
        name=name,
        kind=kind,
        start_ns=round(start * MS),
        duration_ns=None if end is None else round((end - start) * MS),
        status="error" if error else "unset",
        function=function,
        resource=Resource(function=function, instance=host),
        links=tuple(Link("outgoing", trace_id(t), span_id(s), {}) for t, s in links),
        **(known | fields),
    )


def piece(
    name: str,
    id: int,  # noqa: A002
    start: float = 0,
    end: float | None = 10,
    *,
    fragment: str = HOME,
    shared: bool = False,
    keys: Sequence[str] = (),
    **fields: Any,
) -> Piece:
    """A span of the event, in a fragment."""
    return Piece(span(name, id, start, end, **fields), fragment, shared, tuple(keys))


def fragment(
    id: str = HOME,  # noqa: A002
    part: Part = Part.WHOLE,
    *,
    start: float = 0,
    function: str | None = "api",
    **fields: Any,
) -> Fragment:
    known: dict[str, Any] = {"functions": (function,) if function else (), "span_count": 1}
    return Fragment(
        fragment_id=id,
        trace_id=trace_id(1),
        part=part,
        start_ns=round(start * MS),
        end_ns=round(start * MS),
        function=function,
        **(known | fields),
    )


def taken(
    key: str,
    start: float,
    outcome: Outcome = Outcome.OK,
    *,
    fragment: str = HOME,
    function: str | None = "worker",
    kind: Kind = Kind.MESSAGE,
    **fields: Any,
) -> Occurrence:
    """A message taken, as stitching lists it."""
    return Occurrence(
        fragment_id=fragment,
        key=key,
        kind=kind,
        role=Role.IN,
        time_ns=round(start * MS),
        outcome=outcome,
        function=function,
        **fields,
    )


def log(
    body: Any,
    at: float,
    *,
    function: str | None = "api",
    invocation_id: str | None = None,
    fragment: str = HOME,
    shared: bool = False,
    **attributes: Any,
) -> LogPiece:
    """A log record that names no trace."""
    record = LogRecord(
        time_ns=round(at * MS),
        severity_number=9,
        severity_text=None,
        body=body,
        event_name=None,
        trace_id=None,
        span_id=None,
        function=function,
        service=None,
        invocation_id=invocation_id,
        correlation_id=None,
        attributes=attributes,
        resource_attributes={},
    )
    return LogPiece(record, fragment, shared)


def summary(start: float, end: float, **fields: Any) -> EventTraceSummary:
    known: dict[str, Any] = {
        "event_trace_id": HOME,
        "status": "ok",
        "root_function": "api",
        "functions": ("api",),
        "path": ("api",),
        "shape_id": "0" * 16,
        "trace_ids": (trace_id(1),),
        "correlation_ids": (),
        "invocation_count": 1,
        "hop_count": 0,
        "retry_count": 0,
        "duplicate_count": 0,
        "cold_start_count": 0,
        "queue_wait_ns": None,
        "phantom_count": 0,
        "span_count": 1,
        "error_count": 0,
        "confidence": 1.0,
    }
    return EventTraceSummary(
        start_ns=round(start * MS), duration_ns=round((end - start) * MS), **(known | fields)
    )


def material(
    pieces: Iterable[Piece] = (),
    *,
    logs: Iterable[LogPiece] = (),
    fragments: Iterable[Fragment] = (),
    occurrences: Iterable[Occurrence] = (),
    joints: Iterable[Joint] = (),
    **fields: Any,
) -> Material:
    """What was read of an event; its range and its fragments are those of the pieces."""
    pieces, logs = tuple(pieces), tuple(logs)
    starts = [each.span.start_ns for each in pieces] + [each.record.time_ns for each in logs]
    ends = [each.span.end_ns for each in pieces] + [each.record.time_ns for each in logs]
    known = {each.fragment_id: each for each in fragments}
    for each in (*pieces, *logs):
        part = Part.SHARED if each.shared else Part.WHOLE
        known.setdefault(each.fragment_id, fragment(each.fragment_id, part))
    head = fields.pop("head", {})
    return Material(
        summary=summary(min(starts) / MS, max(ends) / MS, **head),
        pieces=pieces,
        logs=logs,
        fragments=tuple(known.values()),
        occurrences=tuple(occurrences),
        joints=tuple(joints),
        **fields,
    )


def shuffled(of: Material, seed: int) -> Material:
    """The same in another order."""
    dice = random.Random(seed)
    mixed = {
        name: tuple(dice.sample(getattr(of, name), len(getattr(of, name))))
        for name in ("pieces", "logs", "fragments", "occurrences", "joints")
    }
    return Material(
        summary=of.summary,
        ignored=of.ignored,
        batch_sizes=of.batch_sizes,
        arrived=of.arrived,
        invoked=of.invoked,
        parents_elsewhere=of.parents_elsewhere,
        truncated=of.truncated,
        **mixed,
    )
