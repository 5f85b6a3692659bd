"""The row of an event trace: attempts, outcome, waits and path."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from collector.model.stitching.attempts import attempts
from collector.model.stitching.facts import Fragment, Occurrence, Part
from collector.model.stitching.keys import Kind, Outcome, Role
from collector.model.stitching.summary import EventRow, summarise

_S = 10**9
OK, ERROR, UNKNOWN = Outcome.OK, Outcome.ERROR, Outcome.UNKNOWN


def ran(name: str, function: str, start_s: float, **more: Any) -> Fragment:
    """A fragment of one function and one second."""
    start = int(start_s * _S)
    return Fragment(
        **{
            "fragment_id": name,
            "trace_id": name.rjust(32, "0"),
            "part": Part.WHOLE,
            "start_ns": start,
            "end_ns": start + _S,
            "function": function,
            "functions": (function,),
            "span_count": 1,
            "invocation_count": 1,
            **more,
        }
    )


def took(fragment: Fragment, key: str, outcome: Outcome = OK, **more: Any) -> Occurrence:
    """The fragment received ``key`` when it began."""
    return Occurrence(
        **{
            "fragment_id": fragment.fragment_id,
            "key": key,
            "kind": Kind.MESSAGE,
            "role": Role.IN,
            "time_ns": fragment.start_ns,
            "outcome": outcome,
            "place": "orders",
            "function": fragment.function,
            **more,
        }
    )


def sent(fragment: Fragment, key: str) -> Occurrence:
    """The fragment sent ``key`` at its end."""
    return Occurrence(
        fragment.fragment_id, key, Kind.MESSAGE, Role.OUT, fragment.end_ns, place="orders"
    )


def row(fragments: Sequence[Fragment], occurrences: Sequence[Occurrence] = ()) -> EventRow:
    return summarise(fragments, occurrences, [])


def test_a_message_received_again_after_a_failure_is_a_retry() -> None:
    """Two receives of one message, the first of which failed: one retry, and it ended well."""

    first, second = ran("a", "worker", 0, failed=True), ran("b", "worker", 30)
    told = row([first, second], [took(first, "m", ERROR), took(second, "m")])

    assert (told.retry_count, told.duplicate_count, told.status) == (1, 0, "ok")


def test_a_message_processed_twice_is_a_duplicate() -> None:
    """Both receives succeeded: nothing was retried, the effect happened twice."""

    first, second = ran("a", "worker", 0), ran("b", "worker", 30)
    told = row([first, second], [took(first, "m"), took(second, "m")])

    assert (told.retry_count, told.duplicate_count, told.status) == (0, 1, "ok")


def test_subscribers_of_one_message_are_no_attempts() -> None:
    """The same message id taken by two functions is a fan-out."""

    one, two = ran("a", "mail", 0), ran("b", "audit", 1)
    told = row([one, two], [took(one, "m"), took(two, "m")])

    assert (told.retry_count, told.duplicate_count) == (0, 0)


def test_an_unknown_outcome_followed_by_another_attempt_is_a_retry() -> None:
    """A batch item without a span of its own that comes again cannot have been done."""

    first, second = ran("a", "worker", 0), ran("b", "worker", 30)
    told = row([first, second], [took(first, "m", UNKNOWN), took(second, "m")])

    assert (told.retry_count, told.duplicate_count) == (1, 0)


def test_attempts_whose_telemetry_was_lost_count_by_the_stated_number() -> None:
    """A receive that says it is the third had two before it."""

    only = ran("a", "worker", 0)
    told = row([only], [took(only, "m", attempt=3)])

    assert told.retry_count == 2


def test_a_failed_handling_without_message_id_is_retried_by_the_next_of_its_function() -> None:
    """Where the hop kept no id, function and queue say what is an attempt at the same work."""

    fragments = [
        ran("a", "payment", 0, failed=True, destinations=("payments",)),
        ran("b", "payment", 60, destinations=("payments",)),
    ]

    assert (row(fragments).retry_count, row(fragments).status) == (1, "ok")


def test_a_third_failed_receive_is_taken_as_dead_lettered() -> None:
    """No further receive is known and no dead-letter queue was seen."""

    tries = [ran(name, "ocr", at, failed=True) for name, at in (("a", 0), ("b", 30), ("c", 60))]

    assert row(tries, [took(each, "m", ERROR) for each in tries]).status == "dead_lettered"


def test_an_asynchronous_request_given_up_is_an_error_not_a_dead_letter() -> None:
    """Lambda gives up after three attempts; no queue holds anything."""

    tries = [ran(name, "notify", at, failed=True) for name, at in (("a", 0), ("b", 60), ("c", 180))]
    held = [took(each, "r", ERROR, kind=Kind.INVOCATION, place=None) for each in tries]
    told = row(tries, held)

    assert (told.status, told.retry_count) == ("error", 2)


def test_a_redriven_message_that_was_done_later_is_no_dead_letter() -> None:
    """It lay in the dead-letter queue, came back under a new id and succeeded."""

    failed = ran("a", "worker", 0, failed=True)
    dead = ran("b", "watcher", 100)
    redriven = ran("c", "worker", 200)
    held = [
        took(failed, "m", ERROR),
        took(dead, "m", dead_letter=True, place="orders-dlq"),
        took(redriven, "m2"),
    ]

    assert row([failed, dead], held[:2]).status == "dead_lettered"
    assert row([failed, dead, redriven], held).status == "ok"


def test_queue_wait_is_from_sent_to_first_received_and_overlaps_count_once() -> None:
    """Two messages sent at once and taken 10 and 20 seconds later: 20 seconds waiting."""

    api = ran("a", "api", 0)
    fast, slow = ran("b", "one", 11), ran("c", "two", 21)
    held = [sent(api, "m1"), sent(api, "m2"), took(fast, "m1"), took(slow, "m2")]

    assert row([api, fast, slow], held).queue_wait_ns == 20 * _S


def test_queue_wait_is_unknown_when_nobody_says_when_it_was_sent() -> None:
    """It came from a queue, so the wait is not zero."""

    only = ran("a", "worker", 0, destinations=("orders",))

    assert row([only], [took(only, "m")]).queue_wait_ns is None
    assert row([ran("a", "api", 0)]).queue_wait_ns == 0


def test_the_path_names_queues_and_functions_once_in_the_order_reached() -> None:
    """Retries add nothing to the path, and parallel branches have one shape."""

    api, one, two = ran("a", "api", 0, entry=True), ran("b", "x", 5), ran("c", "y", 6)
    late, early = ran("b", "x", 6), ran("c", "y", 5)
    told = row([api, one, two], [took(one, "m"), took(two, "n", place="mail")])
    other = row([api, late, early], [took(late, "m"), took(early, "n", place="mail")])

    assert told.path == ("api", "[orders]", "x", "[mail]", "y")
    assert (told.hop_count, told.shape_id) == (2, other.shape_id)


def test_log_records_of_a_consumer_are_no_other_step_of_the_path() -> None:
    """They begin before its first span and name no queue."""

    logs = ran("l", "worker", 4, part=Part.LOGS, span_count=0)
    api, worker = ran("a", "api", 0, entry=True), ran("b", "worker", 5)
    told = row([api, logs, worker], [took(worker, "m")])

    assert (told.path, told.hop_count) == (("api", "[orders]", "worker"), 1)


@given(st.permutations(range(4)))
def test_the_order_of_fragments_does_not_matter(order: Sequence[int]) -> None:
    """Any order gives the same row."""

    fragments = [ran(name, "worker", at) for name, at in (("a", 0), ("b", 0), ("c", 5), ("d", 9))]
    held = [took(each, key) for each, key in zip(fragments, ("m", "n", "m", "n"), strict=True)]
    shuffled = [fragments[index] for index in order], [held[index] for index in order]

    assert row(*shuffled) == row(fragments, held)
    assert attempts(*shuffled) == attempts(fragments, held)
