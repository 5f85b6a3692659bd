"""How an objective is met in a window of time: good ones, all, and how fast the budget burns."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from collector.alerts.objectives import AVAILABILITY, BURN_WINDOWS, LATENCY, Objective
from collector.alerts.sources import Answers
from collector.model.window import Window
from collector.store.queries.objectives import Counted, latency_counts, outcome_counts

_LIKE: Final = {"*": "%", "?": "_", "%": "\\%", "_": "\\_", "\\": "\\\\"}


@dataclass(frozen=True, slots=True)
class Met:
    """Good invocations or event traces, of all of a window."""

    good: int
    total: int

    def burn_rate(self, objective: float) -> float | None:
        """The share of bad ones over the share that may be; None: there were none at all."""
        return (1 - self.good / self.total) / (1 - objective) if self.total else None

    def budget_left(self, objective: float) -> float | None:
        """The share of the error budget that is left, below 0 when it is overdrawn."""
        rate = self.burn_rate(objective)
        return None if rate is None else 1 - rate


@dataclass(frozen=True, slots=True)
class Burn:
    """A burn rate and how many observations it rests on."""

    rate: float | None
    count: int


def met(answers: Answers, objective: Objective, window: Window) -> Met:
    """How an objective was met by what began in a window."""
    counted = _counted(answers, objective, window)
    glob = objective.scope.function or objective.scope.flow
    kept = [each for name, each in counted.items() if glob is None or fnmatchcase(name, glob)]
    return Met(sum(good for good, _ in kept), sum(total for _, total in kept))


def burn(answers: Answers, objective: Objective, long_ns: int, end_ns: int) -> Burn:
    """The lesser of the burn rates of a pair of windows: both must burn for it to be much."""
    pair = next(each for each in BURN_WINDOWS if each.long_ns == long_ns)
    whole = met(answers, objective, Window(end_ns - pair.long_ns, end_ns))
    recent = met(answers, objective, Window(end_ns - pair.short_ns, end_ns))
    rates = [each.burn_rate(objective.objective) for each in (whole, recent)]
    known = [rate for rate in rates if rate is not None]
    return Burn(min(known) if len(known) == len(rates) else None, whole.total)


def _counted(answers: Answers, objective: Objective, window: Window) -> Counted:
    place = {"since_ns": window.since_ns, "until_ns": window.until_ns}
    if objective.kind == AVAILABILITY:
        return {
            each.group: (counts.invocation_count - counts.error_count, counts.invocation_count)
            for each in answers.subjects("functions", window).each
            if (counts := each.figures.counts).invocation_count
        }
    if objective.kind == LATENCY:
        most_ns = round((objective.latency_ms or 0) * 1e6)
        return answers.ask(lambda cursor: latency_counts(cursor, **place, most_ns=most_ns))
    reach = objective.reach and "".join(_LIKE.get(each, each) for each in objective.reach)
    return answers.ask(
        lambda cursor: outcome_counts(
            cursor, **place, now_ns=window.until_ns, reach=reach, within_ns=objective.within_ns
        )
    )
