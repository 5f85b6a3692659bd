"""The scorecard: which gates each function and each flow passes in a window, asked of the store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from collector.alerts import gates
from collector.alerts.book import Book
from collector.alerts.gates import Bound, Busiest, DeadLetters, Evidence, Gate
from collector.alerts.objectives import LATENCY, OUTCOME
from collector.alerts.rules import Rule
from collector.alerts.sources import Answers
from collector.model.health import FunctionHealth, HealthPoint, QueueHealth
from collector.model.repeated import RepeatedWork, Repeats
from collector.model.window import Window
from collector.store.queries.flows import repeated_handlings, repeated_work
from collector.store.queries.function_figures import function_steps
from collector.store.queries.registry import MAX_ROWS
from collector.store.queries.steps import step_of

_STEPS: Final = 12
_MOST_POINTS: Final = 50_000


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One function or flow (``kind``) and its gates, in the order of ``gates.GATES``."""

    kind: str
    name: str
    gates: tuple[Gate, ...]

    @property
    def failed_count(self) -> int:
        return sum(each.verdict == gates.FAIL for each in self.gates)

    @property
    def passed_count(self) -> int:
        return sum(each.verdict == gates.PASS for each in self.gates)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Functions and flows, those that fail most first."""

    functions: tuple[ScoreRow, ...]
    flows: tuple[ScoreRow, ...]


def read_scorecard(answers: Answers, book: Book, window: Window) -> Scorecard:
    """The gates of everything that telemetry of a window tells of."""
    place = {"since_ns": window.since_ns, "until_ns": window.until_ns}
    work = answers.ask(lambda cursor: repeated_work(cursor, **place, limit=2 * MAX_ROWS))
    step_ns = step_of(window, _STEPS)
    points = answers.ask(
        lambda cursor: function_steps(
            cursor, **place, step_ns=step_ns, function=None, limit=_MOST_POINTS
        )
    )
    asked = _Asked(
        answers=answers,
        book=book,
        busiest=_busiest(points, step_ns),
        repeats=answers.ask(lambda cursor: repeated_handlings(cursor, **place, limit=MAX_ROWS)),
        work={each.name: each for each in work if not each.is_flow},
        queues=[each.figures for each in answers.subjects("dead_letter_queues", window).each],
        costs={each.group: each.figures for each in answers.subjects("costs", window).each},
    )
    health = answers.subjects("functions", window).each
    functions = [_function(asked, each.figures) for each in health]
    by_name = {row.name: row for row in functions}
    flows = [_flow(asked, each, by_name, window) for each in work if each.is_flow]
    return Scorecard(tuple(_ordered(functions)), tuple(_ordered(flows)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The answers all rows are made of."""

    answers: Answers
    book: Book
    busiest: Mapping[str, Busiest]
    repeats: Mapping[str, Repeats]
    work: Mapping[str, RepeatedWork]
    queues: Sequence[QueueHealth]
    costs: Mapping[str, object]

    def rules(self, metric: str, kind: str, name: str) -> list[Rule]:
        """Rules on a metric that watch something of that name, or all together."""
        return [
            rule
            for rule in self.book.rules.values()
            if rule.enabled and rule.metric == metric and _covers(rule, kind, name)
        ]

    def owned(self, kind: str, name: str) -> list[tuple[str, Evidence]]:
        """Owner and rule of each rule with an owner that watches it."""
        return [
            (rule.owner, _of_rule(rule))
            for rule in self.book.rules.values()
            if rule.enabled and rule.owner and _covers(rule, kind, name, also_all=False)
        ]

    def dead_letters(self, queues: Iterable[str]) -> list[DeadLetters]:
        """The dead-letter queues of these queues, each with who is told."""
        names = set(queues)
        found = []
        for each in self.queues:
            if each.name not in names and each.source_queue not in names:
                continue
            rules = [
                rule
                for metric in ("dlq_depth", "dlq_age_s", "dlq_age_since_first_sent_s")
                for rule in self.rules(metric, "queue", each.name)
            ]
            rule = next(iter(rules), None)
            found.append(
                DeadLetters(
                    each.name, _of_rule(rule) if rule else None, rule.owner if rule else None
                )
            )
        return found

    def latency_bound(self, name: str) -> Bound | None:
        """What was promised of a function: by an objective, else by a rule."""
        for objective in self.book.objectives.values():
            glob = objective.scope.function
            meant = glob is None or fnmatchcase(name, glob)
            if objective.kind == LATENCY and objective.latency_ms is not None and meant:
                evidence = Evidence("slo", objective.id, objective.name)
                return Bound(objective.latency_ms, evidence)
        return _bound(self.rules("duration_p95_ms", "function", name))

    def outcome_bound(self, root: str) -> Bound | None:
        """What was promised of a flow: by an objective, else by a rule."""
        for objective in self.book.objectives.values():
            glob = objective.scope.flow
            meant = glob is None or fnmatchcase(root, glob)
            if objective.kind == OUTCOME and objective.within_ns is not None and meant:
                evidence = Evidence("slo", objective.id, objective.name)
                return Bound(objective.within_ns / 1e6, evidence)
        return _bound(self.rules("flow_p95_ms", "flow", root))


