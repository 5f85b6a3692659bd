"""What a Firehose record holds, by its own bytes, so that one endpoint serves every stream.

Gzip (several members too), JSON objects in a row, or OTLP messages behind their lengths. The
bytes of one are never those of another: a serialized OTLP request begins with 0x0a, so no length
before it can be read as the first byte of gzip, nor the two as JSON.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from collector.decode.aws import cloudwatch_logs, metric_streams
from collector.decode.aws.json_objects import Members, read_objects
from collector.decode.aws.origin import Around
from collector.decode.aws.translated import Translated
from collector.errors import Malformed, TooLarge
from collector.receive.decompress import inflate

# CloudWatch Logs puts 1 MB into a record, compressed; its logs compress by 10, seldom by 30.
LARGEST_RECORD_BYTES: Final = 32 * 1024**2
_GZIP: Final = b"\x1f\x8b"
# No OTLP message begins like this: the tag of its first field is a line feed.
_TEXT: Final = re.compile(rb"[\x20-\x7e\t]{8}")
# Compressed by CloudWatch Logs, and once more by whoever forwards it.
_MOST_LAYERS: Final = 3


class RecordReader:
    """Translates records of one delivery; inflates no more than ``limit_bytes`` for all of them."""

    def __init__(self, around: Around, limit_bytes: int) -> None:
        self._around = around
        self._left_bytes = limit_bytes

    def read(self, data: bytes) -> Translated:
        """What one record becomes; what of it cannot be read is counted in the result.

        Raises:
            TooLarge: the delivery inflates to more than may be.
        """
        into = Translated()
        try:
            self._read(data, into, _MOST_LAYERS)
        except TooLarge:
            if self._left_bytes <= 0:
                raise
            into.unreadable["too_large"] += 1
        return into

    def _read(self, data: bytes, into: Translated, layers: int) -> None:
        if data.startswith(_GZIP):
            if not layers:
                into.unreadable["bad_gzip"] += 1
                return
            try:
                plain = inflate(data, ["gzip"], LARGEST_RECORD_BYTES, self._spend)
            except Malformed:
                into.unreadable["bad_gzip"] += 1
                return
            self._read(plain, into, layers - 1)
        elif data.lstrip()[:1] == b"{" and not _is_message(data):
            self._objects(data, into, layers)
        elif _TEXT.match(data):
            into.unreadable["unknown_record"] += 1
        elif data.strip():  # an empty record is allowed
            metric_streams.read_messages(data, self._around, into)

    def _spend(self, nbytes: int) -> None:
        self._left_bytes -= nbytes
        if self._left_bytes <= 0:
            raise TooLarge("the records of this delivery inflate to too much")

    def _objects(self, text: bytes, into: Translated, layers: int) -> None:
        metric_streams.read_data(self._metrics_of(text, into, layers), self._around, into)

    def _metrics_of(self, text: bytes, into: Translated, layers: int) -> Iterator[Members]:
        """Reads everything but metrics on the way: those are given, to be grouped."""
        for found in read_objects(text):
            if isinstance(found, Malformed):
                into.unreadable["bad_json"] += 1
            elif metric_streams.is_metric(found):
                yield found
            elif cloudwatch_logs.is_logs(found):
                cloudwatch_logs.read_logs(found, self._around, into)
            elif isinstance(found.get("awslogs"), dict):
                self._for_a_function(found["awslogs"].get("data"), into, layers)
            else:
                into.unreadable["unknown_record"] += 1

    def _for_a_function(self, data: object, into: Translated, layers: int) -> None:
        """The event of a Lambda function that a log group feeds, forwarded as it is."""
        try:
            content = base64.b64decode(data if isinstance(data, str) else b"-", validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if content and layers:
            self._read(content, into, layers - 1)
        else:
            into.unreadable["bad_base64"] += 1


def _is_message(data: bytes) -> bool:
    """Whether what begins with a brace is a message of 123 bytes: then a request follows it."""
    return data[:2] == b"{\n" and metric_streams.is_message(data)
