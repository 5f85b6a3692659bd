"""Why parts of an event were joined, as a person reads it: the value, and the spans it is on."""

from collections import defaultdict
from collections.abc import Iterable, Set
from typing import Final

from collector.model.event_trace import EventJoint
from collector.model.events.pieces import SENDING, TAKING, Material, Piece
from collector.model.stitching.facts import Joint
from collector.model.stitching.keys import EVIDENCE, Kind, Letter, span_key, trace_key

_WITH_FAMILY: Final = (Letter.CORRELATION, Letter.BUSINESS)


def joints(material: Material) -> list[EventJoint]:
    """The event's joints in order of what they come from, the strongest of a pair first."""
    started = {str(each.fragment_id): each.start_ns for each in material.fragments}
    bearers = _Bearers(material.pieces, {_sign(str(each.key)) for each in material.joints})
    found = [_joint(each, bearers) for each in material.joints]
    return sorted(
        found,
        key=lambda each: (
            started.get(each.source, 0),
            started.get(each.target, 0),
            -each.confidence,
            each.source,
            each.target,
            each.evidence,
            each.key,
        ),
    )


def _joint(joint: Joint, bearers: "_Bearers") -> EventJoint:
    source, target, key = str(joint.source), str(joint.target), str(joint.key)
    linked = bearers.linked(source, key) or bearers.linked(target, key)
    return EventJoint(
        source=source,
        target=target,
        evidence=evidence(joint, linked=linked),
        key=readable(key),
        confidence=joint.confidence,
        exact=joint.exact,
        source_span_id=bearers.span_id(source, key, SENDING),
        target_span_id=bearers.span_id(target, key, TAKING),
    )


def evidence(joint: Joint, linked: bool = False) -> str:
    """The kind of evidence in words; context that was passed on is a parent where it is certain.

    ``linked``: a link names the trace that ties; else an attribute or a log record does.
    """
    if joint.kind is Kind.SPAN and joint.confidence >= 1.0:
        return "parent span"
    return EVIDENCE[Kind.SPAN] if joint.kind is Kind.TRACE and linked else EVIDENCE[joint.kind]


def readable(key: str) -> str:
    """The value of a key as it was sent, without what the key adds to it."""
    namespace, _, value = key.partition(":")
    if namespace == "s":
        return f"{value[:32]}/{value[32:]}"
    if namespace == "m":
        return value.rpartition("/")[2]
    return value.replace("\n", " ") if namespace == "c" else value


class _Bearers:
    """The spans that bear each wanted key, by fragment and by what stands for it on a span."""

    def __init__(self, pieces: Iterable[Piece], wanted: Set[str]) -> None:
        self._found: dict[tuple[str, str], list[Piece]] = defaultdict(list)
        for piece in sorted(pieces, key=lambda each: each.order):
            for sign in _signs(piece) & wanted:
                self._found[piece.fragment_id, sign].append(piece)

    def span_id(self, fragment_id: str, key: str, preferred: frozenset[str]) -> str | None:
        """The first one in the fragment, of the preferred kinds if there is such."""
        found = self._found.get((fragment_id, _sign(key)), ())
        best = next((each for each in found if each.span.kind in preferred), None)
        first = best or (found[0] if found else None)
        return first.span.span_id if first else None

    def linked(self, fragment_id: str, key: str) -> bool:
        """True when a link in the fragment names the trace of this key."""
        return key.startswith("t:") and (fragment_id, _sign(key)) in self._found


def _sign(key: str) -> str:
    return key if key[:2] in ("t:", "s:") else readable(key)


def _signs(piece: Piece) -> set[str]:
    """Everything by which a key may be recognised on a span."""
    span = piece.span
    signs = {span.message_id or "", span.invocation_id or "", span.correlation_id or ""}
    for each in piece.keys:
        signs.add(each[3:] if each[:1] in _WITH_FAMILY else each[1:].replace("\n", " "))
    signs |= {each.rpartition(":")[2] for each in signs if ":" in each}  # of a partitioned log
    signs.add(span_key(*piece.id))
    if piece.parent_id:
        signs.add(span_key(*piece.parent_id))
    for link in span.links:
        if link.direction == "outgoing":
            signs |= {span_key(link.trace_id, link.span_id), trace_key(link.trace_id)}
    return signs
