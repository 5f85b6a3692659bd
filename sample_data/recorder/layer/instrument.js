"use strict";
/*
 * Sets up the OpenTelemetry SDK before the handler is loaded, as a Node.js layer does: Lambda and
 * AWS SDK instrumentation, batch processors, OTLP/HTTP exporters, the Lambda resource detector.
 */
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { AwsLambdaInstrumentation } = require("@opentelemetry/instrumentation-aws-lambda");
const { AwsInstrumentation } = require("@opentelemetry/instrumentation-aws-sdk");
const { OTLPLogExporter } = require("@opentelemetry/exporter-logs-otlp-proto");
const { OTLPMetricExporter } = require("@opentelemetry/exporter-metrics-otlp-proto");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
const { awsLambdaDetector } = require("@opentelemetry/resource-detector-aws");
const {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} = require("@opentelemetry/resources");
const { BatchLogRecordProcessor, LoggerProvider } = require("@opentelemetry/sdk-logs");
const { MeterProvider, PeriodicExportingMetricReader } = require("@opentelemetry/sdk-metrics");
const { BatchSpanProcessor, NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");
const { metrics } = require("@opentelemetry/api");
const { logs } = require("@opentelemetry/api-logs");

const named = resourceFromAttributes({ "service.name": process.env.AWS_LAMBDA_FUNCTION_NAME });
const detected = detectResources({ detectors: [envDetector, awsLambdaDetector] });
const resource = defaultResource().merge(named).merge(detected);

const tracerProvider = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
tracerProvider.register();

const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() });
const meterProvider = new MeterProvider({ resource, readers: [reader] });
metrics.setGlobalMeterProvider(meterProvider);

if (process.env.OTEL_LOGS_EXPORTER === "otlp") {
  const processor = new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() });
  logs.setGlobalLoggerProvider(new LoggerProvider({ resource, processors: [processor] }));
}

registerInstrumentations({
  tracerProvider,
  meterProvider,
  instrumentations: [
    new AwsLambdaInstrumentation(),
    new AwsInstrumentation({ suppressInternalInstrumentation: true }),
  ],
});
