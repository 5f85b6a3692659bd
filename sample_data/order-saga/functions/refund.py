"""Compensation step: gives the money back."""

import random
import time

from aws_lambda_powertools import Logger
from opentelemetry import trace

logger = Logger(service="payment-refund")
tracer = trace.get_tracer("shop.payment", "5.1.2")


@logger.inject_lambda_context
def handler(event, context):
    logger.append_keys(correlation_id=event["order_id"], execution_arn=event["execution_arn"])
    trace.get_current_span().set_attribute("execution_arn", event["execution_arn"])
    with tracer.start_as_current_span("POST /refunds") as span:
        span.set_attribute("server.address", "gateway.cards.example")
        time.sleep(random.uniform(0.05, 0.2))
    logger.info("payment refunded")
    return {"refunded": True}
