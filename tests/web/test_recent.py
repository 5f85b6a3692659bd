"""Traces kept for the parts of a page that is already on the screen."""

from uuid import UUID

from collector.model.span import Trace
from web.recent import MOST_TRACES, Recent


class Store:
    """Counts what is read of it; its clock and its progress are set by hand."""

    def __init__(self) -> None:
        self.reads, self.progress, self.now_s = 0, 0, 0.0
        self.recent = Recent(self.read, lambda: self.progress, lambda: self.now_s)

    def read(self, trace_id: UUID) -> Trace | None:
        self.reads += 1
        return Trace(trace_id.hex, (), ()) if trace_id.int else None


def test_a_part_does_not_read_the_trace_again() -> None:
    """A page reads, its parts do not, and the next page reads."""
    store = Store()
    for ask in (store.recent.read, store.recent.again, store.recent.again, store.recent.read):
        ask(UUID(int=1))

    assert store.reads == 2


def test_a_trace_kept_is_read_again_after_a_while() -> None:
    """Soon while the store takes data, late while it does not."""
    store = Store()
    store.recent.read(UUID(int=1))
    store.now_s = 60.0
    store.recent.again(UUID(int=1))
    assert store.reads == 1

    store.progress += 1
    store.recent.again(UUID(int=1))
    assert store.reads == 2


def test_only_the_last_few_are_kept_and_none_that_is_missing() -> None:
    """What is held in memory is bounded."""
    store = Store()
    for number in range(MOST_TRACES + 1, -1, -1):
        store.recent.read(UUID(int=number))
    before = store.reads
    for number in (MOST_TRACES + 1, 0, 1):
        store.recent.again(UUID(int=number))

    assert store.reads == before + 2