def _function(asked: _Asked, health: FunctionHealth) -> ScoreRow:
    name = health.name
    work = asked.work.get(name)
    repeats = asked.repeats.get(name, Repeats())
    spent = asked.costs.get(name)
    settings = (each for each in asked.answers.facts.functions if fnmatchcase(name, each.match))
    return ScoreRow(
        "function",
        name,
        (
            gates.reliability(
                repeats.retry_count + health.counts.repeat_count if work else None,
                repeats.duplicate_count if work else None,
                repeats.duplicated_ids,
                repeats.retried_ids,
                repeats.unsure_count,
            ),
            gates.latency(
                asked.busiest.get(name),
                asked.latency_bound(name),
                work.slowest_ids if work else (),
            ),
            gates.cost(
                getattr(spent, "per_success_usd", None),
                _bound(asked.rules("cost_per_success_usd", "function", name)),
            ),
            gates.operability(
                asked.owned("function", name),
                asked.dead_letters(work.queues if work else ()),
                next((each.owner for each in settings), None),
            ),
        ),
    )


def _flow(
    asked: _Asked, work: RepeatedWork, functions: Mapping[str, ScoreRow], window: Window
) -> ScoreRow:
    p95_ms = None if work.duration_p95_ns is None else work.duration_p95_ns / 1e6
    return ScoreRow(
        "flow",
        work.name,
        (
            gates.reliability(
                work.retry_count, work.duplicate_count, work.duplicated_ids, work.retried_ids
            ),
            gates.latency(
                Busiest(work.event_count, p95_ms, window.length_ns),
                asked.outcome_bound(work.name),
                work.slowest_ids,
                "flow",
            ),
            _worst_cost([functions[name] for name in work.functions if name in functions]),
            gates.operability(
                asked.owned("flow", work.name), asked.dead_letters(work.queues), None
            ),
        ),
    )


def _worst_cost(rows: Sequence[ScoreRow]) -> Gate:
    """A flow keeps to its budget when each of its functions does."""
    found = [(row.name, gate) for row in rows for gate in row.gates if gate.name == "cost"]
    for verdict in (gates.FAIL, gates.UNKNOWN):
        for name, gate in found:
            if gate.verdict == verdict:
                return Gate(
                    "cost", verdict, f"{name}: {gate.figure}", gate.value, gate.bound, gate.unit,
                    gate.remedy, (Evidence("function", name, name), *gate.evidence),
                )  # fmt: skip
    if not found:
        return gates.cost(None, None)
    evidence = tuple(each for _, gate in found for each in gate.evidence)
    return Gate("cost", gates.PASS, f"all {len(found)} functions within budget", evidence=evidence)


def _busiest(points: Iterable[tuple[str, HealthPoint]], step_ns: int) -> dict[str, Busiest]:
    """By function: the step with the most invocations, the first of equals."""
    found: dict[str, Busiest] = {}
    for name, point in points:
        count, p95_ns = point.counts.invocation_count, point.quantiles.duration_p95_ns
        if name not in found or count > found[name].count:
            found[name] = Busiest(count, None if p95_ns is None else p95_ns / 1e6, step_ns)
    return found


def _covers(rule: Rule, kind: str, name: str, *, also_all: bool = True) -> bool:
    scope = rule.scope
    if scope.is_all:
        return also_all
    glob = {"function": scope.function, "queue": scope.queue, "flow": scope.flow}[kind]
    return glob is not None and fnmatchcase(name, glob)


def _bound(rules: Sequence[Rule]) -> Bound | None:
    """The strictest of them."""
    above = [rule for rule in rules if rule.comparison in (">", ">=")]
    strictest = min(above, key=lambda rule: rule.threshold, default=None)
    return Bound(strictest.threshold, _of_rule(strictest)) if strictest else None


def _of_rule(rule: Rule) -> Evidence:
    return Evidence("rule", rule.id, rule.name)


def _ordered(rows: Iterable[ScoreRow]) -> list[ScoreRow]:
    return sorted(rows, key=lambda row: (-row.failed_count, -row.passed_count, row.name))
