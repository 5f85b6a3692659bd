"""The same telemetry gives the same event traces, however it arrives."""

from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.derive.facts import ordinary_traces, traces
from tests.derive.stitched import Record, StitchedStore, records


def telemetry(random: Random) -> list[Record]:
    """Records of some traces whose ids meet, some of them outside any trace."""
    make = random.choice((traces, ordinary_traces))
    found = records(make(random, random.randint(2, 14)))
    for [table, row], *_ in found:
        if table == "log_records" and row["time_ns"] % 3:
            row["trace_id"] = None
    return found


def at_once(directory: Path, found: list[Record], hub_bound: int) -> StitchedStore:
    """A store that got everything in one commit."""
    store = StitchedStore(directory, hub_bound=hub_bound)
    store.commit(found)
    store.stitch()
    return store


def piecemeal(
    directory: Path, found: list[Record], hub_bound: int, random: Random
) -> StitchedStore:
    """A store that got it shuffled, some of it twice, in many commits and between restarts.

    Where a run reads less than there is, the next is cut while it decides.
    """
    most = random.choice((1, 10, 1000))
    store = StitchedStore(directory, hub_bound=hub_bound, most_records=most)
    rest = found + [each for each in found if random.random() < 0.2]
    random.shuffle(rest)
    while rest:
        size = random.choice((1, 2, 5, 20))
        store.commit(rest[:size])
        rest = rest[size:]
        if random.random() < 0.6:
            store.stitch()
        if random.random() < 0.2:
            store.restart()
    store.stitch()
    return store


_settings = partial(
    settings,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_telemetry = given(seed=st.integers(0, 2**32), hub_bound=st.sampled_from((3, 6, 500)))


@_settings(max_examples=10)
@_telemetry
@example(seed=3527703737, hub_bound=3)  # a hub that is none once a trace was cut anew
def test_order_repetition_batching_and_restarts_do_not_matter(seed: int, hub_bound: int) -> None:
    """Shuffled, repeated, in pieces and with restarts: the same fragments, events and rows."""
    assert_the_same(seed, hub_bound)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@_settings(max_examples=200)
@_telemetry
def test_they_never_matter(seed: int, hub_bound: int) -> None:
    """The same, in a long sweep."""
    assert_the_same(seed, hub_bound)


def assert_the_same(seed: int, hub_bound: int) -> None:
    """A store that got it at once and one that got it piecemeal hold the same."""
    found = telemetry(Random(seed))
    with TemporaryDirectory() as directory:
        once = at_once(Path(directory) / "once", found, hub_bound)
        pieces = piecemeal(Path(directory) / "pieces", found, hub_bound, Random(seed + 1))
        try:
            assert pieces.events() == once.events()
            assert pieces.summaries() == once.summaries()
        finally:
            once.close()
            pieces.close()
