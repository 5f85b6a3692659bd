"""The evidence of an incident: its metric, its event traces and its log lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.alerts.book import read_book
from collector.alerts.bundle import Bundle, UnknownChange, read_bundle
from collector.alerts.sources import Answers
from tests.alerts.watched import WatchedStore, numbered, rule
from tests.health.derived import MINUTE, T0_NS, line, span
from tests.store import event_rows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchedStore]:
    """An alert on failing orders has fired at minute 31."""
    opened = WatchedStore(tmp_path, rule(threshold=0.5, window="2m"))
    opened.take(
        *numbered([span(1790), *(span(1800 + at, status_code=2) for at in range(5))]),
        line("card declined", 1801, severity=17),
        line("card accepted", 1790, severity=9),
        line("disk is full", 1801, severity=17, function="mail"),
    )
    event_rows.event(opened.database, 1, at_s=1700)
    event_rows.event(
        opened.database, 2, at_s=1801, root_function="orders", functions=["orders"],
        status="error", error_count=1,
    )  # fmt: skip
    event_rows.event(opened.database, 3, at_s=1805, root_function="orders", functions=["orders"])
    assert opened.tick(31) == [("orders", "firing")]
    yield opened
    opened.close()


def bundle(store: WatchedStore, change_id: str) -> Bundle:
    book = store.database.read(lambda cursor: read_book(cursor, ()))
    answers = Answers(store.database.read, store.facts)
    return read_bundle(answers, book, change_id, T0_NS + 40 * MINUTE)


def test_a_bundle_holds_what_proves_the_incident(store: WatchedStore) -> None:
    """Failed event traces first, warnings and worse of that function, the metric around it."""
    [change] = store.history()
    found = bundle(store, change.change_id)

    assert found.change == change
    assert [each.event_trace_id for each in found.event_traces] == [f"{2:016x}", f"{3:016x}"]
    assert [each.body for each in found.logs] == ["card declined"]
    assert found.series is not None
    assert max(point.value or 0 for point in found.series.points) == 1.0
    assert [each.state for each in found.episodes] == ["firing"]
    assert found.changes == (change,)


def test_a_bundle_outlives_its_rule(store: WatchedStore) -> None:
    """The metric cannot be drawn again; what was told, traces and logs are there."""
    store.desk.remove(store.rules()[0].id)
    change = store.history()[0]
    found = bundle(store, change.change_id)

    assert (found.rule, found.series) == (None, None)
    assert found.change.summary.startswith("Error rate of orders")
    assert found.event_traces


def test_a_change_that_is_not_there_is_told_so(store: WatchedStore) -> None:
    """With where to find those that are."""
    with pytest.raises(UnknownChange, match="alerts/history"):
        bundle(store, "0" * 32)
