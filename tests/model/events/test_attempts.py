"""Deliveries of one event: which are attempts at the same work, and how each ended."""

from collector.model.event_trace import Delivery
from collector.model.events.assembling import assemble
from collector.model.stitching.facts import Part
from collector.model.stitching.keys import Kind, Outcome
from tests.model.events.build import MS, fragment, log, material, piece, taken

KEY = "v:0f4c2f4e-6a51-4f0c-9d25-0a7f3b1c9e01"
HOMES = ("a" * 16, "b" * 16, "c" * 16)
REPORT = "REPORT RequestId: r-1 Duration: 500.00 ms Billed Duration: 500 ms"


def receives(*outcomes: Outcome, head: dict[str, str] | None = None) -> list[Delivery]:
    """Deliveries of one message to one function, ten seconds apart."""
    pieces, occurrences, fragments = [], [], []
    for number, outcome in enumerate(outcomes):
        start, home = number * 10_000, HOMES[number]
        pieces.append(
            piece("worker", number + 1, start, start + 50, trace=number + 1, kind="consumer",
                  function="worker", fragment=home, destination="q",
                  error=outcome is Outcome.ERROR)
        )  # fmt: skip
        occurrences.append(taken(KEY, start, outcome, fragment=home, place="q"))
        fragments.append(fragment(home, start=start, function="worker"))
    read = material(pieces, fragments=fragments, occurrences=occurrences, head=head or {})
    return list(assemble(read).deliveries)


def told(deliveries: list[Delivery]) -> list[tuple[int, int, str | None]]:
    return [(each.attempt, each.attempts, each.ended_in) for each in deliveries]


def test_a_failed_delivery_is_retried_by_the_next_of_its_message() -> None:
    """Attempts are numbered in order of time."""
    assert told(receives(Outcome.ERROR, Outcome.ERROR, Outcome.OK)) == [
        (1, 3, "retried"), (2, 3, "retried"), (3, 3, None),
    ]  # fmt: skip


def test_a_delivery_after_one_that_succeeded_is_a_duplicate() -> None:
    """The message was handled twice."""
    assert told(receives(Outcome.OK, Outcome.OK)) == [(1, 2, None), (2, 2, "duplicate")]


def test_the_last_failure_of_an_event_put_aside_ended_in_the_dead_letter_queue() -> None:
    """As the event's outcome says."""
    found = receives(Outcome.ERROR, Outcome.ERROR, head={"status": "dead_lettered"})

    assert told(found) == [(1, 2, "retried"), (2, 2, "dead_lettered")]


def test_a_dead_letter_seen_elsewhere_tells_where_the_last_attempt_ended() -> None:
    """Another function took the same message from the dead-letter queue."""
    work = piece("worker", 1, 0, 50, kind="consumer", function="worker", error=True)
    mop = piece("mop", 2, 900, 950, trace=2, kind="consumer", function="mop", fragment="b" * 16)
    read = material(
        [work, mop],
        occurrences=[
            taken(KEY, 0, Outcome.ERROR, place="q"),
            taken(KEY, 900, fragment="b" * 16, function="mop", place="q-dlq", dead_letter=True),
        ],
    )
    first, second = assemble(read).deliveries

    assert (first.ended_in, second.dead_letter) == ("dead_lettered", True)
    assert (first.queue, second.queue) == ("q", "q-dlq")


def test_a_later_success_of_the_same_function_is_a_redrive() -> None:
    """A redrive gives the message another id."""
    read = material(
        [
            piece("worker", 1, 0, 50, kind="consumer", function="worker", error=True),
            piece("worker", 2, 900, 950, trace=2, kind="consumer", function="worker",
                  fragment="b" * 16),
        ],
        occurrences=[
            taken(KEY, 0, Outcome.ERROR, place="q"),
            taken("v:9e01a7f3-0a7f-4f0c-9d25-0a7f3b1c4f0c", 900, fragment="b" * 16, place="q"),
        ],
    )  # fmt: skip

    assert [each.ended_in for each in assemble(read).deliveries] == ["redriven", None]


