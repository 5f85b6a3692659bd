"""The chain of work and waiting from the end of an event back to its begin."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.event_trace import CLASSES, EventTrace, Segment
from collector.model.events.assembling import assemble
from collector.model.events.pieces import Piece
from tests.model.events.build import MS, log, material, piece, shuffled


def path(event: EventTrace) -> list[tuple[str, float, str]]:
    """Class, length in ms and label of each segment."""
    return [
        (each.kind, (each.end_ns - each.start_ns) / MS, each.label) for each in event.critical_path
    ]


def is_whole(segments: Sequence[Segment], start_ns: int, length_ns: int) -> bool:
    """Contiguous, ordered, none empty, and as long as the event exactly."""
    at_ns = start_ns
    for each in segments:
        if each.start_ns != at_ns or each.end_ns <= each.start_ns or each.kind not in CLASSES:
            return False
        at_ns = each.end_ns
    return at_ns == start_ns + length_ns


def order() -> list[Piece]:
    """An API that sends a message at 4-6 ms, taken at 30 ms by a worker that asks a database."""
    worker = {"trace": 2, "function": "worker"}
    return [
        piece("api", 1, 0, 8, kind="server"),
        piece("orders send", 2, 4, 6, parent=1, kind="producer", message_id="m-1"),
        piece("worker", 3, 30, 42, kind="server", links=[(1, 2)], **worker),
        piece("DynamoDB.PutItem", 4, 32, 40, parent=3, kind="client", **worker),
    ]


def test_a_message_waits_in_its_queue() -> None:
    """From the end of the sending to the begin of the handling; calls are downstream."""
    pieces = order()
    pieces[2] = piece(
        "worker", 3, 30, 42, kind="consumer", links=[(1, 2)], trace=2, function="worker",
        destination="orders",
    )  # fmt: skip

    assert path(assemble(material(pieces))) == [
        ("compute", 4, "api"),
        ("downstream", 2, "api: orders send"),
        ("queue_wait", 24, "waiting in orders"),
        ("compute", 2, "worker"),
        ("downstream", 8, "worker: DynamoDB.PutItem"),
        ("compute", 2, "worker"),
    ]


def test_an_initialisation_before_the_handling_is_no_queue_wait() -> None:
    """The last part of the wait was spent getting the function ready."""
    report = log(
        "REPORT RequestId: r-1 Duration: 12.00 ms Init Duration: 10.00 ms", 42,
        function="worker", invocation_id="r-1", shared=True, fragment="b" * 16,
    )  # fmt: skip
    pieces = order()
    pieces[2] = piece("worker", 3, 30, 42, kind="server", links=[(1, 2)], trace=2,
                      function="worker", invocation_id="r-1")  # fmt: skip
    event = assemble(material(pieces, logs=[report]))

    assert path(event)[2:4] == [
        ("queue_wait", 14, "waiting for worker"),
        ("cold_start", 10, "cold start of worker"),
    ]
    assert [each.cold_start for each in event.deliveries] == [None, True]
    assert event.deliveries[1].init_ns == 10 * MS


def test_a_call_of_another_function_is_walked_into() -> None:
    """What the callee does counts as its computing, the way there and back as the call's."""
    event = assemble(
        material(
            [
                piece("api", 1, 0, 20, kind="server"),
                piece("call", 2, 2, 18, parent=1, kind="client"),
                piece("pay", 3, 5, 15, parent=2, kind="server", function="pay"),
            ]
        )
    )

    assert path(event) == [
        ("compute", 2, "api"),
        ("downstream", 3, "api: call"),
        ("compute", 10, "pay"),
        ("downstream", 3, "api: call"),
        ("compute", 2, "api"),
    ]
    assert event.waits == ()


def test_time_of_which_nothing_is_known_is_said_to_be_unknown() -> None:
    """Two requests of one event with nothing between."""
    event = assemble(
        material(
            [
                piece("first", 1, 0, 10, kind="server", trigger="http"),
                piece("second", 2, 50, 60, trace=2, kind="server", trigger="http", function="b"),
            ]
        )
    )

    assert [kind for kind, *_ in path(event)] == ["compute", "unknown", "compute"]


