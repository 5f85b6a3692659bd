"""The list of event traces: filters, orders, pages, the sample and the counts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.errors import BadQuestion
from collector.model.event_filter import SORTS, EventFilter
from collector.model.window import Window
from collector.store.database import Database
from collector.store.queries.event_steps import count_event_steps
from collector.store.queries.event_traces import (
    list_event_traces,
    survey_event_traces,
)
from tests.store import build
from tests.store.event_rows import T0_NS, S, event, insert, key, span, trace_id

HOUR: Window = Window(T0_NS - 60 * S, T0_NS + 3540 * S)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A store with a few event traces of each sort."""
    opened = build.open_database(tmp_path)
    both = ["orders-api", "payment"]
    path = ["orders-api", "[orders]", "payment"]
    event(opened, 1, at_s=1, takes_s=0.2)
    event(
        opened,
        2,
        at_s=2,
        takes_s=41,
        functions=both,
        path=path,
        queue_wait_ns=36 * S,
        correlation_ids=["ord-2"],
        shape_id=9,
    )
    event(
        opened,
        3,
        at_s=3,
        takes_s=5,
        status="error",
        error_count=2,
        functions=both,
        path=path,
        retry_count=2,
        shape_id=9,
    )
    event(
        opened,
        4,
        at_s=4,
        takes_s=9,
        status="dead_lettered",
        functions=both,
        path=path,
        retry_count=3,
        duplicate_count=1,
        shape_id=9,
    )
    event(opened, 5, at_s=5, takes_s=1, status="open", cold_start_count=1)
    event(opened, 6, at_s=-7200, takes_s=1)
    yield opened
    opened.close()


def found(database: Database, query: str = "", sort: str = "start", **more: object) -> list[int]:
    """The numbers of what a query finds, in order."""
    page = database.read(
        lambda cursor: list_event_traces(
            cursor,
            HOUR,
            EventFilter.parse(query),
            sort=sort,
            **more,  # type: ignore[arg-type]
        )
    )
    return [int(row.event_trace_id, 16) for row in page.event_traces]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("status:error", [3]),
        ("status:dead-lettered", [4]),
        ("function:payment", [4, 3, 2]),
        ("cold:yes", [5]),
        ("retried:yes", [4, 3]),
        ("retried:no", [5, 2, 1]),
        ("duplicate:yes", [4]),
        ("dlq:no retried:yes", [3]),
        ("duration:>5s", [4, 3, 2]),
        ("duration:<1s", [5, 1]),
        ("duration:1s-6s", [5, 3]),
        ("wait:>30s", [2]),
        ("correlation:ord-2", [2]),
        ("shape:9 status:open", []),
        ("pay", [4, 3, 2]),
        ("[ORDERS]", [4, 3, 2]),
        ("0000000000000003", [3]),
        ("nothing-like-it", []),
    ],
)  # fmt: skip
def test_words_narrow_the_list(database: Database, query: str, expected: list[int]) -> None:
    """Each word of a query holds, and the newest come first."""
    assert found(database, query) == expected


def test_a_star_means_any_function_of_that_beginning(database: Database) -> None:
    """The names known are those of what sent telemetry."""
    insert(database, "resources", {"resource_id": 1, "function": "payment"})

    assert found(database, "function:pay*") == [4, 3, 2]
    assert found(database, "function:ship*") == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("start", [5, 4, 3, 2, 1]),
        ("duration", [2, 4, 3, 5, 1]),
        ("wait", [2, 5, 4, 3, 1]),
        ("retries", [4, 3, 5, 2, 1]),
        ("spans", [5, 4, 3, 2, 1]),
    ],
)
def test_orders_have_the_greatest_first(database: Database, sort: str, expected: list[int]) -> None:
    """Equal ones are told apart by their ids."""
    assert found(database, sort=sort) == expected


@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_everything_once(database: Database, sort: str) -> None:
    """Two at a time, to the end."""
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = database.read(
            lambda connection, cursor=cursor: list_event_traces(  # type: ignore[misc]
                connection, HOUR, EventFilter(), sort=sort, limit=2, page_cursor=cursor
            )
        )
        seen += [row.event_trace_id for row in page.event_traces]
        cursor = page.next_cursor

    assert (len(seen), len(set(seen)), cursor) == (5, 5, None)


