"""Where the rows begin that every run searches; older ones are searched in sweeps.

A search by key reads every row it has to: 20 million spans hold some 15 million keys, and a run
asks ten times. So runs search the newest rows only. That finds nearly everything, for telemetry of
one event comes close together; what it cannot find is sought in sweeps, whose pace keeps them
below a small share of a core.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

HOT_ROWS: Final = 750_000
EVERYTHING: Final = -1


class Hot:
    """The newest runs, as many as hold ``rows`` keys."""

    def __init__(self, runs: Iterable[tuple[int, int]], rows: int) -> None:
        """``runs``: (run, keys it wrote), the newest first; more is not read than is needed."""
        self._most = rows
        self._runs: deque[tuple[int, int]] = deque()
        self._rows = 0
        self.floor_seq = EVERYTHING
        for run, count in runs:
            if self._rows >= rows:
                self.floor_seq = run
                break
            self._runs.appendleft((run, count))
            self._rows += count

    def wrote(self, run: int, rows: int) -> None:
        """A run wrote so many keys; the floor rises behind it."""
        self._runs.append((run, rows))
        self._rows += rows
        while self._rows - self._runs[0][1] >= self._most:
            gone, count = self._runs.popleft()
            self._rows -= count
            self.floor_seq = gone
