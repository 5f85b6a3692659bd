"""Order saga: an order is taken, paid, reserved and shipped, or compensated for."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from sample_data.recorder.cloud import Cloud, arn, queue_url
from sample_data.recorder.function import Function, QueueSource
from sample_data.recorder.gateway import http_api_event
from sample_data.recorder.load import Phase, drive

TITLE = "Order saga"
EVENT_ID_PATTERN = r"ord-[0-9a-f]{10}"
EVENT_NAME = "order"
IDLE_LIMIT_S = 15.0
PHASES = [Phase(50, 35), Phase(90, 8), Phase(50, 35), Phase(70, 5), Phase(44, 35)]
RARE_STOCK = 5

COMPENSATION = arn("states", "stateMachine:order-compensation")
SHARED = {
    "ORDERS_TABLE": "orders",
    "STOCK_TABLE": "stock",
    "ORDERS_QUEUE": queue_url("orders"),
    "SHIPPING_QUEUE": queue_url("shipping"),
    "ACCEPTED_TOPIC": arn("sns", "order-accepted"),
    "UPDATES_TOPIC": arn("sns", "order-updates"),
    "EVENT_BUS": "shop",
    "COMPENSATION": COMPENSATION,
}
# boto3sqs writes W3C context into message attributes; botocore's instrumentation does not.
WITH_BOTO3SQS = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "aws-lambda"}
# Continues X-Ray's trace, whose segments never arrive: its spans have parents nobody has seen.
IN_XRAY_TRACE = {"OTEL_PROPAGATORS": "tracecontext,baggage,xray-lambda"}

API = Function(
    "orders-api",
    "orders_api.handler",
    memory_mb=512,
    timeout_s=10,
    version="14",
    max_environments=6,
    environment=SHARED | WITH_BOTO3SQS,
)
WORKER = Function(
    "orders-worker",
    "orders_worker.handler",
    memory_mb=256,
    timeout_s=15,
    version="9",
    log_route="sdk",
    environment=SHARED,
)
PAYMENT = Function(
    "payment", "payment.handler", memory_mb=512, timeout_s=6, version="31", environment=SHARED
)
INVENTORY = Function(
    "inventory",
    "inventory.handler",
    memory_mb=256,
    timeout_s=10,
    version="6",
    log_route="sdk",
    environment=SHARED | IN_XRAY_TRACE,
)
SHIPPING = Function(
    "shipping",
    "shipping.handler",
    memory_mb=1024,
    timeout_s=10,
    version="22",
    runtime="nodejs20.x",
    environment=SHARED,
)
REFUND = Function(
    "payment-refund", "refund.handler", memory_mb=128, timeout_s=10, version="4", environment=SHARED
)
CANCEL = Function(
    "order-cancel",
    "cancel.handler",
    memory_mb=128,
    timeout_s=10,
    version="3",
    log_route="sdk",
    max_environments=2,
    environment=SHARED,
)
NOTIFY = Function(
    "notify", "notify.handler", memory_mb=256, timeout_s=6, version="11", environment=SHARED
)
FUNCTIONS = [API, WORKER, PAYMENT, INVENTORY, SHIPPING, REFUND, CANCEL, NOTIFY]
SOURCES = [
    QueueSource("orders", WORKER.name, batch_size=5, concurrency=4),
    QueueSource("payments", PAYMENT.name, batch_size=1, concurrency=5, window_s=0.0),
    QueueSource("shipping", SHIPPING.name, batch_size=10, concurrency=2, window_s=0.6),
]
DEAD_LETTER_QUEUES = {"orders-dlq": "orders", "payments-dlq": "payments"}
BUCKETS: tuple[str, ...] = ()


def _task(function: Function, after: str | None) -> dict[str, Any]:
    payload = {"order_id.$": "$.order_id", "reason.$": "$.reason"}
    payload["execution_arn.$"] = "$$.Execution.Id"
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function.arn, "Payload": payload},
        "ResultPath": f"$.{function.name.replace('-', '_')}",
    }
    return state | ({"Next": after} if after else {"End": True})


def build(cloud: Cloud) -> None:
    """Creates tables, queues, topics, the bus with its rule, and the compensation workflow."""
    cloud.table("orders", "order_id")
    cloud.table("stock", "sku")
    cloud.queue("orders", visibility_s=40, dlq="orders-dlq")
    cloud.queue("payments", visibility_s=16, dlq="payments-dlq")
    cloud.queue("shipping", visibility_s=40, dlq=None)
    for function in FUNCTIONS:
        cloud.function(function)
    cloud.topic("order-accepted", {arn("sqs", "payments"): "sqs"})
    cloud.topic("order-updates", {NOTIFY.arn: "lambda"})
    cloud.client("events").create_event_bus(Name="shop")
    cloud.rule("shop", "payment-captured", "PaymentCaptured", INVENTORY)
    paid = {"Variable": "$.paid", "BooleanEquals": True, "Next": "Refund"}
    definition = {
        "StartAt": "Paid",
        "States": {
            "Paid": {"Type": "Choice", "Choices": [paid], "Default": "Cancel"},
            "Refund": _task(REFUND, "Cancel"),
            "Cancel": _task(CANCEL, None),
        },
    }
    cloud.client("stepfunctions").create_state_machine(
        name="order-compensation",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/functions",
    )
    for sku, available in {"mug": 100_000, "lamp": 100_000, "gift-box": 100_000}.items():
        _stock(cloud, sku, available)
    _stock(cloud, "rare-print", RARE_STOCK)


def _stock(cloud: Cloud, sku: str, available: int) -> None:
    item = {"sku": {"S": sku}, "available": {"N": str(available)}}
    cloud.client("dynamodb").put_item(TableName="stock", Item=item)


def carts(chance: random.Random) -> Iterator[dict[str, Any]]:
    """300 carts and 4 empty ones; the unusual ones are spread evenly."""
    for number in range(sum(phase.count for phase in PHASES)):
        lines = [
            {"sku": chance.choice(["mug", "lamp"]), "quantity": chance.randint(1, 3), "price": 14.9}
            for _ in range(chance.randint(1, 5))
        ]
        cart = {
            "customer": f"customer{number}@mail.example",
            "channel": chance.choice(["web", "web", "app"]),
            "card": "tok_visa",
            "lines": lines,
        }
        yield cart | _unusual(number, lines)


def _unusual(number: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """What is special about some carts, by their number."""
    rare = {"sku": "rare-print", "quantity": 1, "price": 249.0}
    special: dict[int, dict[str, Any]] = {
        3: {"card": "tok_declined"},
        11: {"lines": [rare]},
        17: {"customer": f"customer{number}@greylisted.example"},
        29: {"card": "tok_unavailable"},
        41: {"lines": [*lines, {"sku": "gift-box", "quantity": 1, "price": 4.5}]},
    }
    if number in (60, 130, 250):
        return {"card": "tok_hangs"}
    if number in (70, 210):
        return {"customer": f"customer{number}@gone.example"}
    if number in (20, 100, 200, 290):
        return {"lines": []}
    period = {3: 20, 11: 20, 17: 50, 29: 50, 41: 75}
    return next((special[at] for at, every in period.items() if number % every == at), {})


def run(invoke: Callable[[str, Any], bytes], cloud: Cloud) -> None:
    """Sends the carts at the API; about a third of the clients trace themselves."""
    chance = random.Random(20261120)

    def order(cart: dict[str, Any]) -> None:
        traced = cart["channel"] == "app"
        event = http_api_event("POST", "/orders", json.dumps(cart), traced_client=traced)
        invoke(API.name, event)

    drive(list(carts(chance)), PHASES, order, chance)


def outcomes(cloud: Cloud, dead_letters: dict[str, list[Any]]) -> dict[str, str]:
    """How each order ended, by its own record: SHIPPED or CANCELLED with the reason."""
    ended = dict.fromkeys(
        (json.loads(each["Body"])["order_id"] for each in dead_letters["orders-dlq"]),
        "dead_lettered",
    )
    for item in cloud.scan("orders"):
        order_id = item["order_id"]["S"]
        if order_id.startswith("ord-"):
            reason = item.get("reason", {}).get("S")
            status = item["status"]["S"].lower()
            ended[order_id] = f"{status}: {reason}" if reason else status
    return ended
