"""The time nobody worked on the event: in queues, between attempts, for initialisations."""

from collections.abc import Iterable, Mapping, Sequence

from collector.model.event_trace import Wait
from collector.model.events.causes import Cause
from collector.model.events.numbering import Numbered
from collector.model.events.work import Work


def waits(
    numbered: Sequence[Numbered],
    causes: Sequence[Cause | None],
    shifts: Mapping[str, int] | None = None,
) -> list[Wait]:
    """Every wait of the event in order of time; none is negative.

    ``shifts``: by how much the clock of each host was set forward (ns).
    """
    found: list[Wait] = []
    for each, cause in zip(numbered, causes, strict=True):
        found += before(each, cause, (shifts or {}).get(_host(each.work), 0))
    return sorted(found, key=lambda each: (each.start_ns, each.delivery_id, each.kind))


def before(numbered: Numbered, cause: Cause | None, skew_ns: int = 0) -> list[Wait]:
    """The waits right before one delivery in order: for its turn, for its function to be ready."""
    work = numbered.work
    begun_ns = work.begun_ns
    init_ns = (work.init_ns or 0) if work.cold_start else 0
    ready_ns = begun_ns - init_ns
    sent_ns = min(cause.sent_ns, begun_ns) if cause and cause.kind != "called" else None
    if sent_ns is None:
        return [_cold_start(work, ready_ns, begun_ns, skew_ns)] if init_ns else []
    assert cause is not None
    found = []
    if init_ns and begun_ns > sent_ns:
        ready_ns = max(ready_ns, sent_ns)
        found.append(_cold_start(work, ready_ns, begun_ns, skew_ns))
    else:
        ready_ns = begun_ns
    if ready_ns > sent_ns:
        source = cause.piece.span.span_id if cause.piece else None
        kind, label = _named(numbered, cause)
        wait = Wait(kind, label, sent_ns, ready_ns, work.delivery_id, source, skew_ns)
        found.insert(0, wait)
    return found


def _named(numbered: Numbered, cause: Cause) -> tuple[str, str]:
    function = numbered.work.function or "its function"
    if cause.kind == "retried":
        return "retry_backoff", f"before attempt {numbered.number} of {function}"
    if cause.place:
        return "queue_wait", f"waiting in {cause.place}"
    return "queue_wait", f"waiting for {function}"


def _cold_start(work: Work, since_ns: int, until_ns: int, skew_ns: int) -> Wait:
    label = f"cold start of {work.function or 'its function'}"
    return Wait("cold_start", label, since_ns, until_ns, work.delivery_id, None, skew_ns)


def _host(work: Work) -> str:
    first: Iterable[object] = work.own or (work.invocation.pieces if work.invocation else ())
    return next((each.host for each in first), "")  # type: ignore[attr-defined]
