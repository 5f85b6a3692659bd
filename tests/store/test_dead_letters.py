"""Which queue a dead letter is told of: the one it was given up from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.store.database import Database
from collector.store.queries.queues import dead_letter_groups
from tests.store import build
from tests.store import event_rows as rows


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A store without rows."""
    opened = build.open_database(tmp_path)
    yield opened
    opened.close()


def _groups(database: Database, queue: str) -> list[tuple[str | None, int]]:
    found = database.read(
        lambda cursor: dead_letter_groups(
            cursor, queues=[queue], since_ns=rows.T0_NS, until_ns=rows.T0_NS + 60 * rows.S, limit=9
        )
    )
    return [(group.function, group.event_count) for group in found]


def test_a_dead_letter_belongs_to_the_queue_it_was_given_up_from(database: Database) -> None:
    """Not to those that its event had passed before."""
    path = ["api", "[orders]", "pay", "[ship]", "shipping"]
    rows.event(database, 1, takes_s=9, status="dead_lettered", path=path)
    rows.fragment(
        database, 2, event_trace_id=1, failed=True, function="shipping", destinations=["ship"],
        start_ns=rows.T0_NS + 5 * rows.S,
    )  # fmt: skip

    assert _groups(database, "ship") == [("shipping", 1)]
    assert _groups(database, "orders") == []


def test_where_that_is_not_told_it_is_told_of_every_queue_of_its_path(database: Database) -> None:
    """A platform's lines of a timeout name no queue."""
    rows.event(database, 1, takes_s=9, status="dead_lettered", path=["api", "[orders]", "pay"])
    rows.fragment(database, 2, event_trace_id=1, failed=True, function="pay")

    assert _groups(database, "orders") == [("pay", 1)]


def test_an_event_of_which_nothing_told_a_failure_was_given_up_by_its_end(
    database: Database,
) -> None:
    """A message seen on a dead-letter queue says that it failed, not when."""
    rows.event(database, 1, takes_s=9, status="dead_lettered", path=["api", "[orders]", "pay"])
    [group] = database.read(
        lambda cursor: dead_letter_groups(
            cursor, queues=["orders"], since_ns=rows.T0_NS, until_ns=rows.T0_NS + rows.S, limit=9
        )
    )

    assert group.first_seen_ns == group.last_seen_ns == rows.T0_NS + 9 * rows.S
