"""The fragments of a trace with batches, made of the pieces its spans fell into."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from collector.model.stitching.batches import Invocation
from collector.model.stitching.facts import Fragment, LogFacts, Occurrence, Part, SpanFacts
from collector.model.stitching.fragmented import FragmentedTrace
from collector.model.stitching.gather import occurrences_of, own_trace, summary_of
from collector.model.stitching.keys import Kind, Letter, Outcome, Role, span_key
from collector.model.stitching.mentions import (
    CONSUMER,
    SERVER,
    Mention,
    SpanReader,
    end_of,
    letters,
    outcome_of,
)
from collector.model.stitching.owners import Owners, Piece
from collector.model.stitching.tree import Tree


def split(trace_id: str, tree: Tree, owners: Owners, reader: SpanReader) -> FragmentedTrace:
    """The fragments of a trace with batches."""
    shared_by: dict[str, int] = {}
    for piece in owners.pieces.values():
        if piece.invocation is not None and piece.part is not Part.SHARED:
            shared = owners.shared(piece.invocation).fragment_id
            shared_by[shared] = shared_by.get(shared, 0) + 1
    fragments: list[Fragment] = []
    occurrences: list[Occurrence] = []
    for _, piece in sorted(owners.pieces.items()):
        if not (piece.spans or piece.logs or piece.message or piece.part is Part.SHARED):
            continue
        fragment = _fragment(trace_id, tree, owners, piece, shared_by)
        fragments.append(fragment)
        mentions = [own_trace(trace_id, fragment), *_mentions(trace_id, tree, piece, reader)]
        occurrences += occurrences_of(piece.fragment_id, mentions)
    return FragmentedTrace(
        tuple(fragments),
        tuple(occurrences),
        {span_id: piece.fragment_id for span_id, piece in owners.of_span.items()},
        frozenset(s for s, piece in owners.of_span.items() if piece.part is Part.SHARED),
    )


def _fragment(
    trace_id: str, tree: Tree, owners: Owners, piece: Piece, shared_by: Mapping[str, int]
) -> Fragment:
    batch = piece.invocation
    spans: Sequence[SpanFacts] = piece.spans
    logs: Sequence[LogFacts] = piece.logs
    if batch is not None and not spans and not logs:
        spans = batch.spans  # a message without spans of its own lies where its batch lies
        logs = () if spans else batch.logs
    fragment = summary_of(piece.fragment_id, trace_id, piece.part, tree, spans, logs)
    if batch is None:
        return fragment
    if piece.part is Part.SHARED:
        known = len(batch.messages) >= max(2, batch.stated)
        count = shared_by.get(piece.fragment_id, 0)
        # The deliveries count the invocation, each as its own.
        return replace(
            _bare(fragment) if not piece.spans else fragment,
            invocation_count=0,
            cold_start_count=0,
            shared_by=count if known else 0,
        )
    return _sharing(fragment, owners, piece, batch)


def _bare(fragment: Fragment) -> Fragment:
    """A fragment without spans of its own, described by those of its batch."""
    return replace(
        fragment, span_count=0, error_count=0, phantom_count=0, unfinished=False,
        correlation_ids=(),
    )  # fmt: skip


def _sharing(fragment: Fragment, owners: Owners, piece: Piece, batch: Invocation) -> Fragment:
    """A delivery, or the part of one: with what it has of its invocation."""
    counts = bool(batch.spans) and (piece.part is Part.DELIVERY or not batch.messages)
    bare = not piece.spans
    records = [batch.head] if batch.head is not None else batch.spans
    functions = (batch.function,) if batch.function else ()
    tenants = {text for each in records for text in letters(each.keys, Letter.TENANT)}
    destinations = {
        span.destination for span in batch.spans if span.destination and span.kind == CONSUMER
    }
    return replace(
        fragment,
        function=batch.function or fragment.function,
        functions=tuple(dict.fromkeys((*functions, *(() if bare else fragment.functions)))),
        destinations=tuple(
            dict.fromkeys(
                (*_came_from(piece, destinations), *(() if bare else fragment.destinations))
            )
        ),
        entry=False,
        # What of a batch failed as a whole is delivered again, whatever became of each message.
        failed=any(s.failed for s in piece.spans if s.span_id in _own_spans(piece))
        or (batch.head is not None and batch.head.failed),
        tenant=fragment.tenant or (tenants.pop() if len(tenants) == 1 else None),
        shared_id=owners.shared(batch).fragment_id,
        span_count=len(piece.spans),
        error_count=sum(span.failed for span in piece.spans),
        invocation_count=(0 if bare else fragment.invocation_count) + counts,
        cold_start_count=int(counts and any(span.cold_start is True for span in records))
        + (0 if bare else fragment.cold_start_count),
        phantom_count=0 if bare else fragment.phantom_count,
        unfinished=not bare and fragment.unfinished,
        correlation_ids=() if bare and not piece.logs else fragment.correlation_ids,
    )


def _came_from(piece: Piece, destinations: set[str]) -> list[str]:
    """The queue its message came from: as its span says, else the only one of the batch."""
    if piece.message is not None:
        said = [span.destination for span, _ in (*piece.message.links, *piece.message.named)]
        found = sorted({each for each in said if each})
        if found:
            return found[:1]
    return list(destinations) if len(destinations) == 1 else []


def _own_spans(piece: Piece) -> set[str]:
    """The spans that tell how the handling of a piece ended: its outermost."""
    if piece.message is not None and piece.message.spans:
        return set(piece.message.spans)
    own = {span.span_id for span in piece.spans}
    return {span.span_id for span in piece.spans if span.parent_id not in own}


def _mentions(trace_id: str, tree: Tree, piece: Piece, reader: SpanReader) -> list[Mention]:
    found: list[Mention] = []
    batch = piece.invocation
    inside = {span.span_id for span in batch.spans} if batch is not None else set()
    invoked = batch is None
    for span in piece.spans:
        mentions = reader.of_span(span, outcome_of(span, failed=span.failed))
        if not invoked:
            mentions = [
                each for each in mentions if _stays(each, piece, inside=span.span_id in inside)
            ]
        found += mentions
        found.append(_context(trace_id, span.span_id, span))
        lost = tree.missing.get(span.span_id)
        if lost is not None and span.kind not in (SERVER, CONSUMER):
            found.append(_context(trace_id, lost, span))
    if piece.message is not None:
        found += _delivery(trace_id, tree, piece, reader)
    if piece.parent is not None:
        first = piece.spans[0]
        found.append(
            Mention(span_key(trace_id, piece.parent), Kind.SPAN, Role.IN, first.start_ns,
                    first.end_ns, function=first.function)
        )  # fmt: skip
    for log in piece.logs:
        # An id of the invocation, or of the trace it runs in elsewhere, is no message's alone.
        found += [
            each
            for each in reader.of_log(log)
            if invoked or piece.part is Part.SHARED
            or each.kind not in (Kind.TRACE, Kind.INVOCATION)
        ]  # fmt: skip
    if piece.part is Part.KEYED:
        return [_received(each, piece) for each in found]
    return found


def _received(mention: Mention, piece: Piece) -> Mention:
    """The id by which a part of a batch is known is its own: it took the message of that."""
    own = mention.kind is Kind.BUSINESS and mention.key in piece.values
    return mention._replace(role=Role.IN) if own else mention


def _stays(mention: Mention, piece: Piece, *, inside: bool) -> bool:
    """Whether what a span of a batch mentions is told of the piece it fell to.

    What the invocation took is told by each delivery; its ids and the trace it runs in tie nothing
    but what is shared.
    """
    if mention.role is Role.IN and mention.kind in (Kind.TRACE, Kind.SPAN, Kind.MESSAGE):
        return not inside or piece.part not in (Part.SHARED, Part.DELIVERY)
    if mention.role is Role.MENTION and mention.kind is Kind.TRACE:
        return piece.part is Part.SHARED
    return True


def _delivery(trace_id: str, tree: Tree, piece: Piece, reader: SpanReader) -> list[Mention]:
    """What the message of a delivery refers to, on its own span or on that of its batch."""
    message = piece.message
    assert message is not None
    own = [tree.spans[span_id] for span_id in message.spans]
    found: list[Mention] = []
    for span, link in message.links:
        outcome = _told(own)
        for mention in reader.of_link(span, link, outcome):
            at = own[0].start_ns if own and mention.kind is Kind.MESSAGE else mention.time_ns
            end = own[0].end_ns if own and mention.kind is Kind.MESSAGE else mention.end_ns
            found.append(mention._replace(time_ns=at, end_ns=end))
    linked = {each.key for each in found if each.kind is Kind.MESSAGE}
    for span, key in message.named:
        if key in linked:
            continue
        linked.add(key)
        for mention in reader.of_span(span, _told(own)):
            if mention.key == key and mention.kind is Kind.MESSAGE:
                first = own[0] if own else span
                found.append(
                    mention._replace(
                        time_ns=first.start_ns, end_ns=first.end_ns, fetched=mention.fetched
                    )
                )
    return _say_all(found, message.named, reader, _told(own))


def _say_all(
    found: list[Mention],
    named: Sequence[tuple[SpanFacts, str]],
    reader: SpanReader,
    outcome: Outcome,
) -> list[Mention]:
    """Adds what the spans that name a message say of it: which attempt, whence, a dead letter."""
    said: dict[str, list[Mention]] = {}
    for span, key in named:
        for mention in reader.of_span(span, outcome):
            if mention.kind is Kind.MESSAGE and mention.key == key:
                said.setdefault(key, []).append(mention)
    complete = []
    for mention in found:
        more = said.get(mention.key, []) if mention.kind is Kind.MESSAGE else []
        place = mention.place or next((m.place for m in more if m.place), None)
        attempt = max([mention.attempt or 0, *(m.attempt or 0 for m in more)]) or None
        dead = mention.dead_letter or any(m.dead_letter for m in more)
        if (place, attempt, dead) != (mention.place, mention.attempt, mention.dead_letter):
            mention = mention._replace(place=place, attempt=attempt, dead_letter=dead)
        complete.append(mention)
    return complete


def _told(own: Sequence[SpanFacts]) -> Outcome:
    """How the handling ended: by its own spans; unknown where it has none."""
    if not own:
        return Outcome.UNKNOWN
    if any(span.failed for span in own):
        return Outcome.ERROR
    return Outcome.UNKNOWN if any(span.end_ns is None for span in own) else Outcome.OK


def _context(trace_id: str, span_id: str, span: SpanFacts) -> Mention:
    return Mention(
        span_key(trace_id, span_id), Kind.SPAN, Role.OWN, span.start_ns, end_of(span),
        function=span.function,
    )  # fmt: skip
