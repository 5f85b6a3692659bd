"""What led to each delivery: the span that sent its message or called it, and when.

Told exactly by a message id, a link or a parent; where the hop kept nothing, the sending that fits
best before it is taken, and said to be inferred. A request or a schedule has no cause.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.model.events.numbering import Numbered
from collector.model.events.pieces import SENDING, Piece
from collector.model.events.work import Work
from collector.model.stitching.keys import Letter

_SENDING_CALLS: Final = (
    "Publish", "PutEvents", "StartExecution", "Invoke", "SendMessage", "SendMessageBatch",
    "PutRecord", "PutRecords", "PutObject", "StartSyncExecution", "PublishBatch",
)  # fmt: skip

_Id = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cause:
    """``source`` is the delivery (its place in the list) that did it, ``piece`` the span.

    ``sent_ns``: when the message was on its way (end of the sending); for a call, when it was made.
    ``begun_ns``: what happened after it cannot have been before this (start of the sending).
    ``kind``: sent, called, retried (``source`` is the failed attempt).
    """

    kind: str
    source: int | None
    piece: Piece | None
    begun_ns: int
    sent_ns: int
    exact: bool
    place: str | None = None


def causes(numbered: Sequence[Numbered], pieces: Iterable[Piece]) -> list[Cause | None]:
    """The cause of each delivery, in their order; None: it began by itself, or nothing is known."""
    return _Finding(numbered, list(pieces)).all()


class _Finding:
    def __init__(self, numbered: Sequence[Numbered], pieces: Sequence[Piece]) -> None:
        self._numbered = numbered
        self._works = [each.work for each in numbered]
        self._by_id = {each.id: each for each in pieces}
        self._owner: dict[_Id, int] = {}
        for place, work in enumerate(self._works):
            for piece in work.own:
                self._owner.setdefault(piece.id, place)
        self._sent = _by_message(pieces)
        self._sendings = sorted(
            (each for each in pieces if is_sending(each) and not self._is_part(each)),
            key=lambda each: each.order,
        )
        self._claimed: set[_Id] = set()

    def all(self) -> list[Cause | None]:
        """What is told first, so that nothing inferred takes a sending that led elsewhere."""
        found = [self._retried(place) or self._told(place) for place in range(len(self._works))]
        self._claimed = {each.piece.id for each in found if each and each.piece}
        for place, each in enumerate(found):
            if each is None:
                found[place] = inferred = self._inferred(place)
                if inferred and inferred.piece:
                    self._claimed.add(inferred.piece.id)
        return found

    def _is_part(self, piece: Piece) -> bool:
        """The SDK's own call below the span that stands for the sending."""
        parent = self._by_id.get(piece.parent_id) if piece.parent_id else None
        return parent is not None and piece.span.kind == "client" and is_sending(parent)

    def _retried(self, place: int) -> Cause | None:
        """The attempt before, where there is one and it is over."""
        this = self._numbered[place]
        before = [
            each
            for each in range(place)
            if self._numbered[each].group == this.group
            and self._works[each].over_ns <= this.work.begun_ns
        ]
        if not before:
            return None
        last = max(before, key=lambda each: (self._works[each].over_ns, each))
        work = self._works[last]
        over_ns = min(work.spent_ns, this.work.begun_ns)
        return Cause("retried", last, work.top, work.begun_ns, over_ns, True, this.work.queue)

    def _told(self, place: int) -> Cause | None:
        work = self._works[place]
        return (
            self._by_key(place, work) or self._by_link(place, work) or self._by_parent(place, work)
        )

    def _by_key(self, place: int, work: Work) -> Cause | None:
        sent = self._sent.get(work.message_id) if work.message_id else None
        return self._sending(place, sent) if sent else None

    def _by_link(self, place: int, work: Work) -> Cause | None:
        """A link to a span of this event; those of other messages lead out of it."""
        own = {each.id for each in work.own}
        linked = [
            self._by_id[link.trace_id, link.span_id]
            for piece in (work.invocation.pieces if work.invocation else ())
            if piece.shared or piece.id in own
            for link in piece.span.links
            if link.direction == "outgoing" and (link.trace_id, link.span_id) in self._by_id
        ]
        usable = [each for each in linked if self._owner.get(each.id) != place]
        return self._sending(place, min(usable, key=lambda each: each.order)) if usable else None

    def _by_parent(self, place: int, work: Work) -> Cause | None:
        root = work.invocation.root if work.invocation else None
        parent = self._by_id.get(root.parent_id) if root and root.parent_id else None
        if root is None or parent is None or self._owner.get(parent.id) == place:
            return None
        if parent.span.duration_ns is not None and parent.span.end_ns <= root.span.start_ns:
            return self._sending(place, parent)
        source = self._owner.get(parent.id)
        return Cause("called", source, parent, parent.span.start_ns, root.span.start_ns, True)

    def _sending(self, place: int, sent: Piece, exact: bool = True) -> Cause:
        """The broker's time of the message is preferred to the end of the call that sent it."""
        work = self._works[place]
        told = [
            each.told_number(Letter.ENQUEUED)
            for each in (work.invocation.pieces if work.invocation and not work.batch_size else
                         work.own)
        ]  # fmt: skip
        enqueued = next((each for each in told if each), None)
        sent_ns = sent.span.end_ns
        if enqueued is not None and sent.span.start_ns <= enqueued <= work.begun_ns:
            sent_ns = enqueued
        queue = work.queue or sent.span.destination
        return Cause(
            "sent", self._owner.get(sent.id), sent, sent.span.start_ns, sent_ns, exact, queue
        )

    def _inferred(self, place: int) -> Cause | None:
        """The sending before it that fits best: to its queue, not known to lead elsewhere, late."""
        work = self._works[place]
        if (work.invocation and work.invocation.entry) or place == 0:
            return None
        before = [
            each
            for each in self._sendings
            if each.span.start_ns <= work.begun_ns and self._owner.get(each.id) not in (place, None)
        ]
        if not before:
            return self._after_all(place, work)
        best = max(
            before,
            key=lambda each: (
                bool(work.queue) and each.span.destination == work.queue,
                each.id not in self._claimed,
                each.order,
            ),
        )
        after = self._after_all(place, work) if best.id in self._claimed else None
        if after and after.sent_ns > best.span.end_ns:  # a workflow's next step
            return after
        return self._sending(place, best, exact=False)

    def _after_all(self, place: int, work: Work) -> Cause | None:
        """Without any sending that led nowhere else, what was done last before it."""
        before = [each for each in range(place) if self._works[each].begun_ns < work.begun_ns]
        if not before:
            return None
        over = [each for each in before if self._works[each].over_ns <= work.begun_ns] or before
        last = max(over, key=lambda each: (self._works[each].over_ns, each))
        source = self._works[last]
        sent_ns = min(source.over_ns, work.begun_ns)
        return Cause("sent", last, source.top, source.begun_ns, sent_ns, False, work.queue)


def is_sending(piece: Piece) -> bool:
    """True for a span that puts something on its way: a message, an event, an object, a request."""
    if piece.span.kind == "producer":
        return True
    if piece.span.kind != "client":
        return False
    method = piece.span.attributes.get("rpc.method") or piece.span.name.rpartition(".")[2]
    return method in _SENDING_CALLS


def _by_message(pieces: Iterable[Piece]) -> Mapping[str, Piece]:
    """The span that sent each message; the one that was over first where several say so."""
    sent: dict[str, Piece] = {}
    for each in sorted(pieces, key=lambda each: (each.span.kind != "producer", *each.order)):
        if each.span.kind in SENDING:
            ids = [key[1:] for key in each.keys if key[:1] == Letter.MESSAGE]
            for message in [each.span.message_id, *ids]:
                if message:
                    sent.setdefault(message, each)
    return sent
