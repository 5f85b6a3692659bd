"""A metric and its threshold as an SVG of lines and texts: a chart for a file without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collector.alerts.metrics import metric_of
from collector.alerts.preview import Episode, PreviewSeries
from collector.alerts.rules import Rule
from collector.model.alert import FIRING
from collector.model.window import Window

WIDTH: Final = 960
HEIGHT: Final = 220
_LEFT: Final = 72
_TOP: Final = 12
_BOTTOM: Final = 28
_DOTS: Final = 1.5
_TIMES: Final = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """Places in a box of :data:`WIDTH` by :data:`HEIGHT`. ``line`` is an SVG path with gaps where
    nothing was told; ``shades`` are (x, width) of when it fired; ticks are (place, text).
    """

    line: str
    dots: Sequence[tuple[float, float]]
    shades: Sequence[tuple[float, float]]
    threshold_y: float
    threshold: str
    ticks_y: Sequence[tuple[float, str]]
    ticks_x: Sequence[tuple[float, int]]
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM
    left: int = _LEFT
    width: int = WIDTH
    height: int = HEIGHT


def picture(
    series: PreviewSeries, rule: Rule, episodes: Sequence[Episode], window: Window
) -> Picture:
    """The metric of one group over a window."""
    values = [each.value for each in series.points if each.value is not None]
    most = max([*values, rule.threshold, 0.0]) * 1.1 or 1.0
    least = min([*values, rule.threshold, 0.0])
    text = metric_of(rule.metric).text

    def x(time_ns: int) -> float:
        inside = min(max(time_ns, window.since_ns), window.until_ns)
        return round(_LEFT + (WIDTH - _LEFT) * (inside - window.since_ns) / window.length_ns, 1)

    def y(value: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * (value - least)
                     / (most - least), 1)  # fmt: skip

    places = [
        None if each.value is None else (x(each.time_ns), y(each.value)) for each in series.points
    ]
    return Picture(
        line=_path(places),
        dots=[each for each in places if each is not None],
        shades=[
            (x(each.since_ns), max(_DOTS, x(each.until_ns or window.until_ns) - x(each.since_ns)))
            for each in episodes
            if each.state == FIRING
        ],
        threshold_y=y(rule.threshold),
        threshold=text(rule.threshold),
        ticks_y=[(y(value), text(value)) for value in (least, (least + most) / 2, most)],
        ticks_x=[
            (x(at_ns), at_ns)
            for at_ns in range(window.since_ns, window.until_ns, max(1, window.length_ns // _TIMES))
        ],
    )


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    parts, pen_down = [], False
    for place in places:
        if place is not None:
            parts.append(f"{'L' if pen_down else 'M'}{place[0]:g} {place[1]:g}")
        pen_down = place is not None
    return "".join(parts)
