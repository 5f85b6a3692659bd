"""What the picture of an event trace is made of: blocks of work, and the ties between them.

A block is one delivery with its spans; spans that belong to no delivery make a block for each
function of their part. A tie leads from the block that sent, called or failed to the block that
followed, with the joint that is the evidence for it where two parts meet.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from collector.model.event_trace import Delivery, EventJoint, EventTrace, Phantom, Wait
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


@dataclass(frozen=True, slots=True)
class Tie:
    """From one block (its id) to another. ``left_ns``: when the work left the first one."""

    source: str
    target: str
    left_ns: int
    joint: EventJoint | None = None

    @property
    def exact(self) -> bool:
        return self.joint is None or self.joint.exact


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
    found = [_delivered(each, event, own, served) for each in deliveries]
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
        waits=tuple(wait for wait in event.waits if wait.delivery_id == delivery.delivery_id),
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


def ties(event: EventTrace, found: Sequence[Block]) -> list[Tie]:
    """How one block led to another: by a wait, by a parent span, by a joint of two parts.

    A joint that says what a wait or a parent says already is the evidence of that tie; a guessed
    one is drawn only to a block that nothing exact leads to, and one to a later attempt not at all
    where the attempt before leads to it.
    """
    holder = holders(found)
    by_id = {block.id: block for block in found}
    known: dict[tuple[str, str], Tie] = {}
    logs_of = log_parts(event, found)
    holding: dict[str, set[str]] = defaultdict(set)
    for joint in event.joints:
        holding[joint.key] |= {logs_of.get(part, part) for part in (joint.source, joint.target)}
    for tie in (*_by_waits(found, holder), *_by_attempts(found), *_by_parents(found, holder)):
        known.setdefault((tie.source, tie.target), tie)
    for joint in sorted(event.joints, key=lambda each: -each.confidence):
        ends = (logs_of.get(joint.source, joint.source), logs_of.get(joint.target, joint.target))
        _add_joint(joint, ends, known, found, holder, by_id, holding[joint.key])
    return list(known.values())


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


def _by_waits(found: Sequence[Block], holder: Mapping[str, Block]) -> Iterable[Tie]:
    for block in found:
        for wait in block.waits:
            source = holder.get(wait.source_span_id or "")
            if source and source is not block:
                yield Tie(source.id, block.id, wait.start_ns)


def _by_attempts(found: Sequence[Block]) -> Iterable[Tie]:
    """From a failed attempt to the next one at the same message."""
    for block in found:
        before = _attempt_before(block, found)
        if before:
            left_ns = next(
                (wait.start_ns for wait in block.waits if wait.kind == "retry_backoff"),
                min(before.end_ns or block.start_ns, block.start_ns),
            )
            yield Tie(before.id, block.id, left_ns)


def _attempt_before(block: Block, found: Sequence[Block]) -> Block | None:
    here = block.delivery
    if here is None or here.attempt < 2:
        return None
    return next(
        (
            each
            for each in found
            if each.delivery
            and each.delivery.attempt == here.attempt - 1
            and each.delivery.function == here.function
            and attempted(each.delivery) == attempted(here)
        ),
        None,
    )


def attempted(delivery: Delivery) -> str | None:
    """What its attempts have in common."""
    return delivery.message_id or delivery.invocation_id


def _by_parents(found: Sequence[Block], holder: Mapping[str, Block]) -> Iterable[Tie]:
    for block in found:
        for span in block.spans[:1]:
            source = holder.get(span.parent_span_id or "")
            if source and source is not block:
                yield Tie(source.id, block.id, block.start_ns)


def _add_joint(
    joint: EventJoint,
    parts: tuple[str, str],
    known: dict[tuple[str, str], Tie],
    found: Sequence[Block],
    holder: Mapping[str, Block],
    by_id: Mapping[str, Block],
    holding: Set[str],
) -> None:
    target = _end(parts[1], joint.target_span_id, found, holder, None)
    source = _end(parts[0], joint.source_span_id, found, holder, target)
    if source is None or target is None or source is target:
        return
    if source.start_ns > target.start_ns:
        source, target = target, source
    for pair, tie in known.items():
        ends = {by_id[tie.source].fragment_id, by_id[tie.target].fragment_id}
        if set(pair) == {source.id, target.id} or ends == set(parts):
            known[pair] = Tie(tie.source, tie.target, tie.left_ns, tie.joint or joint)
            return
    if not joint.exact:
        source = _latest(holding, target, found) or source
    led_to = any(tie.target == target.id for tie in known.values())
    again = target.delivery is not None and target.delivery.attempt > 1
    if not led_to or (joint.exact and not again):
        left_ns = _left(joint, source, target)
        known[source.id, target.id] = Tie(source.id, target.id, left_ns, joint)


def _end(
    fragment_id: str,
    span_id: str | None,
    found: Sequence[Block],
    holder: Mapping[str, Block],
    before: Block | None,
) -> Block | None:
    """The block a joint meets: that of the span, else of the part the last one ``before``."""
    if span_id in holder:
        return holder[span_id or ""]
    own = [block for block in found if block.fragment_id == fragment_id]
    earlier = [block for block in own if before and block.start_ns <= before.start_ns]
    return earlier[-1] if earlier else own[0] if own else None


def _latest(parts: Set[str], target: Block, found: Sequence[Block]) -> Block | None:
    """The last block before ``target`` in these parts, which all carry the same value."""
    before = [
        block
        for block in found
        if block.fragment_id in parts
        and block.fragment_id != target.fragment_id
        and block.start_ns <= target.start_ns
    ]
    return before[-1] if before else None


def _left(joint: EventJoint, source: Block, target: Block) -> int:
    """When the span that is evidence ended, else when the wait began, else when the block ended."""
    ids = (joint.source_span_id, joint.target_span_id)
    ends = [span.end_ns for span in source.all_spans if span.span_id in ids]
    ends += [wait.start_ns for wait in target.waits]
    return min(*(ends or [source.end_ns or target.start_ns]), target.start_ns)


def reached(event: EventTrace, first: str | None, min_confidence: float) -> frozenset[str]:
    """The parts that joints of this confidence and more lead to from the part ``first``."""
    beside: dict[str, set[str]] = defaultdict(set)
    for joint in event.joints:
        if joint.confidence >= min_confidence:
            beside[joint.source].add(joint.target)
            beside[joint.target].add(joint.source)
    seen: set[str] = set()
    stack = [first] if first is not None else []
    while stack:
        part = stack.pop()
        if part not in seen:
            seen.add(part)
            stack.extend(beside[part] - seen)
    return frozenset(seen)
