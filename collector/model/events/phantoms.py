"""What telemetry refers to that never arrived: parents, linked spans, attempts without a span."""

from collections.abc import Iterable, Sequence

from collector.model.durations import duration
from collector.model.event_trace import Phantom
from collector.model.events.numbering import Numbered
from collector.model.events.pieces import TAKING, Material, Piece
from collector.model.events.work import Work


def phantoms(
    material: Material, numbered: Sequence[Numbered], pieces: Sequence[Piece]
) -> list[Phantom]:
    """Every hole of the event once, in order of time; ``pieces`` with their clocks set."""
    works = [each.work for each in numbered]
    found = [
        *_parents(pieces, works, material),
        *_linked(pieces, material),
        *_without_span(works),
        *_unseen_attempts(numbered),
        *_endless(pieces),
    ]
    return sorted(
        found, key=lambda each: (each.start_ns or 0, each.kind, each.span_id or "", each.label)
    )


def _parents(
    pieces: Sequence[Piece], works: Sequence[Work], material: Material
) -> Iterable[Phantom]:
    """One for each missing parent, over all spans that name it."""
    known = {each.id for each in pieces} | material.parents_elsewhere
    lost = {
        work.invocation.missing: work
        for work in works
        if work.invocation and work.invocation.missing
    }
    worked = {piece.id for work in works if work.invocation for piece in work.invocation.pieces}
    orphans: dict[tuple[str, str], list[Piece]] = {}
    for each in pieces:
        if each.shared and each.id not in worked:
            continue  # another message's
        if each.parent_id and each.parent_id not in known:
            orphans.setdefault(each.parent_id, []).append(each)
    for parent_id, below in orphans.items():
        first = min(below, key=lambda each: each.order)
        work = lost.get(parent_id)
        label = f"parent of {first.span.name}"
        reason, start_ns, end_ns = _missing_parent(first, below, work)
        yield Phantom("parent", label, reason, first.fragment_id, parent_id[1], start_ns, end_ns)


def _missing_parent(
    first: Piece, below: Sequence[Piece], work: Work | None
) -> tuple[str, int | None, int | None]:
    start_ns = first.span.start_ns
    end_ns = max(each.span.end_ns for each in below)
    if work is None and first.span.kind not in TAKING:
        reason = (
            f"the span above {first.span.name} never arrived: it was dropped by sampling, its"
            " export was lost, or it has not ended"
        )
        return reason, start_ns, end_ns
    if work is None or first.span.kind in TAKING:
        reason = (
            f"{first.span.function or first.span.name} was called under a span that never arrived:"
            " its sender exports nothing here, or its export was lost"
        )
        return reason, None, None
    function = work.function or "the function"
    logged = work.logged
    if logged and logged.failed:
        reason = f"{_fate(work)}; the span of that invocation of {function} never arrived"
        return reason, min(start_ns, logged.start_ns), max(end_ns, logged.end_ns)
    reason = (
        f"{function} exported spans below it but not this one: it was stopped before it could,"
        " or the export was lost"
    )
    return reason, start_ns, end_ns


def _fate(work: Work) -> str:
    """How an attempt ended that only log records tell of."""
    logged = work.logged
    function = work.function or "the function"
    if logged is None or not logged.told:
        return f"only log records tell of this invocation of {function}"
    took = f" after {duration(logged.duration_ns)}" if logged.duration_ns is not None else ""
    if logged.status == "timeout":
        return f"{function} timed out{took}"
    if logged.failed:
        why = f" with {logged.error_type}" if logged.error_type else ""
        return f"{function} failed{why}{took}"
    if not logged.ended:
        return f"{function} was started and no end of it was told"
    return f"{function} ended{took}"


def _linked(pieces: Iterable[Piece], material: Material) -> Iterable[Phantom]:
    """Links of the event's own spans; those of shared ones mostly belong to other messages."""
    known = {each.id for each in pieces}
    seen: set[tuple[str, str]] = set()
    for each in sorted(pieces, key=lambda each: each.order):
        if each.shared:
            continue
        for link in each.span.links:
            target = (link.trace_id, link.span_id)
            missing = target not in known and target not in material.arrived
            if link.direction != "outgoing" or not missing or link.name or target in seen:
                continue
            seen.add(target)
            yield Phantom(
                "linked span",
                f"linked by {each.span.name}",
                "the span it links to never arrived: its sender exports to another place, drops it"
                " by sampling, or lost it",
                each.fragment_id,
                link.span_id,
                None,
                None,
            )


def _without_span(works: Iterable[Work]) -> Iterable[Phantom]:
    """Invocations that only log records tell of."""
    for work in works:
        if work.invocation is None and work.logged is not None:
            yield Phantom(
                "invocation",
                f"{work.function or 'an invocation'} {work.logged.invocation_id}",
                f"{_fate(work)}; no span of it arrived",
                work.fragments[0],
                None,
                work.start_ns,
                work.end_ns,
            )


def _unseen_attempts(numbered: Sequence[Numbered]) -> Iterable[Phantom]:
    """Attempts that a later one's count tells of and nothing else."""
    groups: dict[int, list[Numbered]] = {}
    for each in numbered:
        groups.setdefault(each.group, []).append(each)
    for group in groups.values():
        seen = {each.number for each in group}
        for number in range(1, max(seen)):
            if number in seen:
                continue
            after = min((each for each in group if each.number > number), key=lambda e: e.number)
            function = after.work.function or "the function"
            yield Phantom(
                "invocation",
                f"attempt {number} of {function}",
                f"attempt {after.number} says there was an attempt {number} of {function}:"
                " nothing of it arrived",
                after.work.fragments[0],
                None,
                None,
                after.work.begun_ns,
            )


def _endless(pieces: Iterable[Piece]) -> Iterable[Phantom]:
    """Spans that were started and whose end never came."""
    for each in pieces:
        if each.span.duration_ns is None and not each.shared:
            yield Phantom(
                "invocation" if each.span.kind in TAKING else "span",
                f"end of {each.span.name}",
                f"{each.span.name} began and its end never arrived: it still runs, or was stopped",
                each.fragment_id,
                each.span.span_id,
                each.span.start_ns,
                None,
            )
