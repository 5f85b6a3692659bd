"""How much memory a function needs, by what it used: the rule of the right-sizing hints."""

from decimal import Decimal
from typing import Final

_SPARE: Final = Decimal("1.25")  # a quarter above the most that was ever used
STEP_MB: Final = 64
_LEAST_MB: Final = 128  # AWS offers no less


def needed_mb(used_mb: int) -> int:
    """The most memory used and a quarter, in steps of 64 MB, 128 at least."""
    return max(_LEAST_MB, -(-int(used_mb * _SPARE) // STEP_MB) * STEP_MB)
