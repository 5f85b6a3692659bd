"""Reads what invocations were billed for, from figures by the hour, by the minute and anew.

Each table is asked by itself, as in :mod:`collector.store.queries.figure_cells`.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from duckdb import DuckDBPyConnection as Cursor

from collector.model.costs.quantities import (
    FIRST,
    NOTICED,
    Noticed,
    Quantity,
    added_up,
    counted_anew,
)
from collector.model.figure_columns import Arrays, Columns, Names, only, stored
from collector.model.window import Window
from collector.store.queries.figure_cells import Read, ranges_of
from collector.store.queries.registry import QUERIES
from collector.store.queries.steps import HOUR_NS, MINUTE_NS

_FOREVER: Final = 2**31 - 1


def read_quantities(
    cursor: Cursor,
    window: Window,
    *,
    step_ns: int = 0,
    each_version: bool = False,
    function: str | None = None,
) -> tuple[list[Quantity], Noticed]:
    """By function, version where asked for, step of time (0: one) and memory size.

    And what else was noticed of the functions. Steps are whole minutes.
    """
    names = Names()
    whose: dict[str, Any] = {"each_version": each_version, "function": function}
    step = step_ns // MINUTE_NS or _FOREVER
    cells = _asked(cursor, window, step, by_hour=step_ns % HOUR_NS == 0, names=names, **whose)
    return added_up(cells, names, window.since_ns, step_ns)


def quantities_among(cursor: Cursor, window: Window, read: Read) -> tuple[list[Quantity], Noticed]:
    """:func:`read_quantities` by function, from what was read of all figures of a window."""
    arrays, figure = read.arrays, read.arrays["figure"]
    told = (figure >= FIRST) | np.isin(figure, NOTICED)
    cells = only(arrays, told & (arrays["at_minute"] >= 0))
    rows = cost_anew(cursor, ranges=ranges_of(window), each_version=False, function=None)
    anew = counted_anew(rows, read.names, _FOREVER)
    return added_up((cells, anew), read.names, window.since_ns, 0)


def _asked(
    cursor: Cursor, window: Window, step: int, *, by_hour: bool, names: Names, **whose: Any
) -> Iterator[Arrays]:
    """The cells of each table that may have any."""
    ranges = ranges_of(window)
    since, until = ranges["minute"], ranges["minutes_end"]
    hour, hours_end = (ranges["hour"], ranges["hours_end"]) if by_hour else (until, until)
    if hour < hours_end:
        yield stored(cost_by_hour(cursor, ranges=ranges, step=step, **whose), names)
    minutes = {"since": since, "until": hour, "again": hours_end, "end": until}
    if since < hour or hours_end < until:
        yield stored(cost_by_minute(cursor, minutes=minutes, step=step, **whose), names)
    if since < until:
        yield stored(cost_changed(cursor, ranges=ranges, step=step, **whose), names)
    yield counted_anew(cost_anew(cursor, ranges=ranges, **whose), names, step)


@QUERIES.question
def cost_by_hour(
    cursor: Cursor, *, ranges: dict[str, int], step: int, each_version: bool, function: str | None
) -> Columns:
    """Columns of cells of whole hours. A step is so many minutes."""
    return QUERIES.columns(
        cursor,
        "cost_by_hour",
        ranges=ranges,
        step=step,
        each_version=each_version,
        function=function,
    )


@QUERIES.question
def cost_by_minute(
    cursor: Cursor, *, minutes: dict[str, int], step: int, each_version: bool, function: str | None
) -> Columns:
    """Columns of cells of minutes."""
    return QUERIES.columns(
        cursor,
        "cost_by_minute",
        minutes=minutes,
        step=step,
        each_version=each_version,
        function=function,
    )


@QUERIES.question
def cost_changed(
    cursor: Cursor, *, ranges: dict[str, int], step: int, each_version: bool, function: str | None
) -> Columns:
    """Columns of cells of changes that are not in minutes and hours yet; amounts may be less."""
    return QUERIES.columns(
        cursor,
        "cost_changed",
        ranges=ranges,
        step=step,
        each_version=each_version,
        function=function,
    )


@QUERIES.question
def cost_anew(
    cursor: Cursor, *, ranges: dict[str, int], each_version: bool, function: str | None
) -> Columns:
    """Invocations in the minutes that the window cuts, and what each was billed for."""
    return QUERIES.columns(
        cursor, "cost_anew", ranges=ranges, each_version=each_version, function=function
    )


@QUERIES.question
def fees_told(cursor: Cursor, *, since_ns: int, until_ns: int) -> tuple[bool, bool]:
    """Whether any message was sent or taken or a workflow ran, and whether metrics tell of such."""
    rows = QUERIES.rows(cursor, "fees_told", since_ns=since_ns, until_ns=until_ns)
    return bool(rows[0][0]), bool(rows[0][1])
