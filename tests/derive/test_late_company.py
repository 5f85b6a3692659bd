"""What was in no event trace by itself is found again when something comes that ties it."""

from pathlib import Path

from tests.derive.facts import T0_NS
from tests.derive.stitched import Record, StitchedStore
from tests.derive.test_stitcher import span

_INVOCATION = "7f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"
_MESSAGES = ("b3b9d0f2-6b3a-4c1d-8b7e-77d0d4cf2a10", "c3b9d0f2-6b3a-4c1d-8b7e-77d0d4cf2a11")


def log(trace: int | None, at_s: float) -> Record:
    """A log record that names the invocation."""
    row = {
        "time_ns": T0_NS + int(at_s * 10**9),
        "trace_id": None if trace is None else trace.to_bytes(16, "big"),
        "function": "worker",
        "invocation_id": _INVOCATION,
    }
    return [("log_records", row)]


def batch() -> list[Record]:
    """One invocation that took two messages."""
    said = {"kind": 5, "function": "worker", "destination": "orders", "parent_span_id": 1}
    return [
        span(1, 0, 1, function="worker", invocation_id=_INVOCATION),
        *(
            span(1, 0.01 * number, number + 1, message_id=message, **said)
            for number, message in enumerate(_MESSAGES, 1)
        ),
    ]


def test_a_log_line_of_a_batch_joins_what_names_its_invocation_later(tmp_path: Path) -> None:
    """In whatever order they come: the line alone belongs to no message of the batch."""
    later = [span(2, 0.3, function="audit", trigger="http"), log(2, 0.31)]
    once = StitchedStore(tmp_path / "once")
    once.commit([*batch(), log(None, 0.2), *later])
    once.stitch()
    pieces = StitchedStore(tmp_path / "pieces")
    for part in ([*batch(), log(None, 0.2)], later):
        pieces.commit(part)
        pieces.stitch()

    assert pieces.events() == once.events()
    assert pieces.summaries() == once.summaries()
    once.close()
    pieces.close()
