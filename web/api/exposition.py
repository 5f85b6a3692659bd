"""The product's own counters as Prometheus metric families, read when they are asked for."""

from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from collector.model.timings import Timings
from collector.service import Service
from web import ledger


class OwnCounters(Collector):
    """Families named ``lockstitch_*``. Records add up as ``web/ledger.py`` says."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Yields every family, from one reading of each part."""
        yield from self._records()
        yield from self._requests()
        yield from self._writer()
        yield from self._stitcher()
        yield from self._deriver()
        yield from self._alerts()
        yield from self._deliverer()
        yield from self._sizes()

    def _records(self) -> Iterator[Metric]:
        received = _counter("records_received", "Records taken in", "signal")
        stored = _counter("records_stored", "Records applied to the database", "signal")
        rejected = _counter("records_rejected", "Records refused", "signal", "reason")
        duplicate = _counter("records_duplicate", "Records of exports sent again", "signal")
        waiting = _gauge("records_waiting", "Records answered and not yet applied", "signal")
        for signal, found in ledger.read(self._service).items():
            received.add_metric([signal], found.received)
            stored.add_metric([signal], found.stored)
            duplicate.add_metric([signal], found.duplicate)
            waiting.add_metric([signal], found.waiting)
            for reason, count in found.rejected.items():
                rejected.add_metric([signal, reason], count)
        yield from (received, stored, rejected, duplicate, waiting)

    def _requests(self) -> Iterator[Metric]:
        requests = _counter("requests", "Export requests", "protocol", "signal", "outcome")
        counts = self._service.intake.counters.read()
        for (protocol, signal, outcome), count in counts.requests.items():
            requests.add_metric([protocol, signal, outcome], count)
        unreadable = _counter(
            "unreadable_parts", "Parts of deliveries nobody could read", "protocol", "reason"
        )
        for (protocol, reason), count in counts.unreadable.items():
            unreadable.add_metric([protocol, reason], count)
        last = _gauge("last_received_timestamp_seconds", "When a record last came", "signal")
        for signal, time_ns in counts.last_received_ns.items():
            last.add_metric([signal], time_ns / 1e9)
        replayed = _counter("records_replayed", "Records read from the journal at start", "signal")
        for signal, count in counts.replayed.items():
            replayed.add_metric([signal], count)
        yield from (requests, unreadable, last, replayed)

    def _writer(self) -> Iterator[Metric]:
        writer = self._service.writer
        exports = _counter("exports", "Exports by what became of them", "signal", "outcome")
        for outcome in ("stored", "duplicate", "quarantined"):
            for signal, count in getattr(writer.applier.exports, outcome).items():
                exports.add_metric([signal, outcome], count)
        yield exports
        yield _seconds(
            "commit_seconds",
            "Transactions that applied records to the database",
            writer.applier.commit_timings,
        )
        yield _one_counter("commit_failures", "Transactions that failed", writer.applier.failures)
        yield _one_counter("checkpoints", "Checkpoints of the database", writer.checkpoints)
        yield _one_gauge("writer_healthy", "1 while the database takes data", writer.healthy)

    def _deriver(self) -> Iterator[Metric]:
        deriver = self._service.deriver
        lag = deriver.lag
        yield _seconds("deriving_seconds", "Runs that derived invocations", deriver.timings)
        yield _one_counter("deriving_failures", "Runs that failed", deriver.failures)
        yield _one_gauge("underived_exports", "Applied, not yet in invocations", lag.exports)
        yield _one_gauge("deriving_lag_seconds", "Age of the oldest of them", lag.seconds)
        yield _one_gauge("deriver_healthy", "1 while invocations are derived", deriver.healthy)

    def _deliverer(self) -> Iterator[Metric]:
        deliverer = self._service.delivery.deliverer
        messages = _counter("alert_messages", "Attempts to send a message", "target", "outcome")
        deliveries = _counter(
            "alert_deliveries", "Alerts by what became of them", "target", "state"
        )
        attempts, ended = deliverer.counts.read()
        for labels, count in attempts.items():
            messages.add_metric(labels, count)
        for labels, count in ended.items():
            deliveries.add_metric(labels, count)
        yield from (messages, deliveries)
        yield _seconds("alert_sending_seconds", "Attempts to send", deliverer.counts.timings)
        yield _one_counter("delivering_failures", "Rounds that failed", deliverer.failures)
        yield _one_gauge("alert_deliveries_waiting", "Not sent yet", deliverer.waiting)
        yield _one_gauge("deliverer_healthy", "1 while alerts are delivered", deliverer.healthy)

    def _stitcher(self) -> Iterator[Metric]:
        stitcher = self._service.stitcher
        lag = stitcher.lag
        yield _seconds("stitching_seconds", "Runs that stitched what came", stitcher.timings)
        yield _one_counter("stitching_sweeps", "Searches of all that is stored", stitcher.sweeps)
        yield _one_counter("stitching_failures", "Runs that failed", stitcher.failures)
        yield _one_gauge("unstitched_exports", "Applied and not yet in event traces", lag.exports)
        yield _one_gauge("stitching_lag_seconds", "Age of the oldest of them", lag.seconds)
        yield _one_gauge("stitcher_healthy", "1 while event traces are made", stitcher.healthy)

    def _alerts(self) -> Iterator[Metric]:
        engine = self._service.alerts
        yield _seconds("alert_evaluation_seconds", "Evaluations of alert rules", engine.timings)
        yield _one_counter("alert_evaluation_failures", "Those that failed", engine.failures)
        yield _one_gauge("alert_rule_errors", "Rules left as they are", len(engine.rule_errors))
        yield _one_gauge("alerts_healthy", "1 while alert rules are evaluated", engine.healthy)

    def _sizes(self) -> Iterator[Metric]:
        service = self._service
        budget, path = service.intake.budget, service.database.path
        log = path.with_name(path.name + ".wal")
        yield _one_gauge("in_flight_bytes", "Taken and not yet applied", budget.in_flight_bytes)
        yield _one_gauge("in_flight_limit_bytes", "Most of them", budget.limit_bytes)
        yield _one_gauge("store_bytes", "Database file with its log", _size(path) + _size(log))
        yield _one_gauge("store_limit_bytes", "Most of them", service.settings.max_store_bytes)
        yield _one_gauge("journal_bytes", "Journal on disk", service.journal.size_bytes)
        yield _one_counter(
            "journal_damaged_records",
            "Journal records that failed their check",
            service.journal.damaged_records,
        )


def _seconds(name: str, what: str, timings: Timings) -> HistogramMetricFamily:
    counts = timings.cumulative()
    names = [*(str(bound) for bound in timings.bounds_s), "+Inf"]
    return HistogramMetricFamily(
        f"lockstitch_{name}",
        what,
        buckets=list(zip(names, counts, strict=True)),
        sum_value=timings.sum_s,
    )


def _counter(name: str, what: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"lockstitch_{name}", what, labels=labels)


def _gauge(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"lockstitch_{name}", what, labels=labels)


def _one_counter(name: str, what: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"lockstitch_{name}", what, value=value)


def _one_gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"lockstitch_{name}", what, value=value)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # the write-ahead log comes and goes
        return 0