def test_a_cursor_of_another_order_is_refused(database: Database) -> None:
    """Going on in another order would skip some and repeat others."""
    page = database.read(lambda c: list_event_traces(c, HOUR, EventFilter(), limit=2))

    with pytest.raises(BadQuestion, match="not one this list gave out"):
        found(database, sort="duration", page_cursor=page.next_cursor)


def test_attributes_and_names_of_spans_find_their_event_traces(database: Database) -> None:
    """An attribute must be equal; of a name a piece will do, and both may be on other spans."""
    span(database, trace_id(2), "DynamoDB.PutItem", at_s=3, region="eu")
    span(database, trace_id(2), "charge", at_s=3, tier="gold")
    span(database, trace_id(3), "charge", at_s=4, tier="silver")

    assert found(database, "tier=gold") == [2]
    assert found(database, "CHARGE") == [3, 2]
    assert found(database, "putitem tier=gold") == [2]
    assert found(database, "putitem tier=silver") == []
    assert found(database, "tier=gold", sort="duration") == [2]


def test_of_a_batch_only_the_event_trace_that_holds_the_value_is_found(database: Database) -> None:
    """The trace of a batch served two orders; each is found by its own, both by what they share."""
    batch = trace_id(50)
    span(database, batch, "batch", at_s=2, order="ord-3", queue="orders")
    for number in (2, 3):
        insert(
            database,
            "fragments",
            {"fragment_id": 500 + number, "trace_id": batch, "part": 1, "event_trace_id": number,
             "start_ns": T0_NS, "end_ns": T0_NS + S},
        )  # fmt: skip
        key(database, f"v:ord-{number}", 500 + number, 8)

    assert found(database, "order=ord-3") == [3]
    assert found(database, "queue=orders") == [3, 2]


def test_an_id_typed_finds_what_holds_it(database: Database) -> None:
    """Message ids are no attributes here: the key leads to the event trace."""
    key(database, "v:m-77", 4, 3)

    assert found(database, "m-77") == [4]
    assert found(database, "m-77 status:ok") == []


def test_the_sample_keeps_what_failed(database: Database) -> None:
    """One of each kind: a failed one is there though most did not fail."""
    points, _ = database.read(lambda c: survey_event_traces(c, HOUR, EventFilter(), limit=1))
    everything, _ = database.read(lambda c: survey_event_traces(c, HOUR, EventFilter()))

    assert sorted(point.status in ("error", "dead_lettered") for point in points) == [False, True]
    assert [point.start_ns for point in everything] == [T0_NS + n * S for n in range(1, 6)]


def test_an_environment_that_only_initialised_is_no_event(database: Database) -> None:
    """The span of an initialisation that nothing ties to what was served then."""
    alone = {"span_count": 1, "cold_start_count": 1, "functions": ["init"]}
    event(database, 20, at_s=20, invocation_count=0, **alone)
    event(database, 21, at_s=21, invocation_count=1, **alone)

    assert found(database, "function:init") == [21]


def test_counts_are_by_outcome_and_step(database: Database) -> None:
    """An hour in steps of a minute: all five began in the second one."""
    filters = EventFilter.parse("retried:no")
    _, counts = database.read(lambda c: survey_event_traces(c, HOUR, filters))

    assert [(each.step_ns, each.status, each.count) for each in counts] == [
        (T0_NS, "ok", 2),
        (T0_NS, "open", 1),
    ]


def test_an_environment_that_only_began_is_counted_nowhere(database: Database) -> None:
    """Neither in the list nor among the event traces that costs are shared by."""
    before = database.read(lambda cursor: count_event_steps(cursor, HOUR, HOUR.length_ns))
    event(database, 7, at_s=7, invocation_count=0, span_count=1, cold_start_count=1)

    assert 7 not in found(database)
    assert database.read(lambda c: count_event_steps(c, HOUR, HOUR.length_ns)) == before
