"""What a rule would have done over the past, as a figure: its metric, its threshold as a line, and
the times it would have fired shaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.alerts.metric import COUNT
from collector.alerts.metrics import metric_of
from collector.alerts.preview import Episode, Preview, PreviewSeries
from collector.alerts.rules import Rule
from collector.model.alert import FIRING
from collector.model.window import Window
from web import charts
from web.charts import Figure, Line

_NS_PER_MS: Final = 1_000_000
_MOST_SHADES: Final = 60
_LONGEST: Final = 28
_LONG_S: Final = ((86_400, "d"), (3600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True)
class Axis:
    """How values of a metric are drawn: multiplied by ``scale``, and then in ``unit``."""

    scale: float
    unit: str

    def place(self, value: float | None) -> float | None:
        return None if value is None else value * self.scale


def axis_of(unit: str, most: float) -> Axis:
    """The axis that suits values of a metric up to ``most``."""
    match unit:
        case "ratio":
            return Axis(100, "%")
        case "ms":
            return Axis(1, "ms") if most < 1000 else _long(most / 1000, 0.001)
        case "s":
            return _long(most, 1)
        case "usd":
            return Axis(1, "$")
        case _:
            return Axis(1, "" if unit == COUNT else unit)


def _long(most_s: float, scale: float) -> Axis:
    for step, unit in _LONG_S:
        if most_s >= 2 * step:
            return Axis(scale / step, unit)
    return Axis(scale, "s")


def preview_figure(found: Preview, window: Window) -> Figure:
    """Up to six groups as lines, the threshold dashed, a shade wherever one would have fired."""
    shown = found.series[: charts.MOST_LINES]
    axis = axis_of(metric_of(found.rule.metric).unit, _most(shown, found.rule))
    by_function = metric_of(found.rule.metric).kind == "function"
    lines = [
        Line(
            name=_short(each.label or "all together"),
            times_ns=[point.time_ns for point in each.points],
            values=[axis.place(point.value) for point in each.points],
            is_function=by_function and bool(each.group),
        )
        for each in shown
    ]
    figure = charts.lines(lines, window, 1, axis.unit)
    figure["data"].append(threshold_line(found.rule, axis, window))
    figure["layout"]["shapes"] = shades(found.episodes, window)
    figure["layout"]["showlegend"] = True
    figure["layout"]["yaxis"] |= {"ticksuffix": f" {axis.unit}".rstrip(), "rangemode": "tozero"}
    return figure


def threshold_line(rule: Rule, axis: Axis, window: Window) -> Figure:
    """A dashed line from end to end."""
    value = axis.place(rule.threshold)
    text = metric_of(rule.metric).text(rule.threshold)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"threshold {text}",
        "x": [window.since_ns // _NS_PER_MS, window.until_ns // _NS_PER_MS],
        "y": [value, value],
        "hoverinfo": "skip",
        "line": {"color": "var(--bad)", "width": 1.5, "dash": "dash"},
    }


def shades(episodes: Sequence[Episode], window: Window) -> list[dict[str, Any]]:
    """Where alerts fired; those of one time lie over one another and are darker."""
    return [
        {
            "type": "rect",
            "x0": max(each.since_ns, window.since_ns) // _NS_PER_MS,
            "x1": min(each.until_ns or window.until_ns, window.until_ns) // _NS_PER_MS,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "fillcolor": "var(--bad)",
            "opacity": 0.12,
            "line": {"width": 0},
            "layer": "below",
        }
        for each in episodes
        if each.state == FIRING
    ][:_MOST_SHADES]


def _short(name: str) -> str:
    """A long name would put every entry of the legend on a line of its own."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _most(series: Sequence[PreviewSeries], rule: Rule) -> float:
    values = [point.value for each in series for point in each.points if point.value is not None]
    return max([*values, rule.threshold], default=0.0)
