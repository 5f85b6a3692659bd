"""Knative and OpenFaaS on one cluster: metrics above all, cumulative and with resets.

Knative's queue proxy and activator export by OTLP themselves. OpenFaaS has Prometheus metrics
alone; they come as an OpenTelemetry Collector's prometheus receiver sends what it scrapes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from sample_data.written import otlp
from sample_data.written.captures import Captures
from sample_data.written.otlp import CLIENT, CUMULATIVE, INTERNAL, SERVER

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
QUEUE_PROXY, ACTIVATOR = "knative.dev/serving/pkg/queue", "knative.dev/serving/pkg/activator"
AUTOSCALER: Final = "knative.dev/serving/pkg/autoscaler"
SCRAPER: Final = (
    "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver"
)

Attributes = Mapping[str, Any]

# --- Knative --------------------------------------------------------------------------------------

# A pod of a service: when it began to count, and what its counters say at the end of each minute,
# as (answers 200, answers 500). A pod that is gone sends nothing more; its successor starts at 0.
PODS: Final = {
    ("resizer", "00004", "resizer-00004-a"): (55, {1: (4, 0), 2: (9, 0), 3: (15, 1)}),
    ("resizer", "00004", "resizer-00004-b"): (485, {8: (3, 0), 9: (8, 2), 10: (8, 2)}),
    ("mailer", "00002", "mailer-00002-a"): (290, {5: (6, 0), 6: (6, 0), 7: (10, 1)}),
}
# Pods of a revision at the end of each minute: 0 -> 1 is a cold start.
COUNTS: Final = {
    ("resizer", "00004"): {0: 0, 1: 1, 2: 1, 3: 1, 4: 0, 5: 0, 6: 0, 7: 0, 8: 1, 9: 1, 10: 1},
    ("mailer", "00002"): {3: 0, 4: 1, 5: 1, 6: 1, 7: 1, 8: 0, 9: 0, 10: 0},
}
# Traced requests: service, second, milliseconds held for a pod (0: it was warm), own milliseconds.
REQUESTS: Final = (
    ("resizer", "00004", 60, 2350.0, 120.0),
    ("resizer", "00004", 90, 0.0, 95.0),
    ("resizer", "00004", 210, 0.0, 480.0),
    ("mailer", "00002", 300, 1900.0, 60.0),
    ("mailer", "00002", 425, 0.0, 900.0),
    ("resizer", "00004", 490, 2100.0, 110.0),
)
FAILED: Final = (210, 425)


def revision(service: str, number: str) -> dict[str, Any]:
    """The attributes Knative gives everything about a revision."""
    return {
        "kn.service.name": service,
        "kn.configuration.name": service,
        "kn.revision.name": f"{service}-{number}",
        "k8s.namespace.name": "media",
    }


def invocation_durations(minute: int) -> Iterator[Any]:
    """``kn.serving.invocation.duration`` of every pod that lives at the end of the minute."""
    for (service, number, pod), (since, counters) in PODS.items():
        if minute not in counters:
            continue
        who = revision(service, number) | {
            "service.name": f"{service}-{number}",
            "service.instance.id": pod,
            "k8s.pod.name": pod,
        }
        points = [
            (
                since,
                minute * 60 + 60,
                _spread(count),
                0.1 * count,
                {"http.response.status_code": code},
            )
            for code, count in zip((200, 500), counters[minute], strict=True)
            if count
        ]
        name = "kn.serving.invocation.duration"
        yield otlp.metrics(
            who, QUEUE_PROXY, [otlp.histogram(name, "s", CUMULATIVE, BOUNDS, points)]
        )


def _spread(count: int) -> list[int]:
    """All in the bucket of 50 to 100 ms but one in ten, which takes up to half a second."""
    slow = count // 10
    return [0, 0, 0, 0, count - slow, 0, slow, 0, 0, 0, 0]


def pod_counts(minute: int) -> Iterator[Any]:
    """What the autoscaler says of each revision."""
    for (service, number), counts in COUNTS.items():
        if minute in counts:
            point = (minute * 60 + 60, counts[minute], revision(service, number))
            who = {"service.name": "autoscaler", "k8s.namespace.name": "knative-serving"}
            gauge = otlp.gauge("kn.revision.pods.count", "{pod}", [point])
            yield otlp.metrics(who, AUTOSCALER, [gauge])


def spans() -> Iterator[Any]:
    """A traced request: activator -> queue proxy (and its wait) -> the user's own span."""
    for service, number, second, held_ms, own_ms in REQUESTS:
        trace = f"knative {service} {second}"
        tags = revision(service, number)
        code = 500 if second in FAILED else 200
        failed = "500 Internal Server Error" if second in FAILED else None
        at = second + held_ms / 1000
        if held_ms:
            held = otlp.span(
                "activator_proxy",
                SERVER,
                second,
                held_ms + own_ms + 8,
                trace=trace,
                me="activator",
                tags=tags | {"http.response.status_code": code},
            )
            yield otlp.traces({"service.name": "activator"}, ACTIVATOR, [held])
        proxied = otlp.span(
            "kn.queueproxy.proxy",
            SERVER,
            at + 0.002,
            own_ms + 4,
            trace=trace,
            me="proxy",
            parent="activator" if held_ms else None,
            failed=failed,
            tags=tags | {"http.response.status_code": code},
        )
        waited = otlp.span(
            "kn.queueproxy.wait", INTERNAL, at + 0.002, 1.0, trace=trace, me="wait", parent="proxy"
        )
        who = {"service.name": f"{service}-{number}", "k8s.namespace.name": "media"}
        yield otlp.traces(who, QUEUE_PROXY, [waited, proxied])
        own = otlp.span(
            f"POST /{service}",
            SERVER,
            at + 0.003,
            own_ms,
            trace=trace,
            me="own",
            parent="proxy",
            failed=failed,
            tags={
                "cloudevents.event_id": otlp.uuid(trace),
                "cloudevents.event_source": "/media/uploads",
                "http.request.method": "POST",
                "http.response.status_code": code,
            },
        )
        stored = otlp.span(
            "PUT object", CLIENT, at + 0.02, own_ms / 2, trace=trace, me="store", parent="own"
        )
        app = {
            "service.name": service,
            "service.instance.id": f"{service}-{number}",
            "k8s.namespace.name": "media",
        }
        yield otlp.traces(app, "io.opentelemetry.http", [stored, own])


