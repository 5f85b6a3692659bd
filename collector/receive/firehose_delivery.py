"""One Firehose delivery as exports: one for each record and signal.

A record that comes again, in the same delivery or in another, gives the same bytes, and what was
stored the first time is found to be a duplicate. So a delivery need not be durable as a whole to be
tried again as a whole, and a log group that put a record twice into the stream counts once.
Source: Amazon Data Firehose developer guide, "HTTP endpoint delivery request and response".
"""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog

from collector.batch import Signal
from collector.decode.aws.json_objects import require_sparse
from collector.decode.aws.translated import Translated
from collector.errors import Malformed, TooLarge
from collector.receive.firehose_records import RecordReader

# Pieces that are given together, to be stored together: what is decoded and synced at a time.
_MOST_PIECES: Final = 256
_MOST_BYTES: Final = 1024**2

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """One export of a delivery."""

    signal: Signal
    body: bytes


class Delivery:
    """The exports in a delivery, and what of it was not kept once they are read.

    ``rejected`` and ``unreadable`` are what could not be translated, ``decoded`` what decoding
    rejected (and the intake has counted).
    """

    def __init__(self, request_id: str, records: list[Any]) -> None:
        self.request_id = request_id
        self.rejected: Counter[tuple[Signal, str]] = Counter()
        self.decoded: Counter[tuple[Signal, str]] = Counter()
        self.unreadable: Counter[str] = Counter()
        self.signals: set[Signal] = set()
        self._records = records

    def pieces(self, reader: RecordReader) -> Iterator[list[Piece]]:
        """The exports in order, some at a time; records are let go of as they are read.

        Raises:
            TooLarge: the records inflate to more than may be.
        """
        together: list[Piece] = []
        nbytes = 0
        for found in read_records(self._records, reader):
            self.rejected.update(found.rejected)
            self.unreadable.update(found.unreadable)
            for signal, body in found.bodies.items():
                self.signals.add(signal)
                together.append(Piece(signal, body))
                nbytes += len(body)
            if len(together) >= _MOST_PIECES or nbytes >= _MOST_BYTES:
                yield together
                together, nbytes = [], 0
        if together:
            yield together


def read_delivery(body: bytes) -> Delivery:
    """The delivery in a request body; nothing in its records is looked at yet.

    Raises:
        Malformed: it is no delivery.
        TooLarge: see :func:`collector.decode.aws.json_objects.require_sparse`.
    """
    require_sparse(body)
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON ({error}): send what Firehose sends") from error
    records = content.get("records") if isinstance(content, dict) else None
    if not isinstance(records, list):
        raise Malformed('the body has no "records": point a Firehose HTTP endpoint here')
    request_id = content.get("requestId")
    return Delivery(request_id if isinstance(request_id, str) else "", records)


def read_records(records: list[Any], reader: RecordReader) -> Iterator[Translated]:
    """What each record becomes; the list lets go of it as it is read.

    Raises:
        TooLarge: the records inflate to more than may be.
    """
    for index, record in enumerate(records):
        records[index] = None
        try:
            yield reader.read(_data_of(record))
        except Malformed:
            yield Translated(unreadable=Counter({"bad_base64": 1}))
        except TooLarge:
            raise
        except Exception:  # a fault of ours must not make the whole delivery come again for ever
            _log.exception("a Firehose record could not be translated")
            yield Translated(unreadable=Counter({"fault": 1}))


def _data_of(record: Any) -> bytes:
    """The bytes of one record: base64, or the JSON object that the documentation shows instead."""
    data = record.get("data") if isinstance(record, dict) else None
    if isinstance(data, dict):
        return orjson.dumps(data)
    if not isinstance(data, str):
        raise Malformed("a record without data")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("data that is not base64") from error
