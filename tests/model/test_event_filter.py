"""Words that narrow the list of event traces."""

import pytest

from collector.errors import BadQuestion
from collector.model.event_filter import EventFilter, duration_of
from collector.model.search import Search

MS = 1_000_000


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (None, EventFilter()),
        ("function:orders-* status:ERROR", EventFilter(function="orders-*", status="error")),
        ("status:dead-lettered", EventFilter(status="dead_lettered")),
        ("cold:yes retried:no dlq:true", EventFilter(cold=True, retried=False, dead_lettered=True)),
        ("duration:>1.5s", EventFilter(min_duration_ns=1500 * MS)),
        ("duration:<250", EventFilter(max_duration_ns=250 * MS)),
        (
            "duration:1s-2min",
            EventFilter(min_duration_ns=1000 * MS, max_duration_ns=120_000 * MS),
        ),
        ("wait:>10s", EventFilter(min_wait_ns=10_000 * MS)),
        ('correlation:"ord 1"', EventFilter(correlation_id="ord 1")),
        ("shape:00000000000000ff", EventFilter(shape_id=255)),
        ("duplicate:1 pay", EventFilter(duplicate=True, search=Search(text="pay"))),
        ("a=b status:ok c", EventFilter(status="ok", search=Search((("a", "b"),), "c"))),
        # A colon alone makes no word of ours: ARNs, addresses and times stay text.
        ("arn:aws:states:eu:1:execution:x", EventFilter(
            search=Search(text="arn:aws:states:eu:1:execution:x"))),
    ],
)  # fmt: skip
def test_words_are_read(query: str | None, expected: EventFilter) -> None:
    """What is no word of ours is a term or text."""
    assert EventFilter.parse(query) == expected


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("status:broken", "none of ok, error, dead_lettered, open"),
        ("cold:maybe", "neither yes nor no"),
        ("duration:soon", "not a duration"),
        ("function:", "needs a value"),
        ("shape:orders", "16 hex digits"),
        ("status:ok status:error", "asked for twice"),
    ],
)
def test_what_cannot_be_read_is_explained(query: str, sentence: str) -> None:
    """In one sentence that says what would do."""
    with pytest.raises(BadQuestion, match=sentence):
        EventFilter.parse(query)


def test_words_and_fields_hold_together() -> None:
    """The same thing said twice is fine, two different things are not."""
    fields = EventFilter(status="error", function="payment")

    assert EventFilter.parse("status:error retried:yes", fields) == EventFilter(
        status="error", function="payment", retried=True
    )
    with pytest.raises(BadQuestion, match="status is asked for twice"):
        EventFilter.parse("status:ok", fields)


def test_a_star_stands_for_any_letters() -> None:
    """Of the names known; a whole name need not be known."""
    names = ["orders-api", "orders-worker", "payment"]

    assert EventFilter(function="orders-*").functions_of(names) == names[:2]
    assert EventFilter(function="*").functions_of(names) == names
    assert EventFilter(function="new").functions_of(names) == ["new"]
    assert EventFilter().functions_of(names) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("250", 250 * MS), ("2 s", None), ("0.5us", 500), ("1H", 3_600_000 * MS)]
)
def test_durations_have_units(text: str, expected: int | None) -> None:
    """A number alone is milliseconds."""
    if expected is None:
        with pytest.raises(BadQuestion):
            duration_of(text)
    else:
        assert duration_of(text) == expected
