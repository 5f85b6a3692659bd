"""Who derives invocations gives way to who stitches, and nobody waits for the hopeless."""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from collector.derive.deriver import Deriver
from tests.derive.facts import traces
from tests.derive.stitched import StitchedStore, records


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StitchedStore]:
    """Telemetry that came long ago and is not stitched."""
    store = StitchedStore(tmp_path)
    store.commit(records(traces(Random(1), 2)))
    store.stitcher.waiting_since_ns = 1
    yield store
    store.close()


def test_invocations_wait_while_event_traces_are_behind(store: StitchedStore) -> None:
    """They are derived seldom then; as always once event traces are there."""
    deriver = Deriver(store.database, store.writer, first=store.stitcher)

    assert deriver.pause_s() > 10
    store.stitch()
    assert deriver.pause_s() < 3


def test_what_is_far_behind_is_not_waited_for(store: StitchedStore) -> None:
    """A page shows what is there at once: waiting a second would not help."""
    began_s = time.monotonic()

    assert not store.stitcher.wait_soon(60)
    assert time.monotonic() - began_s < 30
