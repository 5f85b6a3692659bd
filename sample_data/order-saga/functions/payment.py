"""Payments queue (fed by the topic): charges the card; declined orders go to compensation."""

import json
import os
import random
import time

import boto3
from aws_lambda_powertools import Logger
from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind

logger = Logger(service="payment")
tracer = trace.get_tracer("shop.payment", "5.1.2")
meter = metrics.get_meter("shop.payment")
amounts = meter.create_histogram("payment.amount", unit="EUR", description="Amounts charged")
outcomes = meter.create_counter("payment.attempts", unit="{attempt}")
events = boto3.client("events")
workflows = boto3.client("stepfunctions")


class GatewayUnavailable(Exception):
    """The card gateway answered 503."""


class CardDeclined(Exception):
    """The bank said no; trying again does not help."""


def charge(order, receives):
    """Calls the card gateway; its sandbox tokens decide the outcome."""
    token = order["card"]
    with tracer.start_as_current_span("POST /charges", kind=SpanKind.CLIENT) as span:
        span.set_attribute("http.request.method", "POST")
        span.set_attribute("server.address", "gateway.cards.example")
        if token == "tok_hangs" and receives == 1:
            time.sleep(30)
        time.sleep(min(0.4, random.lognormvariate(-2.9, 0.5)))
        if token == "tok_unavailable" and receives == 1:
            raise GatewayUnavailable("gateway.cards.example answered 503")
        if token == "tok_declined":
            raise CardDeclined("insufficient funds")


def compensate(order, reason):
    name = f"compensate-{order['order_id']}"
    request = {"order_id": order["order_id"], "reason": reason, "paid": False}
    workflows.start_execution(
        stateMachineArn=os.environ["COMPENSATION"], name=name, input=json.dumps(request)
    )


def announce(order):
    detail = {
        "metadata": {"correlationId": order["order_id"]},
        "lines": order["lines"],
        "customer": order["customer"],
    }
    entry = {
        "Source": "shop.payment",
        "DetailType": "PaymentCaptured",
        "Detail": json.dumps(detail),
        "EventBusName": os.environ["EVENT_BUS"],
    }
    events.put_events(Entries=[entry])


def pay(record):
    order = json.loads(json.loads(record["body"])["Message"])
    logger.append_keys(correlation_id=order["order_id"])
    with tracer.start_as_current_span("pay order") as span:
        span.set_attribute("correlation_id", order["order_id"])
        try:
            charge(order, int(record["attributes"]["ApproximateReceiveCount"]))
        except CardDeclined as declined:
            outcomes.add(1, {"outcome": "declined"})
            logger.warning("payment declined", extra={"reason": str(declined)})
            compensate(order, "payment declined")
            return
        amounts.record(order["total"], {"currency": "EUR"})
        outcomes.add(1, {"outcome": "captured"})
        announce(order)
        logger.info("payment captured", extra={"amount": order["total"]})


@logger.inject_lambda_context
def handler(event, context):
    for record in event["Records"]:
        pay(record)
