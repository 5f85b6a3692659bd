"""Steps of time that series are cut into, and the period to compare with."""

from typing import Final

from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS

MINUTE_NS: Final = 60 * 10**9
HOUR_NS: Final = 60 * MINUTE_NS
# Figures are kept by minute and by hour; beyond this hours are read, 60 times fewer.
_BY_MINUTE_NS: Final = 3 * HOUR_NS


def step_of(window: Window, steps: int) -> int:
    """Width in ns of about so many equal steps of a window: whole minutes; hours beyond 3 h."""
    unit_ns = MINUTE_NS if window.length_ns <= _BY_MINUTE_NS else HOUR_NS
    return max(1, -(-window.length_ns // (max(1, min(steps, MAX_ROWS)) * unit_ns))) * unit_ns


def before(window: Window) -> Window:
    """The period of the same length that ends where the window begins."""
    return Window(window.since_ns - window.length_ns, window.since_ns)
