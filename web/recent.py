"""Keeps the last few traces and events read, for the parts of a page that is on the screen.

Opening a span or scrolling to the next rows asks for a part of a trace whose page was just sent;
reading 2,000 spans again for it takes 60 ms. A whole page always reads the store.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

MOST_TRACES: Final = 8
MOST_RECORDS: Final = 30_000
"""Spans and log records kept in all: 3 kB each where they carry 20 attributes."""

_FRESH_S: Final = 10.0  # while the store takes data, which need not be of this trace
_STALE_S: Final = 300.0  # while it takes none; retention may still delete


class Large(Protocol):
    """What takes long to read: a trace, an event trace."""

    @property
    def spans(self) -> Sequence[object]: ...

    @property
    def logs(self) -> Sequence[object]: ...


Id = TypeVar("Id", bound=Hashable)
T = TypeVar("T", bound=Large)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    found: T
    progress: int
    read_s: float

    @property
    def records(self) -> int:
        return len(self.found.spans) + len(self.found.logs)


class Recent(Generic[Id, T]):
    """Traces by id; thread-safe. ``progress`` changes whenever the store takes data."""

    def __init__(
        self,
        read: Callable[[Id], T | None],
        progress: Callable[[], int],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._progress, self._clock_s = read, progress, clock_s
        self._kept: OrderedDict[Id, _Kept[T]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, wanted: Id) -> T | None:
        """The trace as it is stored now; None when nothing of it is."""
        progress, now_s = self._progress(), self._clock_s()
        found = self._read(wanted)
        if found is not None:
            self._keep(wanted, _Kept(found, progress, now_s))
        return found

    def again(self, wanted: Id) -> T | None:
        """The trace as it was read lately, else as :meth:`read` gives it."""
        with self._lock:
            kept = self._kept.get(wanted)
        if kept is not None:
            age_s = self._clock_s() - kept.read_s
            if age_s < (_STALE_S if kept.progress == self._progress() else _FRESH_S):
                return kept.found
        return self.read(wanted)

    def _keep(self, wanted: Id, kept: _Kept[T]) -> None:
        with self._lock:
            self._kept[wanted] = kept
            self._kept.move_to_end(wanted)
            while len(self._kept) > 1 and (
                len(self._kept) > MOST_TRACES
                or sum(each.records for each in self._kept.values()) > MOST_RECORDS
            ):
                self._kept.popitem(last=False)
