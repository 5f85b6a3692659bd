"""The faas.* metrics an OpenTelemetry extension counts from platform telemetry.

Cumulative from the start of the environment, without data-point attributes: each environment is a
stream of its own and starts anew at every cold start.
"""

from bisect import bisect_left

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from .telemetry_events import Event

DURATION_BOUNDS_S = [
    0.005,
    0.01,
    0.025,
    0.05,
    0.075,
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    2.5,
    5.0,
    7.5,
    10.0,
]
# The receiver counts a megabyte of memory as 1,000,000 bytes.
MEMORY_BOUNDS = [mb * 1_000_000.0 for mb in (64, 128, 256, 512, 1024, 2048, 4096)]
COUNTERS = {
    "faas.invocations": "{invocation}",
    "faas.errors": "{error}",
    "faas.timeouts": "{timeout}",
    "faas.coldstarts": "{coldstart}",
}
HISTOGRAMS: dict[str, tuple[str, list[float]]] = {
    "faas.invoke_duration": ("s", DURATION_BOUNDS_S),
    "faas.init_duration": ("s", DURATION_BOUNDS_S),
    "faas.mem_usage": ("By", MEMORY_BOUNDS),
}


class EnvironmentMetrics:
    """Counts Telemetry API events of one environment and exports the running totals."""

    def __init__(self, resource: Resource, scope: InstrumentationScope) -> None:
        self._resource = resource
        self._scope = scope
        self._counts: dict[str, int] = {}
        self._values: dict[str, list[float]] = {}
        self._started_ns = 0

    def count(self, event: Event, at_ns: int) -> None:
        """Adds one event to the totals."""
        self._started_ns = self._started_ns or at_ns
        kind, record = event["type"], event["record"]
        if kind == "platform.initStart":
            self._add("faas.coldstarts")
        elif kind == "platform.initReport":
            self._observe("faas.init_duration", record["metrics"]["durationMs"] / 1000)
        elif kind == "platform.runtimeDone":
            outcome = {"success": "faas.invocations", "timeout": "faas.timeouts"}
            self._add(outcome.get(record["status"], "faas.errors"))
            self._observe("faas.invoke_duration", record["metrics"]["durationMs"] / 1000)
        elif kind == "platform.report":
            self._observe("faas.mem_usage", record["metrics"]["maxMemoryUsedMB"] * 1_000_000)

    def export(self, now_ns: int) -> bytes | None:
        """The totals as one export; None while there is nothing to tell."""
        if not self._counts:
            return None
        metrics = [self._sum(name, count, now_ns) for name, count in self._counts.items()]
        metrics += [self._histogram(name, seen, now_ns) for name, seen in self._values.items()]
        scope_metrics = ScopeMetrics(scope=self._scope, metrics=metrics)
        resource_metrics = ResourceMetrics(resource=self._resource, scope_metrics=[scope_metrics])
        request = ExportMetricsServiceRequest(resource_metrics=[resource_metrics])
        return request.SerializeToString()

    def _add(self, name: str) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1

    def _observe(self, name: str, value: float) -> None:
        self._values.setdefault(name, []).append(value)

    def _sum(self, name: str, count: int, now_ns: int) -> Metric:
        start_ns = self._started_ns
        point = NumberDataPoint(start_time_unix_nano=start_ns, time_unix_nano=now_ns, as_int=count)
        total = Sum(
            data_points=[point],
            aggregation_temporality=AGGREGATION_TEMPORALITY_CUMULATIVE,
            is_monotonic=True,
        )
        return Metric(name=name, unit=COUNTERS[name], sum=total)

    def _histogram(self, name: str, values: list[float], now_ns: int) -> Metric:
        unit, bounds = HISTOGRAMS[name]
        buckets = [0] * (len(bounds) + 1)
        for value in values:
            buckets[bisect_left(bounds, value)] += 1
        point = HistogramDataPoint(
            start_time_unix_nano=self._started_ns,
            time_unix_nano=now_ns,
            count=len(values),
            sum=sum(values),
            min=min(values),
            max=max(values),
            bucket_counts=buckets,
            explicit_bounds=bounds,
        )
        temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
        histogram = Histogram(data_points=[point], aggregation_temporality=temporality)
        return Metric(name=name, unit=unit, histogram=histogram)
