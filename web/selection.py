"""The selected thing of an event trace, with all that its panel says about it.

A selection is a letter and an id: ``s.`` a span, ``d.`` a delivery (or another block), ``j.`` a
joint, ``w.`` a wait, ``p.`` a phantom. What is selected may be gone when late data has come; then
nothing is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collector.model.event_trace import EventJoint, EventTrace, Phantom, Wait
from collector.model.log import LogRecord
from collector.model.span import Span
from web.blocks import Block, holders
from web.rows import phantom_id

_LOGS: Final = 50


@dataclass(frozen=True, slots=True)
class Selected:
    """``kind``: span, block, joint, wait or phantom; that field is then not None.

    ``block`` is the one it belongs to, ``joints`` lead to or from its part, and ``phantom`` says
    what of it never arrived; ``gone`` are parents and linked spans that did not, with how each is
    selected.
    """

    kind: str
    block: Block | None = None
    span: Span | None = None
    joint: EventJoint | None = None
    wait: Wait | None = None
    phantom: Phantom | None = None
    shared: bool = False
    joints: tuple[EventJoint, ...] = ()
    logs: tuple[LogRecord, ...] = ()
    log_count: int = 0
    gone: tuple[tuple[str, Phantom], ...] = ()


def select(event: EventTrace, found: Sequence[Block], selection: str | None) -> Selected | None:
    """What a selection names in this event; None where it names nothing of it."""
    letter, _, rest = (selection or "").partition(".")
    if letter == "s":
        return _span(event, found, rest)
    if letter == "d":
        block = next((block for block in found if block.id == rest), None)
        return _block(event, block) if block else None
    if letter == "j":
        return next(
            (Selected("joint", joint=each) for each in event.joints if joint_id(each) == selection),
            None,
        )
    if letter == "w":
        return _wait(event, found, selection or "")
    if letter == "p":
        missing = (each for each in event.phantoms if phantom_id(each) == selection)
        return next((Selected("phantom", phantom=each) for each in missing), None)
    return None


def joint_id(joint: EventJoint) -> str:
    """How a joint is named in a selection."""
    return f"j.{joint.source}.{joint.target}"


def wait_id(wait: Wait) -> str:
    """How a wait is named in a selection."""
    return f"w.{wait.delivery_id}.{wait.kind}"


def _span(event: EventTrace, found: Sequence[Block], span_id: str) -> Selected | None:
    block = holders(found).get(span_id)
    each = next((each for each in event.spans if each.span.span_id == span_id), None)
    if each is None:
        return None
    logs = [log for log in event.logs if log.span_id == span_id]
    return Selected(
        "span",
        block,
        span=each.span,
        shared=each.shared,
        joints=_joints(event, block, {span_id}),
        logs=tuple(logs[:_LOGS]),
        log_count=len(logs),
        phantom=_phantom(event, {span_id}),
    )


def _phantom(event: EventTrace, span_ids: set[str]) -> Phantom | None:
    """What never arrived of these spans: their end."""
    return next((each for each in event.phantoms if each.span_id in span_ids), None)


def _block(event: EventTrace, block: Block) -> Selected:
    ids = {span.span_id for span in block.all_spans}
    logs = [log for log in event.logs if log.span_id in ids]
    return Selected(
        "block",
        block,
        joints=_joints(event, block, None),
        phantom=block.phantom or _phantom(event, ids),
        gone=tuple(
            (phantom_id(each), each)
            for each in event.phantoms
            if each.fragment_id == block.fragment_id and each.kind != "invocation"
        ),
        logs=tuple(logs[:_LOGS]),
        log_count=len(logs),
    )


def _wait(event: EventTrace, found: Sequence[Block], selection: str) -> Selected | None:
    for block in found:
        for wait in block.waits:
            if wait_id(wait) == selection:
                return Selected("wait", block, wait=wait, joints=_joints(event, block, None))
    return None


def _joints(
    event: EventTrace, block: Block | None, span_ids: set[str] | None
) -> tuple[EventJoint, ...]:
    """Joints of its part; of a span those whose evidence was found on it."""
    if block is None:
        return ()
    return tuple(
        joint
        for joint in event.joints
        if block.fragment_id in (joint.source, joint.target)
        and (span_ids is None or span_ids & {joint.source_span_id, joint.target_span_id})
    )
