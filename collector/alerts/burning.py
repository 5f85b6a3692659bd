"""How an objective is met in a window of time: good ones, all, and how fast the budget burns."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from collector.alerts.objectives import AVAILABILITY, BURN_WINDOWS, LATENCY, OUTCOME, Objective
from collector.alerts.sources import Answers
from collector.model.window import Window
from collector.store.alerts import list_outcome_hours
from collector.store.queries.objectives import Counted, latency_counts, outcome_counts

HOUR_NS: Final = 3600 * 10**9
SETTLED_NS: Final = 2 * HOUR_NS
"""So long after it an hour's event traces are taken to have come to what they will come to."""

_LEAST_JUDGED_NS: Final = 6 * HOUR_NS
_HOURS_AT_ONCE: Final = 6
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
    if objective.kind != OUTCOME or window.length_ns < _LEAST_JUDGED_NS:
        return _met(answers, objective, window, window.until_ns)
    hours = answers.ask(lambda cursor: list_outcome_hours(cursor, objective.id, window))
    kept, rest = _split(window, hours)
    parts = [Met(good, total) for good, total in kept]
    parts += [_met(answers, objective, each, window.until_ns) for each in rest]
    return Met(sum(each.good for each in parts), sum(each.total for each in parts))


def judged_hours(answers: Answers, objective: Objective, now_ns: int) -> dict[int, tuple[int, int]]:
    """Some hours, the newest first, whose event traces have settled and are not judged yet.

    Kept with the store, they spare long windows the reading of every event trace in them.
    """
    end_ns = (now_ns - SETTLED_NS - (objective.within_ns or 0)) // HOUR_NS * HOUR_NS
    window = Window(end_ns - objective.period_ns // HOUR_NS * HOUR_NS, end_ns)
    known = answers.ask(lambda cursor: list_outcome_hours(cursor, objective.id, window))
    missing = [
        hour_ns
        for hour_ns in range(window.until_ns - HOUR_NS, window.since_ns - 1, -HOUR_NS)
        if hour_ns not in known
    ]
    found = {}
    for hour_ns in missing[:_HOURS_AT_ONCE]:
        part = _met(answers, objective, Window(hour_ns, hour_ns + HOUR_NS), now_ns)
        found[hour_ns] = (part.good, part.total)
    return found


def _split(
    window: Window, hours: Mapping[int, tuple[int, int]]
) -> tuple[list[tuple[int, int]], list[Window]]:
    """The newest unbroken run of judged hours in a window, and what lies before and after it."""
    inside = [each for each in hours if each + HOUR_NS <= window.until_ns]
    if not inside:
        return [], [window]
    end_ns = max(inside) + HOUR_NS
    begin_ns = end_ns
    while begin_ns - HOUR_NS in hours:
        begin_ns -= HOUR_NS
    rest = [Window(window.since_ns, begin_ns), Window(end_ns, window.until_ns)]
    kept = [hours[each] for each in range(begin_ns, end_ns, HOUR_NS)]
    return kept, [each for each in rest if each.length_ns > 0]


def _met(answers: Answers, objective: Objective, window: Window, now_ns: int) -> Met:
    counted = _counted(answers, objective, window, now_ns)
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


def _counted(answers: Answers, objective: Objective, window: Window, now_ns: int) -> Counted:
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
            cursor, **place, now_ns=now_ns, reach=reach, within_ns=objective.within_ns
        )
    )
