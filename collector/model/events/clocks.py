"""Sets the clocks of hosts against each other by what cannot have been otherwise.

A message is not received before its sending began, and a call not taken before it was made. A host
whose times say so is set forward by the least that makes it right; nothing else is moved. Senders
that round to milliseconds are not corrected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.model.durations import duration
from collector.model.events.causes import Cause
from collector.model.events.numbering import Numbered
from collector.model.events.pieces import Piece

_LEAST_NS: Final = 2_000_000
"""Node.js takes the start of a span from a clock of milliseconds; less than two is no skew."""


@dataclass(frozen=True, slots=True)
class _Bound:
    """What one host's clock calls ``after_ns`` was not before ``before_ns`` of another's."""

    before: str
    before_ns: int
    after: str
    after_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class Clocks:
    """By how much each host's clock is set forward (ns), and a sentence for each."""

    shifts: Mapping[str, int]
    notes: tuple[str, ...]


def set_clocks(
    numbered: Sequence[Numbered], causes: Sequence[Cause | None], pieces: Iterable[Piece]
) -> Clocks:
    """The corrections an event needs; usually none."""
    bounds = _bounds(numbered, causes, list(pieces))
    hosts = {host for bound in bounds for host in (bound.before, bound.after)}
    shifts: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for _ in hosts:  # each round settles at least one host, unless the bounds contradict each other
        late = [(bound, lack) for bound in bounds if (lack := _lack(bound, shifts)) >= _LEAST_NS]
        if not late:
            break
        for bound, _lacking in late:
            lack = _lack(bound, shifts)
            if lack >= _LEAST_NS:
                shifts[bound.after] = shifts.get(bound.after, 0) + lack
                reasons[bound.after] = bound.reason
    named = {each.host: each.span.function for each in pieces}
    notes = (_note(host, shifts[host], named.get(host), reasons[host]) for host in sorted(shifts))
    return Clocks(shifts, tuple(notes))


def _lack(bound: _Bound, shifts: Mapping[str, int]) -> int:
    before_ns = bound.before_ns + shifts.get(bound.before, 0)
    return before_ns - bound.after_ns - shifts.get(bound.after, 0)


def _bounds(
    numbered: Sequence[Numbered], causes: Sequence[Cause | None], pieces: Sequence[Piece]
) -> list[_Bound]:
    """In order of time, so that clocks are set along the way the event took."""
    by_id = {each.id: each for each in pieces}
    bounds = []
    for each, cause in zip(numbered, causes, strict=True):
        first = each.work.invocation.root if each.work.invocation else None
        if first is None or cause is None or cause.piece is None or not cause.exact:
            continue
        if cause.kind == "sent" and cause.piece.host != first.host:
            reason = "it received a message before that was sent"
            bounds.append(
                _Bound(cause.piece.host, cause.begun_ns, first.host, first.span.start_ns, reason)
            )
    for piece in pieces:
        parent = by_id.get(piece.parent_id) if piece.parent_id else None
        if parent and parent.host != piece.host:
            reason = "it began before the call that led there"
            bounds.append(
                _Bound(parent.host, parent.span.start_ns, piece.host, piece.span.start_ns, reason)
            )
    return sorted(set(bounds), key=lambda each: (each.before_ns, each.after, each.after_ns,
                                                 each.before))  # fmt: skip


def _note(host: str, shift_ns: int, function: str | None, reason: str) -> str:
    name = f"{function} ({host})" if function and function != host else host or "a host"
    return f"The clock of {name} is set forward by {duration(shift_ns)}: {reason}."
