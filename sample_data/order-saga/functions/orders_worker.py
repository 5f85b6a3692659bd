"""Orders queue: checks each order of a batch and announces it on the order-accepted topic."""

import json
import logging
import os
import random
import time

import boto3
from opentelemetry import trace

logger = logging.getLogger()
logger.setLevel(logging.INFO)
tracer = trace.get_tracer("shop.orders-worker", "2.3.0")
orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
sns = boto3.client("sns")


def accept(order, message_id):
    with tracer.start_as_current_span("accept order") as span:
        span.set_attribute("order_id", order["order_id"])
        span.set_attribute("messaging.message.id", message_id)
        time.sleep(random.uniform(0.005, 0.03))  # price and address checks
        orders.update_item(
            Key={"order_id": order["order_id"]},
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": "ACCEPTED"},
        )
        sns.publish(TopicArn=os.environ["ACCEPTED_TOPIC"], Message=json.dumps(order))
        logger.info("order %s accepted", order["order_id"])


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            accept(json.loads(record["body"]), record["messageId"])
        except Exception:
            logger.exception("order of message %s not accepted", record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
