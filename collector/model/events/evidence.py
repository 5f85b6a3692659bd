"""Why parts of an event were joined, as a person reads it: the value, and the spans it is on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collector.model.event_trace import EventJoint
from collector.model.events.pieces import SENDING, TAKING, Material, Piece
from collector.model.stitching.facts import Joint
from collector.model.stitching.keys import EVIDENCE, Kind, Letter

_WITH_FAMILY: Final = (Letter.CORRELATION, Letter.BUSINESS)


def joints(material: Material) -> list[EventJoint]:
    """The event's joints in order of what they come from, the strongest of a pair first."""
    started = {str(each.fragment_id): each.start_ns for each in material.fragments}
    pieces: dict[str, list[Piece]] = {}
    for each in sorted(material.pieces, key=lambda each: each.order):
        pieces.setdefault(each.fragment_id, []).append(each)
    found = [_joint(each, pieces) for each in material.joints]
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


def _joint(joint: Joint, pieces: Mapping[str, Sequence[Piece]]) -> EventJoint:
    source, target, key = str(joint.source), str(joint.target), str(joint.key)
    of_source, of_target = pieces.get(source, ()), pieces.get(target, ())
    return EventJoint(
        source=source,
        target=target,
        evidence=evidence(joint, linked=_linked((*of_source, *of_target), key)),
        key=readable(key),
        confidence=joint.confidence,
        exact=joint.exact,
        source_span_id=_holder(of_source, key, SENDING),
        target_span_id=_holder(of_target, key, TAKING),
    )


def evidence(joint: Joint, linked: bool = False) -> str:
    """The kind of evidence in words; context that was passed on is a parent where it is certain.

    ``linked``: a link names the trace that ties; else an attribute or a log record does.
    """
    if joint.kind is Kind.SPAN and joint.confidence >= 1.0:
        return "parent span"
    return EVIDENCE[Kind.SPAN] if joint.kind is Kind.TRACE and linked else EVIDENCE[joint.kind]


def _linked(pieces: Iterable[Piece], key: str) -> bool:
    return any(link.trace_id == key[2:] for piece in pieces for link in piece.span.links)


def readable(key: str) -> str:
    """The value of a key as it was sent, without what the key adds to it."""
    namespace, _, value = key.partition(":")
    if namespace == "s":
        return f"{value[:32]}/{value[32:]}"
    if namespace == "m":
        return value.rpartition("/")[2]
    return value.replace("\n", " ") if namespace == "c" else value


def _holder(pieces: Iterable[Piece], key: str, preferred: frozenset[str]) -> str | None:
    """The span of a fragment that the key was found on; one of the preferred kinds if several."""
    holding = [each for each in pieces if _holds(each, key)]
    best = next((each for each in holding if each.span.kind in preferred), None)
    found = best or (holding[0] if holding else None)
    return found.span.span_id if found else None


def _holds(piece: Piece, key: str) -> bool:
    namespace, _, value = key.partition(":")
    links = [link for link in piece.span.links if link.direction == "outgoing"]
    if namespace == "t":
        return any(link.trace_id == value for link in links)
    if namespace == "s":
        context = (value[:32], value[32:])
        named = [(link.trace_id, link.span_id) for link in links]
        return context in (piece.id, piece.parent_id) or context in named
    wanted = readable(key)
    told = {piece.span.message_id, piece.span.invocation_id, piece.span.correlation_id}
    for each in piece.keys:
        told.add(each[3:] if each[:1] in _WITH_FAMILY else each[1:].replace("\n", " "))
    return wanted in told or any(
        text and text.rpartition(":")[2] == wanted for text in told if namespace == "m"
    )
