"""Order updates (topic): writes to the customer; some mail servers ask to come again."""

import json
import os
import random
import time

import boto3
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError
from opentelemetry import trace

logger = Logger(service="notify")
tracer = trace.get_tracer("shop.notify", "1.0.4")
orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


class MailRefused(Exception):
    """The recipient's mail server did not take the message."""


def first_time(order_id):
    """Whether this order's mail is tried for the first time."""
    try:
        orders.put_item(
            Item={"order_id": f"greylist#{order_id}"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError:
        return False
    return True


@logger.inject_lambda_context
def handler(event, context):
    update = json.loads(event["Records"][0]["Sns"]["Message"])
    logger.append_keys(correlation_id=update["order_id"])
    with tracer.start_as_current_span("send mail") as span:
        domain = update["customer"].split("@")[1]
        span.set_attribute("mail.domain", domain)
        time.sleep(random.uniform(0.02, 0.1))
        if domain == "gone.example":
            raise MailRefused("550 no such mailbox")
        if domain == "greylisted.example" and first_time(update["order_id"]):
            raise MailRefused("451 try again later")
    logger.info("customer told", extra={"status": update["status"]})
