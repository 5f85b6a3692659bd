"""Quantities times rates: what was billed, and where it went."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Final

from collector.model.cost import ZERO, Assumption, Split
from collector.model.costs.rates import Rate

MILLI: Final = Decimal(1000)
"""Figures count thousandths of a request, so that shares and sampled ones add up whole."""


class Fate(IntEnum):
    """What became of an invocation, as far as its money goes."""

    OK = 0
    FAILED = 1  # the first attempt at something, which failed
    RETRY = 2  # a further attempt, which failed again
    DUPLICATE = 3  # succeeded at what had succeeded before


@dataclass(frozen=True, slots=True)
class Amount:
    """What invocations of one fate and one memory size were billed for, by their rate's steps.

    ``requests`` in thousandths; times in µs, ``exec_us`` without ``init_us``.
    """

    fate: Fate
    memory_mb: int | None
    requests: Decimal = ZERO
    exec_us: Decimal = ZERO
    init_us: Decimal = ZERO

    def times(self, weight: Decimal) -> "Amount":
        """As if each stood for so many."""
        return Amount(
            self.fate, self.memory_mb,
            self.requests * weight, self.exec_us * weight, self.init_us * weight,
        )  # fmt: skip


def bill(amount: Amount, rate: Rate, needed_mb: int | None = None) -> Split:
    """The cost of an amount. ``needed_mb``: what its function needs of memory; None: not known."""
    init_usd = amount.init_us * rate.usd_per_init_us
    rest_usd = amount.requests / MILLI * rate.usd_per_request + amount.exec_us * rate.usd_per_us
    if amount.fate is Fate.FAILED:
        return Split(cold_start_usd=init_usd, failed_usd=rest_usd)
    if amount.fate is Fate.RETRY:
        return Split(cold_start_usd=init_usd, retry_usd=rest_usd)
    if amount.fate is Fate.DUPLICATE:
        return Split(cold_start_usd=init_usd, duplicate_usd=rest_usd)
    over_usd = amount.exec_us * rate.usd_per_memory_us * over_share(rate.memory_mb, needed_mb)
    return Split(useful_usd=rest_usd - over_usd, cold_start_usd=init_usd, memory_usd=over_usd)


def over_share(memory_mb: int | None, needed_mb: int | None) -> Decimal:
    """Share of the memory that is not needed; 0 where it is not known."""
    if memory_mb is None or needed_mb is None or needed_mb >= memory_mb:
        return ZERO
    return 1 - Decimal(needed_mb) / Decimal(memory_mb)


def total(splits: Iterable[Split]) -> Split:
    """All together."""
    result = Split()
    for each in splits:
        result += each
    return result


UNKNOWN_DURATION: Final = Assumption(
    "unknown_duration",
    "some invocations have not told how long they ran: only their requests count",
)
UNKNOWN_PLATFORM: Final = Assumption(
    "unknown_platform", "the platform has no price per use, or is not told"
)
PROVISIONED_UNKNOWN: Final = Assumption(
    "provisioned_unknown",
    "it has provisioned concurrency, of which nothing tells how much: what is held is not in it",
)
SCALED: Final = Assumption("scaled", "sampled telemetry is scaled up by the rate its senders told")
SCALED_AS_SET: Final = Assumption(
    "scaled_as_set", "spans are scaled up by the sample_ratio of the settings"
)
SAMPLING_UNKNOWN: Final = Assumption(
    "sampling_unknown",
    "nothing tells whether its spans were sampled: each counts once",
)
