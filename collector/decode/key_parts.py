"""Keys that take two attributes: bucket and key, source and id, partition and offset."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from collector.decode.key_values import id_text
from collector.decode.meanings import first_element
from collector.model.id_text import LONGEST
from collector.model.stitching.keys import Letter, is_worthless

# An object's key has up to 1,024 bytes, a bucket's name up to 63 (222 in Google's storage).
_LONGEST_OBJECT: Final = 1_280
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# A pair called bucket and key may be of a cache or a rate limiter; then the key is mostly a word.
_FILE: Final = re.compile(r"[./0-9]", re.ASCII)
_POSITION: Final = re.compile(r"[0-9]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Composite:
    """Two lists of names, best first, and what their values make; None stands for not said."""

    letter: Letter
    names: tuple[tuple[str, ...], tuple[str, ...]]
    join: Callable[[str | None, str | None], str | None]

    def text(self, first: str | None, second: str | None) -> str | None:
        """The key of these two values as sent, None when they make none."""
        parts = [_element(first), _element(second)]
        if any(part and _CONTROL.search(part) for part in parts):
            return None
        found = self.join(*parts)
        return None if found is None else self.letter + found


def _element(value: str | None) -> str | None:
    return first_element(value) or None if value else None


def _object(bucket: str | None, key: str | None) -> str | None:
    """Event notifications encode the key like a form, clients name it plain."""
    if not bucket or not key or len(bucket) + len(key) > _LONGEST_OBJECT:
        return None
    if is_worthless(bucket) or not _FILE.search(key):
        return None
    path = f"{bucket}/{unquote_plus(key)}"
    return None if _CONTROL.search(path) else path


def _event(source: str | None, event_id: str | None) -> str | None:
    if not event_id or len(event_id) + len(source or "") > LONGEST:
        return None
    tidy = id_text(event_id)
    if tidy is None:
        return None
    return f"{source}\n{tidy}" if source else tidy


def _position(partition: str | None, offset: str | None) -> str | None:
    """Offsets and sequence numbers count within a partition."""
    if not offset or not _POSITION.fullmatch(offset):
        return None
    if not partition:
        return offset
    return f"{partition}:{offset}" if len(partition) <= 128 else None


def _run(run_id: str | None, workflow_id: str | None) -> str | None:
    """A workflow id may be used again by the next run, so the run's counts."""
    return (id_text(run_id) if run_id else None) or (id_text(workflow_id) if workflow_id else None)


_PARTITION: Final = (
    "messaging.destination.partition.id",
    "messaging.kafka.destination.partition",
    "messaging.kafka.source.partition",
    "messaging.kafka.partition",
)
_SHARD: Final = (
    "messaging.destination.partition.id",
    "aws.kinesis.shard_id",
    "aws.kinesis.shard.id",
    "messaging.eventhubs.partition.id",
)

COMPOSITES: Final = (
    Composite(
        Letter.OBJECT,
        (
            (
                "aws.s3.bucket",
                "faas.document.collection",
                "gcp.storage.bucket",
                "s3.bucket.name",
                "bucket.name",
                "s3.bucket",
                "s3_bucket",
                "s3Bucket",
                "bucketName",
                "bucket_name",
                "bucket",
            ),
            (
                "aws.s3.key",
                "faas.document.name",
                "gcp.storage.object",
                "s3.object.key",
                "object.key",
                "s3.key",
                "s3_key",
                "s3Key",
                "objectKey",
                "object_key",
                "key",
            ),
        ),
        _object,
    ),
    Composite(
        Letter.EVENT,
        (
            (
                "cloudevents.event_source",
                "cloudevents.source",
                "ce-source",
                "http.request.header.ce-source",
            ),
            (
                "cloudevents.event_id",
                "cloudevents.id",
                "ce-id",
                "http.request.header.ce-id",
            ),
        ),
        _event,
    ),
    Composite(
        Letter.MESSAGE,
        (_PARTITION, ("messaging.kafka.offset", "messaging.kafka.message.offset")),
        _position,
    ),
    Composite(
        Letter.MESSAGE,
        (
            _SHARD,
            (
                "aws.kinesis.sequence_number",
                "aws.kinesis.sequence.number",
                "kinesis.sequenceNumber",
                "messaging.eventhubs.message.sequence_number",
                "messaging.eventhubs.sequence_number",
            ),
        ),
        _position,
    ),
    Composite(Letter.EXECUTION, (("temporalRunID",), ("temporalWorkflowID",)), _run),
)

PART_NAMES: Final = frozenset(name for each in COMPOSITES for names in each.names for name in names)


def composite_texts(said: Callable[[Sequence[str]], str | None]) -> list[str]:
    """The composite keys of one record; ``said`` gives the value of the first name that has one."""
    found = []
    for each in COMPOSITES:
        first, second = (said(names) for names in each.names)
        if (first or second) and (text := each.text(first, second)) is not None:
            found.append(text)
    return found
