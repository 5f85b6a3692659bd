"""Families of names, and which names are of one."""

import pytest

from collector.decode.key_names import family, names_of
from collector.model.stitching.keys import COMMON_FAMILY, REQUEST_FAMILY


@pytest.mark.parametrize("name", ["orderId", "order.id", "OrderID", "X-Order-Id", "app.order.id"])
def test_one_thing_is_one_family_however_it_is_spelled(name: str) -> None:
    """Case, signs and what leads to the name make no difference."""
    assert family(name) == family("order_id")


@pytest.mark.parametrize(
    "name",
    ["correlation_id", "detail.correlationId", "x-correlation-id", "messaging.conversation_id"],
)
def test_the_usual_names_are_one_family(name: str) -> None:
    """Whatever it is called, a correlation id is a correlation id."""
    assert family(name) == COMMON_FAMILY


def test_families_are_two_letters_and_stay_the_same() -> None:
    """They are stored: another build must give the same."""
    names = [f"thing{number}_id" for number in range(3_000)]

    assert {len(family(name)) for name in names} == {2}
    assert all(family(name).isalpha() for name in names)
    assert COMMON_FAMILY not in set(map(family, names))
    assert len(set(map(family, names))) > 1_500
    assert family("order_id") == "gQ"
    assert family("x-request-id") == REQUEST_FAMILY


def test_rules_are_made_once_for_each_name() -> None:
    """Names are few: the same configuration gives the same rules."""
    names = names_of(("order.id",))

    assert names_of(("order.id",)) is names
    assert names.rule("order.id") is names.rule("order.id")
    assert names.rule("nothing") is None
