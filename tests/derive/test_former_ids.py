"""An id that an event trace ever had leads to what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from collector.model.window import Window
from collector.store.queries.event_trace import read_event_trace
from collector.store.queries.lookup import find_anywhere
from collector.store.stitching import forget
from tests.derive.facts import T0_NS
from tests.derive.stitched import Record, StitchedStore
from tests.derive.test_any_order import telemetry
from tests.derive.test_late_company import batch
from tests.derive.test_stitcher import span

_INVOCATION = "7f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"


def log(order: str | None, at_s: float = 0.0, **more: Any) -> Record:
    """A log record of an invocation, outside any trace, that names an order."""
    row = {
        "time_ns": T0_NS + int(at_s * 10**9),
        "function": "worker",
        "invocation_id": _INVOCATION,
        "correlation_id": order,
    }
    return [("log_records", row | more)]


def come(store: StitchedStore, *found: Record) -> set[str]:
    """Commits and stitches; gives the ids of the event traces there are."""
    store.commit(found)
    store.stitch()
    return ids(store)


def ids(store: StitchedStore) -> set[str]:
    return {f"{each:016x}" for (each,) in store.rows("select event_trace_id from event_traces")}


def opened(store: StitchedStore, event_id: str) -> str:
    """The id of the event trace that the page with this address shows, and that is found by it."""
    event = store.database.read(lambda cursor: read_event_trace(cursor, event_id))
    assert event is not None
    found = store.database.read(lambda cursor: find_anywhere(cursor, event_id, Window.all_time()))
    assert event.summary.event_trace_id in {match.event_trace_id for match in found}
    return event.summary.event_trace_id


def test_of_log_records_that_turn_out_to_be_a_batch(store: StitchedStore) -> None:
    """First one order is named, so they are one event; then another, and it is cut in two."""
    [first] = come(store, log("A-1"), log(None, 0.5))
    after = come(store, log("A-2", 1.0), log("A-2", 1.5), log("A-1", 2.0))

    assert len(after) == 2
    kept = opened(store, first)
    assert kept == first
    [row] = store.rows("select correlation_ids from event_traces where event_trace_id = $id",
                       id=int(first, 16))  # fmt: skip
    assert row == (["A-1"],)


def test_of_a_trace_that_turns_out_to_be_a_batch(store: StitchedStore) -> None:
    """The span of the invocation comes alone; what it did for each message comes later."""
    head, *rest = batch()
    [first] = come(store, head)
    after = come(store, *rest)

    assert len(after) == 2
    assert opened(store, first) in after


def test_of_log_records_whose_invocation_turns_out_to_be_a_batch(store: StitchedStore) -> None:
    """The records are in no event trace then; its messages are, and show them."""
    [first] = come(store, log(None))
    after = come(store, *batch())

    assert len(after) == 2
    assert opened(store, first) in after


def test_that_joins_another_while_it_is_cut_anew(store: StitchedStore) -> None:
    """Its records become two, and the first of them is part of an event that is older."""
    [oldest] = come(store, span(9, 0, function="api", trigger="http", correlation_id="A-1"))
    [first] = come(store, log("B-1", 1.0)) - {oldest}
    come(store, log("A-1", 0.5), log("A-1", 0.6))

    assert opened(store, first) in ids(store)


def test_that_was_cut_and_then_merged(store: StitchedStore) -> None:
    """The way may lead over what is no more itself; also with another stitcher."""
    [first] = come(store, log("A-1"), log(None, 0.5))
    come(store, log("A-2", 1.0), log("A-2", 1.5))
    store.restart()
    come(store, span(9, -5, function="api", trigger="http", correlation_id="A-1"))

    assert opened(store, first) in ids(store)


def test_is_forgotten_with_its_data(store: StitchedStore) -> None:
    """Nothing is kept for ever of what retention deleted."""
    head, *rest = batch()
    come(store, head)
    come(store, *rest)
    assert store.rows("select count(*) from former_ids") != [(0,)]
    store.database.derive(lambda cursor: forget(cursor, store.seq))

    assert store.rows("select count(*) from former_ids") == [(0,)]


@dataclass(slots=True)
class Watched:
    """Steps a store and remembers every id that an event trace had meanwhile."""

    store: StitchedStore
    seen: set[str]

    def take(self, found: Iterable[Record]) -> None:
        self.store.commit(found)
        while self.store.stitcher.step():
            self.seen |= ids(self.store)


_settings = partial(
    settings,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@_settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_whatever_comes_in_any_order(seed: int) -> None:
    """Shuffled telemetry in pieces and between restarts: no id leads nowhere."""
    assert_all_lead_on(seed)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@_settings(max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_no_id_ever_leads_nowhere(seed: int) -> None:
    """The same, in a long sweep."""
    assert_all_lead_on(seed)


def assert_all_lead_on(seed: int) -> None:
    """Every id that an event trace had at any time opens one that there is now."""
    random = Random(seed)
    rest = telemetry(random) + loose(random)
    random.shuffle(rest)
    with TemporaryDirectory() as directory:
        watched = Watched(
            StitchedStore(Path(directory), most_records=random.choice((1, 10, 1000))), set()
        )
        while rest:
            size = random.choice((1, 2, 5))
            watched.take(rest[:size])
            rest = rest[size:]
            if random.random() < 0.2:
                watched.store.restart()
        left = ids(watched.store)
        assert {opened(watched.store, each) for each in watched.seen} <= left
        assert len(watched.seen) >= len(left)
        watched.store.close()


def loose(random: Random) -> list[Record]:
    """Log records outside any trace, of few invocations and orders."""
    return [
        log(
            random.choice((None, "A-1", "A-2", "A-3")),
            random.uniform(0, 5),
            invocation_id=f"7f1c2d3e-4a5b-4c6d-8e7f-00000000000{random.randint(1, 4)}",
        )
        for _ in range(random.randint(2, 12))
    ]
