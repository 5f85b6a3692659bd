"""The metrics that rules may watch: one registry, from which rules, pages and API read.

A metric reads one number off a *subject*: a function, a queue or a flow in a window of time, as the
typed questions of the store tell of it (``sources.py``). None is unknown, and no data to a rule.
"""

from typing import Final

from collector.alerts.cost_metrics import COST_METRICS
from collector.alerts.flow_metrics import FLOW_METRICS
from collector.alerts.function_metrics import FUNCTION_METRICS
from collector.alerts.metric import Metric
from collector.alerts.queue_metrics import QUEUE_METRICS

METRICS: Final[dict[str, Metric]] = {
    each.name: each for each in (*FUNCTION_METRICS, *QUEUE_METRICS, *FLOW_METRICS, *COST_METRICS)
}
