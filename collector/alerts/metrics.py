"""The metrics that rules may watch: one registry, from which rules, pages and API read.

A metric reads one number off a *subject*: a function, a queue or a flow in a window of time, as the
typed questions of the store tell of it (``sources.py``). None is unknown, and no data to a rule.
"""

from collections.abc import Mapping
from typing import Final

from collector.alerts.cost_metrics import COST_METRICS
from collector.alerts.flow_metrics import FLOW_METRICS
from collector.alerts.function_metrics import FUNCTION_METRICS
from collector.alerts.metric import Metric
from collector.alerts.objectives import BURN
from collector.alerts.queue_metrics import QUEUE_METRICS

METRICS: Final[Mapping[str, Metric]] = {
    each.name: each for each in (*FUNCTION_METRICS, *QUEUE_METRICS, *FLOW_METRICS, *COST_METRICS)
}
"""By name, those a rule may name."""

_EVERY: Final[Mapping[str, Metric]] = {**METRICS, BURN.name: BURN}


def metric_of(name: str) -> Metric:
    """A metric of a rule, also of one that watches an objective."""
    return _EVERY[name]
