"""Compensation step: marks the order cancelled and tells the order-updates topic."""

import json
import logging
import os

import boto3
from opentelemetry import trace

logger = logging.getLogger()
logger.setLevel(logging.INFO)
orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
sns = boto3.client("sns")


def handler(event, context):
    order_id = event["order_id"]
    span = trace.get_current_span()
    span.set_attribute("correlation_id", order_id)
    span.set_attribute("execution_arn", event["execution_arn"])
    answer = orders.update_item(
        Key={"order_id": order_id},
        UpdateExpression="SET #s = :s, reason = :r",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": "CANCELLED", ":r": event["reason"]},
        ReturnValues="ALL_NEW",
    )
    customer = answer["Attributes"]["customer"]
    update = {"order_id": order_id, "customer": customer, "status": "CANCELLED"}
    sns.publish(TopicArn=os.environ["UPDATES_TOPIC"], Message=json.dumps(update))
    logger.info("order %s cancelled: %s", order_id, event["reason"])
    return {"cancelled": True}
