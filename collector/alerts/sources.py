"""What rules look at: subjects of one window of time, as the typed questions of the store tell.

Each question is asked once a window, however many rules read its answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final, Protocol, TypeVar

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import CostRow
from collector.model.costs.pricing import Pricing
from collector.model.flow import FlowFigures
from collector.model.health import FunctionHealth
from collector.model.window import Window
from collector.settings import FunctionSettings, QueueSettings, Settings
from collector.store.queries.advice import read_projection
from collector.store.queries.alert_figures import function_last_seen
from collector.store.queries.costs import read_costs, read_function_costs
from collector.store.queries.figures_over import list_counts_over
from collector.store.queries.flows import list_flows, list_new_shapes
from collector.store.queries.health import FunctionFigures, list_function_figures
from collector.store.queries.queues import list_queues
from collector.store.queries.reported import reports

T = TypeVar("T")
_DAY_NS: Final = 86_400 * 10**9
# What is read beside these must not keep them waiting.
_SHORT_NS: Final = 3 * 3600 * 10**9


class Ask(Protocol):
    """Asks the store, as ``Database.read`` does."""

    def __call__(self, question: Callable[[Cursor], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What the settings say of functions and queues, and what things cost."""

    functions: Sequence[FunctionSettings] = ()
    queues: Sequence[QueueSettings] = ()
    pricing: Pricing = field(default_factory=lambda: Pricing.of(Settings()))

    def concurrency_limit(self, function: str) -> int | None:
        """The limit of the first entry that matches; None: none says."""
        return next(
            (
                each.concurrency_limit
                for each in self.functions
                if fnmatchcase(function, each.match)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """Something a rule can be about: its group, the names a scope may match, and its figures."""

    group: str
    figures: Any
    provider: str | None = None
    names: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Subjects:
    """All of one kind in a window; ``whole``: the figures of all together, where there are such."""

    each: Sequence[Subject]
    whole: Any = None


@dataclass(frozen=True, slots=True)
class Limited:
    """A function's concurrency beside its limit."""

    share: float | None


@dataclass(frozen=True, slots=True)
class Covered:
    """How many of the invocations that metrics count telemetry tells of."""

    coverage: float | None
    reported: int


@dataclass(frozen=True, slots=True)
class Silent:
    """How long ago the last invocation or event began."""

    silent_s: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What something cost in a window of so many days."""

    row: CostRow
    days: float

    @property
    def per_day_usd(self) -> float | None:
        return None if self.row.cost.usd is None else float(self.row.cost.usd) / self.days

    @property
    def per_success_usd(self) -> float | None:
        cost = self.row.per_success_usd
        return None if cost is None else float(cost)


@dataclass(slots=True)
class Answers:
    """Answers of the store, each question asked at most once a window. ``ask`` runs one.

    What is expected to be asked soon may be read with what is asked now.
    """

    ask: Ask
    facts: Facts
    _known: dict[tuple[str, Window], Subjects] = field(default_factory=dict)
    _labels: dict[tuple[str, str], str] = field(default_factory=dict)
    _expected: set[tuple[str, Window]] = field(default_factory=set)

    def expect(self, asked: Iterable[tuple[str, Window]]) -> None:
        """Sources that will be asked, each with its window."""
        self._expected.update(asked)

    def with_expected(self, source: str, window: Window) -> list[Window]:
        """This window, and short ones of the same source that were not asked for yet."""
        also = {
            of for name, of in self._expected
            if name == source and of.length_ns <= _SHORT_NS and (name, of) not in self._known
        } - {window}  # fmt: skip
        return [
            window,
            *(sorted(also, key=lambda of: of.since_ns) if window.length_ns <= _SHORT_NS else ()),
        ]

    def keep(self, source: str, window: Window, subjects: Subjects) -> None:
        """An answer that came with another."""
        self._known.setdefault((source, window), subjects)

    def subjects(self, source: str, window: Window) -> Subjects:
        """What the source of that name gives for a window."""
        place = (source, window)
        if place not in self._known:
            found = SOURCES[source](self, window)
            self._labels |= {(source, each.group): each.label for each in found.each if each.label}
            self._known[place] = found
        return self._known[place]

    def preload(self, windows: Sequence[Window]) -> None:
        """Reads the counts of functions in many windows at once, for metrics made of those alone;
        percentiles, memory and providers are unknown from now on."""
        found = self.ask(lambda cursor: list_counts_over(cursor, windows))
        for window, (functions, whole) in zip(windows, found or (), strict=bool(found)):
            subjects = [_function(each, each) for each in functions]
            self._known["functions", window] = Subjects(subjects, whole)

    def label(self, source: str, group: str) -> str | None:
        """What to call a group of a source whose name says nothing to a person."""
        return self._labels.get((source, group))


def _functions(answers: Answers, window: Window) -> Subjects:
    windows = answers.with_expected("functions", window)
    found = answers.ask(lambda cursor: list_function_figures(cursor, windows))
    for each, figures in zip(windows, found, strict=True):
        answers.keep("functions", each, _of_functions(figures))
    return _of_functions(found[0])


def _functions_in_full(answers: Answers, window: Window) -> Subjects:
    [found] = answers.ask(lambda cursor: list_function_figures(cursor, [window], in_full=True))
    answers.keep("functions", window, _of_functions(found))
    return _of_functions(found)


def _of_functions(figures: FunctionFigures) -> Subjects:
    functions, whole = figures
    return Subjects([_function(each, each) for each in functions], whole)


def _limits(answers: Answers, window: Window) -> Subjects:
    if all(each.concurrency_limit is None for each in answers.facts.functions):
        return Subjects([])  # how many went on at a time takes long to read
    limited = []
    for each in answers.subjects("functions_in_full", window).each:
        limit = answers.facts.concurrency_limit(each.group)
        most = each.figures.max_concurrency
        if limit is not None:
            share = None if most is None else most / limit
            limited.append(Subject(each.group, Limited(share), each.provider, each.names))
    return Subjects(limited)


def _coverage(answers: Answers, window: Window) -> Subjects:
    reported = answers.ask(lambda cursor: reports(cursor, window))
    covered = []
    for each in answers.subjects("functions", window).each:
        said = reported.get(each.group, {}).get("invocations")
        health = each.figures
        if not said:
            continue
        told = health.counts.invocation_count if health.evidence == "invocations" else 0
        covered.append(
            Subject(
                each.group, Covered(min(1.0, told / said), round(said)), each.provider, each.names
            )
        )
    return Subjects(covered)


def _last_seen(answers: Answers, window: Window) -> Subjects:
    place = {"since_ns": window.since_ns, "until_ns": window.until_ns}
    rows = answers.ask(lambda cursor: function_last_seen(cursor, **place))
    return Subjects(
        [
            Subject(name, Silent((window.until_ns - last_ns) / 1e9), provider, (name,))
            for name, provider, last_ns in rows
        ]
    )


def _queues(answers: Answers, window: Window) -> Subjects:
    return _of_queues(answers, window, dead=False)


def _dead_letter_queues(answers: Answers, window: Window) -> Subjects:
    return _of_queues(answers, window, dead=True)


def _of_queues(answers: Answers, window: Window, *, dead: bool) -> Subjects:
    rules = answers.facts.queues
    found = answers.ask(lambda cursor: list_queues(cursor, window, rules=rules))
    return Subjects(
        [
            Subject(each.name, each, each.provider, (each.name,))
            for each in found
            if each.is_dlq == dead
        ]
    )


def _flows(answers: Answers, window: Window) -> Subjects:
    found = answers.ask(lambda cursor: list_flows(cursor, window))
    return Subjects([_flow(each, each) for each in (*found.roots, *found.shapes)], found.whole)


def _flows_last_seen(answers: Answers, window: Window) -> Subjects:
    found = answers.subjects("flows", window).each
    return Subjects(
        [
            replace(each, figures=Silent((window.until_ns - each.figures.last_ns) / 1e9))
            for each in found
        ]
    )


def _new_shapes(answers: Answers, window: Window) -> Subjects:
    found = answers.ask(lambda cursor: list_new_shapes(cursor, window))
    of_path = [_flow(each, each) for each in found]
    return Subjects(
        [
            replace(subject, names=(each.root_function or "", *subject.names))
            for subject, each in zip(of_path, found, strict=True)
        ]
    )


def _costs(answers: Answers, window: Window) -> Subjects:
    pricing, days = answers.facts.pricing, window.length_ns / _DAY_NS
    found = answers.ask(lambda cursor: read_function_costs(cursor, window, pricing))
    providers = {each.group: each.provider for each in answers.subjects("functions", window).each}
    return Subjects(
        [
            Subject(name, Spent(row, days), providers.get(name), (name,))
            for name, row in found.items()
        ]
    )


def _whole_cost(answers: Answers, window: Window) -> Subjects:
    pricing, days = answers.facts.pricing, window.length_ns / _DAY_NS
    total = answers.ask(lambda cursor: read_costs(cursor, window, pricing)).total
    return Subjects([], Spent(total, days))


def _budgets(answers: Answers, window: Window) -> Subjects:
    pricing = answers.facts.pricing
    if pricing.budget_usd is None and not any(each.budget_usd for each in pricing.functions):
        return Subjects([])
    _, held = answers.ask(lambda cursor: read_projection(cursor, pricing, now_ns=window.until_ns))
    return Subjects([Subject(each.scope, each, names=(each.scope,)) for each in held])


def _flow(flow: FlowFigures, figures: Any) -> Subject:
    """A path goes by its id and by what it is; what begins with a function, by that alone."""
    root = flow.root_function or ""
    if flow.shape_id is None:
        return Subject(root, figures, names=(root,), label=f"events that begin with {root}")
    path = " > ".join(flow.path)
    named = (f"shape:{flow.shape_id}", f"path:{path}")
    return Subject(flow.shape_id, figures, names=named, label=path)


def _function(health: FunctionHealth, figures: Any) -> Subject:
    return Subject(health.name, figures, health.provider, (health.name,))


Source = Callable[[Answers, Window], Subjects]
SOURCES: Final[dict[str, Source]] = {
    "functions": _functions,
    "functions_in_full": _functions_in_full,
    "limits": _limits,
    "coverage": _coverage,
    "last_seen": _last_seen,
    "queues": _queues,
    "dead_letter_queues": _dead_letter_queues,
    "costs": _costs,
    "whole_cost": _whole_cost,
    "budgets": _budgets,
    "flows": _flows,
    "flows_last_seen": _flows_last_seen,
    "new_shapes": _new_shapes,
}
