"""What many invocations are billed for at a time: :mod:`~collector.model.costs.rounding` in numpy.

A third way of saying it beside the view billed_rows, for the few invocations of the minutes that a
window cuts: a question of that view takes longer to plan than these take to work out.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from collector.model.costs.rounding import INIT_BILLED_SINCE_NS
from collector.model.figure_columns import Columns, Mask, Numbers, values_of

LAMBDA, AZURE, GOOGLE, CLOUDFLARE = 1, 2, 4, 6
_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """A column that may have gaps: values, and where there is one."""

    values: Numbers
    known: Mask

    @classmethod
    def of(cls, column: Any) -> Self:
        return cls(values_of(column), ~np.ma.getmaskarray(column))


@dataclass(frozen=True, slots=True)
class BilledTimes:
    """µs of each invocation; of the time it ran, and that by Azure Flex's steps, if it is told."""

    exec_us: Told
    init_us: Numbers
    flex_us: Told


def billed_times(columns: Columns) -> BilledTimes:
    """From the columns of ``cost_anew.sql``."""
    billing = values_of(columns["billing"])
    ran, cold = Told.of(columns["duration_ns"]), Told.of(columns["cold_ns"])
    billed, cpu = Told.of(columns["billed_ns"]), Told.of(columns["cpu_ns"])
    aws, google, azure = billing == LAMBDA, billing == GOOGLE, billing == AZURE
    ran_ns = np.where(ran.known, ran.values, 0)
    began = ran.known & cold.known
    both_ns = ran_ns + cold.values
    fits = billed.values >= both_ns - _MS
    late = values_of(columns["start_ns"]) >= INIT_BILLED_SINCE_NS
    init_us = np.select(
        [~began, aws & billed.known & fits, aws & ~billed.known & late, google],
        [
            np.zeros(len(billing), np.int64),
            np.minimum((cold.values + _MS // 2) // _MS * 1000, billed.values // 1000),
            _steps_us(both_ns, 1, 0) - _steps_us(ran_ns, 1, 0),
            _steps_us(both_ns, 100, 100) - _steps_us(ran_ns, 100, 100),
        ],
        0,
    )
    exec_us = np.select(
        [aws & billed.known, aws, azure, google],
        [
            billed.values // 1000 - init_us,
            _steps_us(ran_ns, 1, 0),
            _steps_us(ran_ns, 1, 100),
            _steps_us(ran_ns, 100, 100),
        ],
        cpu.values // 1000,
    )
    told = (aws & billed.known) | ((aws | azure | google) & ran.known)
    told |= (billing == CLOUDFLARE) & cpu.known
    flex = Told(_steps_us(ran_ns, 100, 1000), azure & ran.known)
    return BilledTimes(Told(exec_us, told), init_us, flex)


def weighted(amounts: Numbers, weight: Any) -> Numbers:
    """Times the weight; halves are rounded up, as the store does."""
    exact = amounts * np.asarray(weight, np.float64)
    whole = np.trunc(exact)
    return (whole + (exact - whole >= 0.5)).astype(np.int64)


def _steps_us(duration_ns: Numbers, step_ms: int, least_ms: int) -> Numbers:
    """Durations in whole steps, begun ones counted."""
    step_ns = step_ms * _MS
    return np.maximum(-(-duration_ns // step_ns) * step_ms, least_ms) * 1000
