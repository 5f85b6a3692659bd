"""What one id may name though everything that holds it began at the same function."""

import pytest

from tests.model.stitching.build import INTERNAL, Story, key, request, span, uuid

IDEMPOTENCY = f"q{uuid('payment')}"


def test_requests_repeated_with_one_idempotency_key_are_one_event():
    """A client that gives the key again means the same operation, also after a success."""
    story = request(Story(), "first", keys=IDEMPOTENCY)
    request(story, "again", 30, keys=IDEMPOTENCY)

    assert story.one_event("first", "again")


def test_an_idempotency_key_that_only_the_callee_names_ties_repeated_requests():
    """The requests need not say it themselves."""
    story = Story()
    for name, at in (("first", 0), ("again", 30)):
        pay = span(f"pay/{name}", f"api/{name}", INTERNAL, at, function="pay", keys=IDEMPOTENCY)
        request(story, name, at, more=[pay])

    assert story.one_event("first", "again")


def test_an_idempotency_key_on_everything_is_a_constant():
    """Eleven operations under one key are not one operation."""
    story = Story()
    for number in range(11):
        request(story, f"r{number}", number * 60, keys=IDEMPOTENCY)

    assert len(set(story.stitched().event_of.values())) == 11


@pytest.mark.parametrize(("count", "events"), [(2, 1), (3, 3)])
def test_two_parts_of_one_service_that_alone_hold_an_id_are_one_event(count: int, events: int):
    """Two steps of one service are tied by their correlation id; of more it may be a constant."""
    story = Story()
    for number in range(count):
        step = span(f"step {number}", None, INTERNAL, number, function="shop", keys=key("o-4711"))
        story.trace(f"t{number}", step)

    assert len(set(story.stitched().event_of.values())) == events


def test_two_invocations_of_one_function_with_one_id_stay_two_events():
    """The second may have it left over from the first."""
    story = Story()
    for name in ("one", "two"):
        story.trace(name, span(name, function="worker", keys=key("o-4711")))

    assert not story.one_event("one", "two")


def test_two_requests_with_one_id_stay_two_events():
    """What began with a request of its own is an event of its own."""
    story = request(Story(), "one", keys=key("shop-frontend"))
    request(story, "two", 60, keys=key("shop-frontend"))

    assert not story.one_event("one", "two")
