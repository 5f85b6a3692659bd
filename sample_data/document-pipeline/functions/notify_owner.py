"""DocumentIndexed events: tells the owner that the document can be searched."""

import logging
import os
import random
import time

import boto3
from opentelemetry import trace

logger = logging.getLogger()
logger.setLevel(logging.INFO)
documents = boto3.resource("dynamodb").Table(os.environ["DOCUMENTS_TABLE"])


def handler(event, context):
    document_id = event["detail"]["metadata"]["correlationId"]
    span = trace.get_current_span()
    span.set_attribute("correlation_id", document_id)
    span.set_attribute("cloudevents.event_id", event["id"])
    document = documents.get_item(Key={"document_id": document_id})["Item"]
    time.sleep(random.uniform(0.01, 0.06))  # the mail service
    logger.info("owner %s told about %s", document["owner"], document_id)
    return {"told": document["owner"]}
