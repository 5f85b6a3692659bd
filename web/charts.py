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

from collector.model.event_list import EventPoint
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
_STANDS_OUT: Final = 3  # pixels that what did not end well is larger by
_SHORTEST_NS: Final = 100_000  # an event of no length lies at 0.1 ms: nine decades say no more
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


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of a scatter; ``group`` says how it looks, ``url`` what a click opens."""

    time_ns: int
    duration_ns: int
    text: str
    group: str
    url: str


@dataclass(frozen=True, slots=True)
class Look:
    """How the points of one group look, and what the legend calls them."""

    name: str
    colour: str
    symbol: str


_OUTCOMES: Final = {
    "ok": Look("ok", "var(--accent)", "circle"),
    "open": Look("open", "var(--unknown)", "circle-open"),
    "error": Look("error", "var(--bad)", "x"),
    "dead_lettered": Look("dead-lettered", "var(--warn)", "diamond"),
}


def plain(text: str) -> str:
    """Text from telemetry as Plotly shows it: no markup, no line breaks, not too long."""
    short = text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"
    escaped = short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split()).replace("%{", "% {")


def fitted(starts_ns: Sequence[int], window: Window) -> Window | None:
    """The part of the window its traces begin in; None when they fill half of it or more."""
    first_ns, last_ns = min(starts_ns, default=0), max(starts_ns, default=0)
    margin_ns = max((last_ns - first_ns) // 25, NS_PER_S)
    part = Window(first_ns - margin_ns, last_ns + margin_ns)
    return part if starts_ns and part.length_ns < _FITTED * window.length_ns else None


def fitted_steps(starts_ns: Sequence[int], step_ns: int, window: Window) -> Window | None:
    """As :func:`fitted`, for steps of a series, each to its end; never beyond the window."""
    part = fitted([*starts_ns, *(start_ns + step_ns for start_ns in starts_ns)], window)
    if part is None:
        return None
    since_ns, until_ns = max(part.since_ns, window.since_ns), min(part.until_ns, window.until_ns)
    return Window(since_ns, until_ns) if since_ns < until_ns else None


def trace_scatter(traces: Sequence[TraceSummary], window: Window) -> Figure:
    """Start against duration (logarithmic), failed traces told apart by colour and shape."""
    dots = [
        Dot(
            time_ns=trace.start_ns,
            duration_ns=trace.duration_ns,
            text=f"{plain(trace.root_name)}<br>{formats.duration(trace.duration_ns)}, "
            f"{formats.plural(trace.span_count, 'span')}",
            group=trace.status,
            url=urls.trace(trace.trace_id),
        )
        for trace in traces
    ]
    looks = {
        "ok": Look("no errors", "var(--accent)", "circle"),
        "error": Look("with errors", "var(--bad)", "x"),
    }
    return _scatter(dots, looks, window)


def event_scatter(points: Sequence[EventPoint], window: Window) -> Figure:
    """Start against duration of event traces by outcome; a brush takes both axes."""
    dots = [
        Dot(
            time_ns=point.start_ns,
            duration_ns=max(point.duration_ns, _SHORTEST_NS),
            text=f"{plain(point.root_function or 'unknown function')}<br>"
            f"{formats.duration(point.duration_ns)}, {formats.outcome(point.status)}",
            group=point.status,
            url=urls.event(point.event_trace_id),
        )
        for point in points
    ]
    figure = _scatter(dots, _OUTCOMES, window)
    figure["layout"]["yaxis"]["fixedrange"] = False
    return figure


def _scatter(dots: Sequence[Dot], looks: Mapping[str, Look], window: Window) -> Figure:
    size = 7 if len(dots) <= _FEW else 5
    groups = ((look, [dot for dot in dots if dot.group == name]) for name, look in looks.items())
    data = [_points(look, group, size) for look, group in groups if group]
    return {"data": data, "layout": layout(window, seconds_axis([d.duration_ns for d in dots]))}


def _points(look: Look, dots: Sequence[Dot], size: int) -> Figure:
    plain_ending = look.symbol == "circle"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": look.name,
        "x": [_ms(dot.time_ns) for dot in dots],
        "y": [max(dot.duration_ns, 1) / 1e9 for dot in dots],
        "text": [dot.text for dot in dots],
        "customdata": [dot.url for dot in dots],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "color": look.colour,
            "symbol": look.symbol,
            "size": size if plain_ending else size + _STANDS_OUT,
            "opacity": 0.7 if plain_ending else 1,
        },
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
    return {"data": data, "layout": layout(window, {"rangemode": "tozero"}, legend=len(data) > 1)}


def decimal_log(seconds: float) -> float:
    """Where a duration lies on an axis of powers of ten."""
    return log10(max(seconds, 1e-9))


def seconds_axis(durations_ns: Sequence[int]) -> Mapping[str, Any]:
    """At least one decade high; a tick at each third where there is room, else at each power."""
    seconds = [max(duration_ns, 1) / 1e9 for duration_ns in durations_ns] or [1.0]
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


def layout(window: Window, y_axis: Mapping[str, Any], *, legend: bool = True) -> Figure:
    """What every chart over time has around it."""
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
