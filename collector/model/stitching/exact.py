"""Joints by exact evidence: contexts, message ids, request ids, executions, events."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from collector.model.stitching.facts import Fragment, Joint, Occurrence, Part
from collector.model.stitching.keys import Kind, Role
from collector.model.stitching.rules import Rules

EXACT: Final = frozenset((Kind.MESSAGE, Kind.INVOCATION, Kind.EXECUTION, Kind.EVENT))
CONTEXTS: Final = frozenset((Kind.TRACE, Kind.SPAN))
CONFIDENCE: Final[dict[Kind, float]] = {
    Kind.TRACE: 0.95,
    Kind.SPAN: 0.95,
    Kind.MESSAGE: 0.95,
    Kind.INVOCATION: 0.95,
    Kind.EXECUTION: 0.9,
    Kind.EVENT: 0.9,
    Kind.CORRELATION: 0.8,
    Kind.BUSINESS: 0.8,
    Kind.IDEMPOTENCY: 0.8,
    Kind.OBJECT: 0.7,
}
ELSEWHERE: Final = 0.9
"""Confidence of a unique message id seen at two destinations."""

Group = Sequence[Occurrence]
UNDIVIDED: Final = frozenset((Part.WHOLE, Part.LOGS))


def is_hub(group: Group, bound: int, window_ns: int) -> bool:
    """True when more than ``bound`` fragments hold a key within some ``window_ns``."""
    if len(group) <= bound:
        return False
    first: dict[Hashable, int] = {}
    for each in group:
        first[each.fragment_id] = min(first.get(each.fragment_id, each.time_ns), each.time_ns)
    times = sorted(first.values())
    return any(late - early <= window_ns for early, late in zip(times, times[bound:], strict=False))


def context_joints(
    group: Group, fragments: Mapping[Hashable, Fragment], split: Collection[Hashable], rules: Rules
) -> list[Joint]:
    """Joints of what refers to a trace, or to a span of a split trace, with its owner.

    A trace that is split into several fragments is no owner: only its spans are. Two that refer to
    a context which never arrived are not joined: one span may send messages of many events.
    """
    group = [each for each in group if each.kind in CONTEXTS]
    owners = {each.fragment_id: each for each in group if each.role == Role.OWN}
    if group and group[0].kind == Kind.TRACE:
        owners = {
            owner: each
            for owner, each in owners.items()
            if fragments[owner].part in UNDIVIDED and owner not in split
        }
    if len(owners) != 1:
        return []
    (own,) = owners.values()
    owner = own.fragment_id
    found: dict[Hashable, Joint] = {}
    for each in group:
        if each.role == Role.OWN or each.fragment_id == owner:
            continue
        if _apart(own, each) > rules.look_back_ns[Kind.TRACE]:
            continue
        # A link names a span, a log field a trace.
        kind = Kind.SPAN if each.role == Role.IN else Kind.TRACE
        earlier = found.get(each.fragment_id)
        if earlier is None or kind > earlier.kind:
            found[each.fragment_id] = Joint(
                owner, each.fragment_id, kind, each.key, CONFIDENCE[kind], exact=True
            )
    return list(found.values())


def _apart(own: Occurrence, other: Occurrence) -> int:
    """Time between a fragment, which lasts, and a reference to it."""
    end = own.time_ns if own.end_ns is None else own.end_ns
    return max(0, own.time_ns - other.time_ns, other.time_ns - end)


def exact_joints(group: Group, shared: Collection[Hashable], rules: Rules) -> list[Joint]:
    """Joints of all that hold a message id, request id, execution id or event id.

    The sender is joined with each of the others; without a sender the first one is. A fragment
    that is shared by events is joined with one of them, and stands for none.
    """
    members = [each for each in group if each.kind in EXACT]
    if len(members) < 2:
        return []
    members.sort(key=by_time)
    found: list[Joint] = []
    reach = min([rules.look_back_ns[each.kind] for each in members])
    near = members[-1].time_ns - members[0].time_ns <= reach
    for cluster in [members] if near else clusters(members, rules):
        speakers = speakers_of(cluster)
        if len(speakers) < 2:
            continue
        own = [each for each in speakers if each.fragment_id not in shared] or speakers
        source = next((each for each in own if each.role == Role.OUT), own[0])
        for each in speakers:
            if each is not source:
                sent = each.role == Role.OUT and source.role != Role.OUT
                ends = (each, source) if sent else (source, each)
                found.append(_exact_joint(*ends, rules))
    return found


def clusters(members: Sequence[Occurrence], rules: Rules) -> list[list[Occurrence]]:
    """Members, which are in order of time, parted where the look-back does not reach."""
    look_back = rules.look_back_ns
    found = [[members[0]]]
    reached = _last(members[0])
    for earlier, each in pairwise(members):
        if each.time_ns - reached > min(look_back[earlier.kind], look_back[each.kind]):
            found.append([])
        found[-1].append(each)
        reached = max(reached, _last(each))
    return found


def _last(occurrence: Occurrence) -> int:
    return (
        occurrence.time_ns
        if occurrence.end_ns is None
        else max(occurrence.time_ns, occurrence.end_ns)
    )


def speakers_of(cluster: Iterable[Occurrence]) -> list[Occurrence]:
    """One occurrence for each fragment, the one that says most; in order of time."""
    found: dict[Hashable, Occurrence] = {}
    for each in cluster:
        other = found.get(each.fragment_id)
        if other is None or _RANK[each.role] > _RANK[other.role]:
            found[each.fragment_id] = each
    return sorted(found.values(), key=by_time)


_RANK: Final[dict[Role, int]] = {Role.MENTION: 0, Role.OWN: 1, Role.IN: 2, Role.OUT: 3}


def by_time(each: Occurrence) -> tuple[object, ...]:
    """Order of occurrences of one key; equal only for those that say the same."""
    return (each.time_ns, each.fragment_id, each.role, each.kind, each.end_ns or 0,
            each.place or "")  # fmt: skip


def _exact_joint(source: Occurrence, target: Occurrence, rules: Rules) -> Joint:
    kind, confidence = weaker(source, target, rules)
    return Joint(source.fragment_id, target.fragment_id, kind, source.key, confidence, exact=True)


def weaker(one: Occurrence, other: Occurrence, rules: Rules) -> tuple[Kind, float]:
    """What two occurrences of one key are evidence of, and how strong."""
    if one.kind == Kind.MESSAGE and other.kind == Kind.MESSAGE:
        return Kind.MESSAGE, _message_confidence(one.place, other.place, rules)
    mine, theirs = CONFIDENCE[one.kind], CONFIDENCE[other.kind]
    if mine == theirs:
        return Kind(max(one.kind, other.kind)), mine
    return (Kind(one.kind), mine) if mine < theirs else (Kind(other.kind), theirs)


def _message_confidence(one: str | None, other: str | None, rules: Rules) -> float:
    if one is None or other is None or one == other:
        return CONFIDENCE[Kind.MESSAGE]
    same = rules.queues.source(one) == rules.queues.source(other)
    return CONFIDENCE[Kind.MESSAGE] if same else ELSEWHERE
