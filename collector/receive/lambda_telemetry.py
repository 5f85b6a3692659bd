"""``POST /lambda/telemetry``: batches of Lambda's Telemetry API, forwarded by an extension.

The body is what Lambda sends into the execution environment; the headers name the environment,
where the batch does not.
"""

from collections.abc import Mapping
from typing import Final

from collector.batch import Outcome, Signal
from collector.decode.aws.lambda_telemetry import Environment, read_batch
from collector.decode.aws.translated import Translated
from collector.errors import LockstitchError
from collector.receive import replies
from collector.receive.access import Access, token_of
from collector.receive.body import Body, DisconnectedError
from collector.receive.counters import label_of
from collector.receive.decompress import encodings_of
from collector.receive.intake import Intake
from collector.receive.replies import HttpReply, Wire

DOOR: Final = "lambda telemetry"

Headers = Mapping[bytes, bytes]


class TelemetryDoor:
    """Takes batches; answers as OTLP/HTTP does to logs in JSON."""

    def __init__(self, intake: Intake, access: Access, limit_bytes: int) -> None:
        self._intake = intake
        self._access = access
        self._limit_bytes = limit_bytes

    async def take(self, headers: Headers, body: Body) -> HttpReply:
        """The answer to one batch; the sender may go away meanwhile (DisconnectedError)."""
        result: Outcome | LockstitchError
        try:
            self._access.check(token_of(headers))
            result = await self._store(headers, body)
        except LockstitchError as error:
            result = error
        except DisconnectedError:
            self._intake.counters.request(DOOR, Signal.LOGS, "disconnected")
            raise
        except Exception as error:  # the sender retries
            result = self._intake.fault(error)
        self._intake.counters.request(DOOR, Signal.LOGS, label_of(result))
        if isinstance(result, Outcome):
            return replies.http_receipt(Signal.LOGS, result, Wire.JSON)
        return replies.http_error(result, Wire.JSON)

    async def _store(self, headers: Headers, body: Body) -> Outcome:
        workers, limit = self._intake.workers, self._limit_bytes
        encodings = encodings_of(headers.get(b"content-encoding", b""))
        admission = await self._intake.admit(body.bytes_to_reserve(limit))
        try:
            received = await body.read(limit, admission)
            plain = await workers.inflate(received, encodings, limit, admission)
            found: Translated = await workers.run(
                len(plain), read_batch, plain, environment_of(headers)
            )
        except BaseException:  # also when cancelled
            admission.release()
            raise
        stored = await self._intake.accept(
            Signal.LOGS, found.bodies.get(Signal.LOGS, b""), admission
        )
        rejected = {reason: count for (_, reason), count in found.rejected.items()}
        self._intake.counters.taken(Signal.LOGS, [Outcome(0, rejected)], 0)
        both = {
            reason: rejected.get(reason, 0) + stored.rejected.get(reason, 0)
            for reason in {**rejected, **stored.rejected}
        }
        return Outcome(stored.accepted, both, stored.warnings)


def environment_of(headers: Headers) -> Environment:
    """The execution environment that the headers name."""

    def said(name: bytes) -> str:
        return headers.get(b"lambda-" + name, b"").decode("latin-1").strip()

    return Environment(
        function=said(b"function-name"),
        version=said(b"function-version"),
        log_stream=said(b"log-stream"),
        region=said(b"region"),
        account_id=said(b"account-id"),
    )
