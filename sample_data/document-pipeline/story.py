"""Document pipeline: uploads are scanned, read by OCR in batches, indexed; one is poison."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from sample_data.recorder.cloud import Cloud, queue_url
from sample_data.recorder.function import Function, QueueSource
from sample_data.recorder.gateway import rest_api_event
from sample_data.recorder.load import Phase, drive

TITLE = "Document pipeline"
EVENT_ID_PATTERN = r"doc-[0-9a-f]{10}"
EVENT_NAME = "document"
IDLE_LIMIT_S = 15.0
PHASES = [Phase(40, 30), Phase(80, 6), Phase(30, 30), Phase(50, 4), Phase(20, 25)]
BUCKET = "acme-documents"
BUCKETS = (BUCKET,)
MAX_RECEIVES = 3

SHARED = {
    "DOCUMENTS_TABLE": "documents",
    "BUCKET": BUCKET,
    "OCR_QUEUE": queue_url("ocr"),
    "INDEX_QUEUE": queue_url("index"),
    "EVENT_BUS": "archive",
}
# boto3sqs writes W3C context into message attributes; botocore's instrumentation does not.
WITH_BOTO3SQS = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "aws-lambda"}

UPLOAD = Function(
    "upload-api",
    "upload_api.handler",
    memory_mb=512,
    timeout_s=15,
    version="8",
    max_environments=6,
    log_route="sdk",
    environment=SHARED,
)
SCAN = Function(
    "scan",
    "scan.handler",
    memory_mb=1024,
    timeout_s=20,
    version="40",
    max_environments=6,
    environment=SHARED | WITH_BOTO3SQS,
)
OCR = Function("ocr", "ocr.handler", memory_mb=2048, timeout_s=20, version="19", environment=SHARED)
INDEX = Function(
    "index",
    "index.handler",
    memory_mb=512,
    timeout_s=10,
    version="27",
    runtime="nodejs20.x",
    max_environments=2,
    environment=SHARED,
)
NOTIFY = Function(
    "notify-owner",
    "notify_owner.handler",
    memory_mb=128,
    timeout_s=6,
    version="5",
    log_route="sdk",
    environment=SHARED,
)
QUARANTINE = Function(
    "quarantine",
    "quarantine.handler",
    memory_mb=256,
    timeout_s=10,
    version="2",
    max_environments=1,
    environment=SHARED,
)
FUNCTIONS = [UPLOAD, SCAN, OCR, INDEX, NOTIFY, QUARANTINE]
SOURCES = [
    QueueSource("ocr", OCR.name, batch_size=10, concurrency=4, window_s=0.7),
    QueueSource("index", INDEX.name, batch_size=10, concurrency=2, window_s=0.5),
]
DEAD_LETTER_QUEUES = {"ocr-dlq": "ocr"}


def build(cloud: Cloud) -> None:
    """Creates the bucket with its notification, the table, the queues and the bus."""
    cloud.table("documents", "document_id")
    cloud.queue("ocr", visibility_s=26, dlq="ocr-dlq", max_receives=MAX_RECEIVES)
    cloud.queue("index", visibility_s=40, dlq=None)
    for function in FUNCTIONS:
        cloud.function(function)
    cloud.bucket(BUCKET, SCAN, prefix="incoming/")
    cloud.client("events").create_event_bus(Name="archive")
    cloud.rule("archive", "indexed", "DocumentIndexed", NOTIFY)
    cloud.rule("archive", "quarantined", "DocumentQuarantined", QUARANTINE)


def uploads(chance: random.Random) -> Iterator[dict[str, str]]:
    """220 documents of 1 to 12 pages; one poison, one huge, some infected, some met busy."""
    for number in range(sum(phase.count for phase in PHASES)):
        header = "%PDF-1.7"
        if number == 97:
            header = "GARBAGE"  # the poison document
        elif number == 60:
            header += " huge"
        elif number % 40 == 21:
            header += " busy"
        elif number % 50 == 33:
            header += " X5O!P%@AP[4"
        pages = "\f".join("lorem ipsum " * 20 for _ in range(chance.randint(1, 12)))
        yield {"owner": f"user{number % 37}@mail.example", "content": f"{header}\n{pages}"}


def run(invoke: Callable[[str, Any], bytes], cloud: Cloud) -> None:
    """Uploads the documents; one client in five traces itself."""
    chance = random.Random(20261121)

    def upload(document: dict[str, str]) -> None:
        traced = chance.random() < 0.2
        body = json.dumps(document)
        invoke(UPLOAD.name, rest_api_event("POST", "/documents", body, traced_client=traced))

    drive(list(uploads(chance)), PHASES, upload, chance)


def outcomes(cloud: Cloud, dead_letters: dict[str, list[Any]]) -> dict[str, str]:
    """How each document ended: its record's status, or dead_lettered."""
    ended = {
        item["document_id"]["S"]: item["status"]["S"].lower() for item in cloud.scan("documents")
    }
    for message in dead_letters["ocr-dlq"]:
        ended[json.loads(message["Body"])["document_id"]] = "dead_lettered"
    return ended
