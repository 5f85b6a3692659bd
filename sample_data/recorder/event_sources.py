"""Event source mappings: takes messages off queues in batches and invokes functions with them."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3

from .function import ACCOUNT_ID, REGION, QueueSource
from .lambda_service import LambdaService
from .truth import Message

IDLE_WAIT_S = 0.25


def lambda_record(message: dict[str, Any], queue: str) -> dict[str, Any]:
    """A received message as Lambda puts it into an event."""
    attributes = {
        name: {
            "stringValue": value.get("StringValue"),
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": value["DataType"],
        }
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{queue}",
        "awsRegion": REGION,
    }


class QueuePoller:
    """Polls one queue for one function; failed messages stay and come back after their timeout."""

    def __init__(self, source: QueueSource, service: LambdaService, cloud_url: str) -> None:
        self._source = source
        self._service = service
        self._sqs = boto3.client("sqs", endpoint_url=cloud_url, region_name=REGION)
        self._url = self._sqs.get_queue_url(QueueName=source.queue)["QueueUrl"]
        self._free = threading.Semaphore(source.concurrency)
        self._workers = ThreadPoolExecutor(source.concurrency)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def outstanding(self) -> int:
        """Messages waiting or being handled."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        return sum(int(value) for value in answer["Attributes"].values())

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._workers.shutdown()

    def _poll(self) -> None:
        try:
            self._poll_until_stopped()
        except Exception as error:
            self._service.troubles.append(error)

    def _poll_until_stopped(self) -> None:
        while not self._stopping.is_set():
            with_worker = self._free.acquire(timeout=IDLE_WAIT_S)
            if not with_worker:
                continue
            time.sleep(self._source.window_s)
            messages = self._receive()
            if messages:
                self._workers.submit(self._handle, messages)
            else:
                self._free.release()
                self._stopping.wait(IDLE_WAIT_S)

    def _receive(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._source.batch_size,
            AttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        try:
            records = [lambda_record(message, self._source.queue) for message in messages]
            outcome = self._service.invoke(
                self._source.function,
                {"Records": records},
                source="sqs",
                messages=[self._told(message) for message in messages],
            )
            if outcome.status == "success":
                self._delete(messages, self._failed(outcome.payload))
        except Exception as error:
            self._service.troubles.append(error)
        finally:
            self._free.release()

    def _told(self, message: dict[str, Any]) -> Message:
        return Message(
            queue=self._source.queue,
            message_id=message["MessageId"],
            receive_count=int(message["Attributes"]["ApproximateReceiveCount"]),
            event_ids=self._service.event_ids(message["Body"]),
        )

    def _failed(self, payload: bytes) -> set[str]:
        """Messages the function reported as failed (ReportBatchItemFailures)."""
        answer = json.loads(payload or b"null") or {}
        return {item["itemIdentifier"] for item in answer.get("batchItemFailures", [])}

    def _delete(self, messages: list[dict[str, Any]], failed: set[str]) -> None:
        entries = [
            {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
            for index, message in enumerate(messages)
            if message["MessageId"] not in failed
        ]
        if entries:
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
