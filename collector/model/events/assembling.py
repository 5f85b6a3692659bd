"""Puts one event trace together from what was read of it: the story its page and its API tell."""

from collections.abc import Mapping
from dataclasses import replace

from collector.model.event_trace import Delivery, EventSpan, EventTrace, EventTraceSummary, Wait
from collector.model.events.causes import causes
from collector.model.events.clocks import set_clocks
from collector.model.events.critical_path import critical_path
from collector.model.events.evidence import joints
from collector.model.events.numbering import Numbered, numbered
from collector.model.events.phantoms import phantoms
from collector.model.events.pieces import Material, Piece
from collector.model.events.sentence import sentence
from collector.model.events.waits import waits
from collector.model.events.works import works
from collector.model.stitching.keys import Outcome


def assemble(material: Material) -> EventTrace:
    """The event trace. A function of the material alone: the order of its parts does not matter.

    Times are those of clocks that are set right (``clock_notes`` says which); the rows of the store
    keep the times that were sent.
    """
    material = _in_order(material)
    found = numbered(material, works(material))
    led_by = causes(found, material.pieces)
    clocks = set_clocks(found, led_by, material.pieces)
    if clocks.shifts:
        pieces = tuple(each.shifted(clocks.shifts.get(each.host, 0)) for each in material.pieces)
        material = replace(material, pieces=pieces)
        found = numbered(material, works(material))
        led_by = causes(found, pieces)
    start_ns, end_ns = _range(material, shifted=bool(clocks.shifts))
    waited = _within(waits(found, led_by, clocks.shifts), start_ns)
    path = critical_path(found, led_by, material.pieces, start_ns, end_ns)
    missing = phantoms(material, found, material.pieces)
    deliveries = tuple(_delivery(each) for each in found)
    summary = replace(
        _completed(material.summary, deliveries, waited),
        start_ns=start_ns,
        duration_ns=end_ns - start_ns,
        phantom_count=len(missing),
    )
    return EventTrace(
        summary=summary,
        spans=_spans(material.pieces, found, clocks.shifts),
        deliveries=deliveries,
        joints=tuple(joints(material)),
        waits=tuple(waited),
        critical_path=tuple(path),
        phantoms=tuple(missing),
        logs=tuple(each.record for each in material.logs),
        ignored_keys=material.ignored,
        sentence=sentence(summary, path, deliveries),
        clock_notes=clocks.notes,
        truncated=material.truncated,
    )  # fmt: skip


def _in_order(material: Material) -> Material:
    """The same in order of time, equal ones by their ids and contents."""
    logs = sorted(
        material.logs,
        key=lambda each: (each.record.time_ns, each.record.key, str(each.record.body)),
    )
    pieces = sorted(material.pieces, key=lambda each: each.order)
    return replace(material, pieces=tuple(pieces), logs=tuple(logs))


def _range(material: Material, shifted: bool) -> tuple[int, int]:
    """From the first start to the last end: as the list has it, but by the clocks set right."""
    summary = material.summary
    end_ns = summary.start_ns + summary.duration_ns
    own = [each.span for each in material.pieces if not each.shared]
    if not shifted or not own or material.truncated:
        return summary.start_ns, end_ns
    times = [each.record.time_ns for each in material.logs if not each.shared]
    starts = [span.start_ns for span in own]
    ends = [span.end_ns for span in own]
    return min(starts + times), max(ends + times)


def _completed(
    summary: EventTraceSummary, deliveries: tuple[Delivery, ...], waited: list[Wait]
) -> EventTraceSummary:
    """With what only the whole event tells: the platform's word on cold starts, inferred waits."""
    cold = {
        (each.function, each.invocation_id or each.delivery_id)
        for each in deliveries
        if each.cold_start
    }
    queue_wait_ns = summary.queue_wait_ns
    if queue_wait_ns is None and any(each.kind == "queue_wait" for each in waited):
        queue_wait_ns = _union_ns(
            [(each.start_ns, each.end_ns) for each in waited if each.kind == "queue_wait"]
        )
    return replace(
        summary,
        cold_start_count=max(summary.cold_start_count, len(cold)),
        queue_wait_ns=queue_wait_ns,
    )


def _within(waited: list[Wait], start_ns: int) -> list[Wait]:
    """Not what was before the event began: the initialisation its first caller waited for."""
    clipped = (replace(each, start_ns=max(each.start_ns, start_ns)) for each in waited)
    return [each for each in clipped if each.end_ns > each.start_ns]


def _union_ns(stretches: list[tuple[int, int]]) -> int:
    """Length of what the stretches cover, overlaps once."""
    total = 0
    reached = min(since for since, _ in stretches)
    for since, until in sorted(stretches):
        total += max(0, until - max(since, reached))
        reached = max(reached, until)
    return total


def _spans(
    pieces: tuple[Piece, ...], found: list[Numbered], shifts: Mapping[str, int]
) -> tuple[EventSpan, ...]:
    owner = {piece.id: each.work.delivery_id for each in found for piece in each.work.own}
    return tuple(
        EventSpan(
            each.span, each.fragment_id, each.shared, owner.get(each.id), shifts.get(each.host, 0)
        )
        for each in pieces
    )


def _delivery(each: Numbered) -> Delivery:
    work = each.work
    top = work.top
    first = top or (work.invocation.pieces[0] if work.invocation else None)
    return Delivery(
        delivery_id=work.delivery_id,
        fragment_id=work.fragments[0],
        function=work.function,
        queue=work.queue,
        message_id=work.message_id,
        invocation_id=work.invocation_id,
        trace_id=first.span.trace_id if first else None,
        span_id=top.span.span_id if top else None,
        start_ns=work.start_ns,
        end_ns=work.end_ns,
        attempt=each.number,
        attempts=each.count,
        batch_size=work.batch_size,
        outcome={Outcome.OK: "ok", Outcome.ERROR: "error"}.get(work.outcome, "unknown"),
        ended_in=each.ended_in,
        cold_start=work.cold_start,
        dead_letter=work.dead_letter,
        init_ns=work.init_ns if work.cold_start else None,
    )
