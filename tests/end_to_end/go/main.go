// Sends the known story with the OpenTelemetry SDK for Go, set up by OTEL_* variables alone.
//
// Prints the ids it used as one JSON line. OTEL_EXPORTER_OTLP_PROTOCOL picks HTTP or gRPC.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

type exporters struct {
	spans   sdktrace.SpanExporter
	logs    sdklog.Exporter
	metrics sdkmetric.Exporter
}

func main() {
	ctx := context.Background()
	to := newExporters(ctx)
	tracers := sdktrace.NewTracerProvider(sdktrace.WithBatcher(to.spans))
	loggers := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(to.logs)))
	meters := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(to.metrics)))

	ids := tell(ctx, tracers.Tracer("checkout"), loggers.Logger("checkout"))
	measure(ctx, meters.Meter("checkout"))

	must(tracers.Shutdown(ctx))
	must(loggers.Shutdown(ctx))
	must(meters.Shutdown(ctx))
	must(json.NewEncoder(os.Stdout).Encode(ids))
}

func newExporters(ctx context.Context) exporters {
	if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc" {
		return exporters{
			spans:   ok(otlptracegrpc.New(ctx)),
			logs:    ok(otlploggrpc.New(ctx)),
			metrics: ok(otlpmetricgrpc.New(ctx)),
		}
	}
	return exporters{
		spans:   ok(otlptracehttp.New(ctx)),
		logs:    ok(otlploghttp.New(ctx)),
		metrics: ok(otlpmetrichttp.New(ctx)),
	}
}

// tell sends a request whose payment fails, and the log line about it.
func tell(ctx context.Context, tracer trace.Tracer, logger otellog.Logger) map[string]string {
	order := os.Getenv("ORDER_ID")
	earlier := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID:    ok(trace.TraceIDFromHex(os.Getenv("LINKED_TRACE_ID"))),
		SpanID:     ok(trace.SpanIDFromHex(os.Getenv("LINKED_SPAN_ID"))),
		TraceFlags: trace.FlagsSampled,
		Remote:     true,
	})
	ctx, root := tracer.Start(ctx, "POST /checkout",
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(
			attribute.String("order_id", order),
			attribute.Int("cart.items", 3),
			attribute.Float64("cart.total", 59.9),
			attribute.Bool("cart.gift", true),
			attribute.StringSlice("cart.skus", []string{"a-1", "b-2"}),
			attribute.IntSlice("cart.quantities", []int{1, 2}),
		),
		trace.WithLinks(trace.Link{
			SpanContext: earlier,
			Attributes:  []attribute.KeyValue{attribute.String("reason", "redelivery")},
		}))
	root.AddEvent("cart.validated", trace.WithAttributes(attribute.Int("rules", 4)))

	ctx, child := tracer.Start(ctx, "charge card", trace.WithSpanKind(trace.SpanKindClient))
	var record otellog.Record
	record.SetSeverity(otellog.SeverityError)
	record.SetSeverityText("ERROR")
	record.SetBody(attribute.StringValue(fmt.Sprintf("card declined for %s", order)))
	record.AddAttributes(attribute.Int("attempt", 1))
	logger.Emit(ctx, record)
	child.SetStatus(codes.Error, "card declined")
	child.End()
	root.End()

	return map[string]string{
		"trace_id":      root.SpanContext().TraceID().String(),
		"root_span_id":  root.SpanContext().SpanID().String(),
		"child_span_id": child.SpanContext().SpanID().String(),
	}
}

// measure records one instrument of each kind.
func measure(ctx context.Context, meter metric.Meter) {
	orders := ok(meter.Int64Counter("checkout.orders"))
	orders.Add(ctx, 3, metric.WithAttributes(attribute.String("outcome", "declined")))
	duration := ok(meter.Float64Histogram("checkout.duration", metric.WithUnit("ms")))
	duration.Record(ctx, 12.5)
	duration.Record(ctx, 250.0)
	depth := ok(meter.Int64Gauge("checkout.queue.depth"))
	depth.Record(ctx, 7)
}

func ok[T any](value T, err error) T {
	must(err)
	return value
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
