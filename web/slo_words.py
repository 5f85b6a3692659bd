"""What an objective promises, in words."""

from collector.alerts.metric import value_text
from collector.alerts.objectives import LATENCY, OUTCOME, Objective
from collector.model.durations import duration


def about(objective: Objective) -> str:
    """``orders-*``, ``Events that begin with orders-api``, ``All functions``."""
    if objective.kind == OUTCOME:
        name = objective.scope.flow
        return f"Events that begin with {name}" if name else "All events"
    return objective.scope.function or "All functions"


def promise(objective: Objective) -> str:
    """``99 % end well within 5 min, over 30 d``."""
    share = value_text(objective.objective, "ratio")
    if objective.kind == LATENCY:
        what = f"take at most {duration((objective.latency_ms or 0) * 1e6)}"
    elif objective.kind == OUTCOME:
        what = f"reach {objective.reach}" if objective.reach else "end well"
        if objective.within_ns is not None:
            what += f" within {duration(objective.within_ns)}"
    else:
        what = "do not fail"
    return f"{share} {what}, over {duration(objective.period_ns)}"
