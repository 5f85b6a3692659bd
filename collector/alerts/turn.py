"""One evaluation of all rules that are due: what each alert becomes, and what is told of it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import duckdb
import orjson

from collector.alerts import blindness
from collector.alerts.book import Book
from collector.alerts.evaluate import Sample, after_gap, evaluate, inactive
from collector.alerts.metric import ABSENCE, Metric
from collector.alerts.metrics import metric_of
from collector.alerts.rules import Rule
from collector.alerts.sampling import asked, could_be, is_of_all, samples
from collector.alerts.sources import Answers
from collector.alerts.summary import sentence
from collector.errors import LockstitchError
from collector.model.alert import (
    FIRING,
    INACTIVE,
    RESOLVED,
    AlertChange,
    AlertProgress,
    AlertState,
)

# A value that moves is written this often while its state stays the same: each write is a row
# version that a checkpoint has to clear away.
_REFRESH_NS: Final = 60 * 10**9
_NAMESPACE: Final = uuid.UUID("5d0e3f3a-8c61-4f0b-9f1e-0a4d5b1c7e26")

FLOW_SETTLES_NS: Final = 60 * 10**9
"""Windows about flows end so much earlier: an event trace that still grows has not its path yet."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What an evaluation starts from: rules, states as stored, and what was last told of each."""

    book: Book
    states: Sequence[AlertState]
    last: Mapping[Key, AlertChange]
    progress: AlertProgress


@dataclass(slots=True)
class Turn:
    """``progress`` is that after this evaluation; ``errors`` says which rules could not be read."""

    found: Found
    progress: AlertProgress
    now_ns: int
    answers: Answers
    errors: dict[str, str] = field(default_factory=dict)
    _before: dict[Key, AlertState] = field(init=False)
    _rules: Mapping[str, Rule] = field(init=False)

    def __post_init__(self) -> None:
        self._before = {_key(each): each for each in self.found.states}
        self._rules = self.found.book.watched

    @property
    def gap_ns(self) -> int | None:
        """How long nothing was evaluated just now; None: there was no gap."""
        return blindness.gap_of(self.found.progress, self.progress)

    def evaluated(self, due: Iterable[Rule], end_ns: int) -> list[AlertState]:
        """The states that alerts of these rules, and of rules that are no more, come to."""
        by_rule: dict[str, dict[str, AlertState]] = {}
        for state in self.found.states:
            moved = state if self.gap_ns is None else after_gap(state, self.gap_ns, self.now_ns)
            by_rule.setdefault(state.rule_id, {})[state.group] = moved
        after: list[AlertState] = []
        rules = list(due)
        read = [each for each in rules if each.enabled and each.objective is None]
        self.answers.expect(asked(each, _end_of(each, end_ns)) for each in read)
        for rule in rules:
            states = by_rule.get(rule.id, {})
            after.extend(self._of_rule(rule, states, end_ns) if rule.enabled else ())
        for rule_id, states in by_rule.items():
            of = self._rules.get(rule_id)
            if not self.found.book.can_be_of(rule_id):
                gone = [each for each in states.values() if of is None or not _is_of(of, each)]
                after.extend(self._ended(each) for each in gone)
        return after

    def firing(self, after: Iterable[AlertState]) -> int:
        """How many alerts fire once these states are stored."""
        now = self._before | {_key(each): each for each in after}
        return sum(each.state == FIRING for each in now.values())

    def is_change(self, state: AlertState) -> bool:
        """Whether people are to know of it."""
        before = self._before.get(_key(state))
        return state.state != INACTIVE and (before is None or before.state != state.state)

    def is_worth_writing(self, state: AlertState) -> bool:
        """Whether what is stored of the alert is too far from this."""
        before = self._before.get(_key(state))
        if before is None:
            return state.state != INACTIVE
        fixed = ("state", "since_ns", "began_ns", "clear_ns")
        return (
            any(getattr(before, name) != getattr(state, name) for name in fixed)
            or self.now_ns - before.evaluated_ns >= _REFRESH_NS
        )

    def change(self, state: AlertState) -> AlertChange:
        """What is told of a state that is new."""
        rule = self._rules.get(state.rule_id)
        told = f"{state.rule_id} {state.group} {state.state} {state.since_ns}"
        change_id = uuid.uuid5(_NAMESPACE, told).hex
        if rule is None:
            last = self.found.last[_key(state)]
            return replace(
                last, change_id=change_id, state=state.state, since_ns=state.since_ns,
                changed_ns=self.now_ns, summary=f"Rule {last.rule_name!r} was deleted",
            )  # fmt: skip
        metric = metric_of(rule.metric)
        return AlertChange(
            change_id=change_id,
            rule_id=rule.id,
            rule_name=rule.name,
            group=state.group,
            state=state.state,
            severity=rule.severity,
            value=state.value,
            threshold=rule.threshold,
            unit=metric.unit,
            since_ns=state.since_ns,
            changed_ns=self.now_ns,
            targets=rule.targets,
            owner=rule.owner,
            note=rule.note,
            metric=rule.metric,
            scope=orjson.dumps(rule.scope.document()).decode(),
            summary=sentence(rule, metric, state, self.answers.label(metric.source, state.group)),
        )

    def _of_rule(
        self, rule: Rule, states: Mapping[str, AlertState], end_ns: int
    ) -> Iterable[AlertState]:
        metric = metric_of(rule.metric)
        end_ns = _end_of(rule, end_ns)
        try:
            found = samples(self.answers, rule, end_ns, self.found.book.objectives)
        except (duckdb.Error, LockstitchError) as error:
            self.errors[rule.id] = str(error).partition("\n")[0]
            return list(states.values())
        known = {group: each for group, each in states.items() if _is_of(rule, each)}
        blind = blindness.is_blind(rule, metric, end_ns - rule.window_ns, self.progress)
        groups = sorted(found.keys() | known.keys() | ({""} if is_of_all(rule) else set()))
        after = []
        for group in groups:
            sample = _seen(metric, found.get(group, Sample(None)), blind=blind)
            previous = known.get(group) or inactive(rule.id, group, self.now_ns)
            state = evaluate(rule, sample, previous, self.now_ns)
            if group in known or state.state != INACTIVE:
                after.append(state)
        return after

    def _ended(self, state: AlertState) -> AlertState:
        """An alert whose rule is gone, is switched off, or is about others now."""
        next_state = (
            RESOLVED if state.state == FIRING and _key(state) in self.found.last else INACTIVE
        )
        return replace(state, state=next_state, since_ns=self.now_ns, clear_ns=None)


def _end_of(rule: Rule, end_ns: int) -> int:
    """When the window of a rule ends."""
    return end_ns - (FLOW_SETTLES_NS if metric_of(rule.metric).kind == "flow" else 0)


def _seen(metric: Metric, sample: Sample, *, blind: bool) -> Sample:
    if blind and metric.nature == ABSENCE:
        return Sample(None, blind=True)
    trusted = sample.value is not None and blindness.trusts_value(metric)
    return replace(sample, blind=blind and not trusted)


def _is_of(rule: Rule, state: AlertState) -> bool:
    return rule.enabled and could_be(rule, state.group)


def _key(state: AlertState) -> Key:
    return state.rule_id, state.group
