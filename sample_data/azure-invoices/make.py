"""Azure invoices: isolated workers, Service Bus, a poison queue and Durable Functions.

The host and the worker export on their own: two resources, one trace, one invocation id. Metrics
come from an OpenTelemetry Collector's azuremonitor receiver.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sample_data.written import otlp
from sample_data.written.captures import Captures
from sample_data.written.otlp import CLIENT, CONSUMER, INTERNAL, PRODUCER, SERVER

from .metrics import APP, SITE, metrics

HOST_SCOPE, WORKER_SCOPE = "Microsoft.Azure.WebJobs.Host", "Microsoft.Azure.Functions.Worker"
ONE, TWO = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "f9e8d7c6b5a493827160f5e4d3c2b1a0"
"""The two instances of the app; the second is added for the third invoice."""

# Invoice -> second it is submitted, instance, and what becomes of it.
INVOICES: Final = {
    1: (60, ONE, "approved"),
    2: (120, ONE, "approved"),
    3: (180, TWO, "invalid"),
    4: (300, ONE, "approved"),
    5: (360, TWO, "not archived"),
    6: (420, ONE, "approved"),
}
MAX_DELIVERIES: Final = 3
MAX_DEQUEUES: Final = 5

Resource = dict[str, Any]


def resource(instance: str, who: str) -> Resource:
    """What the host, or the worker process it started, says of itself."""
    told = {
        "service.name": APP,
        "service.version": "4.1044.400.0" if who == "host" else "1.0.0",
        "service.instance.id": otlp.uuid(f"{instance} {who}"),
        "cloud.provider": "azure",
        "cloud.platform": "azure_functions",
        "cloud.region": "westeurope",
        "cloud.resource.id" if who == "host" else "cloud.resource_id": SITE,
    }
    return told | ({"ai.sdk.prefix": "azurefunctions:4.1044"} if who == "host" else {})


class Telling:
    """Collects the spans of the two exporters of each instance."""

    def __init__(self) -> None:
        self.spans: dict[tuple[str, str], list[Span]] = {}

    def host(self, instance: str, span: Span) -> None:
        self.spans.setdefault((instance, "host"), []).append(span)

    def worker(self, instance: str, span: Span) -> None:
        self.spans.setdefault((instance, "worker"), []).append(span)

    def invocation(
        self,
        function: str,
        trigger: str,
        second: float,
        duration_ms: float,
        *,
        instance: str,
        trace: str,
        me: str,
        parent: str | None = None,
        cold: bool = False,
        failed: str | None = None,
        tags: dict[str, Any] | None = None,
        links: Sequence[tuple[str, str, dict[str, Any]]] = (),
    ) -> None:
        """One attempt: the host's span, and inside it the worker's of the same invocation id."""
        told = {
            "faas.name": function,
            "faas.trigger": trigger,
            "faas.invocation_id": otlp.uuid(f"{trace} {me}"),
            "faas.instance": instance,
            "faas.coldstart": True if cold else None,
        }
        error = [("exception", second + duration_ms / 1000, {"exception.type": failed})]
        self.host(
            instance,
            otlp.span(
                function,
                CONSUMER if trigger in ("serviceBusTrigger", "queueTrigger") else SERVER,
                second,
                duration_ms,
                trace=trace,
                me=me,
                parent=parent,
                failed=failed,
                links=links,
                events=error if failed else (),
                tags=told | (tags or {}),
            ),
        )
        mine = {key: told[key] for key in ("faas.invocation_id", "faas.name", "faas.instance")}
        self.worker(
            instance,
            otlp.span(
                f"function {function}",
                INTERNAL,
                second + 0.004,
                duration_ms - 6,
                trace=trace,
                me=f"{me} worker",
                parent=me,
                failed=failed,
                tags=mine | {"schema.url": "https://opentelemetry.io/schemas/1.37.0"},
            ),
        )


def submitted(tell: Telling, invoice: int) -> None:
    """HTTP -> SubmitInvoice -> Service Bus queue `invoices`."""
    second, instance, _ = INVOICES[invoice]
    trace = f"invoice {invoice}"
    cold = invoice in (1, 3)
    tell.invocation(
        "SubmitInvoice",
        "http",
        second,
        2400.0 if cold else 85.0,
        instance=instance,
        trace=trace,
        me="submit",
        cold=cold,
        tags={"http.request.method": "POST", "url.path": "/api/invoices", "http.route": "invoices"},
    )
    sent = second + (2.3 if cold else 0.05)
    tell.worker(
        instance,
        otlp.span(
            "ServiceBusSender.Send",
            PRODUCER,
            sent,
            20.0,
            trace=trace,
            me="send",
            parent="submit worker",
            tags=_bus("send", invoice) | {"server.address": "invoices-bus.servicebus.windows.net"},
        ),
    )


def _bus(operation: str, invoice: int) -> dict[str, Any]:
    return {
        "az.namespace": "Microsoft.ServiceBus",
        "messaging.system": "servicebus",
        "messaging.destination.name": "invoices",
        "messaging.operation": operation,
        "messaging.message.id": otlp.uuid(f"message {invoice}"),
        "correlation_id": f"inv-2026-{invoice:04d}",
    }


def validated(tell: Telling, invoice: int) -> None:
    """Service Bus -> ValidateInvoice; an invalid invoice is delivered three times, then dead."""
    second, instance, fate = INVOICES[invoice]
    deliveries = MAX_DELIVERIES if fate == "invalid" else 1
    for delivery in range(1, deliveries + 1):
        tell.invocation(
            "ValidateInvoice",
            "serviceBusTrigger",
            second + 3 + 10 * (delivery - 1),
            140.0,
            instance=instance,
            trace=f"invoice {invoice}",
            me=f"validate {delivery}",
            parent="send",
            failed="InvalidInvoiceException" if fate == "invalid" else None,
            tags=_bus("process", invoice) | {"messaging.servicebus.delivery_count": delivery},
        )


def orchestrated(tell: Telling, invoice: int) -> None:
    """ValidateInvoice starts ApprovalOrchestrator, which calls two activities in turn."""
    second, instance, fate = INVOICES[invoice]
    if fate == "invalid":
        return
    trace, began = f"invoice {invoice}", second + 3.2
    tags = {
        "durabletask.type": "orchestration",
        "durabletask.task.name": "ApprovalOrchestrator",
        "durabletask.task.instance_id": f"approval-inv-2026-{invoice:04d}",
        "durabletask.task.execution_id": otlp.uuid(f"execution {invoice}"),
    }
    made = otlp.span(
        "create_orchestration:ApprovalOrchestrator",
        PRODUCER,
        second + 3.1,
        12.0,
        trace=trace,
        me="create",
        parent="validate 1 worker",
        tags=tags,
    )
    tell.worker(instance, made)
    tell.host(
        instance,
        otlp.span(
            "orchestration:ApprovalOrchestrator",
            SERVER,
            began,
            5200.0,
            trace=trace,
            me="orchestration",
            parent="create",
            tags=tags | {"durabletask.task.status": "Completed"},
        ),
    )
    for number, activity in enumerate(("CheckBudget", "RequestApproval")):
        at = began + 0.2 + 2 * number
        mine = tags | {
            "durabletask.type": "activity",
            "durabletask.task.name": activity,
            "durabletask.task.task_id": number,
        }
        tell.host(
            instance,
            otlp.span(
                f"activity:{activity}",
                CLIENT,
                at,
                320.0,
                trace=trace,
                me=f"schedule {activity}",
                parent="orchestration",
                tags=mine,
            ),
        )
        tell.invocation(
            activity,
            "activityTrigger",
            at + 0.05,
            240.0,
            instance=instance,
            trace=trace,
            me=activity,
            parent=f"schedule {activity}",
            tags=mine,
        )
    # Each step of the orchestrator is an invocation of its own: start, after one, after the other.
    for step in range(3):
        tell.invocation(
            "ApprovalOrchestrator",
            "orchestrationTrigger",
            began + 0.05 + 2 * step,
            18.0,
            instance=instance,
            trace=trace,
            me=f"orchestrator {step}",
            parent="orchestration",
            tags=tags,
        )


def archived(tell: Telling, invoice: int) -> None:
    """RequestApproval -> storage queue `archive`, without context -> ArchiveInvoice."""
    second, instance, fate = INVOICES[invoice]
    if fate == "invalid":
        return
    queue = {
        "messaging.system": "azure_queue_storage",
        "messaging.destination.name": "archive",
        "messaging.message.id": otlp.uuid(f"archive {invoice}"),
    }
    tell.worker(
        instance,
        otlp.span(
            "QueueClient.SendMessage",
            PRODUCER,
            second + 5.6,
            9.0,
            trace=f"invoice {invoice}",
            me="enqueue",
            parent="RequestApproval worker",
            tags={"az.namespace": "Microsoft.Storage", **queue},
        ),
    )
    dequeues = MAX_DEQUEUES if fate == "not archived" else 1
    for dequeue in range(1, dequeues + 1):
        tell.invocation(
            "ArchiveInvoice",
            "queueTrigger",
            second + 8 + 12 * (dequeue - 1),
            65.0,
            instance=instance,
            trace=f"archive {invoice} {dequeue}",
            me="archive",
            failed="BlobContainerNotFound" if fate == "not archived" else None,
            tags=queue | {"messaging.operation": "process", "dequeue_count": dequeue},
        )


def host_logs(invoice: int) -> Iterator[Any]:
    """What the host logs of the two that fail."""
    second, instance, fate = INVOICES[invoice]
    if fate == "invalid":
        for delivery in range(1, MAX_DELIVERIES + 1):
            yield (
                instance,
                otlp.log(
                    "Executed 'Functions.ValidateInvoice' (Failed): the invoice has no VAT number",
                    second + 3.14 + 10 * (delivery - 1),
                    severity="ERROR",
                    trace=f"invoice {invoice}",
                    me=f"validate {delivery}",
                    tags={"InvocationId": otlp.uuid(f"invoice {invoice} validate {delivery}")},
                ),
            )
    if fate == "not archived":
        yield (
            instance,
            otlp.log(
                "Message has reached MaxDequeueCount of 5. "
                "Moving message to queue 'archive-poison'.",
                second + 8.1 + 12 * (MAX_DEQUEUES - 1),
                severity="ERROR",
                trace=f"archive {invoice} {MAX_DEQUEUES}",
                me="archive",
                tags={"messaging.message.id": otlp.uuid(f"archive {invoice}")},
            ),
        )


def captures() -> Captures:
    """An export an invoice, exporter and signal, in order of time."""
    made = Captures(metrics=list(metrics()))
    for invoice in INVOICES:
        tell = Telling()
        for part in (submitted, validated, orchestrated, archived):
            part(tell, invoice)
        for (instance, who), spans in tell.spans.items():
            scope = HOST_SCOPE if who == "host" else WORKER_SCOPE
            made.traces.append(otlp.traces(resource(instance, who), scope, spans))
        for instance, record in host_logs(invoice):
            made.logs.append(otlp.logs(resource(instance, "host"), "Function", [record]))
    return made
