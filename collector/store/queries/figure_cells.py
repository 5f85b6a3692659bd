"""Reads the figures of invocations in a window, and in the one before it, with one question.

DuckDB takes longer to plan a question of these than to answer it, so that there is one, which a
page adds up as it needs (:mod:`collector.model.figures`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.figures import Cells
from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES
from collector.store.queries.steps import HOUR_NS, MINUTE_NS, before

_EVERY_FIGURE: Final = 0
_COUNTS_BY_STEP: Final = 20
_NO_FIGURE: Final = 255
_ALL_BUT_INVOCATIONS: Final = 2
_HOUR: Final = 60  # minutes
_NO_MINUTE: Final = -1
_FOREVER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Cut:
    """How the cells of a window are cut.

    ``step_ns`` 0: all one step. ``in_full``: versions are told apart, and the steps and the window
    before have every figure; else steps have counts alone, and so has the window before, if
    ``earlier`` asks for it.
    """

    step_ns: int = 0
    earlier: bool = False
    in_full: bool = False

    @property
    def least_by_hour(self) -> int:
        """From which figure on whole hours are read as such, which are 60 times fewer rows."""
        by_hour = self.step_ns % HOUR_NS == 0
        if self.in_full:  # versions tell the minutes in which they were first and last seen
            return _ALL_BUT_INVOCATIONS if by_hour else _NO_FIGURE
        return _EVERY_FIGURE if by_hour else _COUNTS_BY_STEP


def read_cells(
    cursor: Cursor,
    window: Window,
    cut: Cut,
    function: str | None,
    watched_since_ns: Mapping[str, int],
) -> Cells:
    """All cells of a window, of one function or of the first 1000 by name.

    ``watched_since_ns``: when the first stored invocation of each function began.
    """
    names = sorted(watched_since_ns)
    columns = figure_cells(
        cursor,
        ranges=_ranges(window, before(window) if cut.earlier else None),
        least_by_hour=cut.least_by_hour,
        step=cut.step_ns // MINUTE_NS or _FOREVER,
        in_full=cut.in_full,
        function=function,
        last_function=names[MAX_ROWS - 1] if len(names) > MAX_ROWS else None,
    )
    return Cells.of(columns, watched_since_ns)


@QUERIES.question
def figure_cells(
    cursor: Cursor,
    *,
    ranges: dict[str, int],
    least_by_hour: int,
    step: int,
    in_full: bool,
    function: str | None,
    last_function: str | None,
) -> dict[str, Any]:
    """The columns of cells. A step is so many minutes; the ranges are those of :func:`_ranges`."""
    return QUERIES.columns(
        cursor,
        "figure_cells",
        ranges=ranges,
        least_by_hour=least_by_hour,
        step=step,
        in_full=in_full,
        function=function,
        last_function=last_function,
    )


def _ranges(window: Window, earlier: Window | None) -> dict[str, int]:
    """What is read by the hour, by the minute, and by the invocation: [since, until) of each.

    Minutes and hours as the tables have them: minutes since the epoch.
    """
    begin_ns = earlier.since_ns if earlier else window.since_ns
    first_minute, end_minute = _up(begin_ns, MINUTE_NS), window.until_ns // MINUTE_NS
    minutes_end = max(first_minute, end_minute)
    hour, hours_end = _whole_hours(window, minutes_end)
    earlier_hour, earlier_hours_end = first_minute, first_minute
    if earlier:
        earlier_hour, earlier_hours_end = _whole_hours(earlier, first_minute)
    # A window that lies within one minute is counted anew in full.
    within = end_minute < first_minute
    last_ns = max(end_minute * MINUTE_NS, begin_ns)
    now_minute, cut_minute = _up(window.since_ns, MINUTE_NS), window.since_ns // MINUTE_NS
    cut = earlier is not None and now_minute != cut_minute
    return {
        "since_ns": window.since_ns,
        "until_ns": window.until_ns,
        "first_ns": begin_ns,
        "first_end_ns": begin_ns if within else first_minute * MINUTE_NS,
        "cut_ns": max(cut_minute * MINUTE_NS, begin_ns) if cut else window.since_ns,
        "cut_end_ns": min(now_minute * MINUTE_NS, last_ns) if cut else window.since_ns,
        "last_ns": last_ns,
        "minute": first_minute,
        "minutes_end": minutes_end,
        "now_minute": now_minute,
        "cut_minute": cut_minute if cut else _NO_MINUTE,
        "hour": hour,
        "hours_end": hours_end,
        "earlier_hour": earlier_hour,
        "earlier_hours_end": earlier_hours_end,
    }


def _whole_hours(window: Window, none: int) -> tuple[int, int]:
    """The first minute of the whole hours in a window, and of the hour after; or twice ``none``."""
    first, end = _up(window.since_ns, HOUR_NS) * _HOUR, window.until_ns // HOUR_NS * _HOUR
    return (first, end) if first < end else (none, none)


def _up(time_ns: int, unit_ns: int) -> int:
    return -(-time_ns // unit_ns)