def test_an_attempt_that_only_the_platform_tells_of_is_one() -> None:
    """An asynchronous retry has the request id of the attempt that was killed."""
    read = material(
        [piece("worker", 1, 3000, 3400, kind="server", function="worker", invocation_id="r-1")],
        logs=[
            log("START RequestId: r-1 Version: 6", 0, function="worker", fragment="b" * 16),
            log(f"{REPORT} Status: error Error Type: Runtime.ExitError", 513, function="worker",
                fragment="b" * 16),
            log("START RequestId: r-1 Version: 6", 2999, function="worker", fragment="b" * 16),
            log(REPORT, 3500, function="worker", fragment="b" * 16),
        ],
        fragments=[fragment("b" * 16, Part.LOGS, function="worker")],
    )  # fmt: skip
    event = assemble(read)
    killed, done = event.deliveries

    assert told([killed, done]) == [(1, 2, "retried"), (2, 2, None)]
    assert (killed.span_id, killed.outcome, killed.end_ns) == (None, "error", 500 * MS)
    assert [each.reason for each in event.phantoms] == [
        "worker failed with Runtime.ExitError after 500 ms; no span of it arrived"
    ]
    assert [each.kind for each in event.waits] == ["retry_backoff"]


def test_attempts_that_only_a_count_tells_of_are_phantoms() -> None:
    """The third receive says that there were two before."""
    read = material(
        [piece("worker", 1, 0, 50, kind="consumer", function="worker", keys=("r3",))],
        occurrences=[taken(KEY, 0, place="q", attempt=3)],
    )
    event = assemble(read)

    assert told(list(event.deliveries)) == [(3, 3, None)]
    assert [each.label for each in event.phantoms] == [
        "attempt 1 of worker", "attempt 2 of worker",
    ]  # fmt: skip


def test_messages_of_a_batch_are_deliveries_of_their_own() -> None:
    """Each with its own spans; without any it lasts as long as the batch, its outcome unknown."""
    shared = [piece("worker", 1, 0, 90, kind="server", function="worker", fragment="5" * 16,
                    shared=True)]  # fmt: skip
    own = piece("handle", 2, 20, 40, parent=1, function="worker", fragment="b" * 16)
    parts = [
        fragment("5" * 16, Part.SHARED, function="worker"),
        fragment("b" * 16, Part.DELIVERY, function="worker", shared_id="5" * 16),
        fragment("c" * 16, Part.DELIVERY, function="worker", shared_id="5" * 16, span_count=0),
    ]
    other = "v:1111aaaa-6a51-4f0c-9d25-0a7f3b1c9e02"
    read = material(
        [*shared, own],
        fragments=parts,
        occurrences=[
            taken(KEY, 0, fragment="b" * 16, place="q"),
            taken(other, 0, Outcome.UNKNOWN, fragment="c" * 16, place="q"),
        ],
        batch_sizes={"5" * 16: 2},
    )
    without, handled = assemble(read).deliveries

    assert (handled.start_ns, handled.end_ns, handled.outcome) == (20 * MS, 40 * MS, "ok")
    assert (without.start_ns, without.end_ns, without.outcome) == (0, 90 * MS, "unknown")
    assert (handled.batch_size, without.span_id) == (2, None)
    assert handled.message_id == KEY[2:]


def test_a_link_and_a_message_id_of_one_message_are_one_delivery() -> None:
    """Stitching knows both; they came with the same message."""
    parts = [
        fragment("5" * 16, Part.SHARED, function="worker"),
        fragment("b" * 16, Part.DELIVERY, function="worker", shared_id="5" * 16),
        fragment("c" * 16, Part.DELIVERY, function="worker", shared_id="5" * 16, span_count=0),
    ]
    read = material(
        [
            piece("worker", 1, 0, 90, kind="server", function="worker", fragment="5" * 16,
                  shared=True),
            piece("handle", 2, 20, 40, parent=1, function="worker", fragment="b" * 16),
        ],
        fragments=parts,
        occurrences=[
            taken(KEY, 0, fragment="b" * 16, place="q"),
            taken("s:" + "1" * 48, 0, Outcome.UNKNOWN, fragment="c" * 16, kind=Kind.SPAN),
        ],
    )  # fmt: skip

    assert len(assemble(read).deliveries) == 1
