"""Finds the invocations of one trace and the messages each of them took."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from collector.model.stitching.facts import LinkFacts, LogFacts, SpanFacts
from collector.model.stitching.gather import ENTRY_TRIGGERS, is_elsewhere
from collector.model.stitching.keys import COMMON_FAMILY, Letter, Role, span_key
from collector.model.stitching.mentions import (
    CLIENT,
    CONSUMER,
    PRODUCER,
    SERVER,
    end_of,
    greatest,
    letters,
    message_key,
    only_fetches,
    role_of,
    values_of,
)
from collector.model.stitching.named import keys_of
from collector.model.stitching.rules import Queues
from collector.model.stitching.tree import Tree

_BY_MESSAGES = frozenset(("pubsub", "datasource"))


@dataclass(slots=True)
class Message:
    """One message an invocation took. ``anchor`` names it: its key, else the context linked to.

    ``links`` with the span each is on; ``spans`` are the ids of the spans that handle only it.
    """

    anchor: str
    keys: set[str] = field(default_factory=set)
    contexts: set[str] = field(default_factory=set)
    links: list[tuple[SpanFacts, LinkFacts]] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)
    named: list[tuple[SpanFacts, str]] = field(default_factory=list)


@dataclass(slots=True)
class Invocation:
    """One attempt of one function. ``head`` None: its first span never arrived."""

    anchor: str
    function: str | None
    head: SpanFacts | None
    spans: list[SpanFacts] = field(default_factory=list)
    logs: list[LogFacts] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    stated: int = 0  # how many messages it says it took
    batch: bool = False

    @property
    def trigger(self) -> str | None:
        stated = [self.head] if self.head else []
        return next((span.trigger for span in [*stated, *self.spans] if span.trigger), None)


def invocations(tree: Tree) -> dict[str, Invocation]:
    """The invocation of every span, by span id; one object for each invocation."""
    found: dict[str, Invocation] = {}
    orphans: list[Invocation] = []
    for span in tree.order:
        above = tree.parent.get(span.span_id)
        parent = None if above is None else tree.spans[above]
        if parent is not None and not _begins(span, parent, found[parent.span_id]):
            invocation = found[parent.span_id]
        else:
            invocation = Invocation(span.span_id, span.function, span)
            if span.span_id in tree.missing and span.kind != SERVER:
                orphans.append(invocation)
        invocation.spans.append(span)
        found[span.span_id] = invocation
    if orphans:
        _adopt(orphans, found, tree)
    return found


def _begins(span: SpanFacts, parent: SpanFacts, above: Invocation) -> bool:
    """True when a span begins another invocation than its parent belongs to."""
    served = above.head.invocation_id if above.head is not None else None
    if span.invocation_id is not None and span.invocation_id == served:
        return False  # Azure's worker reports its host's invocation, in the name of the app
    if is_elsewhere(span, parent):
        return True
    if span.kind == CONSUMER:
        return parent.kind == PRODUCER
    if span.kind != SERVER:
        return False
    if parent.kind in (CLIENT, PRODUCER):
        return True
    return span.invocation_id is not None


def _adopt(orphans: Sequence[Invocation], found: dict[str, Invocation], tree: Tree) -> None:
    """Gives spans whose parent was lost to the invocation of their function, if there is just one.

    Where the invocation's own span was lost, those under the same lost parent are one invocation.
    """
    alone = {id(each) for each in orphans}
    served: dict[str | None, list[Invocation]] = {}
    for each in {id(each): each for each in found.values()}.values():
        if id(each) not in alone and each.head is not None and each.head.kind == SERVER:
            served.setdefault(each.function, []).append(each)
    groups: dict[tuple[str | None, str], Invocation] = {}
    for orphan in orphans:
        assert orphan.head is not None
        home = served.get(orphan.function, ())
        if len(home) == 1 and _fits(orphan.head, home[0]):
            _move(orphan, home[0], found)
            continue
        lost = tree.missing[orphan.head.span_id]
        group = groups.setdefault((orphan.function, lost), orphan)
        if group is not orphan:
            group.anchor, group.head = f"{lost}/{orphan.function or ''}", None
            _move(orphan, group, found)
    for lone in [each for each in groups.values() if each.head is not None]:
        larger = [g for g in groups.values() if g.head is None and g.function == lone.function]
        if len(larger) == 1 and lone.head is not None and lone.head.kind != CONSUMER:
            _move(lone, larger[0], found)


def _fits(orphan: SpanFacts, home: Invocation) -> bool:
    """A CONSUMER may have been started from elsewhere: it must lie within the invocation."""
    assert home.head is not None
    if orphan.kind != CONSUMER:
        return True
    within = home.head.start_ns <= orphan.start_ns
    return within and (home.head.end_ns is None or end_of(orphan) <= home.head.end_ns)


def _move(orphan: Invocation, home: Invocation, found: dict[str, Invocation]) -> None:
    home.spans += orphan.spans
    for span in orphan.spans:
        found[span.span_id] = home


def read_messages(invocation: Invocation, trace_id: str, tree: Tree, queues: Queues) -> None:
    """Fills ``messages`` and ``stated`` of an invocation from its spans."""
    for span in invocation.spans:
        fetches = only_fetches(span)
        if span.kind == PRODUCER or (span.kind == CLIENT and not fetches):
            continue
        invocation.stated = max(invocation.stated, greatest(span.keys, Letter.BATCH) or 0)
        if role_of(span) is not Role.OUT:
            _read_span(invocation, span, trace_id, queues)
    _add_handlings(invocation, tree)
    _fold_contexts(invocation)
    _add_parent(invocation, trace_id, tree)


def _read_span(invocation: Invocation, span: SpanFacts, trace_id: str, queues: Queues) -> None:
    own = _ids(span.message_id, span.keys)
    said = {message_key(each, span.destination, queues) for each in own}
    if not own and span.kind == CONSUMER:
        said = _event_keys(span.keys)
    keys = sorted(filter(None, said))
    linked = []
    for link in span.links:
        ids = _ids(link.message_id, link.keys)
        named = [key for each in ids if (key := message_key(each, span.destination, queues))]
        if not (span.kind == CONSUMER or named or link.trace_id != trace_id):
            continue
        # A span of one message links to where the message comes from.
        if not named and len(keys) == 1 and len(span.links) == 1:
            named = keys
        context = span_key(link.trace_id, link.span_id)
        message = _message(invocation, min(named, default=context))
        message.keys.update(named)
        message.contexts.add(context)
        message.links.append((span, link))
        linked.append(message.anchor)
    for key in keys:
        message = _message(invocation, key)
        message.keys.add(key)
        message.named.append((span, key))
    mine = {*linked, *keys}
    if len(mine) == 1 and not only_fetches(span) and (greatest(span.keys, Letter.BATCH) or 1) < 2:
        invocation.messages[mine.pop()].spans.append(span.span_id)


def _event_keys(keys: tuple[str, ...]) -> set[str | None]:
    """The event a handling is of, where no message id is told: of its two keys the lesser."""
    events = [text for text in keys if text[:1] == Letter.EVENT]
    return {min(key for key, _, _ in keys_of(text)) for text in events if keys_of(text)}


def _add_handlings(invocation: Invocation, tree: Tree) -> None:
    """Makes messages of the spans that handle one each, but name none.

    Several CONSUMER spans of one invocation, none above another, are of as many messages.
    """
    handling = [
        span
        for span in invocation.spans
        if span.kind == CONSUMER and span is not invocation.head and not only_fetches(span)
    ]
    above = set()
    for span in handling:
        parent = tree.parent.get(span.span_id)
        while parent is not None:
            above.add(parent)
            parent = tree.parent.get(parent)
    lowest = [span for span in handling if span.span_id not in above]
    if len(lowest) < 2:
        return
    known = {span_id for message in invocation.messages.values() for span_id in message.spans}
    for span in lowest:
        if span.span_id not in known and (greatest(span.keys, Letter.BATCH) or 1) < 2:
            if span.links or span.message_id:
                continue
            message = _message(invocation, span.span_id)
            message.spans.append(span.span_id)


def _ids(message_id: str | None, keys: tuple[str, ...]) -> set[str]:
    found = set(letters(keys, Letter.MESSAGE))
    return found | {message_id} if message_id else found


def _message(invocation: Invocation, anchor: str) -> Message:
    return invocation.messages.setdefault(anchor, Message(anchor))


def _fold_contexts(invocation: Invocation) -> None:
    """A message known by its context alone is the one with an id that has the same context.

    Where several have it (they were sent by one span) it is none of them.
    """
    of_context: dict[str, list[Message]] = {}
    for message in invocation.messages.values():
        if message.keys:
            for context in message.contexts:
                of_context.setdefault(context, []).append(message)
    for anchor in [each.anchor for each in invocation.messages.values() if not each.keys]:
        same = of_context.get(anchor)
        if same is None:
            continue
        bare = invocation.messages.pop(anchor)
        if len(same) == 1:
            same[0].links += bare.links
            same[0].spans += bare.spans


def _add_parent(invocation: Invocation, trace_id: str, tree: Tree) -> None:
    """A batch that goes on in the trace of its first message: that message is its parent span."""
    head = invocation.head
    above = tree.parent.get(head.span_id) if head is not None else None
    if head is None or above is None or tree.spans[above].kind != PRODUCER:
        return
    known = len(invocation.messages)
    # One message with its sender for a parent links to what surrounds it, not to another message.
    if known >= invocation.stated if invocation.stated else known < 2:
        return
    sender = tree.spans[above]
    context = span_key(trace_id, sender.span_id)
    for message in invocation.messages.values():
        if context in message.contexts or any(
            span_key(trace_id, each.span_id) == context for each, _ in message.links
        ):
            return
    if sender.message_id and any(
        sender.message_id in key for message in invocation.messages.values() for key in message.keys
    ):
        return
    message = _message(invocation, context)
    message.contexts.add(context)
    message.links.append((head, LinkFacts(trace_id, sender.span_id)))


def is_batch(invocation: Invocation) -> bool:
    """True when an invocation took several messages, so that its spans are of several events."""
    handles = any(not only_fetches(span) and span.kind == CONSUMER for span in invocation.spans)
    known = len(invocation.messages)
    if known > 1 or invocation.stated > 1:
        fetched_only = not handles and not any(m.spans for m in invocation.messages.values())
        return not (fetched_only and invocation.trigger == "http")
    if known == 1 or invocation.trigger in ENTRY_TRIGGERS:
        return False
    if not handles and invocation.trigger not in _BY_MESSAGES:
        return False
    return _names_several(invocation)


def _names_several(invocation: Invocation) -> bool:
    """True when it names several values of one family.

    Not when the invocation as a whole is named by one: by its only usual correlation id, or by one
    value on the spans that stand for it.
    """
    families: dict[str, set[str]] = {}
    records: list[SpanFacts | LogFacts] = [*invocation.spans, *invocation.logs]
    for record in records:
        for value in values_of(record):
            families.setdefault(value.family, set()).add(value.text)
    several = {family for family, values in families.items() if len(values) > 1}
    if not several or len(families.get(COMMON_FAMILY, ())) == 1:
        return False
    return not any(len(values) == 1 for values in _of_whole(invocation).values())


def _of_whole(invocation: Invocation) -> dict[str, set[str]]:
    """Values by family on its first span and on the spans that handle what it took."""
    found: dict[str, set[str]] = {}
    for span in invocation.spans:
        if span is invocation.head or (span.kind == CONSUMER and not only_fetches(span)):
            for value in values_of(span):
                found.setdefault(value.family, set()).add(value.text)
    return found
