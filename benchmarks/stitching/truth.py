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
    unjudged: set[ItemKey]  # nothing true is known of them: no answer is right or wrong


def tell(items: Iterable[Item]) -> Truth:
    """The truth about these records (those that arrived)."""
    items = list(items)
    by_event: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for event in item.events:
            if not item.shared or item.handles.get(event):
                by_event[event].append(item)
    stories = [story for event in by_event for story in _stories(event, by_event[event])]
    return Truth(
        stories,
        {item.key: item.events for item in items},
        {item.key: item.run for item in items},
        {key for story in stories if not story.judged for key in story.own},
    )


def _stories(event: str, items: list[Item]) -> Iterable[Story]:
    """The groups of an event's records.

    Where the only thing known is a lie, or nothing, no answer is right or wrong: not judged.
    """
    groups = _group(event, items)
    first = min(item.run for item in items)
    for group in groups:
        story = Story(event)
        for item in group:
            (story.shared if item.shared else story.own).add(item.key)
            story.runs.add(item.run)
        lies = any(item.lie for item in group)
        story.judged = (not lies or first in story.runs) and not _orphaned(event, group)
        yield story


def _orphaned(event: str, group: list[Item]) -> bool:
    """True for spans of a batch whose message's span got lost: nothing says whose they are."""
    return all(
        item.in_batch
        and not item.shared
        and not (isinstance(item.record, Span) and item.record.links)
        and all(handle.startswith("s:") for handle in item.handles.get(event, ()))
        for item in group
    )


def _group(event: str, items: list[Item]) -> list[list[Item]]:
    strong = {handle for item in items for handle in item.handles.get(event, ())}
    members: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        weak = item.weak.get(event, set()) & strong
        for handle in item.handles.get(event, set()) | weak:
            members[handle].append(index)
    parents = list(range(len(items)))

    def top(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for indexes in members.values():
        for index in indexes[1:]:
            parents[top(index)] = top(indexes[0])
    groups: dict[int, list[Item]] = defaultdict(list)
    for index, item in enumerate(items):
        groups[top(index)].append(item)
    return list(groups.values())
