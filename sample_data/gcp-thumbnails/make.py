"""GCP thumbnails: Cloud Run and first-generation functions, Pub/Sub with a dead letter topic.

Spans and structured logs come from the OpenTelemetry SDK in the two Cloud Run functions; metrics
from an OpenTelemetry Collector's googlecloudmonitoring receiver, one resource a time series.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from sample_data.written import otlp
from sample_data.written.captures import Captures
from sample_data.written.otlp import DELTA, PRODUCER, SERVER

PROJECT, REGION = "photo-prod", "europe-west1"
SCOPE: Final = (
    "github.com/open-telemetry/opentelemetry-collector-contrib"
    "/receiver/googlecloudmonitoringreceiver"
)
REVISIONS: Final = {"thumbnail": "thumbnail-00012-kib", "tag": "tag-00007-vun"}
MAX_ATTEMPTS: Final = 5
LATENCY_BOUNDS: Final = (50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0)


@dataclass(frozen=True)
class Photo:
    """One uploaded photo: when, which instances take it, and how often `tag` has to try."""

    number: int
    second: float
    thumbnail: str
    tag: str
    fate: str = "tagged"
    thumbnail_cold: bool = False
    tag_cold: bool = False

    @property
    def trace(self) -> str:
        return f"photo {self.number}"

    @property
    def message_id(self) -> str:
        return str(9_120_000_000_000_000 + self.number)

    @property
    def attempts(self) -> int:
        return MAX_ATTEMPTS if self.fate == "poison" else 1


PHOTOS: Final = (
    Photo(1, 62, "a", "c", thumbnail_cold=True, tag_cold=True),
    Photo(2, 80, "a", "c"),
    Photo(3, 130, "a", "c"),
    Photo(4, 190, "a", "c"),
    Photo(5, 191, "b", "c", thumbnail_cold=True),
    Photo(6, 250, "b", "c", fate="poison"),
    Photo(7, 310, "a", "c", fate="unreadable"),
    Photo(8, 370, "a", "c"),
)


def resource(service: str, instance: str) -> dict[str, Any]:
    """What the SDK's GCP resource detector finds in a Cloud Run function."""
    return {
        "service.name": service,
        "cloud.provider": "gcp",
        "cloud.platform": "gcp_cloud_functions",
        "cloud.account.id": PROJECT,
        "cloud.region": REGION,
        "faas.name": service,
        "faas.version": REVISIONS[service],
        "faas.instance": f"00c61b117c{otlp.trace_id(instance).hex() * 3}"[:96],
        "telemetry.sdk.language": "python",
    }


def thumbnail(photo: Photo) -> tuple[list[Any], list[Any]]:
    """A Storage event over Eventarc -> thumbnail, which publishes to the topic `thumbnails`."""
    failed = "UnreadableImage" if photo.fate == "unreadable" else None
    duration_ms = 1850.0 if photo.thumbnail_cold else 180.0
    invoked = otlp.span(
        "thumbnail",
        SERVER,
        photo.second,
        duration_ms,
        trace=photo.trace,
        me="thumbnail",
        failed=failed,
        tags={
            "faas.trigger": "datasource",
            "faas.invocation_id": otlp.uuid(f"{photo.trace} thumbnail")[:12],
            "faas.document.collection": "photo-uploads",
            "faas.document.name": f"incoming/{photo.number:04d}.jpg",
            "faas.document.operation": "insert",
            "cloudevents.event_id": f"{71_000_000_000 + photo.number}",
            "cloudevents.event_source": "//storage.googleapis.com/projects/_/buckets/photo-uploads",
            "http.request.method": "POST",
            "http.response.status_code": 500 if failed else 200,
        },
    )
    spans = [invoked]
    if not failed:
        published = otlp.span(
            "thumbnails create",
            PRODUCER,
            photo.second + duration_ms / 1000 - 0.03,
            25.0,
            trace=photo.trace,
            me="publish",
            parent="thumbnail",
            tags=_message(photo, "create") | {"messaging.destination.name": "thumbnails"},
        )
        spans.append(published)
    return spans, [_structured(photo, "thumbnail", photo.second + 0.1, failed)]


