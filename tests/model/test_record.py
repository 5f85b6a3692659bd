"""Dataclasses that are frozen for the type checker and quick to make."""

from collector.model.stitching.facts import LinkFacts


def test_records_are_compared_and_hashed_by_what_they_hold() -> None:
    """As frozen dataclasses are: equal ones are one in a set."""
    first, again, other = (LinkFacts("trace", span_id) for span_id in ("1", "1", "2"))

    assert first is not again
    assert {first, again, other} == {first, other}
    assert not hasattr(first, "__dict__")
