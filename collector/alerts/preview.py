"""What a rule would have done over the past: its metric at steps of time, by the same evaluator.

Nothing is stored. What was not watched, or has been deleted since, reads as no data here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from collector.alerts.evaluate import Sample, evaluate, inactive
from collector.alerts.metrics import metric_of
from collector.alerts.objectives import Objective
from collector.alerts.rules import Rule
from collector.alerts.sampling import is_of_all, samples
from collector.alerts.sources import Answers
from collector.model.alert import FIRING, PENDING, AlertState
from collector.model.window import Window
from collector.store.queries.figures_over import MINUTE_NS, MOST_LENGTH_NS

MOST_STEPS: Final = 200
_USUAL_STEPS: Final = 60
_DEAR_STEPS: Final = 24
MOST_GROUPS: Final = 20


@dataclass(frozen=True, slots=True)
class PreviewPoint:
    """The metric in the window that ends at ``time_ns``; a value of None is no data."""

    time_ns: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Episode:
    """A time in which an alert was pending or firing; ``until_ns`` None: it still is at the end."""

    group: str
    state: str
    since_ns: int
    until_ns: int | None
    value: float | None


@dataclass(frozen=True, slots=True)
class PreviewSeries:
    """The metric of one group over time; ``label`` says it to a person."""

    group: str
    label: str
    points: tuple[PreviewPoint, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """``series``: those that fired first, then by greatest distance; ``group_count`` are all."""

    rule: Rule
    step_ns: int
    series: tuple[PreviewSeries, ...]
    episodes: tuple[Episode, ...]
    group_count: int

    @property
    def firing_count(self) -> int:
        """How often it would have fired."""
        return sum(each.state == FIRING for each in self.episodes)


def preview(
    answers: Answers,
    rule: Rule,
    window: Window,
    *,
    steps: int | None = None,
    objectives: Mapping[str, Objective] | None = None,
    only: str | None = None,
) -> Preview:
    """Evaluates a rule at about so many moments of a window, as if it had been there.

    By default at 60 where all can be read at once, else at 24: each is a question then.
    ``objectives``: by id, those it may watch over. ``only``: no other group than this.
    """
    usual = _USUAL_STEPS if metric_of(rule.metric).countable else _DEAR_STEPS
    moments, step_ns = _moments(window, max(1, min(steps or usual, MOST_STEPS)))
    answers = _prepared(answers, rule, moments)
    walk = _Walk(rule)
    for moment_ns in moments:
        found = samples(answers, rule, moment_ns, objectives)
        kept = {group: each for group, each in found.items() if only in (None, group)}
        walk.at(moment_ns, kept)
    order = walk.order()
    source = metric_of(rule.metric).source
    return Preview(
        rule=rule,
        step_ns=step_ns,
        series=tuple(
            PreviewSeries(group, answers.label(source, group) or group, tuple(walk.points[group]))
            for group in order[:MOST_GROUPS]
        ),
        episodes=tuple(sorted(walk.episodes(), key=lambda each: (each.since_ns, each.group))),
        group_count=len(order),
    )


def _moments(window: Window, steps: int) -> tuple[range, int]:
    """Ends of windows and the time between two: whole minutes, as figures are kept."""
    step_ns = max(1, round(window.length_ns / steps / MINUTE_NS)) * MINUTE_NS
    end_ns = -(-window.until_ns // MINUTE_NS) * MINUTE_NS
    count = max(1, window.length_ns // step_ns)
    return range(end_ns - (count - 1) * step_ns, end_ns + 1, step_ns), step_ns


def _prepared(answers: Answers, rule: Rule, moments: range) -> Answers:
    """Answers that have all windows read already, where one question can."""
    windows = [Window(moment - rule.window_ns, moment) for moment in moments]
    length_ns = windows[-1].until_ns - windows[0].since_ns
    whole_minutes = rule.window_ns % MINUTE_NS == 0
    fits = whole_minutes and length_ns <= MOST_LENGTH_NS and rule.scope.provider is None
    if rule.objective is not None or not fits or not metric_of(rule.metric).countable:
        return answers
    prepared = Answers(answers.ask, answers.facts)
    prepared.preload(windows)
    return prepared


class _Walk:
    """The states of every group so far."""

    def __init__(self, rule: Rule) -> None:
        self.points: dict[str, list[PreviewPoint]] = {}
        self._rule = rule
        self._states: dict[str, AlertState] = {}
        self._ended: list[Episode] = []

    def at(self, now_ns: int, found: dict[str, Sample]) -> None:
        """One more moment."""
        known = {""} if is_of_all(self._rule) else set()
        for group in found.keys() | self._states.keys() | known:
            sample = found.get(group, Sample(None))
            before = self._states.get(group) or inactive(self._rule.id, group, now_ns)
            after = evaluate(self._rule, sample, before, now_ns)
            self.points.setdefault(group, []).append(PreviewPoint(now_ns, sample.value))
            if before.state in (PENDING, FIRING) and after.state != before.state:
                self._ended.append(_episode(before, now_ns))
            self._states[group] = after

    def episodes(self) -> Iterable[Episode]:
        """Those that ended, and those that go on."""
        still = [each for each in self._states.values() if each.state in (PENDING, FIRING)]
        return [*self._ended, *(_episode(each, None) for each in still)]

    def order(self) -> list[str]:
        """Groups that fired, then those that came nearest to it."""
        fired = {each.group for each in self.episodes() if each.state == FIRING}
        above = self._rule.comparison in (">", ">=")

        def rank(group: str) -> tuple[bool, float, str]:
            values = [each.value for each in self.points[group] if each.value is not None]
            best = (max(values) if above else -min(values)) if values else float("-inf")
            return group not in fired, -best, group

        return sorted(self.points, key=rank)


def _episode(state: AlertState, until_ns: int | None) -> Episode:
    return Episode(state.group, state.state, state.since_ns, until_ns, state.value)