# --- OpenFaaS -------------------------------------------------------------------------------------

# The gateway's counters at each scrape (second): function -> (200, 500). The first scrape finds
# counters that began long before; the gateway is restarted at 470 s and counts from 0.
SCRAPES: Final = {
    30: {"nodeinfo": (120, 3), "pdf": (40, 1)},
    90: {"nodeinfo": (125, 3), "pdf": (40, 1)},
    150: {"nodeinfo": (131, 4), "pdf": (42, 1)},
    210: {"nodeinfo": (131, 4), "pdf": (42, 2)},
    330: {"nodeinfo": (138, 4), "pdf": (47, 2)},  # the scrape at 270 failed: a gap
    390: {"nodeinfo": (140, 5), "pdf": (47, 2)},
    450: {"nodeinfo": (140, 5), "pdf": (50, 2)},
    510: {"nodeinfo": (4, 0), "pdf": (1, 0)},
    570: {"nodeinfo": (9, 1), "pdf": (1, 0)},
    630: {"nodeinfo": (12, 1), "pdf": (3, 1)},
}
RESTARTED_S: Final = 470
# Messages of the queue worker, by scrape: waiting for `pdf`.
PENDING: Final = {30: 0, 90: 0, 150: 6, 210: 11, 330: 4, 390: 2, 450: 0, 510: 0, 570: 1, 630: 3}


def scrapes() -> Iterator[Any]:
    """One export a scrape of the gateway, and one of the queue worker."""
    for second, counters in SCRAPES.items():
        yield otlp.metrics(_scraped("gateway", 8082), SCRAPER, _gateway(second, counters))
        about = {"queue_name": "faas-request", "function_name": "pdf.openfaas-fn"}
        pending = [(second, PENDING[second], about)]
        gauge = otlp.gauge("queue_worker_pending_messages", "", pending)
        yield otlp.metrics(_scraped("queue-worker", 8081), SCRAPER, [gauge])


def _since(function: str, which: int | None, second: float) -> float:
    """A series starts at its first scrape, for the receiver, and anew where a counter fell."""
    begun = (
        at
        for at, counters in SCRAPES.items()
        if (at < RESTARTED_S) == (second < RESTARTED_S)
        and (which is None or counters[function][which])
    )
    return next(begun)


def _scraped(job: str, port: int) -> dict[str, Any]:
    host = f"{job}.openfaas.svc.cluster.local"
    return {
        "service.name": job,
        "service.instance.id": f"{host}:{port}",
        "server.address": host,
        "server.port": str(port),
        "url.scheme": "http",
    }


def _gateway(second: float, counters: Mapping[str, tuple[int, int]]) -> Sequence[Metric]:
    totals, seconds = [], []
    for function, counts in counters.items():
        for which, (code, count) in enumerate(zip(("200", "500"), counts, strict=True)):
            if count:
                tags = {"function_name": f"{function}.openfaas-fn", "code": code}
                totals.append((_since(function, which, second), second, float(count), tags))
        both = sum(counts)
        tags = {"function_name": f"{function}.openfaas-fn"}
        since = _since(function, None, second)
        seconds.append((since, second, _spread(both), 0.08 * both, tags))
    ready = [(second, 1.0, {"function_name": f"{name}.openfaas-fn"}) for name in counters]
    return [
        otlp.total("gateway_function_invocation_total", "", CUMULATIVE, totals),
        otlp.histogram("gateway_functions_seconds", "", CUMULATIVE, BOUNDS, seconds),
        otlp.gauge("gateway_service_count", "", ready),
    ]


def captures() -> Captures:
    """Spans in order of their requests; metrics minute by minute, then the scrapes among them."""
    timed: list[tuple[float, Any]] = []
    for minute in range(11):
        exports = [*invocation_durations(minute), *pod_counts(minute)]
        timed += [(minute * 60 + 60, export) for export in exports]
    for index, export in enumerate(scrapes()):
        timed.append((list(SCRAPES)[index // 2], export))
    timed.sort(key=lambda entry: entry[0])
    return Captures(traces=list(spans()), metrics=[export for _, export in timed])
