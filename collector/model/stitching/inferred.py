"""Joints by what is not unique by nature: correlation ids, business ids, idempotency keys.

Each key is judged once, on all exact parts that hold it: a wrong join is worse than a missing one.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.model.stitching.exact import CONFIDENCE, CONTEXTS, by_time, clusters, weaker
from collector.model.stitching.facts import Joint, Occurrence
from collector.model.stitching.keys import Kind, Role
from collector.model.stitching.parts import VALUES, ExactPart
from collector.model.stitching.rules import Rules

INFERRED: Final = frozenset((Kind.CORRELATION, Kind.BUSINESS, Kind.IDEMPOTENCY))
CONSTANT: Final = "constant"
TENANTS: Final = "tenants"
CONTRADICTED: Final = "contradicted"
MOST_REPEATS: Final = 10
"""Parts with one idempotency key that one event may have; a constant is on more."""


@dataclass(slots=True)
class Holder:
    """An exact part and its occurrences of the key that is judged, in order of time."""

    root: Hashable
    part: ExactPart
    said: list[Occurrence] = field(default_factory=list)

    def started_at(self, function: str | None) -> bool:
        """True when it began at this function and did not fail there."""
        return self.part.start.function == function and not self.part.start.failed


def may_join(group: Sequence[Occurrence]) -> bool:
    """True when a key can tie by inference: business ids alone say too little."""
    inferred = False
    strong = False
    for each in group:
        kind = each.kind
        inferred = inferred or kind in INFERRED or kind in CONTEXTS
        strong = strong or kind != Kind.BUSINESS
    return inferred and strong


def judge(
    holders: Sequence[Holder], rules: Rules, verdict: str | None
) -> tuple[list[Joint], str | None]:
    """Joints by one key, and the reason when it ties not all that hold it."""
    reason = verdict
    if reason != TENANTS:
        tenants = {each.part.tenant for each in holders}
        if len(tenants) > 1 and len(tenants - {None}) > 1:
            reason = TENANTS
    joints: list[Joint] = []
    for peers in _by_tenant(holders) if reason == TENANTS else [list(holders)]:
        primary, contradicted = _uncontradicted(peers, given=verdict == CONTRADICTED)
        if contradicted:
            reason = reason or CONTRADICTED
        for cluster in _clusters(primary, rules):
            kept = _not_constant(cluster)
            if kept is None:
                return [], CONSTANT
            joints += _joints(kept, rules)
    return joints, reason


def _by_tenant(holders: Sequence[Holder]) -> list[list[Holder]]:
    """Those of one tenant; what names none may be of any, and is joined with nothing."""
    found: dict[str, list[Holder]] = {}
    for each in holders:
        if each.part.tenant is not None:
            found.setdefault(each.part.tenant, []).append(each)
    return [found[tenant] for tenant in sorted(found)]


def _uncontradicted(holders: list[Holder], *, given: bool) -> tuple[list[Holder], bool]:
    """Without parts that have another value of their own, when the value is another entry's own."""
    key = holders[0].said[0].key
    first: list[Holder] = []
    second: list[Holder] = []
    for each in holders:
        (first if each.part.holds_first(key, each.said) else second).append(each)
    if second and (given or any(map(_is_its_own, first))):
        return first, True
    return holders, False


def _is_its_own(holder: Holder) -> bool:
    """True for an entry that names the value as its id, or whose trace id the value is."""
    return holder.part.start.entry and any(
        said.kind in VALUES or said.role == Role.OWN for said in holder.said
    )


def _clusters(holders: Sequence[Holder], rules: Rules) -> list[list[Holder]]:
    """Holders parted where the look-back does not reach."""
    times = [said.time_ns for each in holders for said in each.said]
    if not times:
        return []
    if max(times) - min(times) <= rules.look_back_ns[Kind.CORRELATION]:
        return [list(holders)]
    by_root = {each.root: each for each in holders}
    root_of = {said.fragment_id: each.root for each in holders for said in each.said}
    members = sorted((said for each in holders for said in each.said), key=by_time)
    return [
        [by_root[root] for root in dict.fromkeys(root_of[said.fragment_id] for said in cluster)]
        for cluster in clusters(members, rules)
    ]


def _not_constant(cluster: Sequence[Holder]) -> list[Holder] | None:
    """Those that one event may hold; None when several events started with this value.

    The value is given to one event by the function it starts at. More than one start that did not
    fail: another event, unless only that function is seen again (somebody asks how it goes). Of
    requests that did not name it themselves, but what came of them, one event has one.
    """
    if _names_one(cluster):
        return list(cluster)
    traced = [each for each in cluster if not each.part.only_logs] or list(cluster)
    unnamed = [
        each
        for each in traced
        if each.part.start.entry
        and not each.part.start.failed
        and not each.part.named_at_start(each.said)
    ]
    if len(unnamed) > 1:
        return None
    first = min(traced, key=_order)
    function = first.part.start.function
    starts = sorted((each for each in traced if each.started_at(function)), key=_order)
    if len(starts) < 2:
        return list(cluster)
    others: dict[str | None, int] = {}
    for each in traced:
        start = each.part.start
        if start.function != function and not start.failed:
            others[start.function] = others.get(start.function, 0) + 1
    if not others or max(others.values()) > 1 or not first.part.start.entry:
        return None
    again = {each.root for each in starts[1:]}
    return [each for each in cluster if each.root not in again]


def _names_one(cluster: Sequence[Holder]) -> bool:
    """True where starts at one function are one event all the same.

    An idempotency key is there to be given twice to the same operation. And of two parts that
    alone hold a value, neither an invocation, the one most likely came of the other.
    """
    if len(cluster) <= MOST_REPEATS and all(map(_is_idempotent, cluster)):
        return True
    return len(cluster) == 2 and not any(
        fragment.entry or fragment.invocation_count
        for each in cluster
        for fragment in each.part.fragments
    )


def _is_idempotent(holder: Holder) -> bool:
    return any(said.kind is Kind.IDEMPOTENCY for said in holder.said)


def _order(holder: Holder) -> tuple[bool, int, Hashable]:
    start = holder.part.start
    return (not start.entry, start.start_ns, start.fragment_id)


def _joints(holders: Sequence[Holder], rules: Rules) -> list[Joint]:
    """The part that names the value first is joined with each of the others."""
    if len(holders) < 2:
        return []
    said = sorted((each.said[0] for each in holders), key=by_time)
    source = said[0]
    found = []
    for each in said[1:]:
        kind, confidence = weaker(source, each, rules)
        if kind in CONTEXTS:
            confidence = CONFIDENCE[Kind.CORRELATION]
        elif kind not in INFERRED:
            kind, confidence = Kind.CORRELATION, CONFIDENCE[Kind.CORRELATION]
        found.append(
            Joint(source.fragment_id, each.fragment_id, kind, each.key, confidence, exact=False)
        )
    return found
