"""Groups the spans of an event into invocations: what one function did for one trigger.

A span begins an invocation when nothing of the same function is above it, when a call or a message
of its own function led to it, or when it names another invocation than its parent does. Spans whose
parent never arrived are one invocation when they name the same missing parent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from collector.model.events.pieces import SENDING, TAKING, Piece

_Id = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation as far as this event goes: spans of other messages of its batch are not in it.

    ``root`` is its topmost span; None when that never arrived (``missing``: the id it must have).
    ``init`` is the span of its initialisation, where the trace has one. Pieces in order of time.
    """

    function: str | None
    pieces: tuple[Piece, ...]
    root: Piece | None
    missing: _Id | None = None
    init: Piece | None = None

    @property
    def start_ns(self) -> int:
        return self.root.span.start_ns if self.root else self.pieces[0].span.start_ns

    @property
    def end_ns(self) -> int | None:
        """End of its own span; of all that is known of it when that one never arrived."""
        if self.root:
            return None if self.root.span.duration_ns is None else self.root.span.end_ns
        return max(each.span.end_ns for each in self.pieces)

    @property
    def invocation_id(self) -> str | None:
        return next(
            (each.span.invocation_id for each in self.pieces if each.span.invocation_id), None
        )

    @property
    def cold_start(self) -> bool | None:
        """True when any span says so, None when none says anything."""
        told = [each.span.cold_start for each in self.pieces if each.span.cold_start is not None]
        return True if self.init or True in told else (False if told else None)

    @property
    def failed(self) -> bool:
        return self.root is not None and self.root.failed

    @property
    def entry(self) -> bool:
        """Something outside began here: a request or a schedule."""
        return any(each.span.trigger in ("http", "timer") for each in self.pieces)


def invocations(pieces: Iterable[Piece]) -> list[Invocation]:
    """Every invocation that spans tell of, in order of time."""
    ordered = sorted(pieces, key=lambda each: each.order)
    by_id = {each.id: each for each in ordered}
    members: dict[tuple[object, ...], list[Piece]] = defaultdict(list)
    tops: dict[_Id, Piece] = {}
    for each in ordered:
        members[_identity(_top(each, by_id, tops), by_id)].append(each)
    found = _with_orphans([_invocation(group, by_id) for group in members.values()])
    return sorted(_with_inits(found), key=lambda each: each.pieces[0].order)


def begins(piece: Piece, parent: Piece | None) -> bool:
    """True when the span begins an invocation of its own."""
    if parent is None or parent.span.function != piece.span.function:
        return True
    if piece.span.kind in TAKING and parent.span.kind in SENDING:
        return True
    ids = {piece.span.invocation_id, parent.span.invocation_id} - {None}
    return len(ids) > 1


def _top(piece: Piece, by_id: Mapping[_Id, Piece], tops: dict[_Id, Piece]) -> Piece:
    """The span that began the invocation; of a circle of parents the first that is met again."""
    path: list[Piece] = []
    seen: set[_Id] = set()
    current = piece
    while current.id not in tops and current.id not in seen:
        seen.add(current.id)
        path.append(current)
        parent = by_id.get(current.parent_id) if current.parent_id else None
        if parent is None or begins(current, parent):
            break
        current = parent
    top = tops.get(current.id, current)
    if current.id in seen and len(path) > 1 and path[-1].id != current.id:
        top = min(path[[each.id for each in path].index(current.id) :], key=lambda each: each.order)
    for each in path:
        tops[each.id] = top
    return top


def _identity(top: Piece, by_id: Mapping[_Id, Piece]) -> tuple[object, ...]:
    """Equal for spans of one invocation: its topmost span, or the parent that never arrived."""
    orphan = top.parent_id is not None and top.parent_id not in by_id
    if orphan and top.span.kind not in TAKING:
        return ("under", *(top.parent_id or ()), top.span.function)
    return ("top", *top.id)


def _invocation(group: list[Piece], by_id: Mapping[_Id, Piece]) -> Invocation:
    """``group`` is in order of time; its top is the one whose parent is not in it."""
    inside = {each.id for each in group}
    tops = [each for each in group if each.parent_id not in inside] or group[:1]
    top = tops[0]
    missing = top.parent_id if top.parent_id and top.parent_id not in by_id else None
    lost = missing is not None and top.span.kind not in TAKING
    return Invocation(
        top.span.function, tuple(group), None if lost else top, missing if lost else None
    )


def _with_orphans(found: Sequence[Invocation]) -> list[Invocation]:
    """Spans whose parent was lost go with the invocation of their function that they fell into."""
    whole = [each for each in found if each.root]
    more: dict[int, list[Piece]] = defaultdict(list)
    left = []
    for each in found:
        first = each.pieces[0].span
        around = [
            place
            for place, other in enumerate(whole)
            if each.root is None
            and other.function == each.function
            and other.pieces[0].span.trace_id == first.trace_id
            and other.start_ns <= first.start_ns
            and (other.end_ns is None or first.start_ns <= other.end_ns)
        ]
        if around:
            more[max(around, key=lambda place: whole[place].start_ns)] += each.pieces
        elif each.root is None:
            left.append(each)
    for place, pieces in more.items():
        together = sorted([*whole[place].pieces, *pieces], key=lambda each: each.order)
        whole[place] = replace(whole[place], pieces=tuple(together))
    return whole + left


def _with_inits(found: Iterable[Invocation]) -> list[Invocation]:
    """Initialisation spans that stand beside an invocation become part of it."""
    inits: list[Invocation] = []
    others: list[Invocation] = []
    for each in sorted(found, key=lambda each: each.pieces[0].order):
        (inits if _is_init(each) else others).append(each)
    for init in inits:
        piece = init.pieces[0]
        place = next(
            (
                index
                for index, each in enumerate(others)
                if each.function == init.function
                and each.init is None
                and each.pieces[0].span.trace_id == piece.span.trace_id
                and each.start_ns >= piece.span.start_ns
            ),
            None,
        )
        if place is None:
            others.append(init)
        else:
            after = others[place]
            others[place] = replace(after, pieces=(piece, *after.pieces), init=piece)
    return others


def _is_init(invocation: Invocation) -> bool:
    """One span that says it is an initialisation, as the collector's cold-start parts make it."""
    if len(invocation.pieces) > 1:
        return False
    span = invocation.pieces[0].span
    return (
        span.kind == "internal"
        and span.cold_start is True
        and span.invocation_id is None
        and (span.name == "init" or span.name.startswith(("init ", "platform.init")))
    )
