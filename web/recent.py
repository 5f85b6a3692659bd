"""Keeps the last few traces read, for the parts of a page that is already on the screen.

Opening a span or scrolling to the next rows asks for a part of a trace whose page was just sent;
reading 2,000 spans again for it takes 60 ms. A whole page always reads the store.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from collector.model.span import Trace

MOST_TRACES: Final = 8
MOST_RECORDS: Final = 30_000
"""Spans and log records kept in all: 3 kB each where they carry 20 attributes."""

_FRESH_S: Final = 10.0  # while the store takes data, which need not be of this trace
_STALE_S: Final = 300.0  # while it takes none; retention may still delete


@dataclass(frozen=True, slots=True)
class _Kept:
    trace: Trace
    progress: int
    read_s: float

    @property
    def records(self) -> int:
        return len(self.trace.spans) + len(self.trace.logs)


class RecentTraces:
    """Traces by id; thread-safe. ``progress`` changes whenever the store takes data."""

    def __init__(
        self,
        read: Callable[[UUID], Trace | None],
        progress: Callable[[], int],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._progress, self._clock_s = read, progress, clock_s
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, trace_id: UUID) -> Trace | None:
        """The trace as it is stored now; None when nothing of it is."""
        progress, now_s = self._progress(), self._clock_s()
        trace = self._read(trace_id)
        if trace is not None:
            self._keep(trace_id, _Kept(trace, progress, now_s))
        return trace

    def again(self, trace_id: UUID) -> Trace | None:
        """The trace as it was read lately, else as :meth:`read` gives it."""
        with self._lock:
            kept = self._kept.get(trace_id)
        if kept is not None:
            age_s = self._clock_s() - kept.read_s
            if age_s < (_STALE_S if kept.progress == self._progress() else _FRESH_S):
                return kept.trace
        return self.read(trace_id)

    def _keep(self, trace_id: UUID, kept: _Kept) -> None:
        with self._lock:
            self._kept[trace_id] = kept
            self._kept.move_to_end(trace_id)
            while len(self._kept) > 1 and (
                len(self._kept) > MOST_TRACES
                or sum(each.records for each in self._kept.values()) > MOST_RECORDS
            ):
                self._kept.popitem(last=False)
