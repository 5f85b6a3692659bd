"""API: takes an uploaded document, stores it under incoming/ and registers it."""

import json
import logging
import os
import secrets

import boto3
from opentelemetry import metrics, trace

logger = logging.getLogger()
logger.setLevel(logging.INFO)
documents = boto3.resource("dynamodb").Table(os.environ["DOCUMENTS_TABLE"])
s3 = boto3.client("s3")
sizes = metrics.get_meter("archive.upload").create_histogram(
    "document.size", unit="By", description="Size of uploaded documents"
)


def handler(event, context):
    upload = json.loads(event["body"])
    document_id = f"doc-{secrets.token_hex(5)}"
    trace.get_current_span().set_attribute("document_id", document_id)
    documents.put_item(
        Item={"document_id": document_id, "status": "UPLOADED", "owner": upload["owner"]}
    )
    s3.put_object(
        Bucket=os.environ["BUCKET"],
        Key=f"incoming/{document_id}.pdf",
        Body=upload["content"].encode(),
        Metadata={"owner": upload["owner"]},
    )
    sizes.record(len(upload["content"]), {"type": "pdf"})
    logger.info("document %s stored", document_id, extra={"document_id": document_id})
    return {"statusCode": 202, "body": json.dumps({"document_id": document_id})}
