"""The same telemetry gives the same event traces, however it arrives."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.derive.facts import traces
from tests.derive.stitched import Record, StitchedStore, records


def telemetry(random: Random) -> list[Record]:
    """Records of some traces whose ids meet, some of them outside any trace."""
    found = records(traces(random, random.randint(2, 14)))
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


@settings(
    deadline=None,
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32), hub_bound=st.sampled_from((3, 6, 500)))
def test_order_repetition_batching_and_restarts_do_not_matter(seed: int, hub_bound: int) -> None:
    """Shuffled, repeated, in pieces and with restarts: the same fragments, events and rows."""
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
