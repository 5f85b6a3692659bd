"""Paths of event traces and how they differ from the period before."""

from pathlib import Path

from collector.model.event_filter import EventFilter
from collector.model.event_list import Shape
from collector.model.window import Window
from collector.store.database import Database
from collector.store.queries.shapes import list_shapes
from tests.store import build
from tests.store.event_rows import T0_NS, S, event

MINUTE = Window(T0_NS, T0_NS + 60 * S)
ORDER = {"path": ["orders-api", "[orders]", "payment"], "functions": ["orders-api", "payment"]}


def shapes(database: Database, query: str = "") -> list[Shape]:
    """The shapes of the minute."""
    return database.read(lambda cursor: list_shapes(cursor, MINUTE, EventFilter.parse(query)))


def test_a_shape_counts_its_event_traces_beside_those_before(tmp_path: Path) -> None:
    """Three of the minute and two of the one before it, which is stored whole."""
    database = build.open_database(tmp_path)
    event(database, 9, at_s=-61)
    for number, (at_s, status) in enumerate(
        [(-50, "ok"), (-40, "error"), (1, "ok"), (2, "dead_lettered"), (3, "error")]
    ):
        event(database, 10 + number, at_s=at_s, takes_s=1 + number, shape_id=5, status=status,
              **ORDER)  # fmt: skip
    event(database, 20, at_s=4)

    order, other = shapes(database)

    assert (order.shape_id, order.path) == (f"{5:016x}", tuple(ORDER["path"]))
    assert (order.event_count, order.error_count, order.dead_lettered_count) == (3, 1, 1)
    assert (order.event_count_before, order.failed_count_before) == (2, 1)
    assert (order.p50_ns, order.p50_before_ns) == (4 * S, 1.5 * S)
    assert (order.share, order.count_change, order.last_ns) == (0.75, 0.5, T0_NS + 3 * S)
    assert (other.event_count, other.event_count_before, other.count_change) == (1, 0, None)
    assert [shape.shape_id for shape in shapes(database, "function:payment")] == [order.shape_id]
    assert [shape.shape_id for shape in shapes(database, "[orders]")] == [order.shape_id]
    database.close()


def test_what_was_before_is_unknown_when_it_is_not_stored_whole(tmp_path: Path) -> None:
    """Otherwise a fresh store would report growth."""
    database = build.open_database(tmp_path)
    event(database, 1, at_s=-10)
    event(database, 2, at_s=5)

    [shape] = shapes(database)

    assert (shape.event_count, shape.event_count_before, shape.p50_before_ns) == (1, None, None)
    database.close()
