"""Reads the figures of invocations in a window, and in the one before it.

Each table is asked by itself: DuckDB takes longer to plan one question of all of them than to
answer each, and adds up names faster that come from one table. What they tell is added up in numpy
as a page needs it (:mod:`collector.model.figures`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.figure_columns import Arrays, Columns, Names, counted, only, stored, together
from collector.model.figures import Cells
from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES
from collector.store.queries.steps import HOUR_NS, MINUTE_NS, before

_COUNTS_END: Final = 20
_END: Final = 30
_COSTS_END: Final = 62
_HOUR: Final = 60  # minutes
_NO_MINUTE: Final = -1
_FOREVER: Final = 2**31 - 1
# More hours than this are read in one go.
_FEW_HOURS: Final = 6


@dataclass(frozen=True, slots=True)
class Cut:
    """How the cells of a window are cut.

    ``step_ns`` 0: all one step. ``earlier``: the window before it is read too. Of one function,
    versions are told apart, and the steps and the window before have every figure; of all, they
    have counts alone. ``costs``: of all functions those figures are read too that costs are counted
    from.
    """

    step_ns: int = 0
    earlier: bool = False
    costs: bool = False

    @property
    def by_hour(self) -> bool:
        """Whether steps are whole hours."""
        return self.step_ns % HOUR_NS == 0

    def least_by_hour(self, *, in_full: bool) -> int:
        """From which figure on whole hours are read as such, which are 60 times fewer rows."""
        return 0 if self.by_hour else _END if in_full else _COUNTS_END


@dataclass(frozen=True, slots=True)
class Read:
    """Cells, and the arrays they were made from, in which those of costs are too if asked for."""

    cells: Cells
    arrays: Arrays
    names: Names


def read_cells(
    cursor: Cursor,
    window: Window,
    cut: Cut,
    function: str | None,
    watched_since_ns: Mapping[str, int],
) -> Read:
    """All cells of a window, of one function or of the first 1000 by name.

    ``watched_since_ns``: when the first stored invocation of each function began.
    """
    known, names = sorted(watched_since_ns), Names()
    last = known[MAX_ROWS - 1] if len(known) > MAX_ROWS else None
    ranges = ranges_of(window, before(window) if cut.earlier else None)
    arrays = together(_asked(cursor, ranges, cut, names, function, last))
    told = only(arrays, arrays["figure"] < _END) if cut.costs else arrays
    cells = Cells.of(told, names, watched_since_ns)
    if function is not None and cut.by_hour:
        cells = _seen_to_the_minute(cursor, cells, function, ranges)
    return Read(cells, arrays, names)


def _asked(
    cursor: Cursor,
    ranges: dict[str, int],
    cut: Cut,
    names: Names,
    function: str | None,
    last_function: str | None,
) -> Iterator[Arrays]:
    """The cells of each table that may have any."""
    step, in_full = cut.step_ns // MINUTE_NS or _FOREVER, function is not None
    least = cut.least_by_hour(in_full=in_full)
    if least == _END:  # the window itself is read by the minute alone
        ranges = ranges | {"hour": ranges["minutes_end"], "hours_end": ranges["minutes_end"]}
    how: dict[str, Any] = {"ranges": ranges, "step": step}
    hours = any(ranges[since] < ranges[until] for since, until in _HOURS)
    minutes = [
        (each, most)
        for each, most in _minutes(ranges, least)
        if any(each[since] < each[until] for since, until in _PAIRS)
    ]
    if function is None:
        of = {**how, "last_function": last_function}
        every = _COSTS_END if cut.costs else _END
        if hours:
            yield stored(list_by_hour(cursor, least=least, most=every, **of), names)
        for each, most in minutes:
            most = every if most == _END else most
            yield stored(list_by_minute(cursor, minutes=each, most=most, **of), names)
        yield stored(list_changed(cursor, most=every, **of), names)
    else:
        if hours:
            yield stored(figures_by_hour(cursor, function=function, **how), names)
        for each, _ in minutes:
            yield stored(figures_by_minute(cursor, minutes=each, function=function, **how), names)
        yield stored(figures_changed(cursor, function=function, **how), names)
    rows = figures_anew(cursor, ranges=ranges, function=function, last_function=last_function)
    yield counted(rows, names, ranges["since_ns"], step, in_full=in_full)


_HOURS: Final = (("hour", "hours_end"), ("earlier_hour", "earlier_hours_end"))
_PAIRS: Final = (("since", "until"), ("again", "end"))


def _minutes(ranges: dict[str, int], least: int) -> Iterator[tuple[dict[str, int], int]]:
    """What is read by the minute, and below which figure: all that is not read by the hour."""
    bounds = [ranges["minute"], ranges["minutes_end"]]
    if ranges["earlier_hour"] < ranges["earlier_hours_end"]:
        bounds[1:1] = [ranges["earlier_hour"], ranges["earlier_hours_end"]]
    if ranges["hour"] < ranges["hours_end"]:
        bounds[-1:-1] = [ranges["hour"], ranges["hours_end"]]
        if least > 0:
            yield _two(ranges["hour"], ranges["hours_end"]), least
    yield _two(*bounds[:4]), _END
    if len(bounds) > 4:
        yield _two(*bounds[4:]), _END


def _two(since: int, until: int, again: int = 0, end: int = 0) -> dict[str, int]:
    return {"since": since, "until": until, "again": again, "end": end}


def _seen_to_the_minute(
    cursor: Cursor, cells: Cells, function: str, ranges: dict[str, int]
) -> Cells:
    """Cells of hours know only the hour in which a version was first and last seen."""
    hours = cells.hours_seen(ranges["hour"], ranges["hours_end"])
    parts = [(hour, hour + _HOUR) for hour in hours]
    if len(parts) > _FEW_HOURS:
        parts = [(hours[0], hours[-1] + _HOUR)]
    seen = [
        told
        for since, until in parts
        for told in version_minutes(cursor, function=function, since=since, until=until)
    ]
    return cells.with_seen(seen, ranges["hour"], ranges["hours_end"])


@QUERIES.question
def list_by_hour(
    cursor: Cursor,
    *,
    ranges: dict[str, int],
    least: int,
    most: int,
    step: int,
    last_function: str | None,
) -> Columns:
    """Columns of cells of whole hours: figures below ``most``, of the window from ``least`` on.

    A step is so many minutes; the ranges are those of :func:`ranges_of`.
    """
    return QUERIES.columns(
        cursor,
        "list_by_hour",
        ranges=ranges,
        least=least,
        most=most,
        step=step,
        last_function=last_function,
    )


@QUERIES.question
def list_by_minute(
    cursor: Cursor,
    *,
    ranges: dict[str, int],
    minutes: dict[str, int],
    most: int,
    step: int,
    last_function: str | None,
) -> Columns:
    """Columns of cells of ``minutes``, figures below ``most``."""
    return QUERIES.columns(
        cursor,
        "list_by_minute",
        ranges=ranges,
        minutes=minutes,
        most=most,
        step=step,
        last_function=last_function,
    )


@QUERIES.question
def list_changed(
    cursor: Cursor, *, ranges: dict[str, int], most: int, step: int, last_function: str | None
) -> Columns:
    """Columns of cells of changes that are not in minutes and hours yet; amounts may be less."""
    return QUERIES.columns(
        cursor, "list_changed", ranges=ranges, most=most, step=step, last_function=last_function
    )


@QUERIES.question
def figures_by_hour(cursor: Cursor, *, ranges: dict[str, int], step: int, function: str) -> Columns:
    """The same of one function, by version."""
    return QUERIES.columns(cursor, "figures_by_hour", ranges=ranges, step=step, function=function)


@QUERIES.question
def figures_by_minute(
    cursor: Cursor, *, ranges: dict[str, int], minutes: dict[str, int], step: int, function: str
) -> Columns:
    """The same of one function, by version."""
    return QUERIES.columns(
        cursor, "figures_by_minute", ranges=ranges, minutes=minutes, step=step, function=function
    )


@QUERIES.question
def figures_changed(cursor: Cursor, *, ranges: dict[str, int], step: int, function: str) -> Columns:
    """The same of one function, by version."""
    return QUERIES.columns(cursor, "figures_changed", ranges=ranges, step=step, function=function)


@QUERIES.question
def figures_anew(
    cursor: Cursor, *, ranges: dict[str, int], function: str | None, last_function: str | None
) -> Columns:
    """Invocations in the minutes that windows cut, and what each adds to figures."""
    return QUERIES.columns(
        cursor, "figures_anew", ranges=ranges, function=function, last_function=last_function
    )


@QUERIES.question
def version_minutes(
    cursor: Cursor, *, function: str, since: int, until: int
) -> list[tuple[str, int, int]]:
    """Versions of a function with invocations in these minutes: the first and last of them."""
    return QUERIES.rows(cursor, "version_minutes", function=function, since=since, until=until)


def ranges_of(window: Window, earlier: Window | None = None) -> dict[str, int]:
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
