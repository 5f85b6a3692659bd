"""DocumentQuarantined events: moves the object away and marks the document."""

import os

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import correlation_paths
from opentelemetry import trace

logger = Logger(service="quarantine")
documents = boto3.resource("dynamodb").Table(os.environ["DOCUMENTS_TABLE"])
s3 = boto3.client("s3")


@logger.inject_lambda_context(correlation_id_path=correlation_paths.EVENT_BRIDGE)
def handler(event, context):
    detail = event["detail"]
    document_id = detail["metadata"]["correlationId"]
    trace.get_current_span().set_attribute("document_id", document_id)
    source = {"Bucket": detail["bucket"], "Key": detail["key"]}
    s3.copy_object(Bucket=detail["bucket"], Key=f"quarantine/{document_id}.pdf", CopySource=source)
    s3.delete_object(**source)
    documents.update_item(
        Key={"document_id": document_id},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": "QUARANTINED"},
    )
    logger.info("document quarantined", extra={"document_id": document_id})