def tag(photo: Photo, attempt: int) -> tuple[list[Any], list[Any]]:
    """The push subscription `tag-sub` -> tag; a message without context is told by its id alone."""
    failed = "LabelServiceRefused" if photo.fate == "poison" else None
    second = photo.second + 3 + 10 * (attempt - 1)
    trace = f"{photo.trace} tag {attempt}"
    told = _message(photo, "process") | {
        "faas.trigger": "pubsub",
        "faas.invocation_id": otlp.uuid(f"{trace} tag")[:12],
        "messaging.destination.name": "thumbnails",
        "messaging.destination.subscription.name": "tag-sub",
        "messaging.gcp_pubsub.message.delivery_attempt": attempt,
        "http.request.method": "POST",
        "http.response.status_code": 500 if failed else 204,
    }
    duration_ms = 1400.0 if photo.tag_cold else 95.0
    span = otlp.span(
        "tag", SERVER, second, duration_ms, trace=trace, me="tag", failed=failed, tags=told
    )
    return [span], [_structured(photo, "tag", second + 0.05, failed, trace=trace)]


def _message(photo: Photo, operation: str) -> dict[str, Any]:
    return {
        "messaging.system": "gcp_pubsub",
        "messaging.operation.type": operation,
        "messaging.message.id": photo.message_id,
    }


def _structured(
    photo: Photo, service: str, second: float, failed: str | None, trace: str | None = None
) -> Any:
    """A structured log line, as Cloud Logging keeps it."""
    trace = trace or photo.trace
    body = {
        "message": f"{failed}: photo {photo.number:04d}"
        if failed
        else f"photo {photo.number:04d} done",
        "severity": "ERROR" if failed else "INFO",
        "logging.googleapis.com/trace": f"projects/{PROJECT}/traces/{otlp.trace_id(trace).hex()}",
        "logging.googleapis.com/spanId": otlp.span_id(f"{trace} {service}").hex(),
        "logging.googleapis.com/trace_sampled": True,
        "logging.googleapis.com/labels": {"execution_id": otlp.uuid(f"{trace} {service}")[:12]},
    }
    return otlp.log(body, second, severity="ERROR" if failed else "INFO", trace=trace, me=service)


# --- metrics --------------------------------------------------------------------------------------

Labels = Mapping[str, str]
# Requests Cloud Run counted, by service, minute and class of the answer: the spans' own calls.
REQUESTS: Final = {
    "thumbnail": {
        (1, "2xx"): 2,
        (2, "2xx"): 1,
        (3, "2xx"): 2,
        (4, "2xx"): 1,
        (5, "5xx"): 1,
        (6, "2xx"): 1,
    },
    "tag": {(1, "2xx"): 2, (2, "2xx"): 1, (3, "2xx"): 2, (4, "5xx"): 5, (6, "2xx"): 1},
}
# Containers started, by service and minute: each is a cold start.
STARTS: Final = {"thumbnail": {1: 1, 3: 1}, "tag": {1: 1}}
# Executions of the first-generation function, by minute and status.
EXECUTIONS: Final = {
    (1, "ok"): 14,
    (2, "ok"): 9,
    (2, "error"): 2,
    (4, "ok"): 12,
    (4, "timeout"): 1,
    (5, "out of memory"): 1,
    (6, "ok"): 5,
    (6, "out of quota"): 3,
}
DEAD_SINCE_S: Final = 296
MINUTES: Final = 12


def metrics() -> Iterator[Any]:
    """Once a minute, each time series as a resource of its own; minutes without calls are gaps."""
    for minute in range(1, MINUTES):
        series = [*_cloud_run(minute), *_first_generation(minute), *_pubsub(minute)]
        if series:
            yield _together(series)


