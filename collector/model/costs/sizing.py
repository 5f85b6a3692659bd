"""How much memory a function needs, by what it used: the rule of the right-sizing hints."""

from decimal import Decimal
from typing import Final

_SPARE: Final = Decimal("1.25")  # a quarter above the most that was ever used
_STEP_MB: Final = 64
_LEAST_MB: Final = 128


def needed_mb(used_mb: int | None) -> int | None:
    """The most memory used and a quarter, in steps of 64 MB, 128 at least; None: not known."""
    if used_mb is None:
        return None
    return max(_LEAST_MB, -(-int(used_mb * _SPARE) // _STEP_MB) * _STEP_MB)
