"""API: takes an order, stores it as PENDING and puts it on the orders queue."""

import json
import os
import secrets
from decimal import Decimal

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import correlation_paths
from opentelemetry import metrics, trace

logger = Logger(service="orders-api")
orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
sqs = boto3.client("sqs")
accepted = metrics.get_meter("shop.orders").create_counter(
    "orders.accepted", unit="{order}", description="Orders taken by the API"
)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP)
def handler(event, context):
    cart = json.loads(event["body"] or "{}")
    if not cart.get("lines"):
        logger.warning("order refused: the cart is empty")
        return {"statusCode": 400, "body": json.dumps({"message": "the cart is empty"})}
    order_id = f"ord-{secrets.token_hex(5)}"
    trace.get_current_span().set_attribute("order_id", order_id)
    logger.append_keys(order_id=order_id)
    total = sum(line["price"] * line["quantity"] for line in cart["lines"])
    order = {"order_id": order_id, "status": "PENDING", "total": Decimal(str(round(total, 2)))}
    orders.put_item(Item=order | {"customer": cart["customer"]})
    message = cart | {"order_id": order_id, "total": round(total, 2)}
    sqs.send_message(QueueUrl=os.environ["ORDERS_QUEUE"], MessageBody=json.dumps(message))
    accepted.add(1, {"channel": cart["channel"]})
    logger.info("order accepted", extra={"lines": len(cart["lines"]), "total": round(total, 2)})
    return {"statusCode": 202, "body": json.dumps({"order_id": order_id})}
