"""Lengths of time as rules have them: texts such as ``5m``, nanoseconds inside."""

import re
from typing import Final

_UNITS_NS: Final = {
    "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86_400 * 10**9, "w": 7 * 86_400 * 10**9,
}  # fmt: skip
_LENGTH: Final = re.compile(r"(\d{1,7})(s|m|h|d|w)", re.ASCII)
ACCEPTED: Final = "a whole number with s, m, h, d or w, such as 30s, 5m or 1h"


def span_of(text: str) -> int | None:
    """Nanoseconds that a text names; None when it is none of ``ACCEPTED``."""
    found = _LENGTH.fullmatch(text.strip())
    return int(found[1]) * _UNITS_NS[found[2]] if found else None


def span_text(span_ns: int) -> str:
    """The shortest text that names so many nanoseconds."""
    for unit in ("w", "d", "h", "m"):
        if span_ns and span_ns % _UNITS_NS[unit] == 0:
            return f"{span_ns // _UNITS_NS[unit]}{unit}"
    return f"{span_ns // _UNITS_NS['s']}s"
