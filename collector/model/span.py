"""Spans, and the trace they make, as read back from the store."""

from dataclasses import dataclass, field
from typing import Final

from collector.model.attributes import Attributes
from collector.model.log import LogRecord
from collector.model.record import record

KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
STATUSES: Final = ("unset", "ok", "error")


@dataclass(frozen=True, slots=True)
class Resource:
    """What sent the telemetry; None is not said."""

    service: str | None = None
    function: str | None = None
    version: str | None = None
    instance: str | None = None
    provider: str | None = None
    platform: str | None = None
    region: str | None = None
    account_id: str | None = None
    memory_bytes: int | None = None
    schema_url: str | None = None
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """The instrumentation library."""

    name: str | None = None
    version: str | None = None
    attributes: Attributes = field(default_factory=dict)


@record(frozen=True, slots=True)
class Event:
    """Something that happened at one moment inside a span."""

    time_ns: int
    name: str
    attributes: Attributes


@record(frozen=True, slots=True)
class Link:
    """A tie to another span, seen from the span it is listed under.

    ``direction`` is "outgoing" when this span names the other, "incoming" when the other names
    this one. The ids are the other end's; its ``name`` is None when that span never arrived.
    """

    direction: str
    trace_id: str
    span_id: str
    attributes: Attributes
    trace_state: str | None = None
    name: str | None = None
    function: str | None = None


@record(frozen=True, slots=True)
class Span:
    """One span. ``duration_ns`` None: its end never arrived; negative: its clock went back."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    name: str
    kind: str
    start_ns: int
    duration_ns: int | None
    status: str
    status_message: str | None
    function: str | None
    service: str | None
    invocation_id: str | None
    cold_start: bool | None
    trigger: str | None
    correlation_id: str | None
    destination: str | None
    message_id: str | None
    error_type: str | None
    trace_state: str | None
    flags: int | None
    attributes: Attributes
    resource: Resource
    scope: Scope
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    dropped_attributes_count: int = 0
    dropped_events_count: int = 0
    dropped_links_count: int = 0

    @property
    def end_ns(self) -> int:
        """When it ended; its start when the end is unknown or lies before."""
        return self.start_ns + max(0, self.duration_ns or 0)


@dataclass(frozen=True, slots=True)
class Trace:
    """Every span and log record of one trace id, both in order of time; one of them may be none.

    ``truncated``: there are more spans than these.
    """

    trace_id: str
    spans: tuple[Span, ...]
    logs: tuple[LogRecord, ...]
    truncated: bool = False

    @property
    def start_ns(self) -> int:
        """When its first span began; without spans, when its first record was written."""
        first = self.spans or self.logs
        return first[0].start_ns if isinstance(first[0], Span) else first[0].time_ns

    @property
    def duration_ns(self) -> int:
        """From the first start to the last end; without spans, to the last log record."""
        ends = [span.end_ns for span in self.spans] or [record.time_ns for record in self.logs]
        return max(ends) - self.start_ns


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One line of the list of traces. ``status`` is "error" or "ok" (no span failed)."""

    trace_id: str
    start_ns: int
    duration_ns: int
    root_name: str
    root_function: str | None
    functions: tuple[str, ...]
    services: tuple[str, ...]
    span_count: int
    error_count: int

    @property
    def status(self) -> str:
        return "error" if self.error_count else "ok"


@dataclass(frozen=True, slots=True)
class TracePage:
    """Traces, newest first, and where the next page starts (None: this is the last)."""

    traces: tuple[TraceSummary, ...]
    next_cursor: str | None
