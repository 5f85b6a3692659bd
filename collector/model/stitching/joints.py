"""Stitches fragments into event traces: joints with their evidence, and the keys that join nothing.

The result is a function of the set of fragments and occurrences: neither order nor repetition of
them matters.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from collector.model.stitching.exact import (
    CONTEXTS,
    EXACT,
    UNDIVIDED,
    by_time,
    context_joints,
    exact_joints,
    is_hub,
)
from collector.model.stitching.facts import Fragment, Ignored, Joint, Occurrence, Part
from collector.model.stitching.inferred import CONSTANT, Holder, judge, may_join
from collector.model.stitching.keys import Kind, Role, is_worthless
from collector.model.stitching.objects import judge_object
from collector.model.stitching.parts import ExactPart
from collector.model.stitching.rules import RULES, Rules
from collector.model.stitching.shares import share_joints
from collector.model.stitching.unions import Unions

_HUB = "hub"
_WORTHLESS = "worthless"
_AMBIGUOUS = "ambiguous"
_NOTHING = frozenset((_HUB, _WORTHLESS))
_NO_INFERENCE = frozenset((_HUB, _WORTHLESS, _AMBIGUOUS, CONSTANT))


@dataclass(frozen=True, slots=True)
class Stitched:
    """What belongs together.

    ``event_of`` names the event trace of a fragment by the id of its earliest fragment; SHARED
    fragments are in it only when all deliveries of their batch are of one event, and LOGS fragments
    not when all that is known of them is that such a batch wrote them. ``joints`` holds
    every tie found, the strongest of a pair first, also those below the threshold, which connect
    nothing. ``ignored`` has the keys judged here; those the caller gave verdicts for are not
    repeated.
    """

    joints: list[Joint] = field(default_factory=list)
    event_of: dict[Hashable, Hashable] = field(default_factory=dict)
    ignored: list[Ignored] = field(default_factory=list)

    def events(self) -> dict[Hashable, list[Hashable]]:
        """The fragments of each event trace, ordered."""
        members: dict[Hashable, list[Hashable]] = {}
        for fragment_id in sorted(self.event_of):  # type: ignore[type-var]
            members.setdefault(self.event_of[fragment_id], []).append(fragment_id)
        return members


def stitch(
    fragments: Iterable[Fragment],
    occurrences: Iterable[Occurrence],
    *,
    verdicts: Mapping[Hashable, str] | None = None,
    rules: Rules = RULES,
) -> Stitched:
    """Event traces of these fragments.

    ``verdicts``: reasons found earlier for keys whose groups are not given whole. A key with the
    verdict hub or worthless joins nothing; with constant, nothing by inference; with tenants it
    joins only within a tenant; with contradicted only parts whose own value it is. Give no verdict
    for a key whose whole group is given: it is judged anew.
    """
    return _Stitching(fragments, occurrences, verdicts or {}, rules).run()


class _Stitching:
    """One run: exact evidence first, then what is inferred from the parts it makes."""

    def __init__(
        self,
        fragments: Iterable[Fragment],
        occurrences: Iterable[Occurrence],
        verdicts: Mapping[Hashable, str],
        rules: Rules,
    ) -> None:
        self.fragments = {each.fragment_id: each for each in fragments}
        self.verdicts = verdicts
        self.rules = rules
        self.joints: list[Joint] = []
        self.ignored: list[Ignored] = []
        self._told: set[Hashable] = set()
        self._read(occurrences)
        self.unions = Unions(self.fragments)
        self.shared = {
            each.fragment_id for each in self.fragments.values() if each.part == Part.SHARED
        }
        self._waiting: dict[Hashable, list[Joint]] = {each: [] for each in self.shared}
        self._deliveries: dict[Hashable, list[Hashable]] = {}
        self._batches: dict[Hashable, list[Hashable]] = {}
        for each in self.fragments.values():
            if each.part == Part.DELIVERY:
                self._batches.setdefault(each.shared_id, []).append(each.fragment_id)
            if each.shared_id in self.shared:
                self._deliveries.setdefault(each.shared_id, []).append(each.fragment_id)

    def _read(self, occurrences: Iterable[Occurrence]) -> None:
        """Groups occurrences by key, dropping keys that only one fragment holds."""
        groups: dict[Hashable, list[Occurrence]] = {}
        held: dict[Hashable, list[Occurrence]] = {}
        split: set[Hashable] = set()
        with_message: set[Hashable] = set()
        fragments = self.fragments
        for each in occurrences:
            fragment_id = each.fragment_id
            if fragment_id not in fragments:
                continue
            key = each.key
            if key in groups:
                groups[key].append(each)
            else:
                groups[key] = [each]
            if fragment_id in held:
                held[fragment_id].append(each)
            else:
                held[fragment_id] = [each]
            kind = each.kind
            if kind == Kind.SPAN and each.role == Role.OWN:
                split.add(fragment_id)
            elif kind == Kind.MESSAGE and each.role == Role.IN:
                with_message.add(fragment_id)
        self.held = held
        self.split = split
        self._with_message = with_message
        self.groups = {}
        for key, group in groups.items():
            if len(group) > 1:
                first = group[0].fragment_id
                for each in group:
                    if each.fragment_id != first:
                        self.groups[key] = group
                        break

    def run(self) -> Stitched:
        """All of it."""
        for group in self.groups.values():
            self._exact(group)
        self._settle_shared()
        inferred = self._infer()
        for joint in inferred:
            self._take(joint)
        self._settle_shared()
        self._list_ambiguous()
        self.joints.sort(key=_strongest)
        self.ignored.sort(key=lambda each: (each.key, each.kind))
        return Stitched(self.joints, self._events(), self.ignored)

    def _exact(self, group: list[Occurrence]) -> None:
        if self.verdicts and self.verdicts.get(group[0].key) in _NOTHING:
            return
        rules = self.rules
        contexts = exact = False
        for each in group:
            if each.kind in CONTEXTS:
                contexts = True
            elif each.kind in EXACT:
                exact = True
        bound = rules.trace_bound if contexts else rules.hub_bound
        if len(group) > bound and is_hub(group, bound, rules.hub_window_ns):
            self._ignore(group, _HUB)
            return
        found: list[Joint] = []
        if contexts:
            found += context_joints(group, self.fragments, self.split, rules)
        if exact:
            found += exact_joints(group, self.shared, rules)
        for joint in found:
            self._take(joint)

    def _take(self, joint: Joint) -> None:
        """Unites two fragments; what ties a shared fragment waits until that is of one event."""
        waits = False
        for end in (joint.source, joint.target):
            if end in self.shared:
                self._waiting[end].append(joint)
                waits = True
        if waits:
            return
        self.joints.append(joint)
        if joint.confidence >= self.rules.threshold:
            self.unions.unite(joint.source, joint.target)

    def _settle_shared(self) -> None:
        """Gives what all deliveries of a batch share to their event, if that is one."""
        changed = True
        while changed:
            changed = False
            for shared in sorted(self.shared):  # type: ignore[type-var]
                fragment = self.fragments[shared]
                deliveries = self._deliveries.get(shared, [])
                if not fragment.shared_by or len(deliveries) != fragment.shared_by:
                    continue
                if len({self.unions.find(each) for each in deliveries}) != 1:
                    continue
                self.shared.discard(shared)
                self.unions.unite(deliveries[0], shared)
                for joint in self._waiting.pop(shared):
                    if not ({joint.source, joint.target} & self.shared):
                        self._take(joint)
                changed = True

    def _infer(self) -> list[Joint]:
        members = self.unions.sets()
        parts: dict[Hashable, ExactPart] = {}
        found: list[Joint] = []
        find = self.unions.find
        for key, group in self.groups.items():
            if self.verdicts and self.verdicts.get(key) in _NO_INFERENCE:
                continue
            kinds = {each.kind for each in group}
            if Kind.SPAN in kinds:
                group = self._sent_from(group)
            elif Kind.TRACE in kinds:
                group = self._named_by_trace(group)
            by_object = Kind.OBJECT in kinds
            if not by_object and not may_join(group):
                found += share_joints(group, self.fragments, self._batches, find)
                continue
            said: dict[Hashable, list[Occurrence]] = {}
            for each in group:
                if each.fragment_id in self.shared or self._is_divided(each):
                    continue
                said.setdefault(find(each.fragment_id), []).append(each)
            if len(said) > 1 and self._may_tie(key, group):
                found += self._judge(said, members, parts, by_object=by_object)
        return found

    def _sent_from(self, group: list[Occurrence]) -> list[Occurrence]:
        """Handlings of what was sent from one span that never arrived, or that is shared.

        They are attempts at one message, unless that span sent several: then their ids differ, or
        one batch took two of them, or more than one succeeded.
        """
        if any(each.role == Role.OWN and each.fragment_id not in self.shared for each in group):
            return []
        members = [
            each
            for each in group
            if each.role == Role.IN and each.fragment_id not in self._with_message
        ]
        batches = [
            shared
            for each in members
            if (shared := self.fragments[each.fragment_id].shared_id) is not None
        ]
        functions = {each.function for each in members}
        return members if len(set(batches)) == len(batches) and len(functions) == 1 else []

    def _named_by_trace(self, group: list[Occurrence]) -> list[Occurrence]:
        """What holds a trace id as one holds a correlation id.

        Of a trace that is here: itself, and what takes its id for a correlation id. Of one that is
        exported nowhere: what refers to it, when log records name it. X-Ray's trace goes on where
        the context of spans was lost, but also from a batch into all that it sent: so it is judged
        like a correlation id, and one that a batch names says nothing.
        """
        values = [each for each in group if each.kind not in CONTEXTS]
        own = [each for each in group if each.role == Role.OWN]
        if own:
            return own + values
        named = [each for each in group if each.role == Role.MENTION]
        parts = {self.fragments[each.fragment_id].part for each in named}
        return group if named and parts <= UNDIVIDED else values

    def _is_divided(self, each: Occurrence) -> bool:
        """True where a fragment holds its trace's id, but the trace is of several events."""
        if each.kind != Kind.TRACE or each.role != Role.OWN:
            return False
        return each.fragment_id in self.split or self.fragments[each.fragment_id].part != Part.WHOLE

    def _may_tie(self, key: Hashable, group: list[Occurrence]) -> bool:
        """False for hubs and for values that say nothing, which are told."""
        rules = self.rules
        if is_hub(group, rules.hub_bound, rules.hub_window_ns):
            self._ignore(group, _HUB)
            return False
        if isinstance(key, str) and is_worthless(key.partition(":")[2]):
            self._ignore(group, _WORTHLESS)
            return False
        return True

    def _judge(
        self,
        said: dict[Hashable, list[Occurrence]],
        members: Mapping[Hashable, list[Hashable]],
        parts: dict[Hashable, ExactPart],
        *,
        by_object: bool,
    ) -> list[Joint]:
        holders = []
        for root, occurrences in said.items():
            part = parts.get(root)
            if part is None:
                part = parts[root] = ExactPart(
                    [self.fragments[each] for each in members[root] if each not in self.shared],
                    self.held,
                )
            if len(occurrences) > 1:
                occurrences.sort(key=by_time)
            holders.append(Holder(root, part, occurrences))
        key = holders[0].said[0].key
        verdict = self.verdicts.get(key)
        joints, reason = (judge_object if by_object else judge)(holders, self.rules, verdict)
        if reason == CONSTANT and holders[0].said[0].kind in CONTEXTS:
            reason = _AMBIGUOUS
        if reason is not None and reason != verdict:
            self._ignore([each for holder in holders for each in holder.said], reason)
        return joints

    def _ignore(self, group: list[Occurrence], reason: str) -> None:
        key = group[0].key
        if key in self._told:
            return
        self._told.add(key)
        kind = Kind(max(each.kind for each in group))
        count = len({each.fragment_id for each in group})
        self.ignored.append(Ignored(key, kind, reason, count))

    def _list_ambiguous(self) -> None:
        """Tells of contexts of shared spans that something refers to."""
        keys = {
            joint.key
            for joints in self._waiting.values()
            for joint in joints
            if joint.kind in CONTEXTS
        }
        for key in keys:
            self._ignore(self.groups[key], _AMBIGUOUS)

    def _logs_of_batches(self) -> set[Hashable]:
        """Log records without a trace whose invocation is a batch: shared as its spans are."""
        fragments = self.fragments
        return {
            end
            for joints in self._waiting.values()
            for joint in joints
            if joint.kind == Kind.INVOCATION
            for end in (joint.source, joint.target)
            if fragments[end].part == Part.LOGS
        }

    def _events(self) -> dict[Hashable, Hashable]:
        event_of: dict[Hashable, Hashable] = {}
        fragments = self.fragments
        of_batches = self._logs_of_batches()
        for members in self.unions.sets().values():
            mine = [each for each in members if each not in self.shared]
            if all(each in of_batches for each in mine):
                continue
            if len(mine) == 1:
                event_of[mine[0]] = mine[0]
            elif mine:
                root = min(mine, key=lambda each: (fragments[each].start_ns, each))
                event_of.update(dict.fromkeys(mine, root))
        return event_of


def _strongest(joint: Joint) -> tuple[object, ...]:
    return (-joint.confidence, joint.source, joint.target, joint.kind, joint.key)
