"""Figures for Plotly, made from rows: pure, so tested without a browser.

Times go out as epoch milliseconds and are put into the viewer's zone there; colours are names of
the stylesheet's tokens (``var(--accent)``), so a figure serves the light and the dark theme.
Plotly reads a little markup inside names (links among it), so every text from telemetry passes
:func:`plain`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any, Final, TypeAlias

from collector.model.span import TraceSummary
from collector.model.window import NS_PER_S, Window
from web import formats, urls

Figure: TypeAlias = dict[str, Any]

MOST_LINES: Final = 6
_LONGEST_NAME: Final = 60
# Powers of ten up to ten seconds, then as clocks go: 1 min, 10 min, 1 h, 10 h, days.
_TICKS_S: Final = (*(10.0**n for n in range(-9, 2)), 60, 600, 3600, 36_000, 86_400, 864_000)
_THIRDS_S: Final = (*(3 * 10.0**n for n in range(-9, 2)), 180, 1800, 10_800, 259_200)
_MOST_TICKS: Final = 7
_FEW: Final = 100  # more points are drawn smaller
_FITTED: Final = 0.5  # the time axis is fitted to data that fills less than this of the range
_LINE_COLOURS: Final = ("--fn-0", "--fn-1", "--fn-2", "--fn-3", "--fn-4", "--fn-7")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart over time: ``values`` beside ``times_ns``; None is a gap.

    A line that stands for a function says so and has the function's colour.
    """

    name: str
    times_ns: Sequence[int]
    values: Sequence[float | None]
    is_function: bool = False

    def colour(self, otherwise: str) -> str:
        """The token of its colour."""
        return f"var(--fn-{formats.tone(self.name)})" if self.is_function else f"var({otherwise})"


def plain(text: str) -> str:
    """Text from telemetry as Plotly shows it: no markup, no line breaks, not too long."""
    short = text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"
    escaped = short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split()).replace("%{", "% {")


def fitted(traces: Sequence[TraceSummary], window: Window) -> Window | None:
    """The part of the window its traces lie in; None when they fill half of it or more."""
    starts = [trace.start_ns for trace in traces]
    first_ns, last_ns = min(starts, default=0), max(starts, default=0)
    margin_ns = max((last_ns - first_ns) // 25, NS_PER_S)
    part = Window(first_ns - margin_ns, last_ns + margin_ns)
    return part if starts and part.length_ns < _FITTED * window.length_ns else None


def trace_scatter(traces: Sequence[TraceSummary], window: Window) -> Figure:
    """Start against duration (logarithmic), failed traces told apart by colour and shape."""
    groups = (
        ("no errors", "var(--accent)", "circle", [t for t in traces if t.status == "ok"]),
        ("with errors", "var(--bad)", "x", [t for t in traces if t.status == "error"]),
    )
    data = [_points(*group) for group in groups if group[3]]
    return {"data": data, "layout": _layout(window, _seconds_axis(traces))}


def _points(name: str, colour: str, symbol: str, traces: Sequence[TraceSummary]) -> Figure:
    size = 7 if len(traces) <= _FEW else 5
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [_ms(trace.start_ns) for trace in traces],
        "y": [max(trace.duration_ns, 1) / 1e9 for trace in traces],
        "text": [
            f"{plain(trace.root_name)}<br>{formats.duration(trace.duration_ns)}, "
            f"{formats.plural(trace.span_count, 'span')}"
            for trace in traces
        ],
        "customdata": [urls.trace(trace.trace_id) for trace in traces],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": colour, "symbol": symbol, "size": size, "opacity": 0.7},
    }


def lines(series: Sequence[Line], window: Window, divisor: float, unit: str) -> Figure:
    """Lines over time, values divided by ``divisor`` and then in ``unit``.

    At most six have a colour of their own; the caller has gathered the rest as "others".
    """
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(line.times_ns) < 60 else "lines",
            "name": plain(line.name),
            "x": [_ms(time_ns) for time_ns in line.times_ns],
            "y": [None if value is None else value / divisor for value in line.values],
            "hovertemplate": f"%{{y:.4~g}} {plain(unit)}<extra>{plain(line.name)}</extra>",
            "line": {"color": line.colour(colour), "width": 1.75},
            "marker": {"size": 4},
        }
        for line, colour in zip(series, _LINE_COLOURS * 2, strict=False)
    ]
    return {"data": data, "layout": _layout(window, {"rangemode": "tozero"}, legend=len(data) > 1)}


def _seconds_axis(traces: Sequence[TraceSummary]) -> Mapping[str, Any]:
    """At least one decade high; a tick at each third where there is room, else at each power."""
    seconds = [max(trace.duration_ns, 1) / 1e9 for trace in traces] or [1.0]
    low, high = log10(min(seconds)) - 0.15, log10(max(seconds)) + 0.15
    low, high = min(low, (low + high - 1) / 2), max(high, (low + high + 1) / 2)
    shown = [tick for tick in sorted(_TICKS_S + _THIRDS_S) if low <= log10(tick) <= high]
    if len(shown) > _MOST_TICKS:
        shown = [tick for tick in shown if tick in _TICKS_S]
    return {
        "type": "log",
        "range": [low, high],
        "tickvals": shown,
        "ticktext": [formats.duration(seconds * 1e9) for seconds in shown],
    }


def _layout(window: Window, y_axis: Mapping[str, Any], *, legend: bool = True) -> Figure:
    grid = {"gridcolor": "var(--line)", "linecolor": "var(--line)", "zeroline": False}
    return {
        "margin": {"l": 64, "r": 12, "t": 8, "b": 40},
        "xaxis": {
            "type": "date",
            "range": [_ms(window.since_ns), _ms(window.until_ns)],
            "showgrid": False,
            **grid,
        },
        "yaxis": {"fixedrange": True, "automargin": True, **grid, **y_axis},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "var(--muted)", "size": 12},
        "hoverlabel": {
            "bgcolor": "var(--raised)",
            "bordercolor": "var(--line-strong)",
            "font": {"color": "var(--text)"},
        },
        "hovermode": "closest",
        "dragmode": "zoom",
    }


def _ms(time_ns: int) -> int:
    return time_ns // 1_000_000
