"""What the picture of an event trace is made of: blocks of work.

A block is one delivery with its spans; spans that belong to no delivery make a block for each
function of their part.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.model.event_trace import Delivery, EventTrace, Phantom, Wait
from collector.model.span import Span

GIVEN_UP: Final = ("dead_lettered", "redriven")
"""How a delivery ends that goes to a dead-letter queue."""


@dataclass(frozen=True, slots=True)
class Block:
    """One delivery, or the spans of one function that no delivery holds (``delivery`` None).

    ``shared`` are spans that served the whole batch, listed with the first delivery of it that is
    in the event; ``batch`` is from when to when they ran. ``phantom`` tells why nothing of the
    delivery arrived. ``end_ns`` None: it has not ended, as far as is known.
    """

    id: str
    function: str | None
    fragment_id: str
    start_ns: int
    end_ns: int | None
    delivery: Delivery | None
    spans: tuple[Span, ...]
    shared: tuple[Span, ...] = ()
    batch: tuple[int, int] | None = None
    waits: tuple[Wait, ...] = ()
    phantom: Phantom | None = None

    @property
    def failed(self) -> bool:
        """As the delivery says; where there is none, as its outermost span says."""
        if self.delivery:
            return self.delivery.outcome == "error"
        return bool(self.spans) and self.root.status == "error"

    @property
    def root(self) -> Span:
        """The span that stands for the block: the delivery's own, else the earliest."""
        own = self.delivery.span_id if self.delivery else None
        return next((span for span in self.spans if span.span_id == own), self.spans[0])

    @property
    def title(self) -> str:
        """What it did: the name of its span."""
        spans = self.spans or self.shared
        return (self.root if self.spans else spans[0]).name if spans else ""

    @property
    def all_spans(self) -> tuple[Span, ...]:
        """Shared ones first: they hold the others."""
        return self.shared + self.spans

    @property
    def stands_for(self) -> Span | None:
        """The one span that holds all others: the block's own row shows it already."""
        if self.shared or not self.spans:
            return None
        own = {span.span_id for span in self.spans}
        tops = [span for span in self.spans if span.parent_span_id not in own]
        return tops[0] if len(tops) == 1 else None


def blocks(event: EventTrace) -> list[Block]:
    """All blocks in order of time."""
    own: dict[str, list[Span]] = defaultdict(list)
    batches: dict[str, list[Span]] = defaultdict(list)
    loose: dict[tuple[str, str | None], list[Span]] = defaultdict(list)
    known = {each.delivery_id for each in event.deliveries}
    for each in event.spans:
        if each.shared:
            batches[each.fragment_id or ""].append(each.span)
        elif each.delivery_id in known:
            own[each.delivery_id or ""].append(each.span)
        else:
            loose[each.fragment_id or "", each.span.function].append(each.span)
    deliveries = sorted(event.deliveries, key=lambda each: (each.start_ns, each.attempt))
    served, left = _served(deliveries, batches)
    waits: dict[str, list[Wait]] = defaultdict(list)
    for wait in event.waits:
        waits[wait.delivery_id].append(wait)
    found = [_delivered(e, event, own, served, waits[e.delivery_id]) for e in deliveries]
    for place, ((fragment_id, function), spans) in enumerate(loose.items()):
        found.append(_loose(f"loose-{place}", fragment_id, function, spans))
    for fragment_id, spans in left.items():
        found.append(_loose(f"batch-{fragment_id}", fragment_id, spans[0].function, (), spans))
    return sorted(found, key=lambda block: block.start_ns)


def _served(
    deliveries: Sequence[Delivery], batches: Mapping[str, list[Span]]
) -> tuple[dict[str, tuple[list[Span], tuple[int, int]]], dict[str, list[Span]]]:
    """For each delivery of a batch its shared spans and when they ran; then those of none."""
    served: dict[str, tuple[list[Span], tuple[int, int]]] = {}
    left: dict[str, list[Span]] = {}
    for fragment_id, spans in batches.items():
        run = (min(span.start_ns for span in spans), max(span.end_ns for span in spans))
        traces = {span.trace_id for span in spans}
        functions = {span.function for span in spans}
        fitting = [
            each
            for each in deliveries
            if each.trace_id in traces
            and each.function in functions
            and run[0] <= each.start_ns <= run[1]
        ]
        for each in fitting:
            served[each.delivery_id] = (spans if each is fitting[0] else [], run)
        if not fitting:
            left[fragment_id] = spans
    return served, left


def _delivered(
    delivery: Delivery,
    event: EventTrace,
    own: Mapping[str, list[Span]],
    served: Mapping[str, tuple[list[Span], tuple[int, int]]],
    waits: Sequence[Wait],
) -> Block:
    spans = own.get(delivery.delivery_id, [])
    shared, run = served.get(delivery.delivery_id, ([], None))
    missing = None if spans or run else _missing(delivery, event)
    return Block(
        id=delivery.delivery_id,
        function=delivery.function,
        fragment_id=delivery.fragment_id,
        start_ns=delivery.start_ns,
        end_ns=delivery.end_ns or (missing.end_ns if missing else None),
        delivery=delivery,
        spans=tuple(spans),
        shared=tuple(shared),
        batch=run,
        waits=tuple(waits),
        phantom=missing,
    )


def _missing(delivery: Delivery, event: EventTrace) -> Phantom | None:
    """Why nothing arrived of it."""
    of_its_part = (
        phantom
        for phantom in event.phantoms
        if phantom.kind == "invocation" and phantom.fragment_id == delivery.fragment_id
    )
    return next(of_its_part, None)


def _loose(
    block_id: str,
    fragment_id: str,
    function: str | None,
    spans: Sequence[Span],
    shared: Sequence[Span] = (),
) -> Block:
    every = [*spans, *shared]
    start_ns, end_ns = min(s.start_ns for s in every), max(s.end_ns for s in every)
    return Block(
        id=block_id,
        function=function,
        fragment_id=fragment_id,
        start_ns=start_ns,
        end_ns=end_ns,
        delivery=None,
        spans=tuple(spans),
        shared=tuple(shared),
        batch=(start_ns, end_ns) if shared else None,
    )


def holders(found: Iterable[Block]) -> dict[str, Block]:
    """The block of each span id."""
    return {span.span_id: block for block in found for span in block.all_spans}


def log_parts(event: EventTrace, found: Iterable[Block]) -> dict[str, str]:
    """The part whose log records a part without spans is: both tell of the same invocation."""
    known = {block.fragment_id for block in found}
    return {
        own: other
        for joint in event.joints
        if joint.evidence == "invocation id"
        for own, other in ((joint.source, joint.target), (joint.target, joint.source))
        if own not in known and other in known
    }


def attempted(delivery: Delivery) -> str | None:
    """What its attempts have in common."""
    return delivery.message_id or delivery.invocation_id
