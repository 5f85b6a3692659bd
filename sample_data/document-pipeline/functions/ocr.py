"""OCR queue, batches of up to 10: reads the pages of each document, reports those that failed."""

import json
import os
import random
import time

import boto3
from aws_lambda_powertools import Logger
from opentelemetry import metrics, trace
from opentelemetry.trace import Status, StatusCode

logger = Logger(service="ocr")
tracer = trace.get_tracer("archive.ocr", "7.2.1")
meter = metrics.get_meter("archive.ocr")
pages_read = meter.create_counter("ocr.pages", unit="{page}", description="Pages read")
page_time = meter.create_histogram("ocr.page.duration", unit="s")
documents = boto3.resource("dynamodb").Table(os.environ["DOCUMENTS_TABLE"])
s3 = boto3.client("s3")
sqs = boto3.client("sqs")


class UnreadableDocument(Exception):
    """The file is not a PDF that the engine can open."""


class EngineBusy(Exception):
    """The OCR engine has no free worker."""


def read_pages(content, receives):
    """Recognises the text; the first line of a test document says how it behaves."""
    header = content.split(b"\n", 1)[0].decode()
    if not header.startswith("%PDF"):
        raise UnreadableDocument("no PDF header; cross-reference table is damaged")
    if "busy" in header and receives == 1:
        raise EngineBusy("no free OCR worker")
    if "huge" in header and receives == 1:
        time.sleep(60)
    pages = content.count(b"\f") + 1
    for _ in range(pages):
        began = time.monotonic()
        time.sleep(random.uniform(0.004, 0.02))
        page_time.record(time.monotonic() - began)
    pages_read.add(pages)
    return pages


def recognise(record):
    job = json.loads(record["body"])
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    with tracer.start_as_current_span("recognise document") as span:
        span.set_attribute("messaging.message.id", record["messageId"])
        span.set_attribute("document_id", job["document_id"])
        span.set_attribute("messaging.message.receive_count", receives)
        content = s3.get_object(Bucket=job["bucket"], Key=job["key"])["Body"].read()
        pages = read_pages(content, receives)
        span.set_attribute("document.pages", pages)
        text_key = f"text/{job['document_id']}.txt"
        s3.put_object(Bucket=job["bucket"], Key=text_key, Body=b"recognised text")
        message = {"document_id": job["document_id"], "text_key": text_key, "pages": pages}
        sqs.send_message(QueueUrl=os.environ["INDEX_QUEUE"], MessageBody=json.dumps(message))
        documents.update_item(
            Key={"document_id": job["document_id"]},
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": "RECOGNISED"},
        )
        logger.info("document recognised", extra={"correlation_id": job["document_id"]})


@logger.inject_lambda_context
def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            recognise(record)
        except (UnreadableDocument, EngineBusy) as error:
            trace.get_current_span().set_status(Status(StatusCode.ERROR, "partial batch failure"))
            document_id = json.loads(record["body"])["document_id"]
            logger.error(  # noqa: TRY400 - expected, its stack trace tells nothing
                "document not recognised",
                extra={"correlation_id": document_id, "reason": str(error)},
            )
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
