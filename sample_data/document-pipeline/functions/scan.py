"""New objects under incoming/: looks for malware; clean documents go to the ocr queue."""

import json
import os
import time
from urllib.parse import unquote_plus

import boto3
from aws_lambda_powertools import Logger
from opentelemetry import trace

logger = Logger(service="scan")
tracer = trace.get_tracer("archive.scan", "3.0.0")
s3 = boto3.client("s3")
sqs = boto3.client("sqs")
events = boto3.client("events")

SIGNATURE = b"X5O!P%@AP[4"


def infected(content):
    """Compares with the signature database; larger documents take longer."""
    with tracer.start_as_current_span("scan content") as span:
        span.set_attribute("document.size", len(content))
        time.sleep(0.02 + len(content) / 200_000)
        return SIGNATURE in content


@logger.inject_lambda_context
def handler(event, context):
    record = event["Records"][0]["s3"]
    bucket, key = record["bucket"]["name"], unquote_plus(record["object"]["key"])
    document_id = key.rsplit("/", 1)[1].removesuffix(".pdf")
    logger.append_keys(correlation_id=document_id)
    span = trace.get_current_span()
    span.set_attribute("aws.s3.bucket", bucket)
    span.set_attribute("aws.s3.key", key)
    stored = s3.get_object(Bucket=bucket, Key=key)
    if infected(stored["Body"].read()):
        logger.warning("malware found")
        detail = {"metadata": {"correlationId": document_id}, "bucket": bucket, "key": key}
        entry = {
            "Source": "archive.scan",
            "DetailType": "DocumentQuarantined",
            "Detail": json.dumps(detail),
            "EventBusName": os.environ["EVENT_BUS"],
        }
        events.put_events(Entries=[entry])
        return {"clean": False}
    job = {"document_id": document_id, "bucket": bucket, "key": key}
    sqs.send_message(QueueUrl=os.environ["OCR_QUEUE"], MessageBody=json.dumps(job))
    logger.info("document clean", extra={"document_id": document_id})
    return {"clean": True}