def test_the_begin_of_an_invocation_whose_span_is_lost_is_unknown() -> None:
    """Between what it exported lies time of which its own span would tell."""
    event = assemble(material([piece("read", 2, 0, 4, parent=1), piece("read", 3, 6, 9, parent=1)]))

    assert [kind for kind, *_ in path(event)] == ["compute", "unknown", "compute"]


def test_a_workflows_next_step_waits_for_the_one_before() -> None:
    """Its start was asked for once; what went on is seen by who was done last."""
    event = assemble(
        material(
            [
                piece("api", 1, 0, 10, kind="server"),
                piece("SFN.StartExecution", 2, 5, 9, parent=1, kind="client"),
                piece("refund", 3, 20, 30, trace=2, kind="server", function="refund"),
                piece("cancel", 4, 50, 60, trace=3, kind="server", function="cancel"),
            ]
        )
    )

    assert [(kind, length) for kind, length, _ in path(event)][-4:] == [
        ("queue_wait", 11), ("compute", 10), ("queue_wait", 20), ("compute", 10),
    ]  # fmt: skip


def test_a_thousand_spans_below_each_other_are_no_trouble() -> None:
    """Depth costs no recursion."""
    chain = [piece("api", 1, 0, 5000, kind="server")]
    chain += [piece("step", n, n, 5000 - n, parent=n - 1) for n in range(2, 2000)]
    event = assemble(material(chain))

    assert is_whole(event.critical_path, 0, 5000 * MS)


def test_spans_that_name_each_other_as_parents_come_to_an_end() -> None:
    """Each is entered once, though each began before the other was over."""
    event = assemble(
        material(
            [
                piece("api", 1, 22, 31, parent=2, kind="server"),
                piece("worker", 2, 30, 33, parent=1, kind="server", function="worker"),
            ]
        )
    )

    assert is_whole(event.critical_path, event.summary.start_ns, event.summary.duration_ns)


KINDS = ["internal", "server", "client", "producer", "consumer"]


@st.composite
def events(draw: st.DrawFn) -> list[Piece]:
    """Spans of up to three traces, under any parents, with links and odd times."""
    found = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        start = draw(st.integers(0, 60))
        length = draw(st.one_of(st.none(), st.integers(-3, 40)))
        found.append(
            piece(
                f"s{number}",
                number,
                start,
                None if length is None else start + length,
                trace=draw(st.integers(1, 3)),
                parent=draw(st.one_of(st.none(), st.integers(1, 13))),
                kind=draw(st.sampled_from(KINDS)),
                function=draw(st.sampled_from(["a", "b", None])),
                host=draw(st.sampled_from(["x", "y", None])),
                error=draw(st.booleans()),
                links=draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 13)), max_size=2)),
                fragment=draw(st.sampled_from(["a" * 16, "b" * 16])),
                shared=False,
                message_id=draw(st.sampled_from([None, "m-1", "m-2"])),
                cold_start=draw(st.sampled_from([None, True, False])),
            )
        )
    return found


@settings(max_examples=150, deadline=None)
@given(events(), st.integers(0, 9))
def test_the_segments_are_the_event_whatever_arrived(pieces: list[Piece], seed: int) -> None:
    """Contiguous, in order, as long as the event to the nanosecond; the same in any order."""
    read = material(pieces)
    event = assemble(read)
    summary = event.summary

    assert is_whole(event.critical_path, summary.start_ns, summary.duration_ns)
    assert all(each.end_ns > each.start_ns for each in event.waits)
    assert all(each.end_ns is None or each.end_ns >= 0 for each in event.deliveries)
    assert len({each.delivery_id for each in event.deliveries}) == len(event.deliveries)
    assert assemble(shuffled(read, seed)) == event
