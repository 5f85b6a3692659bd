"""Sparklines: a row of bars as one SVG path, drawn by the server so that it needs no script."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from collector.model.health import HealthPoint
from collector.model.window import Window

HEIGHT: Final = 24
_LEAST: Final = 1.5  # a bar of something is seen beside a bar of much
_ZERO: Final = 0.5  # a step that told zero; one that told nothing has no bar


@dataclass(frozen=True, slots=True)
class Spark:
    """``path`` strokes a box ``width`` wide, from half a step left of 0, and :data:`HEIGHT` high;
    ``over`` is drawn upon it. A bar is one stroke: half as long as its outline in a list of many.

    ``most`` is the tallest bar's value; None: no step told anything.
    """

    width: int
    path: str
    most: float | None
    over: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """The steps of a series: multiples of ``step_ns``, as the store cuts them."""

    window: Window
    step_ns: int

    @property
    def first(self) -> int:
        return self.window.since_ns // self.step_ns

    @property
    def steps(self) -> int:
        return max(1, -(-self.window.until_ns // self.step_ns) - self.first)

    def place(self, time_ns: int) -> int:
        """Which step a time lies in, from 0."""
        return time_ns // self.step_ns - self.first


Values = Sequence[tuple[int, float | None]]


def spark(values: Values, grid: Grid, over: Values = ()) -> Spark:
    """Bars of (time, value); None and steps that are missing are gaps. ``over``: a part of each."""
    known = [value for _, value in values if value is not None]
    most = max(known, default=None)
    return Spark(grid.steps, _bars(values, grid, most), most, _bars(over, grid, most, bare=True))


def of_health(
    series: Iterable[HealthPoint],
    grid: Grid,
    value: Callable[[HealthPoint], float | None],
    over: Callable[[HealthPoint], float | None] | None = None,
) -> Spark:
    """The sparkline of one figure of a function's series, and of a part of it."""
    points = list(series)
    return spark(
        [(point.time_ns, value(point)) for point in points],
        grid,
        [(point.time_ns, over(point)) for point in points] if over else (),
    )


def _bars(values: Values, grid: Grid, most: float | None, *, bare: bool = False) -> str:
    parts = []
    for time_ns, value in values:
        place = grid.place(time_ns)
        if value is None or not 0 <= place < grid.steps or (bare and not value):
            continue
        height = max(_LEAST, HEIGHT * value / most) if value and most else _ZERO
        top = round(HEIGHT - min(HEIGHT, height), 1)
        parts.append(f"M{place} {HEIGHT}V{top:g}")
    return "".join(parts)