def _together(series: Sequence[tuple[Labels, Metric]]) -> Any:
    export = otlp.metrics(series[0][0], SCOPE, [series[0][1]])
    for labels, metric in series[1:]:
        other = otlp.metrics(labels, SCOPE, [metric])
        export.resource_metrics.extend(other.resource_metrics)
    return export


def _cloud_run(minute: int) -> Iterator[tuple[Labels, Metric]]:
    for service, counts in REQUESTS.items():
        base = {
            "gcp.resource_type": "cloud_run_revision",
            "project_id": PROJECT,
            "location": REGION,
            "service_name": service,
            "revision_name": REVISIONS[service],
            "configuration_name": service,
        }
        for (at, answered), count in counts.items():
            if at == minute:
                labels = base | {
                    "response_code": "200" if answered == "2xx" else "500",
                    "response_code_class": answered,
                }
                yield labels, _delta("run.googleapis.com/request_count", minute, count)
                yield labels, _latencies("run.googleapis.com/request_latencies", minute, count)
        if started := STARTS[service].get(minute):
            yield (
                base,
                _latencies("run.googleapis.com/container/startup_latencies", minute, started),
            )
        for state, number in (("active", 1), ("idle", 0)):
            point = (minute * 60 + 60, number, {})
            name = "run.googleapis.com/container/instance_count"
            yield base | {"state": state}, otlp.gauge(name, "1", [point])


def _first_generation(minute: int) -> Iterator[tuple[Labels, Metric]]:
    for (at, status), count in EXECUTIONS.items():
        if at == minute:
            labels = {
                "gcp.resource_type": "cloud_function",
                "project_id": PROJECT,
                "region": REGION,
                "function_name": "resize-v1",
                "status": status,
            }
            name = "cloudfunctions.googleapis.com/function/execution_count"
            yield labels, _delta(name, minute, count)


def _pubsub(minute: int) -> Iterator[tuple[Labels, Metric]]:
    second = minute * 60 + 60
    dead = second > DEAD_SINCE_S
    waiting = 1 if minute == 4 else 0
    for subscription, depth, age in (
        ("tag-sub", waiting, 50 if waiting else 0),
        ("tag-sub-dead-letter", int(dead), second - DEAD_SINCE_S if dead else 0),
    ):
        labels = {
            "gcp.resource_type": "pubsub_subscription",
            "project_id": PROJECT,
            "subscription_id": subscription,
        }
        prefix = "pubsub.googleapis.com/subscription"
        point = f"{prefix}/num_undelivered_messages", "1", [(second, depth, {})]
        yield labels, otlp.gauge(*point)
        oldest = f"{prefix}/oldest_unacked_message_age", "s", [(second, age, {})]
        yield labels, otlp.gauge(*oldest)
        if subscription == "tag-sub" and minute == DEAD_SINCE_S // 60:
            yield labels, _delta(f"{prefix}/dead_letter_message_count", minute, 1)


def _delta(name: str, minute: int, count: int) -> Metric:
    point = (minute * 60, minute * 60 + 60, count, {})
    return otlp.total(name, "1", DELTA, [point], monotonic=False)


def _latencies(name: str, minute: int, count: int) -> Metric:
    """A distribution: the receiver gives no sum."""
    counts = [0, 0, count, 0, 0, 0, 0]
    point = (minute * 60, minute * 60 + 60, counts, None, {})
    return otlp.histogram(name, "ms", DELTA, LATENCY_BOUNDS, [point])


def captures() -> Captures:
    """Two exports an invocation, spans and logs; one of metrics a minute."""
    made = Captures(metrics=list(metrics()))
    for photo in PHOTOS:
        parts = [("thumbnail", photo.thumbnail, thumbnail(photo))]
        if photo.fate != "unreadable":
            tries = range(1, photo.attempts + 1)
            parts += [("tag", photo.tag, tag(photo, attempt)) for attempt in tries]
        for service, instance, (spans, records) in parts:
            who = resource(service, instance)
            made.traces.append(otlp.traces(who, "opentelemetry.instrumentation.flask", spans))
            made.logs.append(otlp.logs(who, "opentelemetry.sdk._logs", records))
    return made
