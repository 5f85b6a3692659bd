"""The spans that one event trace is read from."""

import uuid
from pathlib import Path

from collector.columns import SPANS
from collector.store.queries.event_trace_records import event_trace_spans
from tests.store import build

TRACE = bytes(range(16))


def test_spans_sent_again_take_no_others_place(tmp_path: Path) -> None:
    """Each span is given once, as it was first sent, and the limit counts spans."""
    database = build.open_database(tmp_path)
    sent = [(1, 7), (1, 8), (2, 7), (3, 7), (3, 8), (4, 7)]  # span and export
    rows = [
        {
            "trace_id": TRACE,
            "span_id": span_id,
            "start_ns": build.T0_NS + span_id,
            "duration_ns": 5,
            "export_seq": seq,
            "name": f"span {span_id} of {seq}",
            "attributes": [{"key": "order.id", "value": "7"}],
        }
        for span_id, seq in sent
    ]
    database.write(lambda cursor: build.insert(cursor, "spans", build.table(SPANS, rows)))

    def names(limit: int) -> list[str]:
        found = database.read(
            lambda cursor: event_trace_spans(
                cursor,
                trace_ids=[uuid.UUID(bytes=TRACE)],
                first_ns=build.T0_NS,
                last_ns=build.T0_NS + 99,
                limit=limit,
            )
        )
        return [row["name"] for row in found]

    every = [f"span {span_id} of 7" for span_id in (1, 2, 3, 4)]
    assert [names(limit) for limit in (2, 3, 4, 9)] == [every[:2], every[:3], every, every]
    database.close()
