"""Decodes one export through opentelemetry-proto, record by record: slow, plain and right.

It is the fallback for what the fast path refuses, the judge of what is malformed, and in tests
the judge of the fast path: both must make the same batch of any message.
"""

from collections.abc import Callable
from typing import Any, Final

from google.protobuf.message import DecodeError

from collector.batch import Batch, Export, Signal
from collector.decode.limits import Limits
from collector.decode.reference_logs import read_logs
from collector.decode.reference_metrics import read_metrics
from collector.decode.reference_rows import Rows
from collector.decode.reference_traces import read_traces
from collector.decode.wire import REQUESTS
from collector.errors import Malformed

_READERS: Final[dict[Signal, Callable[[Any, Rows, Limits], None]]] = {
    Signal.TRACES: read_traces,
    Signal.METRICS: read_metrics,
    Signal.LOGS: read_logs,
}


def decode_reference(export: Export, limits: Limits) -> Batch:
    """The batch of one export; its outcome is Malformed when it is not a message at all."""
    kind = REQUESTS[export.signal]
    try:
        request = kind.FromString(export.body)
    except DecodeError as error:
        detail = str(error).rsplit(": ", 1)[-1]
        return Batch(
            {},
            [
                Malformed(
                    f"body is not a valid {kind.DESCRIPTOR.name} ({detail}); "
                    "send the protobuf message of this signal, with strings in UTF-8 and values "
                    "nested less than 100 deep"
                )
            ],
        )
    rows = Rows(export)
    _READERS[export.signal](request, rows, limits)
    return rows.batch()
