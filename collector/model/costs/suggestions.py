"""What would cost less: memory, arm64, provisioned concurrency, batches; each with its evidence.

Savings are of a month at the window's rate. What was not observed is marked as an estimate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from collector.model.cost import ZERO, BreakEven, Suggestion
from collector.model.costs.bill import over_share
from collector.model.costs.rates import Rate

FEWEST: Final = 50
"""Invocations below which a size or a pattern says too little."""

MOST_UNITS: Final = 16
_FULL_BATCH: Final = 10  # SQS hands over no more without a batching window
_SMALL_BATCH: Final = 5
_WIDE: Final = Decimal("0.5")  # as much memory to spare is worth a suggestion
_US_PER_S: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Ran:
    """Invocations of a function at one memory size, what they were billed for, and its rate."""

    memory_mb: int
    count: Decimal
    exec_us: Decimal
    rate: Rate

    @property
    def mean_ms(self) -> Decimal:
        return self.exec_us / self.count / 1000

    @property
    def usd_each(self) -> Decimal:
        """One invocation, without initialisation."""
        return self.rate.usd_per_request + self.exec_us / self.count * self.rate.usd_per_us


def memory_size(
    function: str,
    sizes: Sequence[Ran],
    needed_mb: int | None,
    used_mb: int | None,
    per_month: Decimal,
) -> Suggestion | None:
    """Another memory size. ``sizes``: those it ran at, the one in use last.

    Observed where it ran often enough at several; else estimated from the memory it used.
    """
    known = [each for each in sizes if each.count >= FEWEST]
    if not sizes or not known:
        return None
    now = sizes[-1]
    total = sum((each.count for each in sizes), ZERO)
    if len(known) > 1 and now.count >= FEWEST:
        best = min(known, key=lambda each: each.usd_each)
        saving = (now.usd_each - best.usd_each) * total * per_month
        if saving <= 0:
            return None
        seen = tuple(
            f"{each.count:.0f} invocations at {each.memory_mb} MB: {each.mean_ms:.0f} ms billed on "
            f"average, ${each.usd_each * 1_000_000:.2f} a million"
            for each in known
        )
        return Suggestion(
            "memory",
            function,
            f"Go to {best.memory_mb} MB: cheapest of the sizes it ran at",
            saving,
            now.usd_each * total * per_month,
            seen,
            is_estimate=False,
            action=f"set memory to {best.memory_mb} MB",
        )
    spare = over_share(now.memory_mb, needed_mb)
    if needed_mb is None or used_mb is None or spare < _WIDE:
        return None
    saving = now.exec_us * now.rate.usd_per_memory_us * spare * per_month
    return Suggestion(
        "memory",
        function,
        f"{needed_mb} MB would do instead of {now.memory_mb} MB",
        saving,
        now.usd_each * now.count * per_month,
        (
            f"at most {used_mb} of {now.memory_mb} MB were used in {now.count:.0f} invocations",
            "estimated as if it ran as fast: less memory is also less CPU, so watch its duration",
        ),
        action=f"set memory to {needed_mb} MB",
    )


def arm64(
    function: str, sizes: Sequence[tuple[Ran, Rate]], per_month: Decimal, *, is_told: bool
) -> Suggestion | None:
    """The same on arm64, each size with its rate there; as if it ran as fast."""
    now = sum((ran.exec_us * ran.rate.usd_per_us for ran, _ in sizes), ZERO)
    then = sum((ran.exec_us * rate.usd_per_us for ran, rate in sizes), ZERO)
    count = sum((ran.count for ran, _ in sizes), ZERO)
    if count < FEWEST or then >= now:
        return None
    whether = () if is_told else ("its architecture is not told: x86_64 is assumed",)
    return Suggestion(
        "arm64",
        function,
        "Run on arm64",
        (now - then) * per_month,
        now * per_month,
        (
            f"time costs {1 - then / now:.0%} less; {count:.0f} invocations in the window",
            "estimated as if it ran as fast: its dependencies must exist for arm64",
            *whether,
        ),
        action='set architecture to "arm64"',
    )


def provisioned(
    function: str,
    busy_us: Mapping[int, Decimal],
    window_us: Decimal,
    on_demand: Rate,
    held: Rate,
    cold_starts: int,
    per_month: Decimal,
) -> BreakEven | None:
    """When provisioned concurrency pays, by how busy so many units were kept.

    ``busy_us``: by number of units, the time they would have worked in all, minute by minute.
    ``held``: the rate with it. None: it costs no less per second of work, so it never pays.
    """
    gain_usd = on_demand.usd_per_us - held.usd_per_us
    if gain_usd <= 0 or window_us <= 0 or not busy_us:
        return None
    needed = held.held_usd_per_s / (gain_usd * _US_PER_S)

    def more_usd(units: int) -> Decimal:
        hold = units * held.held_usd_per_s * window_us / _US_PER_S
        return hold - busy_us[units] * gain_usd

    best = min(busy_us, key=lambda units: (more_usd(units), units))
    pays = more_usd(best) < 0
    return BreakEven(
        function=function,
        busy_share=float(busy_us[min(busy_us)] / window_us),
        needed_share=float(needed),
        best_count=best if pays else 0,
        difference_usd=more_usd(best if pays else min(busy_us)) * per_month,
        cold_start_count=cold_starts,
    )


def of_break_even(found: BreakEven, cost_usd: Decimal) -> Suggestion | None:
    """The suggestion a break-even makes; None where provisioned concurrency does not pay."""
    if not found.best_count:
        return None
    units = found.best_count
    busy = f"one unit would have worked {found.busy_share:.0%} of the time"
    return Suggestion(
        "provisioned_concurrency",
        found.function,
        f"Provision {units} {'unit' if units == 1 else 'units'} of concurrency",
        -found.difference_usd,
        cost_usd,
        (
            f"{busy}; it pays from {found.needed_share:.0%} on",
            f"{found.cold_start_count} cold starts in the window",
        ),
        action=f"set provisioned concurrency to {units}",
    )


def batch_size(
    function: str,
    queue: str,
    taken: Decimal,
    batches: Decimal,
    usd_per_invocation: Decimal,
    usd_per_batch: Decimal,
    per_month: Decimal,
) -> Suggestion | None:
    """Fuller batches: fewer requests of the function and of the queue's poller."""
    if batches < FEWEST or taken / batches >= _SMALL_BATCH:
        return None
    fewer = batches - taken / _FULL_BATCH
    each = usd_per_invocation + usd_per_batch
    if fewer * each <= 0:
        return None
    return Suggestion(
        "batch_size",
        function,
        f"Take up to {_FULL_BATCH} messages of {queue} at a time",
        fewer * each * per_month,
        batches * each * per_month,
        (
            f"{taken:.0f} messages came in {batches:.0f} batches: {taken / batches:.1f} each",
            "requests alone are counted; a batching window makes messages wait for each other",
        ),
        action=f"set batch size to {_FULL_BATCH}, with a batching window of a few seconds",
    )
