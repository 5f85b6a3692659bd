"""What a log record says of its own context other than in OTLP's fields for it.

Loggers that know nothing of OTLP write the trace into a field, and the runtimes of AWS Lambda put
the request id into each line of plain text. ``collector.decode.logs`` asks this of columns.
"""

import re
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.decode.attributes import Texts, is_valid
from collector.decode.records import Ids, lengths
from collector.model.id_text import trace_id_of

# Lambda's formats: Python's and Node's line, a timeout's, what the platform writes around them.
_REQUEST: Final = (
    r"^(?:(?:\[[A-Z]{4,8}\]\s+)?[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z[\t ]"
    r"|(?:(?:START|END|REPORT) )?RequestId: )"
    r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:[^0-9a-zA-Z_-]|$)"
)
_LINE: Final = re.compile(_REQUEST, re.ASCII)
_SHORTEST: Final = 47  # "RequestId: " and a UUID
_BEGINS: Final = np.isin(np.arange(256), list(b"[0123456789SERr"))
_SPAN: Final = re.compile(r"[0-9a-fA-F]{16}", re.ASCII)


def request_of_line(text: str) -> str | None:
    """The request id that a line of Lambda's own formats names."""
    if len(text.encode()) < _SHORTEST:
        return None
    found = _LINE.match(text)
    return found["id"] if found else None


def requests_of_lines(body: Texts) -> pa.StringArray | None:
    """The same of a column; None where no line names one.

    About 8 ns a body that cannot be such a line, 0.8 µs one that is.
    """
    _, offsets, data = body.values.buffers()
    place = np.flatnonzero(lengths(body.values) >= _SHORTEST)
    if data is None or not place.size:
        return None
    starts = np.frombuffer(offsets, np.int32, count=len(body.values))
    place = place[_BEGINS[np.frombuffer(data, np.uint8)[starts[place]]]]
    if not place.size:
        return None
    index = pa.array(place)
    found = pc.extract_regex(body.values.take(index), _REQUEST)
    if found.null_count == len(found):
        return None
    back = np.full(len(body.values), -1)
    back[place] = np.arange(len(place))
    # Not field(), which gives "" where nothing was found.
    return pc.struct_field(found, "id").take(pa.array(back, mask=back < 0))


def context_of(trace: str | None, span: str | None) -> tuple[bytes, bytes | None] | None:
    """Trace and span id as bytes of what fields hold of them; None where they name no trace.

    An X-Ray id is none: it is handed on beyond the trace, and judged as a correlation id is.
    """
    if not trace or "1-" in trace[:8]:
        return None
    trace_id = trace_id_of(trace)
    if trace_id is None:
        return None
    span_id = bytes.fromhex(span) if span and _SPAN.fullmatch(span) else b""
    return bytes.fromhex(trace_id), span_id if any(span_id) else None


def fill(trace_ids: Ids, span_ids: Ids, traces: pa.StringArray, spans: pa.StringArray) -> None:
    """Gives the context in fields to records that have none in OTLP's own."""
    lacking = is_valid(traces) & ~trace_ids.usable
    place = np.flatnonzero(lacking)
    if not place.size:
        return
    index = pa.array(place)
    said = zip(traces.take(index).to_pylist(), spans.take(index).to_pylist(), strict=True)
    for row, (trace, span) in zip(place.tolist(), said, strict=True):
        found = context_of(trace, span)
        if found is not None:
            trace_ids.put(row, found[0])
            if found[1] is not None:
                span_ids.put(row, found[1])
