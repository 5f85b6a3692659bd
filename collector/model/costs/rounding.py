"""What of an invocation is billed, to the rules of each provider; pure, in microseconds.

The same rules stand in the store's macros ``billed_exec_us``, ``billed_init_us`` and
``billed_flex_us``, which apply them to columns; a test holds the two equal.
Sources: the providers' pricing pages, see docs/costs.md.
"""

from decimal import Decimal
from typing import Final

US_PER_MS: Final = 1000
INIT_BILLED_SINCE_NS: Final = 1_754_006_400_000_000_000
"""2025-08-01: from then on AWS bills the INIT phase of every configuration."""

_MB_PER_GB: Final = 1024
# Memory -> GHz of 1st-gen functions, as Google allots it.
_GHZ: Final = (
    (128, "0.2"), (256, "0.4"), (512, "0.8"), (1024, "1.4"), (2048, "2.4"), (4096, "4.8"),
    (8192, "4.8"), (16384, "9.6"), (32768, "19.2"),
)  # fmt: skip
# Memory -> vCPU of 2nd-gen functions where nobody chose another.
_VCPU: Final = (
    (128, "0.083"), (256, "0.167"), (512, "0.333"), (1024, "0.583"), (2048, "1"), (4096, "2"),
    (8192, "2"), (16384, "4"), (32768, "8"),
)  # fmt: skip


def stepped_us(duration_ns: int, step_ms: int, least_ms: int = 0) -> int:
    """A duration in whole steps, begun ones counted: µs."""
    step_ns = step_ms * 1_000_000
    return max(-(-duration_ns // step_ns) * step_ms, least_ms) * US_PER_MS


def lambda_us(
    start_ns: int, duration_ns: int | None, cold_init_ns: int | None, billed_ns: int | None
) -> tuple[int, int] | None:
    """Billed time of a Lambda invocation and the INIT on top of it; None: not told.

    ``cold_init_ns`` of a cold start; None: there was none, or its length is not told. What REPORT
    says was billed holds; whether INIT is in it is seen from whether there is room for it.
    """
    if billed_ns is not None:
        init_us = 0
        if cold_init_ns is not None and duration_ns is not None:
            fits = billed_ns >= duration_ns + cold_init_ns - 1_000_000
            init_us = min(_round_ms(cold_init_ns) * US_PER_MS, billed_ns // 1000) if fits else 0
        return billed_ns // 1000 - init_us, init_us
    if duration_ns is None:
        return None
    ran_us = stepped_us(duration_ns, 1)
    if cold_init_ns is None or start_ns < INIT_BILLED_SINCE_NS:
        return ran_us, 0
    return ran_us, stepped_us(duration_ns + cold_init_ns, 1) - ran_us


def azure_consumption_us(duration_ns: int) -> int:
    """Whole milliseconds, 100 at least."""
    return stepped_us(duration_ns, 1, 100)


def azure_flex_us(duration_ns: int) -> int:
    """Steps of 100 ms, 1000 ms at least."""
    return stepped_us(duration_ns, 100, 1000)


def google_us(duration_ns: int, cold_init_ns: int | None) -> tuple[int, int]:
    """Steps of 100 ms; the start-up on top, which Cloud Run bills and 1st gen does not."""
    ran_us = stepped_us(duration_ns, 100, 100)
    if cold_init_ns is None:
        return ran_us, 0
    return ran_us, stepped_us(duration_ns + cold_init_ns, 100, 100) - ran_us


def azure_consumption_mb(memory_mb: int) -> int:
    """Memory in steps of 128 MB, 1536 at most."""
    return min(-(-max(memory_mb, 1) // 128) * 128, 1536)


def azure_flex_mb(memory_mb: int) -> int:
    """The instance size that holds it: 512, 2048 or 4096 MB."""
    return next((size for size in (512, 2048) if memory_mb <= size), 4096)


def gb(memory_mb: int | float | Decimal) -> Decimal:
    """GB as all of them count: 1024 MB."""
    return Decimal(memory_mb) / _MB_PER_GB


def ghz(memory_mb: int) -> Decimal:
    """CPU of a 1st-gen function of that memory."""
    return _step(_GHZ, memory_mb)


def vcpu(memory_mb: int) -> Decimal:
    """CPU of a 2nd-gen function of that memory, unless another was chosen."""
    return _step(_VCPU, memory_mb)


def _step(table: tuple[tuple[int, str], ...], memory_mb: int) -> Decimal:
    return Decimal(next((value for size, value in table if memory_mb <= size), table[-1][1]))


def _round_ms(duration_ns: int) -> int:
    return (duration_ns + 500_000) // 1_000_000
