"""What a perfect tool must answer: which records belong together as far as telemetry can tell.

A record of an event is joined to another by any identifier both rightly hold. The parts of an
event that nothing ties are separate *stories*: a tool is to show each of them whole; whether it
shows them together (a lucky guess) or apart is not judged.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from benchmarks.stitching.labels import Item, ItemKey

CONSUMER = Span.SPAN_KIND_CONSUMER


@dataclass(slots=True)
class Story:
    """Records of one event that telemetry ties together.

    ``own``: records of this event alone. ``shared``: records of a batch that must be shown with
    it. ``runs``: the invocations they come from: what pairs are counted over.
    """

    event: str
    own: set[ItemKey] = field(default_factory=set)
    shared: set[ItemKey] = field(default_factory=set)
    runs: set[int] = field(default_factory=set)
    judged: bool = True


@dataclass(slots=True)
class Truth:
    """The stories, and of which events and invocation each record is."""

    stories: list[Story]
    events: dict[ItemKey, tuple[str, ...]]
    runs: dict[ItemKey, int]
    batches: dict[int, set[str]]  # the events of an invocation that took several messages
    orphans: set[ItemKey]  # spans of a batch whose parent never arrived
    takers: set[ItemKey]  # spans that take messages
    unjudged: set[ItemKey]  # nothing true is known of them: no answer is right or wrong


def tell(items: Iterable[Item]) -> Truth:
    """The truth about these records (those that arrived)."""
    items = list(items)
    unknown = _unknown_contexts(items)
    by_event: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for event in item.events:
            if not item.several or item.handles.get(event, set()) - unknown:
                by_event[event].append(item)
    stories = [story for event in by_event for story in _stories(event, by_event[event], unknown)]
    return Truth(
        stories,
        {item.key: item.events for item in items},
        {item.key: item.run for item in items},
        _batches(items),
        _orphans(items),
        {
            each.key
            for each in items
            if isinstance(each.record, Span) and each.record.kind == CONSUMER
        },
        {key for story in stories if not story.judged for key in story.own},
    )


def _batches(items: Iterable[Item]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for item in items:
        if item.in_batch:
            found[item.run].update(item.events)
    return found


def _orphans(items: Iterable[Item]) -> set[ItemKey]:
    arrived = {item.record.span_id for item in items if isinstance(item.record, Span)}
    return {
        item.key
        for item in items
        if item.in_batch
        and isinstance(item.record, Span)
        and item.record.parent_span_id
        and item.record.parent_span_id not in arrived
    }


def _unknown_contexts(items: Iterable[Item]) -> set[str]:
    """Traces and spans that records refer to, but that nobody who took part in them reported.

    They tie nothing: a span that sent the messages of many events may have been lost.
    """
    named: set[str] = set()
    reported: set[str] = set()
    for item in items:
        trace_id = item.record.trace_id.hex()
        contexts = {h for held in item.handles.values() for h in held if h[:2] in ("t:", "s:")}
        named |= contexts
        reported.add(f"t:{trace_id}")
        if isinstance(item.record, Span):
            reported.add(f"s:{trace_id}{item.record.span_id.hex()}")
        else:
            reported |= contexts  # a log line names the trace its function runs in
    return named - reported


def _stories(event: str, items: list[Item], unknown: set[str]) -> Iterable[Story]:
    """The groups of an event's records.

    Where the only thing known is a lie, or nothing, no answer is right or wrong: not judged.
    """
    groups = _group(event, items, unknown)
    first = min(item.run for item in items)
    for group in groups:
        story = Story(event)
        for item in group:
            (story.shared if item.several else story.own).add(item.key)
            story.runs.add(item.run)
        lies = any(item.lie for item in group)
        story.judged = (
            (not lies or first in story.runs)
            and not _orphaned(event, group)
            and not _loose_lie(group)
        )
        yield story


def _loose_lie(group: list[Item]) -> bool:
    """True for log lines that are all that is known of an invocation, when one names another event.

    They look like those of a batch of two.
    """
    return any(item.lie for item in group) and not any(isinstance(i.record, Span) for i in group)


def _orphaned(event: str, group: list[Item]) -> bool:
    """True for spans of a batch whose message's span got lost: nothing says whose they are."""
    return all(
        item.in_batch
        and not item.several
        and not (isinstance(item.record, Span) and item.record.links)
        and all(handle.startswith("s:") for handle in item.handles.get(event, ()))
        for item in group
    )


def _group(event: str, items: list[Item], unknown: set[str]) -> list[list[Item]]:
    """Items joined by what they hold; what stands for several messages joins none of them."""
    strong = {handle for item in items for handle in item.handles.get(event, ())}
    nodes: list[Item] = []
    members: dict[str, list[int]] = defaultdict(list)
    for item in items:
        weak = item.weak.get(event, set()) & strong
        handles = sorted((item.handles.get(event, set()) | weak) - unknown)
        for some in [[each] for each in handles] if item.several else [handles]:
            for handle in some:
                members[handle].append(len(nodes))
            nodes.append(item)
    parents = list(range(len(nodes)))

    def top(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for indexes in members.values():
        for index in indexes[1:]:
            parents[top(index)] = top(indexes[0])
    groups: dict[int, list[Item]] = defaultdict(list)
    for index, item in enumerate(nodes):
        groups[top(index)].append(item)
    return list(groups.values())
