"""Functions that metrics alone tell of, as amounts billed; never beside their invocations."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import Assumption
from collector.model.costs.bill import MILLI, Amount, Fate
from collector.model.costs.plans import Place, Plan, Terms
from collector.model.window import Window
from collector.store.queries.cost_rows import Billed, place_of
from collector.store.queries.reported import Report, step_reports

NO_INIT = Assumption(
    "init_unseen", "of metrics alone: CloudWatch's Duration leaves out initialisation"
)
ROUNDED_TOGETHER = Assumption(
    "metrics_rounded", "of metrics alone: time is summed before it is rounded to billing steps"
)

SPREAD = Assumption(
    "metrics_spread", "of metrics alone: durations are taken to lie in the middle of their buckets"
)


def how_told(terms: Terms) -> Assumption:
    """What a figure of metrics alone takes for granted."""
    if terms.provider == "aws":
        return NO_INIT
    return SPREAD if terms.plan is Plan.GOOGLE_1ST_GEN else ROUNDED_TOGETHER


@dataclass(slots=True)
class Beside:
    """Where functions run that metrics alone tell of; how many invocations they tell of others."""

    places: dict[str, Place] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)


_UNIT_MB = 1024  # one GB: execution units of Azure are MB-ms


def reported_amounts(
    cursor: Cursor, window: Window, step_ns: int, told: Collection[str], function: str | None = None
) -> tuple[list[Billed], Beside]:
    """Amounts by function and step of time, of functions that are not among ``told``.

    And what metrics tell beside them.
    """
    beside = Beside()
    rows = []
    for (name, at_ns), report in sorted(step_reports(cursor, window, step_ns, function).items()):
        if name in told:
            count = beside.counts.get(name, 0) + (report["invocations"] or 0)
            beside.counts[name] = count
        else:
            beside.places[name] = replace(place_of(report), plan=report["told_plan"])
            rows.append(_billed(name, at_ns, report))
    return [each for each in rows if each is not None], beside


def _billed(name: str, time_ns: int, report: Report) -> Billed | None:
    requests = _exact(report["invocations"])
    memory_mb = None
    exec_us = None
    if report["mb_ms"] is not None:
        memory_mb = _UNIT_MB
        exec_us = _exact(report["mb_ms"]) * 1000 / _UNIT_MB
    elif report["instance_s"] is not None:
        exec_us = _exact(report["instance_s"]) * 1_000_000
    elif report["stepped_ns"] is not None:
        exec_us = _exact(report["stepped_ns"]) / 1000
    elif report["duration_ms"] is not None:
        exec_us = _exact(report["duration_ms"]) * 1000
    if not requests and not exec_us:
        return None
    failed = min(_exact(report["errors"]), requests)
    amounts = (
        Amount(Fate.OK, memory_mb, (requests - failed) * MILLI, exec_us or Decimal(0)),
        Amount(Fate.FAILED, memory_mb, failed * MILLI),
    )
    untold = requests * MILLI if exec_us is None else Decimal(0)
    return Billed(name, None, time_ns, memory_mb, amounts, amounts, untold, Decimal(0))


def _exact(value: float | None) -> Decimal:
    return Decimal(repr(value)) if value else Decimal(0)
