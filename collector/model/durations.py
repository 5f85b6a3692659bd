"""A duration as a person reads it: three significant digits, and the unit always."""

from typing import Final

_NS_PER_S: Final = 1_000_000_000
_UNITS: Final = ((_NS_PER_S, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns"))
_LONG: Final = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))


def duration(ns: float) -> str:
    """A duration given in nanoseconds: ``1.24 ms``, ``41.2 s``, ``2 min 4 s``."""
    if ns < 0:
        return f"-{duration(-ns)}"
    if ns == 0:
        return "0 s"
    if ns >= 60 * _NS_PER_S:
        return whole_seconds(round(ns / _NS_PER_S))
    for step, unit in _UNITS:
        if ns >= step:
            return f"{three_digits(ns / step)} {unit}"
    return f"{three_digits(ns)} ns"


def whole_seconds(seconds: int) -> str:
    """Whole seconds in two units at most: ``42 s``, ``2 min 4 s``, ``3 d 1 h``."""
    for step, unit, small, small_unit in _LONG:
        if seconds >= step:
            rest = seconds % step // small
            return f"{seconds // step} {unit}" + (f" {rest} {small_unit}" if rest else "")
    return f"{seconds} s"


def three_digits(value: float) -> str:
    """Three significant digits, no trailing zeros, never an exponent."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    digits = 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")
