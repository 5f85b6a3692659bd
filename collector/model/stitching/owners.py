"""Says which fragment each span and log record of a trace with batches belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from collector.model.stitching.batches import Invocation, Message
from collector.model.stitching.facts import LogFacts, Part, SpanFacts
from collector.model.stitching.keys import COMMON_FAMILY, Kind, Letter, value_key
from collector.model.stitching.mentions import Value, end_of, letters, values_of
from collector.model.stitching.named import keys_of
from collector.model.stitching.tree import Tree


@dataclass(slots=True)
class Piece:
    """A fragment in the making. ``invocation``: the batch it is of; None for the rest."""

    fragment_id: str
    part: Part
    invocation: Invocation | None = None
    message: Message | None = None
    spans: list[SpanFacts] = field(default_factory=list)
    logs: list[LogFacts] = field(default_factory=list)
    values: set[str] = field(default_factory=set)  # keys of the ids it is known by
    families: dict[str, str] = field(default_factory=dict)  # of a KEYED one: value by family
    parent: str | None = None  # of a REGION: the span that led to it, if one did


class Owners:
    """The pieces of one trace, filled span by span, parents first.

    ``reused``: roots of the trace that are of events of their own. ``more_batches``: those of which
    there are log records alone.
    """

    def __init__(
        self,
        trace_id: str,
        tree: Tree,
        invocation_of: dict[str, Invocation],
        reused: frozenset[str] = frozenset(),
        more_batches: Iterable[Invocation] = (),
    ) -> None:
        self.trace_id = trace_id
        self.pieces: dict[str, Piece] = {}
        self.of_span: dict[str, Piece] = {}
        self._tree = tree
        self._invocation_of = invocation_of
        self._reused = reused
        self._delivery_of: dict[str, Piece] = {}  # by the id of a span that handles one message
        self._siblings: dict[str, list[Piece]] = {}  # deliveries, by anchor of their invocation
        self._mixed: set[str] = set()
        batches = {id(each): each for each in invocation_of.values() if each.batch}
        self.batches = sorted((*batches.values(), *more_batches), key=lambda each: each.anchor)
        for batch in self.batches:
            self._prepare(batch)
        for span in tree.order:
            piece = self._owner(span)
            piece.spans.append(span)
            self.of_span[span.span_id] = piece

    def _prepare(self, batch: Invocation) -> None:
        """Makes the pieces of a batch that are known before its spans are looked at."""
        self._piece(self._shared_id(batch), Part.SHARED, batch)
        deliveries = self._siblings[batch.anchor] = []
        containers = self._containers(batch)
        for message in batch.messages.values():
            piece = self._piece(self._id(batch, message.anchor), Part.DELIVERY, batch)
            piece.message = message
            deliveries.append(piece)
            message.spans = sorted(set(message.spans) - containers)
            piece.values.update(
                value_key(value.text) for _, link in message.links for value in values_of(link)
            )
            for span_id in message.spans:
                self._delivery_of[span_id] = piece
        for span_id in self._delivery_of:
            if self._invocation_of[span_id] is batch:
                self._learn_values(span_id)
        self._assign_orphans(batch)
        self._mixed |= containers | self._holding_several(batch)

    def _learn_values(self, span_id: str) -> None:
        """The ids in the subtree of a delivery's own span are the delivery's."""
        piece = self._delivery_of[span_id]
        batch = self._invocation_of[span_id]
        waiting = [self._tree.spans[span_id]]
        while waiting:
            span = waiting.pop()
            piece.values.update(_ids(span))
            waiting.extend(
                child
                for child in self._tree.children.get(span.span_id, ())
                if self._invocation_of[child.span_id] is batch
                and self._delivery_of.get(child.span_id, piece) is piece
            )

    def _containers(self, batch: Invocation) -> set[str]:
        """The head, and spans above those of several messages."""
        of_span = {
            span_id: message.anchor
            for message in batch.messages.values()
            for span_id in message.spans
        }
        handled = {span_id: {anchor} for span_id, anchor in of_span.items()}
        for span_id, anchor in of_span.items():
            above = self._tree.parent.get(span_id)
            while above is not None and self._invocation_of[above] is batch:
                handled.setdefault(above, set()).add(anchor)
                above = self._tree.parent.get(above)
        containers = {span_id for span_id, anchors in handled.items() if len(anchors) > 1}
        # With one message known of several that are stated, the head is still everybody's.
        return containers | ({batch.head.span_id} if batch.head is not None else set())

    def _holding_several(self, batch: Invocation) -> set[str]:
        """Spans above spans that name different values of one family, and all that have links."""
        below: dict[str, dict[str, set[str]]] = {}
        several: set[str] = set()
        for span in batch.spans:
            if len(span.links) > 1:
                several.add(span.span_id)
            for value in values_of(span):
                above: str | None = span.span_id
                while above is not None and self._invocation_of[above] is batch:
                    named = below.setdefault(above, {}).setdefault(value.family, set())
                    named.add(value.text)
                    if len(named) > 1 and above != span.span_id:
                        several.add(above)
                    above = self._tree.parent.get(above)
        return several

    def _assign_orphans(self, batch: Invocation) -> None:
        """Finds the delivery of spans whose parent was lost, where only one can be meant.

        When all messages but one have spans of their own and just one parent was lost, that parent
        was the span of the one message. Messages handled one after the other show by their times.
        """
        orphans = [
            span
            for span in batch.spans
            if span.span_id in self._tree.missing and span is not batch.head
            and span.span_id not in self._delivery_of and not span.links
        ]  # fmt: skip
        if not orphans:
            return
        deliveries = self._siblings[batch.anchor]
        without = [each for each in deliveries if each.message and not each.message.spans]
        lost = {self._tree.missing[span.span_id] for span in orphans}
        home = batch.head.span_id if batch.head is not None else batch.anchor.partition("/")[0]
        complete = len(deliveries) > 2 and len(deliveries) >= batch.stated
        if complete and len(without) == 1 and len(lost) == 1 and home not in lost:
            for span in orphans:
                self._delivery_of[span.span_id] = without[0]
            return
        # The span that is lost may be that of a message nothing else tells of, at any time.
        if without or not batch.stated or len(deliveries) < batch.stated:
            return
        for span in orphans:
            piece = self._at_time(span, deliveries)
            if piece is not None:
                self._delivery_of[span.span_id] = piece

    def _at_time(self, orphan: SpanFacts, deliveries: Iterable[Piece]) -> Piece | None:
        """The delivery during which a span ran, if they were handled one after the other."""
        during: list[Piece] = []
        overlapping = 0
        handled = [
            (self._tree.spans[span_id], piece)
            for piece in deliveries
            if piece.message is not None
            for span_id in piece.message.spans
        ]
        for span, piece in handled:
            if span.start_ns <= orphan.start_ns and end_of(orphan) <= end_of(span):
                during.append(piece)
                overlapping = sum(
                    other.start_ns < end_of(span) and span.start_ns < end_of(other)
                    for other, owner in handled
                    if owner is not piece
                )
        return during[0] if len(during) == 1 and not overlapping else None

    def _owner(self, span: SpanFacts) -> Piece:
        span_id = span.span_id
        if span_id in self._delivery_of:
            return self._delivery_of[span_id]
        invocation = self._invocation_of[span_id]
        above = self._tree.parent.get(span_id)
        parent = None if above is None else self.of_span[above]
        if not invocation.batch:
            if span_id in self._reused:
                return self._piece(f"{self.trace_id}:{span_id}", Part.REGION)
            if parent is None:
                return self.base()
            if parent.part is Part.SHARED:
                region = self._piece(f"{self.trace_id}:{span_id}", Part.REGION)
                region.parent = above
                return region
            return parent
        if parent is None or span is invocation.head or parent.invocation is not invocation:
            orphaned = parent is None and span is not invocation.head
            if not orphaned or span_id in self._mixed:
                return self.shared(invocation)
            return self._by_values(span, invocation, self.shared(invocation))
        if parent.part is Part.DELIVERY:
            return parent
        if span_id in self._mixed:
            return self.shared(invocation)
        return self._by_values(span, invocation, parent)

    def _by_values(self, record: SpanFacts | LogFacts, batch: Invocation, around: Piece) -> Piece:
        """The piece a record belongs to by the ids it names, else the one around it."""
        delivery = self._delivery_named(record, batch)
        if delivery is not None:
            return delivery
        value = _identifying(record)
        if value is None:
            return around
        if around.part is Part.KEYED and around.families.get(value.family, "") in ("", value.text):
            return around
        keyed = self._piece(self._id(batch, "=" + value.text), Part.KEYED, batch)
        keyed.families.setdefault(value.family, value.text)
        keyed.values.add(value_key(value.text))
        return keyed

    def _delivery_named(self, record: SpanFacts | LogFacts, batch: Invocation) -> Piece | None:
        """The one delivery that is known by an id which this record names."""
        ids = _ids(record)
        ids.update(value_key(each) for each in letters(record.keys, Letter.MESSAGE))
        if not ids:
            return None
        found = [
            piece
            for piece in self._siblings[batch.anchor]
            if not ids.isdisjoint(piece.values)
            or (piece.message is not None and not ids.isdisjoint(piece.message.keys))
        ]
        return found[0] if len(found) == 1 else None

    def add_log(self, log: LogFacts, home: Invocation | None) -> None:
        """Gives a record to the piece of its span, else of its invocation ``home``.

        In what is shared it goes by the ids it names.
        """
        piece = self.of_span.get(log.span_id or "")
        batch = home if home is not None and home.batch else None
        if piece is None and home is not None and home.anchor in self._reused:
            piece = self.of_span[home.anchor]
        if piece is not None and piece.part is Part.SHARED:
            batch = piece.invocation
        if piece is None or piece.part is Part.SHARED:
            if batch is None:
                piece = piece or self.base()
            else:
                piece = self._by_values(log, batch, self.shared(batch))
        piece.logs.append(log)

    def base(self) -> Piece:
        """What of the trace lies outside batches."""
        return self._piece(self.trace_id, Part.WHOLE)

    def shared(self, batch: Invocation) -> Piece:
        """What of a batch is nobody's alone."""
        return self.pieces[self._shared_id(batch)]

    def _shared_id(self, batch: Invocation) -> str:
        return f"{self.trace_id}:{batch.anchor}"

    def _id(self, batch: Invocation, anchor: str) -> str:
        return f"{self.trace_id}:{batch.anchor}:{anchor}"

    def _piece(self, fragment_id: str, part: Part, batch: Invocation | None = None) -> Piece:
        return self.pieces.setdefault(fragment_id, Piece(fragment_id, part, batch))


def _ids(record: SpanFacts | LogFacts) -> set[str]:
    """Keys of the ids of a record by which it can be told whose it is."""
    found = {value_key(value.text) for value in values_of(record)}
    for text in record.keys:
        if text[:1] in (Letter.EVENT, Letter.IDEMPOTENCY):
            found.update(key for key, _, _ in keys_of(text))
    return found


def _identifying(record: SpanFacts | LogFacts) -> Value | None:
    """The id that names its event best: a usual correlation id, a configured one, any other."""
    values = values_of(record)
    return min(
        values,
        key=lambda each: (
            each.kind is not Kind.CORRELATION, each.family != COMMON_FAMILY, each.family, each.text,
        ),
        default=None,
    )  # fmt: skip
