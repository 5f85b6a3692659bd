"""Finds who handled what: the deliveries of an event, from its spans and log records.

An invocation of a batch is one delivery for each message of this event it took; any other is one.
What only log records tell of is a delivery without a span.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from collector.model.events.invocations import Invocation, invocations
from collector.model.events.pieces import Material, Piece
from collector.model.events.platform_records import LoggedAttempt, logged_attempts
from collector.model.events.work import SAME_ATTEMPT_NS, Work
from collector.model.stitching.facts import Fragment, Occurrence, Part
from collector.model.stitching.hulls import hulls
from collector.model.stitching.keys import Kind, Letter, Outcome, Role


def works(material: Material) -> list[Work]:
    """Every delivery of the event, in order of time."""
    hollow = {str(each) for each in hulls(material.fragments, material.occurrences)}
    found = [
        each
        for each in invocations(material.pieces)
        if not hollow.issuperset(piece.fragment_id for piece in each.pieces)
    ]
    logged = _LoggedAttempts(logged_attempts(material.logs))
    making = _Making(material)
    done = [each for invocation in found for each in making.of(invocation, logged.of(invocation))]
    done += [
        _from_logs(each)
        for each in logged.left(found)
        if each.invocation_id not in material.invoked
    ]
    return sorted(done, key=lambda each: each.order)


class _LoggedAttempts:
    """Attempts that log records tell of, each given to one invocation that spans tell of."""

    def __init__(self, attempts: Sequence[LoggedAttempt]) -> None:
        self._free = list(attempts)

    def of(self, invocation: Invocation) -> LoggedAttempt | None:
        """The attempt of this invocation: the same id, or none known and at the same time."""
        wanted = invocation.invocation_id
        fitting = [
            each
            for each in self._free
            if each.function == invocation.function
            and (each.invocation_id == wanted if wanted else _at_once(each, invocation))
        ]
        if not fitting:
            return None
        best = min(fitting, key=lambda each: abs(each.start_ns - invocation.start_ns))
        if sum(each.told for each in fitting) > 1 and not _at_once(best, invocation):
            return None
        self._free.remove(best)
        return best

    def left(self, found: Iterable[Invocation]) -> list[LoggedAttempt]:
        """Those no span tells of. Lines of the function alone are no attempt beside spans."""
        known = {(each.function, each.invocation_id) for each in found}
        return [
            each
            for each in self._free
            if not each.shared and (each.told or (each.function, each.invocation_id) not in known)
        ]


def _at_once(logged: LoggedAttempt, invocation: Invocation) -> bool:
    start_ns = invocation.start_ns
    if abs(logged.start_ns - start_ns) <= SAME_ATTEMPT_NS:
        return True
    return logged.start_ns <= start_ns <= logged.end_ns


def _from_logs(logged: LoggedAttempt) -> Work:
    outcome = Outcome.ERROR if logged.failed else Outcome.OK
    return Work(
        (logged.fragment_id,),
        logged.function,
        None,
        (),
        logged.start_ns,
        logged.end_ns if logged.ended else None,
        outcome if logged.ended else Outcome.UNKNOWN,
        logged=logged,
    )


class _Making:
    """Makes deliveries of invocations, with what the occurrences of keys say of them."""

    def __init__(self, material: Material) -> None:
        self._fragments = {str(each.fragment_id): each for each in material.fragments}
        self._batch_sizes = material.batch_sizes
        self._received: dict[str, list[Occurrence]] = defaultdict(list)
        for each in material.occurrences:
            if each.role is Role.IN and each.kind in (Kind.MESSAGE, Kind.EVENT):
                self._received[str(each.fragment_id)].append(each)
        with_spans = {each.fragment_id for each in material.pieces}
        self._bare: dict[str, list[str]] = defaultdict(list)
        for fragment_id, fragment in sorted(self._fragments.items()):
            if fragment.shared_id is not None and fragment_id not in with_spans:
                self._bare[str(fragment.shared_id)].append(fragment_id)

    def of(self, invocation: Invocation, logged: LoggedAttempt | None) -> list[Work]:
        """Its deliveries that belong to this event; none when it is all other messages' work."""
        own: dict[str, list[Piece]] = defaultdict(list)
        shared = set()
        for piece in invocation.pieces:
            if piece.shared:
                shared.add(piece.fragment_id)
            elif piece is not invocation.init or len(invocation.pieces) == 1:
                own[piece.fragment_id].append(piece)
        bare = [each for shared_id in sorted(shared) for each in self._bare[shared_id]]
        size = max((self._batch_sizes.get(each, 0) for each in shared), default=0)
        return [
            self._work(invocation, group, own, size, logged) for group in self._groups(own, bare)
        ]

    def _groups(self, own: Mapping[str, Sequence[Piece]], bare: Sequence[str]) -> list[list[str]]:
        """Fragments that are one message's, which may be known by its id, by a link and by the
        business id that its spans carry; where there are several of each, they go in order.
        """
        by_message: dict[str | None, list[str]] = defaultdict(list)
        for each in (*own, *bare):
            by_message[self._message(each)].append(each)
        groups = [ids for message, ids in by_message.items() if message]
        named = len(groups)
        unnamed = by_message[None]
        loose = [each for each in unnamed if self._part(each) is Part.KEYED]
        linked = [each for each in unnamed if self._part(each) is Part.DELIVERY]
        others = [each for each in unnamed if self._part(each) not in (Part.KEYED, Part.DELIVERY)]
        for index, each in enumerate(linked):
            if index < named:
                groups[index].append(each)
            else:
                groups.append([each])
        for index, each in enumerate(loose):
            if not groups:
                groups.append([])
            groups[min(index, len(groups) - 1)].append(each)
        return groups + [[each] for each in others]

    def _part(self, fragment_id: str) -> Part | None:
        fragment = self._fragments.get(fragment_id)
        return fragment.part if fragment else None

    def _message(self, fragment_id: str) -> str | None:
        """Id of the one message a delivery's fragment is about."""
        if self._part(fragment_id) not in (Part.DELIVERY, Part.KEYED):
            return None
        return min(
            (message_id(str(each.key)) for each in self._received[fragment_id]
             if each.kind is Kind.MESSAGE),
            default=None,
        )  # fmt: skip

    def _work(
        self,
        invocation: Invocation,
        group: Sequence[str],
        own: Mapping[str, Sequence[Piece]],
        batch_size: int,
        logged: LoggedAttempt | None,
    ) -> Work:
        pieces = sorted((p for each in group for p in own.get(each, ())), key=lambda p: p.order)
        whole = any(each is invocation.root for each in pieces)
        received = self._taken(invocation, group, whole)
        start_ns, end_ns = invocation.start_ns, invocation.end_ns
        if pieces and not whole:
            start_ns = pieces[0].span.start_ns
            ends = [each.span.end_ns for each in pieces if each.span.duration_ns is not None]
            end_ns = max(ends, default=None)
        work = Work(
            tuple(group),
            invocation.function,
            invocation,
            tuple(pieces),
            start_ns,
            end_ns,
            _outcome(invocation, pieces, received, logged),
            self._queue(invocation, group, received),
            min((message_id(str(o.key)) for o in received if o.kind is Kind.MESSAGE), default=None),
            max([o.attempt or 0 for o in received] + [_told_attempt(pieces, whole)]),
            any(o.dead_letter for o in received),
            _batch_size(invocation, batch_size),
            logged,
        )
        return _ended_by(work, logged)

    def _taken(self, invocation: Invocation, group: Sequence[str], whole: bool) -> list[Occurrence]:
        """What this invocation received of what its fragments received."""
        end_ns = invocation.end_ns
        return [
            each
            for fragment_id in group
            for each in self._received[fragment_id]
            if not whole
            or (
                each.function in (None, invocation.function)
                and each.time_ns >= invocation.start_ns
                and (end_ns is None or each.time_ns <= end_ns)
            )
        ]

    def _queue(
        self, invocation: Invocation, group: Sequence[str], received: Sequence[Occurrence]
    ) -> str | None:
        for each in received:
            if each.place:
                return each.place
        for piece in invocation.pieces:
            if piece.span.kind == "consumer" and piece.span.destination:
                return piece.span.destination
        fragment: Fragment | None = self._fragments.get(group[0])
        if fragment and fragment.destinations and fragment.function == invocation.function:
            return fragment.destinations[0]
        return None


