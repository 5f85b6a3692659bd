"""What an OpenTelemetry Collector's azuremonitor receiver says, minute by minute: gauges all."""

from collections.abc import Iterator
from typing import Any, Final

from sample_data.written import otlp

APP: Final = "invoices-app"
SITE: Final = (
    "/subscriptions/3f2b1c0d-6f9e-4f6b-9a43-5c1d2e3f4a5b/resourceGroups/invoices"
    f"/providers/Microsoft.Web/sites/{APP}"
)
NAMESPACE: Final = (
    SITE.split("/providers/")[0] + "/providers/Microsoft.ServiceBus/namespaces/invoices-bus"
)

# By minute: executions the host counts, and MB-milliseconds; a minute without has no points.
EXECUTIONS: Final = {1: 8, 2: 8, 3: 4, 5: 8, 6: 12, 7: 8}
UNITS: Final = {1: 409_600, 2: 204_800, 3: 307_200, 5: 204_800, 6: 256_000, 7: 204_800}


def metrics() -> Iterator[Any]:
    """Once a minute: the app's executions, and the state of the Service Bus queue."""
    for minute in range(1, 13):
        second = minute * 60 + 60
        app = {
            "azuremonitor.resource_id": SITE,
            "name": APP,
            "type": "Microsoft.Web/sites",
            "resource_group": "invoices",
            "location": "westeurope",
        }
        bus = {
            "azuremonitor.resource_id": NAMESPACE,
            "name": "invoices-bus",
            "type": "Microsoft.ServiceBus/namespaces",
            "resource_group": "invoices",
            "location": "westeurope",
            "metadata_entityname": "invoices",
        }
        series = []
        if minute in EXECUTIONS:
            counted, units = float(EXECUTIONS[minute]), float(UNITS[minute])
            name = "azure_functionexecutioncount_total"
            series.append(otlp.gauge(name, "Count", [(second, counted, app)]))
            name = "azure_functionexecutionunits_total"
            series.append(otlp.gauge(name, "Count", [(second, units, app)]))
        dead = float(minute >= 3)
        for aggregation in ("average", "maximum", "minimum"):
            name = f"azure_deadletteredmessages_{aggregation}"
            series.append(otlp.gauge(name, "Count", [(second, dead, bus)]))
        active = 1.0 if minute == 3 else 0.0
        series.append(otlp.gauge("azure_activemessages_maximum", "Count", [(second, active, bus)]))
        who = {
            "azuremonitor.tenant_id": "9d5f0a52-2f4c-4a52-8a51-0f3a0c9c7b11",
            "azuremonitor.subscription_id": "3f2b1c0d-6f9e-4f6b-9a43-5c1d2e3f4a5b",
        }
        yield otlp.metrics(
            who,
            "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/azuremonitorreceiver",
            series,
        )
