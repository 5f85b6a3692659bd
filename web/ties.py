"""How one block of an event trace led to another, and what says so.

A tie leads from the block that sent, called or failed to the block that followed, with the joint
that is the evidence for it where two parts meet.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from collector.model.event_trace import EventJoint, EventTrace
from web.blocks import Block, attempted, holders, log_parts


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


def ties(event: EventTrace, found: Sequence[Block]) -> list[Tie]:
    """How one block led to another: by a wait, by a parent span, by a joint of two parts.

    A joint that says what a wait or a parent says already is the evidence of that tie; one to a
    later attempt is not drawn where the attempt before leads to it. A guessed one is drawn only to
    a block that nothing exact leads to, and from where the critical path comes from, else from the
    last block before it that carries the same value: the value itself does not say who sent it.
    """
    known = _Ties(found, _before_on_path(event, found))
    for tie in (*_by_waits(found), *_by_attempts(found), *_by_parents(found)):
        known.add(tie)
    logs_of = log_parts(event, found)
    holding: dict[str, set[str]] = defaultdict(set)
    for joint in event.joints:
        holding[joint.key] |= {logs_of.get(part, part) for part in (joint.source, joint.target)}
    for joint in sorted(event.joints, key=lambda each: -each.confidence):
        ends = (logs_of.get(joint.source, joint.source), logs_of.get(joint.target, joint.target))
        known.add_joint(joint, ends, holding[joint.key])
    return known.all()


class _Ties:
    """Ties by the two blocks and by the two parts they hold together; one for each two blocks."""

    def __init__(self, found: Sequence[Block], before: Mapping[str, Block]) -> None:
        self._before = before
        self._holder = holders(found)
        self._by_id = {block.id: block for block in found}
        self._of_part: dict[str, list[Block]] = defaultdict(list)
        for block in found:
            self._of_part[block.fragment_id].append(block)
        self._ties: dict[frozenset[str], Tie] = {}
        self._of_parts: dict[frozenset[str], frozenset[str]] = {}
        self._led_to: set[str] = set()

    def all(self) -> list[Tie]:
        return list(self._ties.values())

    def add(self, tie: Tie) -> None:
        """Keeps the first of two blocks."""
        pair = frozenset((tie.source, tie.target))
        parts = frozenset(self._by_id[each].fragment_id for each in pair)
        self._ties.setdefault(pair, tie)
        self._of_parts.setdefault(parts, pair)
        self._led_to.add(tie.target)

    def add_joint(self, joint: EventJoint, parts: tuple[str, str], holding: Iterable[str]) -> None:
        """``parts``: what it ties; ``holding``: all parts that carry its key."""
        target = self._end(parts[1], joint.target_span_id, None)
        source = self._end(parts[0], joint.source_span_id, target)
        if source is None or target is None or source is target:
            return
        if source.start_ns > target.start_ns:
            source, target = target, source
        pair = frozenset((source.id, target.id))
        said = pair if pair in self._ties else self._of_parts.get(frozenset(parts))
        if said is not None:
            tie = self._ties[said]
            self._ties[said] = replace(tie, joint=tie.joint or joint)
            return
        again = target.delivery is not None and target.delivery.attempt > 1
        if target.id not in self._led_to or (joint.exact and not again):
            if not joint.exact:
                guess = self._before.get(target.id) or self._latest(holding, target)
                source = guess or source
            self.add(Tie(source.id, target.id, _left(joint, source, target), joint))

    def _end(self, part: str, span_id: str | None, before: Block | None) -> Block | None:
        """The block a joint meets: that of the span, else of the part the last one ``before``."""
        if span_id in self._holder:
            return self._holder[span_id or ""]
        own = self._of_part.get(part, [])
        earlier = [block for block in own if before and block.start_ns <= before.start_ns]
        return earlier[-1] if earlier else own[0] if own else None

    def _latest(self, parts: Iterable[str], target: Block) -> Block | None:
        """The last block before ``target`` in these parts, which all carry the same value."""
        before = [
            block
            for part in parts
            if part != target.fragment_id
            for block in self._of_part.get(part, ())
            if block.start_ns <= target.start_ns
        ]
        return max(before, key=lambda block: block.start_ns, default=None)


def _before_on_path(event: EventTrace, found: Sequence[Block]) -> dict[str, Block]:
    """For each block that the critical path enters, the one it comes from."""
    holder = holders(found)
    entered: dict[str, Block] = {}
    here: Block | None = None
    for segment in event.critical_path:
        block = holder.get(segment.span_id or "")
        if block is not None:
            if here is not None and here is not block:
                entered.setdefault(block.id, here)
            here = block
    return entered


def _by_waits(found: Sequence[Block]) -> Iterable[Tie]:
    holder = holders(found)
    for block in found:
        for wait in block.waits:
            source = holder.get(wait.source_span_id or "")
            if source and source is not block:
                yield Tie(source.id, block.id, wait.start_ns)


def _by_attempts(found: Sequence[Block]) -> Iterable[Tie]:
    """From a failed attempt to the next one at the same message."""
    numbered = {_attempt(block, 0): block for block in found if block.delivery}
    for block in found:
        before = numbered.get(_attempt(block, -1)) if block.delivery else None
        if before:
            left_ns = next(
                (wait.start_ns for wait in block.waits if wait.kind == "retry_backoff"),
                min(before.end_ns or block.start_ns, block.start_ns),
            )
            yield Tie(before.id, block.id, left_ns)


def _attempt(block: Block, step: int) -> tuple[str | None, str | None, int]:
    """What names an attempt: the function, what it is an attempt at, and its number."""
    assert block.delivery is not None
    return block.function, attempted(block.delivery) or block.id, block.delivery.attempt + step


def _by_parents(found: Sequence[Block]) -> Iterable[Tie]:
    holder: Mapping[str, Block] = holders(found)
    for block in found:
        for span in block.spans[:1]:
            source = holder.get(span.parent_span_id or "")
            if source and source is not block:
                yield Tie(source.id, block.id, block.start_ns)


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
