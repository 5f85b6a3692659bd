"""Spans grouped into what one function did for one trigger."""

import pytest

from collector.model.events.invocations import invocations
from tests.model.events.build import piece


def names(*pieces: object) -> list[list[str]]:
    return [[each.span.name for each in found.pieces] for found in invocations(pieces)]  # type: ignore[arg-type]


def test_spans_below_a_handler_are_its_invocation() -> None:
    """Internal spans, calls and the sending of messages."""
    assert names(
        piece("api", 1, 0, 9, kind="server"),
        piece("save", 2, 1, 3, parent=1),
        piece("send", 3, 4, 5, parent=2, kind="producer"),
    ) == [["api", "save", "send"]]


def test_another_function_below_a_call_is_another_invocation() -> None:
    """Also where its own server span comes first in time, by a clock that is behind."""
    assert names(
        piece("api", 1, 5, 9, kind="server"),
        piece("call", 2, 6, 8, parent=1, kind="client"),
        piece("pay", 3, 4, 7, parent=2, kind="server", function="pay"),
    ) == [["pay"], ["api", "call"]]


def test_a_web_framework_inside_a_handler_begins_nothing() -> None:
    """Its server span lies right below the handler's."""
    assert (
        len(names(piece("api", 1, kind="server"), piece("GET /", 2, parent=1, kind="server"))) == 1
    )


def test_a_function_that_calls_itself_is_two_invocations() -> None:
    """A server span below a call of the same function."""
    found = names(
        piece("api", 1, 0, 9, kind="server"),
        piece("call", 2, 1, 8, parent=1, kind="client"),
        piece("again", 3, 2, 7, parent=2, kind="server"),
    )

    assert found == [["api", "call"], ["again"]]


def test_attempts_under_one_sending_are_invocations_of_their_own() -> None:
    """Three receives whose parent is the sender's span."""
    sent = piece("send", 1, kind="producer")
    tries = [
        piece("work", n, n * 10, n * 10 + 5, parent=1, kind="consumer", function="worker")
        for n in (2, 3, 4)
    ]

    assert len(invocations([sent, *tries])) == 4


def test_orphans_of_one_lost_parent_are_one_invocation() -> None:
    """What was exported before a timeout; its own span is what is missing."""
    (found,) = invocations([piece("read", 2, 1, 3, parent=1), piece("read", 3, 4, 6, parent=1)])

    assert found.root is None
    assert found.missing == ("0" * 31 + "1", "0" * 15 + "1")
    assert (found.start_ns, found.end_ns) == (1_000_000, 6_000_000)


def test_a_handler_whose_caller_is_not_known_has_its_own_root() -> None:
    """A missing parent above a server span is the caller's."""
    (found,) = invocations([piece("api", 2, parent=1, kind="server")])

    assert found.root is not None
    assert found.missing is None


def test_an_initialisation_beside_the_handler_belongs_to_it() -> None:
    """As the collector's cold-start processor sends it: a sibling right before."""
    (found,) = invocations(
        [
            piece("init api", 2, 0, 5, parent=9, cold_start=True),
            piece("api", 3, 5, 9, parent=9, kind="server"),
        ]
    )

    assert found.cold_start is True
    assert found.init is not None
    assert found.start_ns == 5_000_000


@pytest.mark.parametrize("parents", [(1, 1), (2, 1), (2, 3)], ids=["self", "circle", "tail"])
def test_circles_of_parents_end(parents: tuple[int, int]) -> None:
    """Damaged parent ids neither hang nor lose spans."""
    pieces = [
        piece("a", 1, 0, parent=parents[0]),
        piece("b", 2, 1, parent=parents[1]),
        piece("c", 3, 2, parent=2),
    ]

    assert sorted(name for group in names(*pieces) for name in group) == ["a", "b", "c"]
