"""Counts of functions in many windows at once: one reading by minute, summed for each window.

A question costs tens of milliseconds before it has read anything, and a preview asks for fifty.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

import numpy as np
from duckdb import DuckDBPyConnection as Cursor

from collector.model.health import Counts, FunctionHealth
from collector.model.window import Window
from collector.store.queries.function_figures import Told, function_counts
from collector.store.queries.health import merged_health, together
from collector.store.queries.reported import Report, step_reports

MINUTE_NS: Final = 60 * 10**9
MOST_LENGTH_NS: Final = 48 * 3600 * 10**9
"""Beyond this there are too many minutes to read at once."""

_MOST_POINTS: Final = 400_000
_NAMES: Final = tuple(each.name for each in fields(Counts))
_GREATEST: Final = ("max_concurrency", "iterator_age_ms", "async_event_age_ms")
_PLACE: Final = ("provider", "platform", "region", "account_id", "memory_mb", "told_plan")

Figures = tuple[list[FunctionHealth], FunctionHealth]
"""Each function, and all of them together under no name."""


def list_counts_over(cursor: Cursor, windows: Sequence[Window]) -> list[Figures] | None:
    """For each window, which must be of whole minutes: counts and what metrics tell.

    Percentiles, memory and places are not read, nor is what event traces tell. None: there are too
    many functions and minutes for one reading.
    """
    whole = Window(min(w.since_ns for w in windows), max(w.until_ns for w in windows))
    rows = function_counts(
        cursor,
        since_ns=whole.since_ns,
        until_ns=whole.until_ns,
        step_ns=MINUTE_NS,
        each_function=True,
        limit=_MOST_POINTS,
    )
    if len(rows) == _MOST_POINTS:
        return None
    told = _Summed(rows)
    reported: dict[str, list[tuple[int, Report]]] = defaultdict(list)
    for (name, time_ns), report in sorted(
        step_reports(cursor, whole, MINUTE_NS, None).items(), key=lambda each: each[0]
    ):
        reported[name].append((time_ns, report))
    found = []
    for window in windows:
        functions = merged_health(
            told.within(window),
            {name: kept for name, rows in reported.items() if (kept := _within(rows, window))},
        )
        found.append((functions, together(functions)))
    return found


class _Summed:
    """Running sums of each function's counts by minute."""

    def __init__(self, given: Sequence[tuple[str | None, int, Counts]]) -> None:
        rows: dict[str, list[tuple[int, Counts]]] = defaultdict(list)
        for name, time_ns, counts in given:
            rows[name or ""].append((time_ns, counts))
        self._times = {name: np.array([at for at, _ in found]) for name, found in rows.items()}
        self._sums = {
            name: np.cumsum(
                [[0] * len(_NAMES), *([getattr(c, n) or 0 for n in _NAMES] for _, c in found)],
                axis=0,
            )
            for name, found in rows.items()
        }

    def within(self, window: Window) -> dict[str, Told]:
        """By function that had invocations in the window."""
        found = {}
        for name, times in self._times.items():
            first, last = np.searchsorted(times, [window.since_ns, window.until_ns])
            if first < last:
                counts = self._sums[name][last] - self._sums[name][first]
                values = dict(zip(_NAMES, counts.tolist(), strict=True))
                found[name] = Told(counts=Counts(**values))
        return found


def _within(rows: Sequence[tuple[int, Report]], window: Window) -> Report:
    """The reports of the window as one: counts summed, the greatest of levels."""
    kept = [report for at, report in rows if window.since_ns <= at < window.until_ns]
    if not kept:
        return {}
    names = [name for name in kept[0] if name not in ("function", "time_ns")]
    return {name: _one(name, [each[name] for each in kept]) for name in names}


def _one(name: str, values: Sequence[Any]) -> Any:
    known = [each for each in values if each is not None]
    if not known:
        return None
    return max(known) if name in _GREATEST or name in _PLACE else sum(known)
