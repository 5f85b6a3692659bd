"""What things cost: by function, day, flow shape; over time; every grouping of one total."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.errors import BadQuestion
from collector.model.cost import CostPoint, CostReport, CostRow
from collector.model.costs.book import day_of
from collector.model.costs.pricing import Pricing
from collector.model.window import NS_PER_S, Window
from collector.store.queries.cost_reading import CostReading, Counted, row_of, total_of
from collector.store.queries.share_rows import Shape, cost_shapes
from collector.store.queries.steps import before, step_of

DAY_NS: Final = 86_400 * NS_PER_S
GROUPS: Final = ("function", "day", "event_shape")
OUTSIDE: Final = "outside"
"""Key of the row of what no event trace accounts for."""


def read_costs(
    cursor: Cursor, window: Window, pricing: Pricing, *, by: str = "function"
) -> CostReport:
    """Rows by ``by``, the dearest first; rows of one window have the same total whatever ``by``.

    ``by``: "function" (and a row for each queue), "day" (UTC), "event_shape" (and a row of what no
    event trace accounts for). What began in the window counts.

    Raises:
        BadQuestion: there is no such grouping.
    """
    if by not in GROUPS:
        raise BadQuestion(f"costs are not told by {by[:40]!r}: by is one of {', '.join(GROUPS)}")
    # Shares of event traces say what became of them; figures have to be told.
    reading = CostReading(cursor, window, pricing, splits=by != "event_shape")
    rows = {"function": _by_function, "day": _by_day, "event_shape": _by_shape}[by](reading)
    return _report(reading, by, rows)


def read_costs_over_time(
    cursor: Cursor, window: Window, pricing: Pricing, *, steps: int = 60
) -> tuple[CostReport, tuple[CostPoint, ...]]:
    """:func:`read_costs` by function, and :func:`read_cost_series`, of one reading."""
    reading, step_ns = CostReading(cursor, window, pricing), step_of(window, steps)
    report = _report(reading, "function", _by_function(reading, step_ns))
    return report, _series(reading, step_ns)


def _report(reading: CostReading, by: str, rows: list[CostRow]) -> CostReport:
    """Rows in order, beside what the period before cost."""
    ordered = sorted(rows, key=lambda row: (-(row.cost.usd or Decimal(0)), row.label))
    if by == "day":
        ordered = sorted(rows, key=lambda row: row.key)
    rates = reading.rates
    earlier = CostReading(
        reading.cursor, before(reading.window), rates.pricing, splits=False, others=rates
    )
    told_before = total_of(_by_function(earlier), "")
    return CostReport(by, tuple(ordered), total_of(rows, "all"), told_before.cost.usd)


def read_day_costs(cursor: Cursor, window: Window, pricing: Pricing) -> list[CostRow]:
    """Each day (UTC) of the window, in order, fees of queues included."""
    return _by_day(CostReading(cursor, window, pricing, splits=False))


def read_function_costs(
    cursor: Cursor,
    window: Window,
    pricing: Pricing,
    function: str | None = None,
    *,
    counted: Counted | None = None,
) -> dict[str, CostRow]:
    """By function: its cost, without fees of queues; retries of messages count as failed work.

    ``counted``: what was counted of the window, where that was read already.
    """
    reading = CostReading(cursor, window, pricing, function, splits=False, counted=counted)
    return {row.key: row for row in reading.functions()}


def read_version_costs(
    cursor: Cursor, window: Window, pricing: Pricing, function: str
) -> list[CostRow]:
    """Each version of a function, the dearest first; "" is a version that is not told."""
    reading = CostReading(cursor, window, pricing, function)
    found: dict[str, list[CostRow]] = defaultdict(list)
    for period, rows in reading.billed(step_ns=0, each_version=True):
        for row in rows:
            found[row.version or ""].append(
                row_of(reading.rates, (row,), period, row.version or "")
            )
    merged = [replace(total_of(rows, version), kind="version") for version, rows in found.items()]
    return sorted(merged, key=lambda row: (-(row.cost.usd or Decimal(0)), row.key))


def read_version_report(
    cursor: Cursor, window: Window, pricing: Pricing, function: str
) -> CostReport:
    """The versions of a function as a report, beside what it cost in the period before."""
    rows = read_version_costs(cursor, window, pricing, function)
    earlier = read_function_costs(cursor, before(window), pricing, function).get(function)
    return CostReport(
        "version", tuple(rows), total_of(rows, "all"), earlier.cost.usd if earlier else None
    )


def read_cost_series(
    cursor: Cursor,
    window: Window,
    pricing: Pricing,
    *,
    function: str | None = None,
    steps: int = 60,
) -> tuple[CostPoint, ...]:
    """Cost over time, of all functions or of one, without fees; gaps are steps without any."""
    reading = CostReading(cursor, window, pricing, function)
    return _series(reading, step_of(window, steps))


def _series(reading: CostReading, step_ns: int) -> tuple[CostPoint, ...]:
    found = reading.by_step(step_ns)
    return tuple(
        CostPoint(time_ns, row.cost, row.invocation_count, row.success_count)
        for time_ns, row in sorted(found.items())
    )


def _by_function(reading: CostReading, step_ns: int = 0) -> list[CostRow]:
    return [*reading.functions(step_ns), *_fees(reading)]


def _fees(reading: CostReading) -> list[CostRow]:
    """A row for each queue, topic, bus and state machine that was seen."""
    rows: dict[str, list[CostRow]] = defaultdict(list)
    for _, row in reading.fees(step_ns=0):
        rows[row.key].append(row)
    return [
        replace(found[0], cost=total_of(found, name).cost) for name, found in sorted(rows.items())
    ]


def _by_day(reading: CostReading) -> list[CostRow]:
    rows: dict[int, list[CostRow]] = defaultdict(list)
    for time_ns, row in reading.by_step(DAY_NS).items():
        rows[time_ns].append(row)
    for time_ns, row in reading.fees(step_ns=DAY_NS):
        rows[time_ns].append(row)
    return [
        replace(total_of(found, day_of(time_ns).isoformat()), kind="day")
        for time_ns, found in sorted(rows.items())
    ]


def _by_shape(reading: CostReading) -> list[CostRow]:
    rows: dict[int | None, list[CostRow]] = defaultdict(list)
    alone = reading.metrics_only()
    shares, shapes = cost_shapes(
        reading.cursor,
        since_ns=reading.window.since_ns,
        until_ns=reading.window.until_ns,
        bounds_ns=reading.rates.periods.bounds_ns,
    )
    for share in shares:
        billed = share.billed
        rows[share.owner].append(row_of(reading.rates, (billed,), share.period, billed.function))
    for shape_id, row in reading.shape_fees():
        rows[shape_id].append(row)
    rows[None] += alone
    rows[None] += [
        CostRow(held.function, held.function, "function", held.cost) for held in reading.held(0)
    ]
    return [
        _shape_row(shape_id, found, shapes.get(shape_id, Shape((), None)))
        for shape_id, found in rows.items()
        if found
    ]


def _shape_row(shape_id: int | None, found: list[CostRow], shape: Shape) -> CostRow:
    if shape_id is None:
        return replace(total_of(found, OUTSIDE), label="no event trace", kind="outside")
    return replace(
        total_of(found, f"{shape_id:016x}"), label=" > ".join(shape.path), kind="event_shape",
        event_count=shape.event_count, path=shape.path,
    )  # fmt: skip
