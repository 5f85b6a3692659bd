"""The parts of a batch that an order's id names, however late the senders come."""

from itertools import permutations
from pathlib import Path

import pytest

from tests.derive.stitched import Record, StitchedStore

T0_NS = 1_700_000_000_000_000_000
SECOND = 10**9
RELAYED = "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"


def span(trace: int, number: int, at_s: float, parent: int | None = None, **said: object) -> Record:
    """A span of a trace of that number."""
    row = {
        "trace_id": trace.to_bytes(16, "big"),
        "span_id": number,
        "parent_span_id": parent,
        "name": "handle",
        "kind": 1,
        "start_ns": T0_NS + int(at_s * SECOND),
        "duration_ns": SECOND,
        "status_code": 0,
        "function": f"f{trace}",
    }
    return [("spans", row | said)]


def link(trace: int, number: int, to: int) -> tuple[str, dict[str, object]]:
    """A link of a span to the span that sent a message."""
    row = {"trace_id": trace.to_bytes(16, "big"), "span_id": number, "start_ns": T0_NS}
    return ("span_links", row | {"linked_trace_id": to.to_bytes(16, "big"), "linked_span_id": 2})


def sender(trace: int, order: int, *, relayed: bool = False) -> list[Record]:
    """A request about an order, and the span that sends its message, there or a hop further on."""
    said = {"keys": [f"wororder-{order}"], "kind": 2, "trigger": "http"}
    if not relayed:
        return [span(trace, 1, 0, **said), span(trace, 2, 0, 1, kind=4)]
    return [
        span(trace + 10, 1, 0, **said, message_id=None),
        span(trace + 10, 3, 0, 1, kind=4, message_id=RELAYED, destination="first"),
        span(trace, 1, 1, kind=5, message_id=RELAYED, destination="first"),
        span(trace, 2, 1, 1, kind=4),
    ]


BATCH = [
    span(9, 1, 5, kind=2, trigger="pubsub"),
    [*span(9, 5, 5, 1, kind=5, name="process q"), link(9, 5, 1), link(9, 5, 2)],
    span(9, 6, 5, 5, keys=["wororder-1"]),
    span(9, 7, 6, 5, keys=["wororder-2"]),
]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_each_part_of_a_batch_is_of_the_message_whose_sender_names_it(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    """Two orders, one of them sent on by a function that does not name it; in any order."""
    relayed = sender(2, 2, relayed=True)
    commits = [sender(1, 1), relayed[:2], relayed[2:], BATCH]
    store = StitchedStore(tmp_path)
    for place in order:
        store.commit(commits[place])
        store.stitch()
    found = store.rows(
        "select list(distinct function order by function), count(*) from fragments"
        " where event_trace_id is not null group by event_trace_id order by all"
    )
    store.close()

    assert found == [(["f1", "f9"], 3), (["f12", "f2", "f9"], 4)]


def test_an_order_that_no_sender_of_the_batch_names_is_nobodys(tmp_path: Path) -> None:
    """Another request about it is none of the batch's."""
    store = StitchedStore(tmp_path)
    store.commit([*sender(3, 2), *sender(1, 1), *BATCH])
    store.stitch()
    [(events,)] = store.rows(
        "select count(distinct event_trace_id) from fragments where part = 3 or function = 'f3'"
    )
    store.close()

    assert events == 3  # the other request, order 1 with its sender, order 2 alone
