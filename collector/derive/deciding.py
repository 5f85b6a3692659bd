"""From what a run loaded to what it changes: event traces, their ids and rows, ignored keys."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from collector.derive.identity import identify
from collector.model.stitching.attempts import MaxReceives
from collector.model.stitching.facts import Fragment, Joint, Occurrence, Part
from collector.model.stitching.joints import Stitched, stitch
from collector.model.stitching.keys import Kind, Outcome, Role
from collector.model.stitching.rules import Rules
from collector.model.stitching.summary import EventRow, summarise
from collector.store.stitching_load import Loaded
from collector.store.stitching_save import Changes

_KINDS: Final = {int(each): each for each in Kind}
_ROLES: Final = tuple(Role)
_OUTCOMES: Final = tuple(Outcome)
_PARTS: Final = tuple(Part)
_FRAGMENT: Final = (
    "fragment_id", "trace_id", "part", "start_ns", "end_ns", "function", "functions",
    "destinations", "entry", "failed", "tenant", "shared_id", "correlation_ids", "span_count",
    "error_count", "invocation_count", "cold_start_count", "phantom_count", "unfinished",
    "shared_by",
)  # fmt: skip
_OCCURRENCE: Final = (
    "fragment_id", "key", "kind", "role", "time_ns", "end_ns", "outcome", "place", "function",
    "family", "attempt", "dead_letter",
)  # fmt: skip


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
        self.fragments: dict[Any, Fragment] = {
            each.fragment_id: each for each in _fragments(loaded)
        }
        self.occurrences, self.texts = _occurrences(loaded)
        self.was_in: dict[Any, int | None] = dict(
            zip(*_columns(loaded.fragments, ("fragment_id", "event_trace_id")), strict=True)
        )
        self.made = {
            fragment
            for fragment, made in zip(
                *_columns(loaded.fragments, ("fragment_id", "made")), strict=True
            )
            if made
        }
        self.runs = {
            fragment: run if written is None else written
            for fragment, written in zip(
                *_columns(loaded.fragments, ("fragment_id", "run")), strict=True
            )
        }
        self.stitched: Stitched = stitch(
            self.fragments.values(),
            self.occurrences,
            verdicts=cast("Mapping[Hashable, str]", loaded.verdicts),
            rules=judging.rules,
        )
        self.groups: dict[Any, list[Any]] = {**self.stitched.events()}
        self.ids = identify(self.groups, self._former())

    def changes(self) -> Changes:
        placed, event_of = self._placed(), self.stitched.event_of
        written = {fragment for fragment, _ in placed}
        moved = written - self.made
        ignored, forgotten, changed_keys = self._ignored()
        left = {self.was_in[each] for each in moved} | self.loaded.replaced_events
        groups = {
            self.stitched.event_of[each] for each in written if each in self.stitched.event_of
        }
        groups |= {group for group, event in self.ids.items() if event in left}
        groups |= {
            event_of[each.fragment_id]
            for each in self.occurrences
            if each.key in changed_keys and each.fragment_id in event_of
        }
        gone_events = {event for event in left if event is not None}
        gone_events.update(self.ids[cast("int", group)] for group in groups)
        return Changes(
            run=self.run,
            gone=[*self.loaded.replaced, *moved],
            placed=placed,
            gone_events=[event for event in gone_events if event in self.loaded.events],
            events=self._event_rows(groups, written),
            forgotten=forgotten,
            ignored=ignored,
        )

    def _former(self) -> dict[int, list[Any]]:
        """The stored fragments of each event trace, earliest first; the oldest event first."""
        members: dict[int, list[Any]] = {event: [] for event in self.loaded.events}
        for fragment, event in self.was_in.items():
            if event is not None:
                members.setdefault(event, []).append(fragment)
        for each in members.values():
            each.sort(key=lambda one: (self.fragments[one].start_ns, one))
        return members

    def _event(self, fragment: Any) -> int | None:
        group = self.stitched.event_of.get(fragment)
        return None if group is None else self.ids[cast("int", group)]

    def _placed(self) -> list[tuple[int, int | None]]:
        return [
            (fragment, self._event(fragment))
            for fragment in self.fragments
            if fragment in self.made or self._event(fragment) != self.was_in[fragment]
        ]

    def _event_rows(self, groups: Iterable[Any], written: set[Any]) -> list[tuple[Any, ...]]:
        wanted = set(groups)
        event_of = self.stitched.event_of
        held: dict[Any, list[Occurrence]] = defaultdict(list)
        for each in self.occurrences:
            group = event_of.get(each.fragment_id)
            if group in wanted:
                held[group].append(each)
        joints = _strongest(self.stitched.joints, self.judging.rules.threshold)
        ties: dict[Any, list[Joint]] = defaultdict(list)
        for joint in joints:
            group = event_of.get(joint.source)
            if group in wanted and group == event_of.get(joint.target):
                ties[group].append(joint)
        rows = []
        for group in wanted:
            members = [self.fragments[each] for each in self.groups[group]]
            row = summarise(
                members, held[group], ties[group], max_receives=self.judging.max_receives
            )
            rows.append(self._event_row(self.ids[group], row, members, written))
        return rows

    def _event_row(
        self, event: int, row: EventRow, members: Sequence[Fragment], written: set[Any]
    ) -> tuple[Any, ...]:
        created, _ = self.loaded.events.get(event, (self.run, 0))
        runs = [self.run if each.fragment_id in written else self.runs[each.fragment_id]
                for each in members]  # fmt: skip
        runs += [self.runs[each.shared_id] for each in members if each.shared_id in self.runs]
        return (event, created, *_values(row), min(runs), self.run)

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


def _fragments(loaded: Loaded) -> list[Fragment]:
    columns = dict(zip(_FRAGMENT, _columns(loaded.fragments, _FRAGMENT), strict=True))
    columns["trace_id"] = [each and each.replace("-", "") for each in columns["trace_id"]]
    columns["part"] = [_PARTS[each] for each in columns["part"]]
    for name in ("functions", "destinations", "correlation_ids"):
        columns[name] = [tuple(each or ()) for each in columns[name]]
    return [Fragment(*row) for row in zip(*columns.values(), strict=True)]


def _occurrences(loaded: Loaded) -> tuple[list[Occurrence], dict[Any, str]]:
    """What the fragments hold, and the texts of those keys that were read as such."""
    names = (*_OCCURRENCE, "text")
    found, texts = [], {}
    for fragment, key, kind, role, time, end, outcome, *rest, text in zip(
        *_columns(loaded.keys, names), strict=True
    ):
        if kind:
            found.append(
                Occurrence(
                    fragment, key, _KINDS[kind], _ROLES[role], time, end, _OUTCOMES[outcome], *rest
                )
            )
            if text:
                texts[key] = text
    return found, texts


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


def _values(row: EventRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in EventRow.__slots__)
