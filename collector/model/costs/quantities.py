"""What functions were billed for, added up from columns of figures; what a quantity is: the view
cost_figures_of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from collector.model.costs.billing import Told, billed_times, weighted
from collector.model.figure_columns import (
    USED_MB,
    Arrays,
    Columns,
    Mask,
    Names,
    Numbers,
    groups,
    together,
    values_of,
)

FIRST, UNRATED = 30, 50
"""The figures of the first quantity, and of it where nothing tells whether spans were sampled."""

# Places of quantities: by fate (0 succeeded, 1 failed, 2 a further attempt failed) three each.
REQUESTS, EXEC_US, INIT_US, FLEX_US, UNTOLD, SCALED = 0, 3, 6, 7, 10, 11
COUNT: Final = 12
_PROVISIONED: Final = 6
NOTICED: Final = (_PROVISIONED, USED_MB)
"""Figures that tell more of functions than they were billed for."""
_MINUTE_NS: Final = 60 * 10**9


@dataclass(slots=True)  # thousands of them: frozen ones take three times as long to make
class Quantity:
    """What one function, version and memory size (0: not told) was billed for in a step of time.

    ``amounts``: requests in thousandths and µs, in the order of the figures from 30 on.
    ``unrated``: of spans of which nothing tells whether they were sampled.
    """

    function: str
    version: str | None
    time_ns: int
    memory_mb: int
    amounts: Sequence[int]
    unrated: bool = False

    @property
    def requests(self) -> int:
        """Requests in thousandths, whatever became of them."""
        return self.amounts[REQUESTS] + self.amounts[REQUESTS + 1] + self.amounts[REQUESTS + 2]


@dataclass(slots=True)
class Noticed:
    """By function: the most memory used, the largest size seen, MB; and the provisioned ones."""

    used_mb: dict[str, int] = field(default_factory=dict)
    memory_mb: dict[str, int] = field(default_factory=dict)
    provisioned: set[str] = field(default_factory=set)

    def add(self, function: str, used_mb: int | None, memory_mb: int, provisioned: int) -> None:
        if used_mb is not None:
            self.used_mb[function] = max(used_mb, self.used_mb.get(function, 0))
        if memory_mb > 0:
            self.memory_mb[function] = max(memory_mb, self.memory_mb.get(function, 0))
        if provisioned > 0:
            self.provisioned.add(function)


def counted_anew(columns: Columns, names: Names, step: int) -> Arrays:
    """Cells of one invocation each, from the columns of ``cost_anew.sql``; steps in minutes."""
    billed, fate = values_of(columns["billing"]) > 0, values_of(columns["fate"])
    size, weight = values_of(columns["memory_mb"]), np.asarray(columns["weight"], np.float64)
    times = billed_times(columns)
    one, none = np.ones(len(billed), np.int64), np.zeros(len(billed), np.int64)
    requests, told = weighted(1000 * one, weight), times.exec_us.known
    exec_us, flex_us = (
        weighted(times.exec_us.values, weight),
        weighted(times.flex_us.values, weight),
    )
    init_us = weighted(times.init_us, weight)
    used = Told.of(columns["used_mb"])
    provisioned = np.asarray(columns["provisioned"], np.bool_)
    first = np.where(np.asarray(columns["rated"], np.bool_), FIRST, UNRATED)
    parts = [
        _part(billed, first + REQUESTS + fate, size, requests),
        _part(billed & told, first + EXEC_US + fate, size, exec_us),
        _part(billed, first + INIT_US, size, init_us),
        _part(billed & times.flex_us.known, first + FLEX_US + fate, size, flex_us),
        _part(billed & ~told, first + UNTOLD, size, requests),
        _part(billed & (weight > 1), first + SCALED, size, requests),
        _part(used.known, none + USED_MB, used.values, one),
        _part(provisioned, none + _PROVISIONED, none, one),
    ]
    row, figure, bucket, amount = (np.concatenate(each) for each in zip(*parts, strict=True))
    at_minute = values_of(columns["start_ns"])[row] // _MINUTE_NS // step * step
    return {
        "function": names.of(columns["function"])[row],
        "version": names.of(columns["version"])[row],
        "at_minute": at_minute,
        "figure": figure,
        "bucket": bucket,
        "amount": amount,
        "first_minute": at_minute,
        "last_minute": at_minute,
    }


def _part(
    kept: Mask, figure: Numbers, bucket: Numbers, amount: Numbers
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """The rows that add something, and to which figure and bucket how much."""
    row = np.flatnonzero(kept & (amount != 0))
    return row, figure[row], bucket[row], amount[row]


def added_up(
    parts: Iterable[Arrays], names: Names, since_ns: int, step_ns: int
) -> tuple[list[Quantity], Noticed]:
    """The quantities of all cells; a step of 0 ns is one, which begins at ``since_ns``."""
    cells = together(parts)
    texts, noticed = names.texts, Noticed()
    _notice(cells, texts, noticed)
    kept = cells["figure"] >= FIRST
    if not kept.any():
        return [], noticed
    figure = cells["figure"][kept]
    unrated = (figure >= UNRATED).astype(np.int64)
    keys = [cells[name][kept] for name in ("function", "version", "at_minute", "bucket")]
    keys.append(unrated)
    group, example = groups(keys)
    sums = np.zeros((len(example), COUNT), np.int64)
    place = figure - np.where(unrated == 1, UNRATED, FIRST)
    np.add.at(sums, (group, place), cells["amount"][kept])
    some = np.flatnonzero(sums[:, :SCALED].sum(axis=1) > 0)
    rows = zip(*(key[example][some].tolist() for key in keys), sums[some].tolist(), strict=True)
    names_of = list(names.places)
    found = [
        Quantity(
            texts[each],
            names_of[of],
            minute * _MINUTE_NS if step_ns else since_ns,
            size,
            amounts,
            bool(apart),
        )
        for each, of, minute, size, apart, amounts in rows
    ]
    for quantity in found:
        noticed.add(quantity.function, None, quantity.memory_mb, 0)
    return found, noticed


def _notice(cells: dict[str, Any], texts: Sequence[str], noticed: Noticed) -> None:
    function, figure, amount = cells["function"], cells["figure"], cells["amount"]
    used = (figure == USED_MB) & (amount > 0)
    for place, used_mb in zip(function[used].tolist(), cells["bucket"][used].tolist(), strict=True):
        noticed.add(texts[place], used_mb, 0, 0)
    for place in np.unique(function[(figure == _PROVISIONED) & (amount > 0)]).tolist():
        noticed.add(texts[place], None, 0, 1)
