"""Sends the known story with the OpenTelemetry SDK for Python, set up by OTEL_* variables alone.

Prints the ids it used as one JSON line. OTEL_EXPORTER_OTLP_PROTOCOL picks HTTP or gRPC.
"""

import json
import logging
import os

from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.metrics import Meter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode, TraceFlags, Tracer

ORDER = os.environ["ORDER_ID"]
EARLIER = SpanContext(
    int(os.environ["LINKED_TRACE_ID"], 16),
    int(os.environ["LINKED_SPAN_ID"], 16),
    is_remote=True,
    trace_flags=TraceFlags(TraceFlags.SAMPLED),
)


def main() -> None:
    grpc = os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc"
    tracers = TracerProvider()
    tracers.add_span_processor(BatchSpanProcessor(GrpcSpans() if grpc else HttpSpans()))
    loggers = LoggerProvider()
    loggers.add_log_record_processor(BatchLogRecordProcessor(GrpcLogs() if grpc else HttpLogs()))
    reader = PeriodicExportingMetricReader(GrpcMetrics() if grpc else HttpMetrics())
    meters = MeterProvider([reader])

    log = logging.getLogger("checkout")
    log.addHandler(LoggingHandler(logger_provider=loggers))
    ids = tell(tracers.get_tracer("checkout", "1.0"), log)
    measure(meters.get_meter("checkout", "1.0"))
    for provider in (tracers, loggers, meters):
        provider.shutdown()
    print(json.dumps(ids))


def tell(tracer: Tracer, log: logging.Logger) -> dict[str, str]:
    """The trace: a request whose payment fails, and the log line about it."""
    with tracer.start_as_current_span(
        "POST /checkout",
        kind=SpanKind.SERVER,
        attributes={
            "order_id": ORDER,
            "cart.items": 3,
            "cart.total": 59.9,
            "cart.gift": True,
            "cart.skus": ["a-1", "b-2"],
            "cart.quantities": [1, 2],
        },
        links=[Link(EARLIER, {"reason": "redelivery"})],
    ) as root:
        root.add_event("cart.validated", {"rules": 4})
        with tracer.start_as_current_span("charge card", kind=SpanKind.CLIENT) as child:
            log.error("card declined for %s", ORDER, extra={"attempt": 1})
            child.set_status(StatusCode.ERROR, "card declined")
    context = root.get_span_context()
    return {
        "trace_id": f"{context.trace_id:032x}",
        "root_span_id": f"{context.span_id:016x}",
        "child_span_id": f"{child.get_span_context().span_id:016x}",
    }


def measure(meter: Meter) -> None:
    """One instrument of each kind."""
    meter.create_counter("checkout.orders").add(3, {"outcome": "declined"})
    duration = meter.create_histogram("checkout.duration", unit="ms")
    duration.record(12.5)
    duration.record(250.0)
    meter.create_gauge("checkout.queue.depth").set(7)


main()
