"""What the platform itself logs of invocations: START, END and REPORT, as text or as JSON.

They tell of attempts whose own span never arrived, of how an attempt ended, and how long its
initialisation took. Formats: Lambda's text lines, its JSON log format, the Telemetry API's events
as OTLP log records (attribute ``type``).
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.model.events.pieces import LogPiece

_TEXT: Final = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
_FIELD: Final = re.compile(
    r"(Billed Restore Duration|Billed Duration|Restore Duration|Init Duration|Duration"
    r"|Status|Error Type):\s+(\S+)"
)
_TYPES: Final = {
    "platform.start": "START", "platform.runtimeDone": "END", "platform.report": "REPORT",
}  # fmt: skip
_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """One attempt of an invocation as log records tell of it; None is not told.

    ``last_ns`` is when the last record was written. ``status``: success, error, failure or timeout.
    ``told``: the platform spoke of it, not only the
    function. Asynchronous retries have the same invocation id.
    """

    function: str | None
    invocation_id: str
    fragment_id: str
    shared: bool
    start_ns: int
    end_ns: int
    last_ns: int = 0
    ended: bool = False
    told: bool = False
    duration_ns: int | None = None
    init_ns: int | None = None
    status: str | None = None
    error_type: str | None = None

    @property
    def failed(self) -> bool:
        return self.status in ("error", "failure", "timeout")

    @property
    def cold_start(self) -> bool | None:
        """Known once it has been reported."""
        return self.init_ns is not None if self.duration_ns is not None else None


@dataclass(frozen=True, slots=True)
class PlatformRecord:
    """One line of the platform; ``kind``: START, END or REPORT."""

    kind: str
    invocation_id: str | None
    fields: Mapping[str, Any]


def platform_record(body: Any, attributes: Mapping[str, Any]) -> PlatformRecord | None:
    """The record as the platform's; None when it is the function's own."""
    if isinstance(body, str) and body.startswith("{") and '"platform.' in body[:400]:
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            return None
    if isinstance(body, dict):
        return _of_event(body)
    found = _TEXT.match(body) if isinstance(body, str) else None
    if found:
        return PlatformRecord(found[1], found[2], _text_fields(body))
    kind = _TYPES.get(str(attributes.get("type")))
    return PlatformRecord(kind, None, _text_fields(str(body or ""))) if kind else None


def _text_fields(body: str) -> dict[str, Any]:
    return dict(_FIELD.findall(body))


def _of_event(event: Mapping[str, Any]) -> PlatformRecord | None:
    kind = _TYPES.get(str(event.get("type")))
    record = event.get("record")
    if kind is None or not isinstance(record, dict):
        return None
    metrics = record.get("metrics")
    metrics = metrics if isinstance(metrics, dict) else {}
    fields = {
        "Duration": metrics.get("durationMs"),
        "Init Duration": metrics.get("initDurationMs"),
        "Status": record.get("status"),
        "Error Type": record.get("errorType"),
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return PlatformRecord(kind, record.get("requestId"), known)


def logged_attempts(logs: Iterable[LogPiece]) -> list[LoggedAttempt]:
    """Every attempt of which log records tell, in order of time.

    A START begins one, as does a REPORT after a REPORT where starts are not logged.
    """
    groups: dict[tuple[str, str], list[tuple[LogPiece, PlatformRecord | None]]] = defaultdict(list)
    for piece in logs:
        record = piece.record
        platform = platform_record(record.body, record.attributes)
        invocation_id = record.invocation_id or (platform and platform.invocation_id)
        if invocation_id:
            groups[record.function or "", invocation_id].append((piece, platform))
    found = [
        _attempt(function or None, invocation_id, attempt)
        for (function, invocation_id), records in groups.items()
        for attempt in _split(sorted(records, key=_order))
    ]
    return sorted(found, key=lambda each: (each.start_ns, each.function or "", each.invocation_id))


_RANK: Final = {"START": 0, "END": 2, "REPORT": 3}


def _order(item: tuple[LogPiece, PlatformRecord | None]) -> tuple[int, int, str]:
    piece, platform = item
    return (
        piece.record.time_ns,
        _RANK[platform.kind] if platform else 1,
        str(piece.record.body),
    )


def _split(
    records: Iterable[tuple[LogPiece, PlatformRecord | None]],
) -> list[list[tuple[LogPiece, PlatformRecord | None]]]:
    attempts: list[list[tuple[LogPiece, PlatformRecord | None]]] = [[]]
    seen: set[str] = set()
    for item in records:
        kind = item[1].kind if item[1] else None
        if kind in seen and kind != "END":
            attempts.append([])
            seen = set()
        if kind:
            seen.add(kind)
        attempts[-1].append(item)
    return attempts


def _attempt(
    function: str | None,
    invocation_id: str,
    records: list[tuple[LogPiece, PlatformRecord | None]],
) -> LoggedAttempt:
    fields: dict[str, Any] = {}
    for _, platform in records:
        fields.update(platform.fields if platform else {})
    kinds = {platform.kind for _, platform in records if platform}
    own = [piece for piece, _ in records if not piece.shared]
    place = (own or [records[0][0]])[0]
    times = [piece.record.time_ns for piece, _ in records]
    duration_ns = _ns(fields.get("Duration"))
    start_ns = min(times)
    if "START" not in kinds and duration_ns is not None:
        start_ns = min(start_ns, max(times) - duration_ns)
    reported = "REPORT" in kinds and duration_ns is not None
    status = fields.get("Status")
    return LoggedAttempt(
        function,
        invocation_id,
        place.fragment_id,
        place.shared,
        start_ns,
        end_ns=start_ns + duration_ns if reported and duration_ns is not None else max(times),
        last_ns=max(times),
        ended=bool(kinds & {"END", "REPORT"}),
        told=bool(kinds),
        duration_ns=duration_ns if reported else None,
        init_ns=_ns(fields.get("Init Duration")),
        status=str(status).lower() if status else None,
        error_type=str(fields["Error Type"]) if "Error Type" in fields else None,
    )


def _ns(ms: Any) -> int | None:
    try:
        return round(float(ms) * _NS_PER_MS)
    except (TypeError, ValueError, OverflowError):
        return None
