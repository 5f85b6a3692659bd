"""One invocation told in several traces, one around the other, is one attempt."""

from dataclasses import replace

from collector.model.stitching.attempts import attempts
from collector.model.stitching.facts import Fragment, Occurrence, Part
from collector.model.stitching.hulls import hulls
from collector.model.stitching.keys import Kind, Outcome, Role
from collector.model.stitching.summary import summarise

INSIDE, AROUND = 1, 2
S = 1_000_000_000


def trace(number: int, start_ns: int, end_ns: int) -> Fragment:
    """The trace of one invocation of `pricing`."""
    return Fragment(
        number,
        f"{number:032x}",
        Part.WHOLE,
        start_ns,
        end_ns,
        "pricing",
        ("pricing",),
        span_count=2,
        invocation_count=1,
    )


def invoked(fragment: Fragment, request: str = "r-1") -> Occurrence:
    """It says which invocation it is of."""
    return Occurrence(
        fragment.fragment_id,
        request,
        Kind.INVOCATION,
        Role.IN,
        fragment.start_ns,
        fragment.end_ns,
        outcome=Outcome.OK,
        function="pricing",
    )


def sent(fragment: Fragment) -> Occurrence:
    """It sends a message."""
    at_ns = fragment.start_ns + 1
    return Occurrence(fragment.fragment_id, "m-1", Kind.MESSAGE, Role.OUT, at_ns, at_ns)


def test_a_trace_around_another_of_its_invocation_is_no_attempt() -> None:
    """The Java agent makes one for each handler object that the runtime puts around a function."""
    inside, around = trace(INSIDE, 20, 80), trace(AROUND, 10, 90)
    told = [invoked(inside), sent(inside), invoked(around)]

    row = summarise([inside, around], told, [])

    assert hulls([inside, around], told) == {AROUND}
    assert (row.invocation_count, row.retry_count, row.duplicate_count) == (1, 0, 0)
    assert [each.last.fragment for each in attempts([around, inside], told)] == [inside]


def test_a_later_attempt_under_the_same_id_stays_one() -> None:
    """An asynchronous retry begins after the first attempt has ended."""
    first, second = trace(1, 10, 20), trace(2, 30, 40)
    told = [invoked(first), invoked(second)]

    assert hulls([first, second], told) == set()
    assert len(attempts([first, second], told)[0].handlings) == 2


def test_of_traces_of_the_same_length_one_remains() -> None:
    """Clocks that count milliseconds cannot tell which is inside."""
    one, other = trace(1, 10, 90), trace(2, 10, 90)

    assert len(hulls([one, other], [invoked(one), invoked(other)])) == 1


def test_another_invocation_meanwhile_is_no_hull() -> None:
    """Invocations of different ids overlap all the time."""
    inside, around = trace(INSIDE, 20, 80), trace(AROUND, 10, 90)

    assert hulls([inside, around], [invoked(inside), invoked(around, "r-2")]) == set()


def delivery(number: int, start_ns: int, end_ns: int) -> Fragment:
    """A message of a batch that has no span of its own."""
    return replace(trace(number, start_ns, end_ns), part=Part.DELIVERY, span_count=0)


def linked(fragment: Fragment, message: str = "s-1") -> Occurrence:
    """It took what was sent with this context."""
    return replace(invoked(fragment, message), kind=Kind.SPAN, outcome=Outcome.UNKNOWN)


def test_a_batch_told_in_several_traces_is_one_attempt_for_each_message() -> None:
    """Two cut into deliveries, and a third of one span around both, with an id of its own."""
    inside, between = delivery(1, 20, 80), delivery(2, 15, 85)
    around = replace(trace(3, 10, 90), span_count=1)
    told = [linked(inside), linked(between), invoked(around)]

    assert hulls([around, inside, between], told) == {2, 3}
    assert summarise([around, inside, between], told, []).invocation_count == 1


def test_a_message_that_is_delivered_again_meanwhile_is_another_attempt() -> None:
    """A queue gives it out anew after seconds; and another message is another matter."""
    first, again = delivery(1, 0, 60 * S), delivery(2, 30 * S, 40 * S)
    other = delivery(3, 31 * S, 39 * S)

    assert (
        hulls([first, again, other], [linked(first), linked(again), linked(other, "s-2")]) == set()
    )
