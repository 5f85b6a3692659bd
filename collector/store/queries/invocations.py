"""Invocations one by one: the slowest and the failed of a function, and how it failed.

Figures tell by the hour how many were how slow, and how many failed. So they say how long the
slowest took at least, and since when enough failed: few rows are read in full.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duckdb import DuckDBPyConnection as Cursor

from collector.model.figure_columns import DURATION
from collector.model.figures import bucket_least_ns
from collector.model.health import ErrorType, FunctionInvocations, InvocationRow
from collector.model.window import Window
from collector.store.queries.figure_cells import ranges_of
from collector.store.queries.registry import QUERIES, capped
from collector.store.queries.steps import MINUTE_NS

Place = tuple[int, UUID]
"""When an invocation began, and its key."""

_FAILED: Final = 2


def read_function_invocations(
    cursor: Cursor, name: str, window: Window, *, limit: int = 10
) -> FunctionInvocations:
    """The slowest invocations of a function that began in the window, and the newest failed."""
    most = capped(limit)
    hours = invocation_hours(cursor, function=name, ranges=ranges_of(window))
    place: dict[str, Any] = {"function": name, "until_ns": window.until_ns}
    since_ns = max(window.since_ns, _failed_since_ns(hours, most))
    failed = failed_invocations(cursor, **place, since_ns=since_ns, limit=most)
    place["since_ns"] = window.since_ns
    least_ns = _slow_least_ns(hours, most)
    slowest = slowest_invocations(cursor, **place, least_ns=least_ns, limit=most)
    found = {}
    if slowest or failed:
        starts, keys = zip(*slowest, *failed, strict=True)
        found = invocations_at(cursor, **place, starts_ns=starts, keys=keys)
    return FunctionInvocations(
        slowest=tuple(found[each] for each in slowest), failed=tuple(found[each] for each in failed)
    )


@dataclass(frozen=True, slots=True)
class Hour:
    """How many invocations of an hour, which begins in a minute, a bucket of a figure has."""

    minute: int
    figure: int
    bucket: int
    amount: int


def _failed_since_ns(hours: Iterable[Hour], count: int) -> int:
    """The beginning of the hour since which so many failed; 0 where fewer did."""
    found = sorted((each.minute, each.amount) for each in hours if each.figure == _FAILED)
    return (_reached(reversed(found), count) or 0) * MINUTE_NS


def _slow_least_ns(hours: Iterable[Hour], count: int) -> int | None:
    """A duration that so many invocations have at least; None where fewer tell theirs."""
    found = sorted((each.bucket, each.amount) for each in hours if each.figure == DURATION)
    bucket = _reached(reversed(found), count)
    return None if bucket is None else bucket_least_ns(bucket)


def _reached(amounts: Iterable[tuple[int, int]], count: int) -> int | None:
    """The first key at which the amounts up to it come to so many; None: they do not."""
    for key, amount in amounts:
        count -= amount
        if count <= 0:
            return key
    return None


@QUERIES.question
def invocation_hours(cursor: Cursor, *, function: str, ranges: dict[str, int]) -> list[Hour]:
    """How many invocations failed, and how many took how long, by the hour.

    The ranges are those of :func:`ranges_of`; what began in minutes that they cut is left out.
    """
    rows = QUERIES.rows(cursor, "invocation_hours", function=function, ranges=ranges)
    return [Hour(*row) for row in rows]


@QUERIES.question
def slowest_invocations(
    cursor: Cursor, *, function: str, since_ns: int, until_ns: int, least_ns: int | None, limit: int
) -> list[Place]:
    """Its slowest invocations; ``least_ns``: the shortest of them took no less."""
    return QUERIES.rows(
        cursor,
        "slowest_invocations",
        function=function,
        since_ns=since_ns,
        until_ns=until_ns,
        least_ns=least_ns,
        limit=limit,
    )


@QUERIES.question
def failed_invocations(
    cursor: Cursor, *, function: str, since_ns: int, until_ns: int, limit: int
) -> list[Place]:
    """Its newest failed invocations."""
    return QUERIES.rows(
        cursor,
        "failed_invocations",
        function=function,
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit,
    )


@QUERIES.question
def invocations_at(
    cursor: Cursor,
    *,
    function: str,
    since_ns: int,
    until_ns: int,
    starts_ns: Sequence[int],
    keys: Sequence[UUID],
) -> dict[Place, InvocationRow]:
    """Invocations with any of these starts and any of these keys, in full."""
    rows = QUERIES.rows(
        cursor,
        "invocations_at",
        function=function,
        since_ns=since_ns,
        until_ns=until_ns,
        starts_ns=list(starts_ns),
        keys=list(keys),
    )
    return {(start_ns, key): InvocationRow(*told) for start_ns, key, *told in rows}


@QUERIES.question
def function_errors(
    cursor: Cursor, *, function: str, since_ns: int, until_ns: int, limit: int
) -> list[ErrorType]:
    """How invocations of a function failed, the most frequent way first."""
    rows = QUERIES.rows(
        cursor,
        "function_errors",
        function=function,
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit,
    )
    return [ErrorType(*row) for row in rows]
