"""Java orders: Spring Cloud Functions and a plain handler under the OpenTelemetry Java agent."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from sample_data.recorder.cloud import Cloud, queue_url
from sample_data.recorder.function import Function, QueueSource
from sample_data.recorder.gateway import http_api_event
from sample_data.recorder.load import Phase, drive

TITLE = "Java orders"
EVENT_ID_PATTERN = r"ord-[0-9a-f]{10}"
EVENT_NAME = "order"
IDLE_LIMIT_S = 40.0
PHASES = [Phase(8, 20), Phase(10, 4), Phase(7, 20)]
BUCKETS: tuple[str, ...] = ()

# The JVM's own metrics would be nine tenths of the capture, and its process is not Lambda's.
QUIET = {
    "OTEL_INSTRUMENTATION_RUNTIME_TELEMETRY_ENABLED": "false",
    "OTEL_INSTRUMENTATION_LOGBACK_APPENDER_EXPERIMENTAL_CAPTURE_MDC_ATTRIBUTES": "*",
    "OTEL_JAVA_DISABLED_RESOURCE_PROVIDERS": ",".join(
        f"io.opentelemetry.instrumentation.resources.{name}ResourceProvider"
        for name in ("Process", "ProcessRuntime", "Os")
    ),
}
SHARED = QUIET | {
    "PRICING_QUEUE": queue_url("pricing"),
    "FULFILMENT_QUEUE": queue_url("fulfilment"),
}
SPRING = "org.springframework.cloud.function.adapter.aws.FunctionInvoker::handleRequest"
MAIN = {"MAIN_CLASS": "shop.OrdersApplication"}

INTAKE = Function(
    "orders-intake",
    SPRING,
    memory_mb=1024,
    timeout_s=20,
    version="12",
    runtime="java17",
    max_environments=2,
    log_route="sdk",
    environment=SHARED | MAIN | {"SPRING_CLOUD_FUNCTION_DEFINITION": "placeOrder"},
)
PRICING = Function(
    "orders-pricing",
    "shop.PricingHandler::handleRequest",
    memory_mb=512,
    timeout_s=15,
    version="7",
    runtime="java17",
    max_environments=2,
    environment=SHARED,
)
FULFILMENT = Function(
    "orders-fulfilment",
    SPRING,
    memory_mb=1024,
    timeout_s=8,
    version="5",
    runtime="java17",
    max_environments=2,
    environment=SHARED | MAIN | {"SPRING_CLOUD_FUNCTION_DEFINITION": "fulfil"},
)
FUNCTIONS = [INTAKE, PRICING, FULFILMENT]
SOURCES = [
    QueueSource("pricing", PRICING.name, batch_size=5, concurrency=2, window_s=0.5),
    QueueSource("fulfilment", FULFILMENT.name, batch_size=1, concurrency=2, window_s=0.2),
]
DEAD_LETTER_QUEUES = {"pricing-dlq": "pricing", "fulfilment-dlq": "fulfilment"}


def build(cloud: Cloud) -> None:
    """Creates the two queues with their dead-letter queues."""
    cloud.queue("pricing", visibility_s=16, dlq="pricing-dlq", max_receives=2)
    cloud.queue("fulfilment", visibility_s=12, dlq="fulfilment-dlq", max_receives=2)


def carts() -> Iterator[str]:
    """25 carts: one empty, one in a currency nobody has prices for, one on a pallet."""
    unusual = {6: "", 11: "currency=XXX items=2", 16: "pallet items=40"}
    for number in range(sum(phase.count for phase in PHASES)):
        yield unusual.get(number, f"currency=EUR items={number % 5 + 1}")


_accepted: set[str] = set()


def run(invoke: Callable[[str, Any], bytes], cloud: Cloud) -> None:
    """Places the orders; one client in four traces itself."""
    chance = random.Random(20261123)

    def place(cart: str) -> None:
        traced = chance.random() < 0.25
        answer = json.loads(
            invoke(INTAKE.name, http_api_event("POST", "/orders", cart, traced_client=traced))
        )
        if answer["statusCode"] == 202:
            _accepted.add(answer["body"])

    drive(list(carts()), PHASES, place, chance)


def outcomes(cloud: Cloud, dead_letters: dict[str, list[Any]]) -> dict[str, str]:
    """How each accepted order ended: fulfilled, or dead_lettered."""
    dead = {
        message["Body"].split(" ")[0] for messages in dead_letters.values() for message in messages
    }
    return {order: "dead_lettered" if order in dead else "fulfilled" for order in _accepted}
