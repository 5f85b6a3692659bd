"""Joints by stored objects: who reads an object is of the event that wrote it last."""

from collections.abc import Hashable, Sequence

from collector.model.stitching.exact import CONFIDENCE, by_time
from collector.model.stitching.facts import Joint, Occurrence
from collector.model.stitching.inferred import CONSTANT, TENANTS, Holder
from collector.model.stitching.keys import Kind, Role
from collector.model.stitching.rules import Rules


def judge_object(
    holders: Sequence[Holder], rules: Rules, verdict: str | None
) -> tuple[list[Joint], str | None]:
    """Joints of readers with the latest writer before them, else with the latest mention.

    A request or schedule that reads an object is an event of its own. An object which one function
    reads several times after it was written once is shared by events: it ties nothing.
    """
    joints: list[Joint] = []
    reason = verdict
    readers: dict[tuple[Occurrence, str | None], set[Hashable]] = {}
    for reader in sorted(holders, key=lambda each: by_time(each.said[0])):
        if reader.part.start.entry:
            continue
        reading = next((each for each in reader.said if each.role == Role.IN), None)
        if reading is None:
            continue
        source = _source(reading, reader, holders, rules)
        if source is None:
            continue
        writer, written = source
        tenants = {writer.part.tenant, reader.part.tenant} - {None}
        if len(tenants) > 1:
            reason = reason or TENANTS
            continue
        start = reader.part.start
        if not start.failed:
            same = readers.setdefault((written, start.function), set())
            same.add(reader.root)
            if len(same) > 1:
                return [], CONSTANT
        joints.append(
            Joint(
                written.fragment_id,
                reading.fragment_id,
                Kind.OBJECT,
                reading.key,
                CONFIDENCE[Kind.OBJECT],
                exact=False,
            )
        )
    return joints, reason


def _source(
    reading: Occurrence, reader: Holder, holders: Sequence[Holder], rules: Rules
) -> tuple[Holder, Occurrence] | None:
    """Who wrote what is read; None when the reader itself did, or nobody did."""
    for role in (Role.OUT, Role.MENTION):
        said = sorted(
            ((each, holder) for holder in holders for each in holder.said if each.role == role),
            key=lambda pair: by_time(pair[0]),
        )
        before = [pair for pair in said if pair[0].time_ns <= reading.time_ns]
        near = [pair for pair in said if 0 < pair[0].time_ns - reading.time_ns <= rules.skew_ns]
        if not before and not near:
            continue
        written, writer = before[-1] if before else near[0]
        if reading.time_ns - written.time_ns > rules.look_back_ns[Kind.OBJECT]:
            return None
        return None if writer is reader else (writer, written)
    return None
