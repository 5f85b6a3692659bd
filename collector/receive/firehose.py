"""``POST /firehose``: CloudWatch metric streams and log subscriptions, as Firehose delivers them.

A delivery is answered with success once all of it is durable or will never be: what can be read
is stored, what cannot is counted, since the same bytes would come again for ever. It becomes many
exports; when one cannot be stored Firehose sends the delivery again, and those that were stored
count once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
import structlog

from collector.batch import Outcome, Signal
from collector.decode.aws.origin import Around
from collector.errors import LockstitchError, Malformed, Rejected
from collector.receive import replies
from collector.receive.access import Access, token_of
from collector.receive.admission import Admission
from collector.receive.body import Body, DisconnectedError
from collector.receive.counters import label_of
from collector.receive.decompress import encodings_of
from collector.receive.firehose_delivery import Delivery, Piece, read_delivery
from collector.receive.firehose_records import RecordReader
from collector.receive.intake import Intake
from collector.receive.replies import HttpReply

DOOR: Final = "firehose"

# Log records are compressed within a delivery: by 10 as a rule. So the records of a large one may
# inflate to more than a request may hold, for they are taken piece by piece; but a small one must
# not ask for the work of a large one.
_INFLATED_TIMES: Final = 40
_MOST_TIMES: Final = 8
# Firehose waits three minutes for an answer.
_PATIENCE_S: Final = 60.0
_LONGEST_ID: Final = 1024

_log = structlog.get_logger(__name__)

Headers = Mapping[bytes, bytes]


class FirehoseDoor:
    """Takes deliveries and answers in the words of the service."""

    def __init__(self, intake: Intake, access: Access, limit_bytes: int) -> None:
        self._intake = intake
        self._access = access
        self._limit_bytes = limit_bytes
        self._told: set[str] = set()

    async def take(self, headers: Headers, body: Body) -> HttpReply:
        """The answer to one delivery; the sender may go away meanwhile (DisconnectedError)."""
        request_id = headers.get(b"x-amz-firehose-request-id", b"")[:_LONGEST_ID].decode("latin-1")
        delivery = Delivery(request_id, [])
        error: LockstitchError | None = None
        try:
            self._access.check(token_of(headers))
            delivery = await self._deliver(headers, body, request_id)
            request_id = delivery.request_id
        except LockstitchError as refusal:
            error = refusal
        except DisconnectedError:
            self._intake.counters.request(DOOR, _label(delivery), "disconnected")
            raise
        except Exception as fault:  # the sender retries
            error = self._intake.fault(fault)
        self._count(delivery, error)
        return replies.firehose(request_id, time.time_ns() // 1_000_000, error)

    async def _deliver(self, headers: Headers, body: Body, request_id: str) -> Delivery:
        workers, limit = self._intake.workers, self._limit_bytes
        encodings = encodings_of(headers.get(b"content-encoding", b""))
        admission = await self._intake.admit(body.bytes_to_reserve(limit))
        try:
            received = await body.read(limit, admission)
            size = len(received)
            plain = await workers.inflate(received, encodings, limit, admission)
            del received
            size = max(size, len(plain))
            delivery = await workers.run(size, read_delivery, plain)
            del plain
            if request_id and delivery.request_id and request_id != delivery.request_id:
                raise Malformed("the request id in the header is not the one in the body")
            delivery.request_id = delivery.request_id or request_id
            if not delivery.request_id:
                raise Malformed("there is no request id, so no answer would be understood")
            await self._store(delivery, around_of(headers), size, admission)
        finally:
            admission.release()
        return delivery

    async def _store(
        self, delivery: Delivery, around: Around, size: int, admission: Admission
    ) -> None:
        """Returns when each piece is durable or refused for good."""
        most = min(size * _INFLATED_TIMES, self._limit_bytes * _MOST_TIMES)
        pieces = delivery.pieces(RecordReader(around, max(most, self._limit_bytes)))
        # The size says how much work a step may be: not more than there is of the delivery.
        while together := await self._intake.workers.run(size, _next, pieces):
            begun: list[asyncio.Task[None]] = []
            try:
                for piece in together:
                    part = await admission.part_soon(len(piece.body), _PATIENCE_S)
                    begun.append(asyncio.create_task(self._accept(piece, part, delivery)))
            finally:  # each ends by itself and gives back its part, whatever becomes of the others
                results = await asyncio.gather(*begun, return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result

    async def _accept(self, piece: Piece, part: Admission, delivery: Delivery) -> None:
        """Returns when the piece is durable or refused for good."""
        try:
            outcome = await self._intake.accept(piece.signal, piece.body, part)
        except Rejected as error:
            delivery.unreadable[error.reason] += 1
        else:
            for reason, count in outcome.rejected.items():
                delivery.decoded[piece.signal, reason] += count

    def _count(self, delivery: Delivery, error: LockstitchError | None) -> None:
        counters = self._intake.counters
        if error is None:
            for signal, rejected in _by_signal(delivery.rejected).items():
                counters.taken(signal, [Outcome(0, rejected)], 0)
            counters.unread(DOOR, delivery.unreadable)
            self._tell(delivery.unreadable)
        lost = delivery.rejected or delivery.unreadable or delivery.decoded
        outcome = label_of(error) if error else "partial" if lost else "ok"
        counters.request(DOOR, _label(delivery), outcome)

    def _tell(self, unreadable: Mapping[str, int]) -> None:
        """Firehose shows its user no answer that is a success: the log does, once a reason."""
        for reason in unreadable:
            if reason not in self._told:
                self._told.add(reason)
                _log.warning(
                    "a Firehose record could not be read and is not kept; more are only counted",
                    reason=reason,
                    remedy=_REMEDIES.get(reason, "see the Status page for how many"),
                )


_REMEDIES: Final = {
    "opentelemetry_0_7": "set the metric stream's output format to opentelemetry1.0 or json",
    "unknown_record": "send CloudWatch metric streams or log subscriptions, and leave message "
    "extraction off in the delivery stream",
    "too_large": "lower the buffer size of the delivery stream",
}


def around_of(headers: Headers) -> Around:
    """What the headers say of all records: the region of the stream, and the user's attributes."""
    arn = headers.get(b"x-amz-firehose-source-arn", b"").decode("latin-1").split(":")
    region = arn[3] if len(arn) > 5 and arn[0] == "arn" else None
    return Around(region or None, _common(headers.get(b"x-amz-firehose-common-attributes", b"")))


def _common(header: bytes) -> dict[str, str]:
    """The common attributes; what is not as the service writes it says nothing."""
    try:
        content: Any = orjson.loads(header) if header else {}
    except orjson.JSONDecodeError:
        return {}
    found = content.get("commonAttributes") if isinstance(content, dict) else None
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if key and isinstance(value, str)}


def _next(pieces: Iterator[list[Piece]]) -> list[Piece] | None:
    return next(pieces, None)


def _label(delivery: Delivery) -> str:
    return " and ".join(sorted(delivery.signals)) or "none"


def _by_signal(rejected: Counter[tuple[Signal, str]]) -> dict[Signal, dict[str, int]]:
    found: dict[Signal, dict[str, int]] = {}
    for (signal, reason), count in rejected.items():
        found.setdefault(signal, {})[reason] = count
    return found
