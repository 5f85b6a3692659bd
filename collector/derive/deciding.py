"""From what a run loaded to what it changes: event traces, their ids and rows, ignored keys."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.derive.former import Former
from collector.derive.identity import identify
from collector.derive.simple import Simple, find_simple
from collector.derive.simple_rows import SimpleEvents
from collector.model.stitching.attempts import MaxReceives
from collector.model.stitching.facts import Fragment, Joint, Occurrence, Part
from collector.model.stitching.joints import Stitched, stitch
from collector.model.stitching.keys import Kind, Outcome, Role
from collector.model.stitching.rules import Rules
from collector.model.stitching.summary import EventRow, summarise
from collector.store.stitching_load import Loaded
from collector.store.stitching_save import EVENTS, PLACED, Changes, table_of

_KINDS: Final = {int(each): each for each in Kind}
_ROLES: Final = tuple(Role)
_OUTCOMES: Final = tuple(Outcome)
_PARTS: Final = tuple(Part)
_FRAGMENT: Final = (
    "fragment_id", "trace_id", "part", "start_ns", "end_ns", "function", "functions",
    "destinations", "entry", "failed", "tenant", "shared_id", "correlation_ids", "span_count",
    "error_count", "invocation_count", "cold_start_count", "phantom_count", "unfinished",
    "platform_only", "shared_by",
)  # fmt: skip
_OCCURRENCE: Final = (
    "fragment_id", "key", "kind", "role", "time_ns", "end_ns", "outcome", "place", "function",
    "family", "attempt", "dead_letter",
)  # fmt: skip


_VALUES: Final = attrgetter(*EventRow.__slots__)


@dataclass(frozen=True, slots=True)
class Judging:
    """How to decide: the rules, and what the settings say of queues."""

    rules: Rules
    max_receives: MaxReceives


def decide(loaded: Loaded, run: int, judging: Judging) -> Changes:
    """What the loaded rows become, as the difference to what they are."""
    return _Run(loaded, run, judging).changes()


class _Run:
    def __init__(self, loaded: Loaded, run: int, judging: Judging) -> None:
        self.loaded, self.run, self.judging = loaded, run, judging
        found = find_simple(loaded, judging.rules)
        self.simple = None if found is None else SimpleEvents(loaded, found)
        rest = loaded.fragments
        if self.simple is not None:
            rest = rest.filter(pa.array(~self.simple.settled))
        ids, was_in, made, runs, starts = _columns(
            rest, ("fragment_id", "event_trace_id", "made", "run", "start_ns")
        )
        self.was_in: dict[Any, int | None] = dict(zip(ids, was_in, strict=True))
        self.made = {fragment for fragment, new in zip(ids, made, strict=True) if new}
        self.runs = {fragment: seq or run for fragment, seq in zip(ids, runs, strict=True)}
        self.starts = dict(zip(ids, starts, strict=True))
        self.shared_of = _shared_of(rest)
        fragments, keys = _complex(loaded, found)
        stated, self.occurrences = objects(fragments, keys)
        self.texts = _texts(keys)
        self.fragments: dict[Any, Fragment] = {each.fragment_id: each for each in stated}
        self.stitched: Stitched = stitch(
            stated,
            self.occurrences,
            verdicts=cast("Mapping[Hashable, str]", loaded.verdicts),
            rules=judging.rules,
        )
        self.event_of: dict[Any, Any] = {**self.stitched.event_of}
        self.groups: dict[Any, list[Any]] = {**self.stitched.events()}
        self.alike = {} if self.simple is None else self.simple.groups()
        for group, members in self.alike.items():
            self.event_of.update(dict.fromkeys(members, group))
        self.groups.update(self.alike)
        self.ids, now = identify(self.groups, self._former())
        self.former = Former(
            loaded, self.event_of, self.was_in, self.shared_of, self.occurrences, now
        )

    def changes(self) -> Changes:
        placed, event_of = self._placed(), self.event_of
        written = {fragment for fragment, _ in placed}
        moved = written - self.made
        ignored, forgotten, changed_keys = self._ignored()
        left = {self.was_in[each] for each in moved} | {*self.loaded.replaced.values()}
        groups = {event_of[each] for each in written if each in event_of}
        groups |= {group for group, event in self.ids.items() if event in left}
        groups |= {
            event_of[each.fragment_id]
            for each in self.occurrences
            if each.key in changed_keys and each.fragment_id in event_of
        }
        gone_events = {event for event in left if event is not None}
        gone_events.update(self.ids[group] for group in groups)
        return Changes(
            run=self.run,
            gone=[*self.loaded.replaced, *moved],
            placed=self._all_placed(placed),
            gone_events=[event for event in gone_events if event in self.loaded.events],
            events=self._event_rows(groups, written),
            former=self.former.ways(self.ids.values()),
            forgotten=forgotten,
            ignored=ignored,
        )

    def _former(self) -> dict[int, list[Any]]:
        """The stored fragments of each event trace, earliest first; the oldest event first.

        Those that are no more are followed by what was made of their records, after all others.
        """
        members: dict[int, list[Any]] = {event: [] for event in self.loaded.events}
        for fragment, event in self.was_in.items():
            if event is not None:
                members.setdefault(event, []).append(fragment)
        for each in members.values():
            each.sort(key=lambda one: (self.starts[one], one))
        for fragment, heirs in self.loaded.heirs.items():
            members.setdefault(self.loaded.replaced[fragment] or 0, []).extend(heirs)
        return members

    def _event(self, fragment: Any) -> int | None:
        group = self.event_of.get(fragment)
        return None if group is None else self.ids[group]

    def _placed(self) -> list[tuple[int, int | None]]:
        return [
            (fragment, self._event(fragment))
            for fragment in self.was_in
            if fragment in self.made or self._event(fragment) != self.was_in[fragment]
        ]

    def _all_placed(self, placed: list[tuple[int, int | None]]) -> pa.Table:
        judged = table_of(PLACED, placed)
        return judged if self.simple is None else pa.concat_tables([judged, self.simple.placed()])

    def _event_rows(self, groups: set[Any], written: set[Any]) -> pa.Table:
        rows = [
            (event, created, *_VALUES(row), first_run, self.run)
            for group, row in self._judged_rows(groups - self.alike.keys()).items()
            for event, created, first_run in (self._known(group, written),)
        ]
        judged = table_of(EVENTS, rows)
        if self.simple is None:
            return judged
        how = (self.run, self._summarise, objects)
        alike = self.simple.old_rows(
            groups & self.alike.keys(), lambda group: self._known(group, written), *how
        )
        return pa.concat_tables([judged, alike, self.simple.new_rows(*how)])

    def _judged_rows(self, wanted: set[Any]) -> dict[Any, EventRow]:
        event_of = self.stitched.event_of
        held: dict[Any, list[Occurrence]] = defaultdict(list)
        for each in self.occurrences:
            group = event_of.get(each.fragment_id)
            if group in wanted:
                held[group].append(each)
        ties: dict[Any, list[Joint]] = defaultdict(list)
        for joint in _strongest(self.stitched.joints, self.judging.rules.threshold):
            group = event_of.get(joint.source)
            if group in wanted and group == event_of.get(joint.target):
                ties[group].append(joint)
        return {
            group: self._summarise(
                [self.fragments[each] for each in self.groups[group]], held[group], ties[group]
            )
            for group in wanted
        }

    def _summarise(
        self,
        fragments: Sequence[Fragment],
        occurrences: Sequence[Occurrence],
        joints: Sequence[Joint],
    ) -> EventRow:
        return summarise(fragments, occurrences, joints, max_receives=self.judging.max_receives)

    def _known(self, group: Any, written: set[Any]) -> tuple[int, int, int]:
        """Id, created_seq and first_run of an event trace."""
        event, members = self.ids[group], self.groups[group]
        created, _ = self.loaded.events.get(event, (self.run, 0))
        runs = [self.run if each in written else self.runs[each] for each in members]
        shared = (self.shared_of[each] for each in members if each in self.shared_of)
        runs += [self.runs[each] for each in shared if each in self.runs]
        return event, created, min(runs)

    def _ignored(self) -> tuple[list[tuple[Any, ...]], list[int], set[Any]]:
        """Rows to insert, keys whose rows go before, keys whose verdict is another now."""
        judged = self.loaded.judged
        verdicts = {each.key: each for each in self.stitched.ignored}
        changed = {
            key
            for key in {*judged, *verdicts}
            if (judged[key][0] if key in judged else None)
            != (verdicts[key].reason if key in verdicts else None)
        }
        seen: dict[Any, list[int]] = defaultdict(list)
        for each in self.occurrences:
            if each.key in verdicts:
                seen[each.key].append(each.time_ns)
        rows = [
            (
                key,
                int(verdict.kind),
                self._text(key),
                verdict.reason,
                verdict.count,
                min(seen[key], default=None),
                max(seen[key], default=None),
                self.run,
            )
            for key, verdict in verdicts.items()
        ]
        return rows, [key for key in judged if key in changed or key in verdicts], changed

    def _text(self, key: Any) -> str | None:
        known = self.loaded.judged.get(key, (None, None))[1]
        text = self.texts.get(key)
        return known or (text and text.partition(":")[2])


def _columns(table: Any, names: Sequence[str]) -> list[list[Any]]:
    return [table[name].to_pylist() for name in names]


def _shared_of(fragments: pa.Table) -> dict[Any, Any]:
    """The shared fragment of each delivery."""
    deliveries = fragments.filter(pc.is_valid(fragments["shared_id"]))
    return dict(zip(*_columns(deliveries, ("fragment_id", "shared_id")), strict=True))


def _complex(loaded: Loaded, found: Simple | None) -> tuple[pa.Table, pa.Table]:
    """What has to be judged one by one."""
    if found is None:
        return loaded.fragments, loaded.keys
    fragments = loaded.fragments.filter(pa.array(~found.simple))
    of = loaded.keys["fragment_id"].to_numpy()
    held = np.isin(of, fragments["fragment_id"].to_numpy())
    return fragments, loaded.keys.filter(pa.array(held))


def objects(fragments: pa.Table, keys: pa.Table) -> tuple[list[Fragment], list[Occurrence]]:
    """Rows as the pure core takes them; keys that tie nothing are left out."""
    columns = dict(zip(_FRAGMENT, _columns(fragments, _FRAGMENT), strict=True))
    columns["trace_id"] = [each and each.replace("-", "") for each in columns["trace_id"]]
    columns["part"] = [_PARTS[each] for each in columns["part"]]
    for name in ("functions", "destinations", "correlation_ids"):
        columns[name] = [tuple(each or ()) for each in columns[name]]
    stated = [Fragment(*row) for row in zip(*columns.values(), strict=True)]
    held = [
        Occurrence(fragment, key, _KINDS[kind], _ROLES[role], time, end, _OUTCOMES[outcome], *rest)
        for fragment, key, kind, role, time, end, outcome, *rest in zip(
            *_columns(keys, _OCCURRENCE), strict=True
        )
        if kind
    ]
    return stated, held


def _texts(keys: pa.Table) -> dict[Any, str]:
    """Texts of the keys that were read as such in this run."""
    named = keys.filter(pc.is_valid(keys["text"]))
    return dict(zip(*_columns(named, ("key", "text")), strict=True))


def _strongest(joints: Iterable[Joint], threshold: float) -> list[Joint]:
    """The strongest joint of each pair, where it connects; of equals the kind decides."""
    pairs: dict[frozenset[Any], Joint] = {}
    for joint in joints:
        if joint.confidence >= threshold:
            pair = frozenset((joint.source, joint.target))
            best = pairs.get(pair)
            if best is None or _weakness(joint) < _weakness(best):
                pairs[pair] = joint
    return list(pairs.values())


def _weakness(joint: Joint) -> tuple[float, int]:
    return (-joint.confidence, joint.kind)
