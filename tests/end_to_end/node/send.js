// Sends the known story with the OpenTelemetry SDK for Node, set up by OTEL_* variables alone.
// Prints the ids it used as one JSON line.

import { SpanKind, SpanStatusCode, TraceFlags, context, trace } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { detectResources, envDetector } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const order = process.env.ORDER_ID;
const SEVERITY_ERROR = 17;

const resource = detectResources({ detectors: [envDetector] });
const tracers = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const loggers = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
});
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
});

// The trace: a request whose payment fails, and the log line about it.
const tracer = tracers.getTracer("checkout", "1.0");
const root = tracer.startSpan("POST /checkout", {
  kind: SpanKind.SERVER,
  attributes: {
    order_id: order,
    "cart.items": 3,
    "cart.total": 59.9,
    "cart.gift": true,
    "cart.skus": ["a-1", "b-2"],
    "cart.quantities": [1, 2],
  },
  links: [
    {
      context: {
        traceId: process.env.LINKED_TRACE_ID,
        spanId: process.env.LINKED_SPAN_ID,
        traceFlags: TraceFlags.SAMPLED,
      },
      attributes: { reason: "redelivery" },
    },
  ],
});
root.addEvent("cart.validated", { rules: 4 });
const inRoot = trace.setSpan(context.active(), root);
const child = tracer.startSpan("charge card", { kind: SpanKind.CLIENT }, inRoot);
loggers.getLogger("checkout", "1.0").emit({
  severityNumber: SEVERITY_ERROR,
  severityText: "ERROR",
  body: `card declined for ${order}`,
  attributes: { attempt: 1 },
  context: trace.setSpan(inRoot, child),
});
child.setStatus({ code: SpanStatusCode.ERROR, message: "card declined" });
child.end();
root.end();

// One instrument of each kind.
const meter = meters.getMeter("checkout", "1.0");
meter.createCounter("checkout.orders").add(3, { outcome: "declined" });
const duration = meter.createHistogram("checkout.duration", { unit: "ms" });
duration.record(12.5);
duration.record(250.0);
meter.createGauge("checkout.queue.depth").record(7);

for (const provider of [tracers, loggers, meters]) {
  await provider.shutdown();
}
console.log(
  JSON.stringify({
    trace_id: root.spanContext().traceId,
    root_span_id: root.spanContext().spanId,
    child_span_id: child.spanContext().spanId,
  }),
);
