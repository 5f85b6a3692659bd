"""Ids that people hold, and the event traces they lead to."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collector.model.stitching.keys import span_key
from collector.model.window import Window
from collector.store.database import Database
from collector.store.queries.event_lookup import event_traces_by_trace, find_event_traces
from collector.store.queries.lookup import find_anywhere
from collector.store.stitching import index_ids
from tests.store import build
from tests.store.event_rows import T0_NS, S, event, fragment, key, span, trace_id

ALWAYS = Window.all_time()
UUID = "4F1C2A7E-0d3b-4c5a-9e8f-1a2b3c4d5e6f"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Two event traces, whose messages one batch invocation handled, and one that merged."""
    opened = build.open_database(tmp_path)
    event(opened, 1)
    event(opened, 2)
    batch = {"trace_id": trace_id(50), "part": 1, "shared_id": 52}
    fragment(opened, 51, event_trace_id=1, **batch)
    fragment(opened, 53, event_trace_id=2, **batch)
    fragment(opened, 52, trace_id=trace_id(50), part=2)
    for each in (51, 52, 53):
        key(opened, f"t:{trace_id(50).hex}", each, 1, role=3)
    key(opened, "v:r-1", 52, 4, time_ns=T0_NS + 9 * S)
    key(opened, f"v:{UUID.lower()}", 51, 3, role=2)
    key(opened, f"v:{UUID.lower()}", 1, 3, role=1)
    key(opened, f"t:{trace_id(1).hex}", 1, 1, role=3)
    key(opened, f"t:{trace_id(1).hex}", 2, 1, role=2)
    key(opened, "o:bucket/in/1.pdf", 2, 7, time_ns=T0_NS + 5 * S)
    yield opened
    opened.close()


def _index(database: Database) -> None:
    database.write(lambda cursor: cursor.execute("update stitching_progress set stitched_seq = 2"))
    assert database.derive(lambda cursor: index_ids(cursor, 5)) > 5


@pytest.fixture(params=[_index, lambda database: None], ids=["indexed", "newest"])
def settle(request: pytest.FixtureRequest) -> Callable[[Database], None]:
    """Where ids are found: in the index, or among what no section of it holds yet."""
    settle: Callable[[Database], None] = request.param
    return settle


def found(database: Database, text: str, window: Window = ALWAYS) -> set[tuple[str, int]]:
    """Kind and number of what an id leads to."""
    matches = database.read(lambda cursor: find_event_traces(cursor, text, window))
    return {(match.kind, int(match.event_trace_id or "0", 16)) for match in matches}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (UUID, {("message id", 1)}),
        (UUID.lower(), {("message id", 1)}),
        ("s3://bucket/in/1.pdf", {("object key", 2)}),
        ("bucket/in/1.pdf", {("object key", 2)}),
        (trace_id(50).hex, {("trace", 1), ("trace", 2)}),
        ("r-1", {("request id", 1), ("request id", 2)}),
        ("0000000000000001", {("event trace", 1)}),
        (f"{51:016x}", {("event trace", 1)}),
        (f"{52:016x}", {("event trace", 1), ("event trace", 2)}),
        (f"Root=1-{trace_id(50).hex[:8]}-{trace_id(50).hex[8:]};Parent=53995c3f42cd8ad8;Sampled=1",
         {("trace", 1), ("trace", 2)}),
        ("nobody's", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_an_id_leads_to_its_event_traces(
    database: Database,
    settle: Callable[[Database], None],
    text: str,
    expected: set[tuple[str, int]],
) -> None:
    """In any of its forms; a batch's trace and request id to each event trace it served."""
    settle(database)

    assert found(database, text) == expected


def test_the_trace_itself_stands_before_what_links_to_it(database: Database) -> None:
    """Event trace 2 refers to the trace that event trace 1 consists of."""
    assert found(database, trace_id(1).hex) == {("trace", 1)}


def test_a_window_narrows_what_is_found(database: Database) -> None:
    """What was seen before it is left out."""
    later = Window(T0_NS + S, T0_NS + 3600 * S)

    assert found(database, "bucket/in/1.pdf", later) == {("object key", 2)}
    assert found(database, UUID, later) == set()


def test_a_span_of_a_batch_leads_to_the_event_trace_it_served(
    database: Database, settle: Callable[[Database], None]
) -> None:
    """Its trace served two; one that no fragment owns alone belongs to both."""
    span(database, trace_id(50), "process", span_id=0xFEED)
    span(database, trace_id(50), "batch", span_id=0xBEEF)
    key(database, span_key(trace_id(50).hex, f"{0xFEED:016x}"), 51, 2, role=3)
    settle(database)

    def events(number: int) -> set[str | None]:
        text = f"{number:016X}"
        matches = database.read(lambda cursor: find_anywhere(cursor, text, ALWAYS))
        assert {match.kind for match in matches} == {"span"}
        return {match.event_trace_id for match in matches}

    assert events(0xFEED) == {f"{1:016x}"}
    assert events(0xBEEF) == {f"{1:016x}", f"{2:016x}"}


def test_what_is_in_no_event_trace_is_found_as_a_trace(database: Database) -> None:
    """Not stitched yet, say."""
    span(database, trace_id(77), "early")
    [match] = database.read(lambda cursor: find_anywhere(cursor, trace_id(77).hex, ALWAYS))

    assert (match.kind, match.trace_id, match.event_trace_id) == ("trace", trace_id(77).hex, None)


def test_traces_know_their_event_traces(database: Database) -> None:
    """A trace in no event trace is left out."""
    ids = [trace_id(50).hex, trace_id(1).hex, trace_id(99).hex]

    assert database.read(lambda cursor: event_traces_by_trace(cursor, ids)) == {
        trace_id(50).hex: [f"{1:016x}", f"{2:016x}"],
        trace_id(1).hex: [f"{1:016x}"],
    }


def test_ids_of_a_later_run_are_found_beside_indexed_ones(database: Database) -> None:
    """A section holds whole runs; what came after it is searched as it is."""
    _index(database)
    key(database, f"v:{UUID.lower()}", 2, 3, role=2, run=2)
    database.write(
        lambda cursor: cursor.execute("update fragments set run = 2 where fragment_id = 2")
    )

    assert found(database, UUID) == {("message id", 1), ("message id", 2)}


def test_a_run_that_may_still_grow_is_not_indexed(database: Database) -> None:
    """A sweep adds rows to the newest run; and few keys make no section."""
    database.write(lambda cursor: cursor.execute("update stitching_progress set stitched_seq = 1"))

    assert database.derive(lambda cursor: index_ids(cursor, 5)) == 0
    database.write(lambda cursor: cursor.execute("update stitching_progress set stitched_seq = 2"))
    assert 0 < database.derive(lambda cursor: index_ids(cursor, 500)) < 500
    assert database.read(
        lambda cursor: cursor.execute("select count(*) from id_runs").fetchall()
    ) == [(0,)]
