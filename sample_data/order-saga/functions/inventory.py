"""PaymentCaptured events: reserves stock, then asks for shipping; without stock it compensates."""

import json
import logging
import os
import random
import time

import boto3
from botocore.exceptions import ClientError
from opentelemetry import trace

logger = logging.getLogger()
logger.setLevel(logging.INFO)
stock = boto3.resource("dynamodb").Table(os.environ["STOCK_TABLE"])
sqs = boto3.client("sqs")
workflows = boto3.client("stepfunctions")


def reserve(line):
    """Takes the quantity out of stock; False when there is not enough."""
    try:
        stock.update_item(
            Key={"sku": line["sku"]},
            UpdateExpression="SET available = available - :n",
            ConditionExpression="available >= :n",
            ExpressionAttributeValues={":n": line["quantity"]},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def run_out_of_memory_once(order_id):
    """The known leak with gift boxes: the first attempt is killed, the retry gets through."""
    try:
        stock.put_item(
            Item={"sku": f"leak#{order_id}"}, ConditionExpression="attribute_not_exists(sku)"
        )
    except ClientError:
        return
    print("Fatal: out of memory while packing gift boxes", flush=True)
    os._exit(137)


def handler(event, context):
    order_id = event["detail"]["metadata"]["correlationId"]
    trace.get_current_span().set_attribute("correlation_id", order_id)
    lines = event["detail"]["lines"]
    if any(line["sku"] == "gift-box" for line in lines):
        run_out_of_memory_once(order_id)
    time.sleep(random.uniform(0.01, 0.05))  # choosing the warehouse
    missing = [line["sku"] for line in lines if not reserve(line)]
    if missing:
        logger.warning("order %s: out of stock: %s", order_id, ", ".join(missing))
        request = {"order_id": order_id, "reason": "out of stock", "paid": True}
        workflows.start_execution(
            stateMachineArn=os.environ["COMPENSATION"],
            name=f"compensate-{order_id}",
            input=json.dumps(request),
        )
        return {"reserved": False}
    parcel = {"order_id": order_id, "customer": event["detail"]["customer"], "lines": lines}
    sqs.send_message(QueueUrl=os.environ["SHIPPING_QUEUE"], MessageBody=json.dumps(parcel))
    logger.info("order %s: stock reserved", order_id)
    return {"reserved": True}