def message_id(key: str) -> str:
    """The id as a person knows it, from its key; of a placed one without its place."""
    namespace, _, value = key.partition(":")
    return value.rpartition("/")[2] if namespace == "m" else value


def _told_attempt(pieces: Sequence[Piece], whole: bool) -> int:
    told = [each.told_number(Letter.ATTEMPT) or 0 for each in pieces]
    return max(told, default=0) if not whole or len(set(told) - {0}) <= 1 else 0


def _batch_size(invocation: Invocation, parts: int) -> int | None:
    """As it says itself, else by its links, else by the parts it was cut into."""
    told = [piece.told_number(Letter.BATCH) or 0 for piece in invocation.pieces]
    linked = [
        sum(link.direction == "outgoing" for link in piece.span.links)
        for piece in invocation.pieces
        if piece.span.kind == "consumer"
    ]
    size = max(told, default=0) or max(linked, default=0)
    size = size if size > 1 else parts
    return size if size > 1 else None


def _outcome(
    invocation: Invocation,
    own: Sequence[Piece],
    received: Sequence[Occurrence],
    logged: LoggedAttempt | None,
) -> Outcome:
    """Of a message of a batch: what its own spans say; without any, an error of the whole batch."""
    whole = any(each is invocation.root for each in own)
    if whole and logged and logged.failed:
        return Outcome.ERROR
    told = {each.outcome for each in received} - {Outcome.UNKNOWN}
    if told:
        return max(told)
    inside = {each.id for each in own}
    if any(each.failed for each in own if each.parent_id not in inside):
        return Outcome.ERROR
    if not own:
        failed = invocation.failed or (logged is not None and logged.failed)
        return Outcome.ERROR if failed else Outcome.UNKNOWN
    unfinished = whole and invocation.end_ns is None and not (logged and logged.ended)
    return Outcome.UNKNOWN if unfinished else Outcome.OK


def _ended_by(work: Work, logged: LoggedAttempt | None) -> Work:
    """The platform knows the end of what has no end of its own."""
    if work.end_ns is None and logged and logged.ended:
        return replace(work, end_ns=max(work.start_ns, logged.end_ns))
    return work
