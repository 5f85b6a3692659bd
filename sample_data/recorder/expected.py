"""The truth of a recording as `expected.json`: figures, every attempt, every business event."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from .figures import Figures
from .health import functions_of, queues_of
from .recording import Recording
from .truth import Attempt

# The handler's span starts inside the attempt; the clock of both is the same machine's.
CLOCK_SLACK_NS = 5_000_000


@dataclass(frozen=True)
class Expected:
    """Everything `expected.json` holds."""

    story: str
    figures: Figures
    functions: Mapping[str, Mapping[str, Any]]
    queues: Mapping[str, Mapping[str, Any]]
    attempts: Sequence[Mapping[str, Any]]
    events: Mapping[str, Mapping[str, Any]]
    dead_letters: Sequence[Mapping[str, Any]]
    given_up: Sequence[Mapping[str, str]]

    def to_json(self) -> str:
        """JSON with one attempt, event or dead letter a line, so that it reads as a diff."""
        figures = json.dumps(asdict(self.figures), indent=2).replace("\n", "\n  ")
        parts = [
            f'"story": {json.dumps(self.story)}',
            f'"figures": {figures}',
            f'"functions": {_lines("{}", _named(self.functions))}',
            f'"queues": {_lines("{}", _named(self.queues))}',
            f'"dead_letters": {_lines("[]", map(_compact, self.dead_letters))}',
            f'"given_up": {_lines("[]", map(_compact, self.given_up))}',
            f'"events": {_lines("{}", _named(self.events))}',
            f'"attempts": {_lines("[]", map(_compact, self.attempts))}',
        ]
        return "{\n  " + ",\n  ".join(parts) + "\n}\n"


def expected_of(name: str, story: ModuleType, recording: Recording) -> Expected:
    """Joins what the recorder did with the spans it received."""
    spans = list(_spans(recording.exports["traces"]))
    traces = _Traces(recording.exports["traces"])
    attempts = [_attempt(each, traces) for each in recording.attempts]
    dead = [
        _dead_letter(queue, story, message)
        for queue, messages in recording.dead_letters.items()
        for message in messages
    ]
    return Expected(
        story=name,
        figures=_figures(recording, spans, attempts),
        functions=functions_of(attempts),
        queues=queues_of(story.DEAD_LETTER_QUEUES, dead),
        attempts=attempts,
        events=_events(attempts, recording.outcomes),
        dead_letters=dead,
        given_up=[{"function": f, "request_id": r} for f, r in recording.given_up],
    )


class _Traces:
    """Finds what an attempt exported: its own span, or at least spans made while it ran."""

    def __init__(self, bodies: Iterable[bytes]) -> None:
        self._own: dict[str, list[Span]] = defaultdict(list)
        self._by_instance: dict[str, list[Span]] = defaultdict(list)
        for body in bodies:
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                instance = _text(group.resource.attributes, "faas.instance")
                for span in (span for scope in group.scope_spans for span in scope.spans):
                    self._by_instance[instance].append(span)
                    self._own[_text(span.attributes, "faas.invocation_id")].append(span)

    def of(self, attempt: Attempt) -> tuple[list[str], bool]:
        """Hex trace ids in order of arrival, and whether a span of the invocation itself did.

        A function that dies loses its own span, but what its batch processor sent before stays.
        Java's agent makes a span, and a trace, for each handler object around the function.
        """
        own = self._during(attempt, self._own[attempt.request_id])
        others = self._during(attempt, self._by_instance[attempt.instance])
        return own or others[:1], bool(own)

    def _during(self, attempt: Attempt, spans: Iterable[Span]) -> list[str]:
        ends_ns = attempt.started_ns + int(attempt.duration_ms * 1e6) + CLOCK_SLACK_NS
        began_ns = attempt.started_ns - CLOCK_SLACK_NS
        found = [each for each in spans if began_ns <= each.start_time_unix_nano <= ends_ns]
        return list(dict.fromkeys(each.trace_id.hex() for each in found))


def _text(attributes: Iterable[KeyValue], key: str) -> str:
    return next((each.value.string_value for each in attributes if each.key == key), "")


def _attempt(attempt: Attempt, traces: _Traces) -> dict[str, Any]:
    trace_ids, own_span = traces.of(attempt)
    told = asdict(attempt) | {"trace_id": next(iter(trace_ids), None), "own_span": own_span}
    if trace_ids[1:]:
        told["other_trace_ids"] = trace_ids[1:]
    told["event_ids"] = list(attempt.event_ids)
    return told


def _events(
    attempts: Sequence[Mapping[str, Any]], outcomes: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """For each business event: outcome, attempts, messages by queue, traces."""
    events: dict[str, dict[str, Any]] = {
        event_id: {"outcome": outcome, "attempts": [], "messages": {}, "trace_ids": []}
        for event_id, outcome in sorted(outcomes.items())
    }
    for attempt in attempts:
        key = [attempt[name] for name in ("function", "request_id", "attempt", "cold")]
        for event_id in attempt["event_ids"]:
            event = events[event_id]
            event["attempts"].append(key)
            for trace_id in (attempt["trace_id"], *attempt.get("other_trace_ids", ())):
                if trace_id and trace_id not in event["trace_ids"]:
                    event["trace_ids"].append(trace_id)
        for message in attempt["messages"]:
            for event_id in message["event_ids"]:
                queue = events[event_id]["messages"].setdefault(message["queue"], [])
                if message["message_id"] not in queue:
                    queue.append(message["message_id"])
    return events


def _dead_letter(queue: str, story: ModuleType, message: Mapping[str, Any]) -> dict[str, Any]:
    attributes = message["Attributes"]
    return {
        "queue": queue,
        "source_queue": story.DEAD_LETTER_QUEUES[queue],
        "message_id": message["MessageId"],
        "sent_ms": int(attributes["SentTimestamp"]),
        "event_ids": sorted(set(re.findall(story.EVENT_ID_PATTERN, message["Body"]))),
    }


def _figures(
    recording: Recording, spans: Sequence[Span], attempts: Sequence[Mapping[str, Any]]
) -> Figures:
    logs = [
        record
        for body in recording.exports["logs"]
        for resource in ExportLogsServiceRequest.FromString(body).resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
    ]
    times = [span.start_time_unix_nano for span in spans]
    times += [span.end_time_unix_nano for span in spans] + [log.time_unix_nano for log in logs]
    messages = [message for attempt in attempts for message in attempt["messages"]]
    return Figures(
        events=len(recording.outcomes),
        outcomes=_counts(recording.outcomes.values()),
        exports={signal: len(bodies) for signal, bodies in recording.exports.items()},
        spans=len(spans),
        traces=len({span.trace_id for span in spans}),
        span_links=sum(len(span.links) for span in spans),
        log_records=len(logs),
        metric_points=sum(_points(recording.exports["metrics"])),
        attempts=len(attempts),
        attempts_by_function=_by_function(attempts),
        cold_starts_by_function=_by_function(each for each in attempts if each["cold"]),
        errors_by_function=_by_function(each for each in attempts if each["status"] == "error"),
        timeouts_by_function=_by_function(each for each in attempts if each["status"] == "timeout"),
        attempts_without_span=sum(not each["own_span"] for each in attempts),
        async_retries=sum(each["attempt"] > 1 for each in attempts),
        redeliveries=sum(message["receive_count"] > 1 for message in messages),
        largest_batch=max(len(attempt["messages"]) for attempt in attempts),
        dead_letters={queue: len(found) for queue, found in recording.dead_letters.items()},
        given_up=len(recording.given_up),
        first_ns=min(times),
        last_ns=max(times),
    )


def _spans(bodies: Iterable[bytes]) -> Iterator[Span]:
    for body in bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                yield from scope.spans


def _points(bodies: Iterable[bytes]) -> Iterator[int]:
    for body in bodies:
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    data = metric.WhichOneof("data")
                    yield len(getattr(metric, data).data_points) if data else 0


def _by_function(attempts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return _counts(attempt["function"] for attempt in attempts)


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _named(values: Mapping[str, Any]) -> list[str]:
    return [f"{json.dumps(key)}: {_compact(value)}" for key, value in values.items()]


def _lines(brackets: str, lines: Iterable[str]) -> str:
    inner = ",\n    ".join(lines)
    return f"{brackets[0]}\n    {inner}\n  {brackets[1]}" if inner else brackets
