"""Figures of functions and queues over time. Charts of one page share their time axis and margins.

Bars stand on the steps of the series; a step in which nothing was told is a gap, never a zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.model.event_list import StatusCount
from collector.model.health import HealthPoint, QueuePoint, VersionHealth
from collector.model.window import Window
from web import charts, formats
from web.charts import Figure
from web.spread import Bar

_NS_PER_MS: Final = 1_000_000
_MOST_MARKERS: Final = 8
_FEW: Final = 5
_OUTCOMES: Final = (
    ("ok", "ok", "var(--accent)"),
    ("open", "open", "var(--unknown)"),
    ("error", "error", "var(--bad)"),
    ("dead_lettered", "dead-lettered", "var(--warn)"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """What the charts of a page share: the range, the width of a step, and where versions begin."""

    window: Window
    step_ns: int
    markers: tuple[tuple[int, str], ...] = ()


def markers(versions: Sequence[VersionHealth], window: Window) -> tuple[tuple[int, str], ...]:
    """When each version but the oldest was first seen in the window; at most the newest eight."""
    begun = sorted((each.first_seen_ns, each.version or "no version") for each in versions)[1:]
    return tuple(
        (at_ns, name) for at_ns, name in begun if window.since_ns <= at_ns < window.until_ns
    )[-_MOST_MARKERS:]


def outcomes(counts: Sequence[StatusCount], window: Window, step_ns: int) -> Figure:
    """Event traces that began in each step, stacked by how they ended."""
    data = []
    for status, name, colour in _OUTCOMES:
        own = [each for each in counts if each.status == status]
        if own:
            times, values = [each.step_ns for each in own], [each.count for each in own]
            data.append(time_bars(name, times, values, step_ns, colour))
    return {"data": data, "layout": time_layout(Span(window, step_ns), _counts(data))}


def activity(series: Sequence[HealthPoint], span: Span) -> Figure:
    """Invocations by outcome and throttles stacked, with concurrency as a line over them."""
    data = [
        _of(series, "ok", _succeeded, span,
            "var(--accent)"),
        _of(series, "errors", lambda p: p.counts.error_count or None, span, "var(--bad)"),
        _of(series, "throttles", lambda p: p.throttle_count, span, "var(--warn)"),
    ]  # fmt: skip
    concurrency = _line(series, "concurrency", lambda p: p.max_concurrency, "var(--text)", "")
    found = [each for each in data if any(each["y"])] or data[:1]
    if concurrency["x"]:
        found.append(concurrency | {"line": {"color": "var(--text)", "width": 1.5, "shape": "hvh"}})
    return {"data": found, "layout": time_layout(span, _counts(found))}


def durations(series: Sequence[HealthPoint], span: Span) -> Figure:
    """p50, p95 and p99 of all invocations and p95 of initialisation, on a logarithmic axis."""
    data = [
        _times(series, "p50", lambda p: p.quantiles.duration_p50_ns, "var(--fn-2)"),
        _times(series, "p95", lambda p: p.quantiles.duration_p95_ns, "var(--fn-0)"),
        _times(series, "p99", lambda p: p.quantiles.duration_p99_ns, "var(--fn-3)"),
        _times(series, "init p95", lambda p: p.quantiles.init_p95_ns, "var(--cold)", dash="dot"),
    ]
    shown = [each for each in data if each["x"]]
    lengths = [round(value * 1e9) for each in shown for value in each["y"]]
    return {"data": shown, "layout": time_layout(span, charts.seconds_axis(lengths))}


def starts(series: Sequence[HealthPoint], span: Span) -> Figure:
    """Invocations by how they started; what is unknown is drawn as such."""
    kinds: list[tuple[str, Callable[[HealthPoint], float | None], str]] = [
        ("cold", lambda p: p.counts.cold_start_count, "var(--cold)"),
        ("provisioned", lambda p: p.counts.provisioned_count, "var(--fn-5)"),
        ("restored", lambda p: p.counts.restored_count, "var(--fn-10)"),
        ("warm", lambda p: p.counts.warm_count, "var(--line-strong)"),
        ("unknown", lambda p: p.counts.invocation_count - p.counts.known_start_count,
         "var(--unknown)"),
    ]  # fmt: skip
    data = [_of(series, name, value, span, colour) for name, value, colour in kinds]
    for each in data:
        if each["name"] == "unknown":
            each["marker"]["opacity"] = 0.35
    return {
        "data": [each for each in data if any(each["y"])],
        "layout": time_layout(span, _counts(data)),
    }


def memory(series: Sequence[HealthPoint], span: Span) -> Figure:
    """The most memory used in each step, and the memory set."""
    data = [
        _line(series, "most used", lambda p: p.max_memory_used_mb, "var(--fn-0)", " MB"),
        _line(series, "set", lambda p: p.memory_mb, "var(--text)", " MB", dash="dash"),
    ]
    axis = {"rangemode": "tozero", "ticksuffix": " MB"}
    return {"data": [each for each in data if each["x"]], "layout": time_layout(span, axis)}


def spread(bars: Sequence[Bar]) -> Figure:
    """How many invocations took how long, cold starts told apart; the axis is logarithmic."""
    width = 0.1
    data = [
        {
            "type": "bar",
            "name": name,
            "x": [bar.low for bar in bars],
            "y": [count(bar) for bar in bars],
            "width": width * 0.92,
            "offset": 0,
            "text": [formats.duration(10**bar.low * 1e9) for bar in bars],
            "textposition": "none",
            "hovertemplate": f"%{{y:,}} {name}<br>from %{{text}}<extra></extra>",
            "marker": {"color": colour},
        }
        for name, count, colour in (
            ("other invocations", _warm, "var(--fn-0)"),
            ("cold starts", _cold, "var(--cold)"),
        )
        if any(count(bar) for bar in bars)
    ]
    axis = charts.seconds_axis([round(10**bar.low * 1e9) for bar in bars])
    figure = charts.layout(Window(0, 1), {"rangemode": "tozero"})
    low, high = axis["range"]
    figure["xaxis"] |= {
        "type": "linear", "fixedrange": True, "range": [low, high + width],
        "tickvals": [charts.decimal_log(tick) for tick in axis["tickvals"]],
        "ticktext": axis["ticktext"],
    }  # fmt: skip
    return {"data": data, "layout": figure | {"barmode": "stack", "dragmode": False}}


def depth(series: Sequence[QueuePoint], span: Span) -> Figure:
    """Messages in a queue over time."""
    found = _line(series, "depth", lambda p: p.depth, "var(--accent)", " messages")
    filled = found | {"fill": "tozeroy", "line": {"color": "var(--accent)", "shape": "hv"}}
    return {"data": [filled], "layout": time_layout(span, {"rangemode": "tozero"}, legend=False)}


def ages(series: Sequence[QueuePoint], span: Span) -> Figure:
    """The age of the oldest message over time, in a unit that suits the oldest."""
    most = max((p.oldest_age_s for p in series if p.oldest_age_s is not None), default=0.0)
    divisor, unit = next(((n, u) for n, u in _AGES if most >= n), (1, "s"))
    found = _line(
        series, "oldest message",
        lambda p: None if p.oldest_age_s is None else p.oldest_age_s / divisor,
        "var(--warn)", f" {unit}",
    )  # fmt: skip
    axis = {"rangemode": "tozero", "ticksuffix": f" {unit}"}
    return {"data": [found], "layout": time_layout(span, axis, legend=False)}


def traffic(series: Sequence[QueuePoint], span: Span) -> Figure:
    """Messages sent and taken in each step; lines, for bars of two by sixty steps blur."""
    data = [
        _line(series, "in", lambda p: p.in_count, "var(--fn-0)", ""),
        _line(series, "out", lambda p: p.out_count, "var(--fn-1)", ""),
    ]
    return {
        "data": [each for each in data if each["x"]],
        "layout": time_layout(span, _counts(data)),
    }


_AGES: Final = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def _succeeded(point: HealthPoint) -> int | None:
    """None where none did: metrics alone may have told of the step."""
    return point.counts.invocation_count - point.counts.error_count or None


def _warm(bar: Bar) -> int:
    return bar.warm


def _cold(bar: Bar) -> int:
    return bar.cold


def _counts(data: Sequence[Figure]) -> dict[str, Any]:
    """An axis of whole things: no half of one where there are few."""
    most = sum(max(each["y"], default=0) for each in data)
    return {"rangemode": "tozero"} | ({"dtick": 1} if most <= _FEW else {})


def _of(
    series: Sequence[Any],
    name: str,
    value: Callable[[Any], float | None],
    span: Span,
    colour: str,
) -> Figure:
    known = [(point.time_ns, value(point)) for point in series]
    told = [(time_ns, each) for time_ns, each in known if each is not None]
    return time_bars(name, [t for t, _ in told], [v for _, v in told], span.step_ns, colour)


def time_bars(
    name: str, times_ns: Sequence[int], values: Sequence[float], step_ns: int, colour: str
) -> Figure:
    """A bar on each step of a series that told something."""
    return {
        "type": "bar",
        "name": name,
        "x": [time_ns // _NS_PER_MS for time_ns in times_ns],
        "y": list(values),
        "width": step_ns / _NS_PER_MS * 0.92,
        "offset": 0,
        "hovertemplate": f"%{{y:,}} {name}<extra></extra>",
        "marker": {"color": colour},
    }


def _line(
    series: Sequence[Any],
    name: str,
    value: Callable[[Any], float | None],
    colour: str,
    unit: str,
    *,
    dash: str = "solid",
) -> Figure:
    told = [(point.time_ns, each) for point in series if (each := value(point)) is not None]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [time_ns // _NS_PER_MS for time_ns, _ in told],
        "y": [each for _, each in told],
        "hovertemplate": f"%{{y:,.4~g}}{unit} {name}<extra></extra>",
        "line": {"color": colour, "width": 1.75, "dash": dash},
        "marker": {"size": 4, "color": colour},
    }


def _times(
    series: Sequence[HealthPoint],
    name: str,
    value: Callable[[HealthPoint], float | None],
    colour: str,
    *,
    dash: str = "solid",
) -> Figure:
    """A line of durations in seconds; none told is none drawn, and zero has no logarithm."""
    found = _line(series, name, value, colour, "", dash=dash)
    lengths = [max(each, 1) for each in found["y"]]
    return found | {
        "y": [each / 1e9 for each in lengths],
        "text": [formats.duration(each) for each in lengths],
        "hovertemplate": f"%{{text}} {name}<extra></extra>",
    }


def time_layout(span: Span, y_axis: dict[str, Any] | Any, *, legend: bool = True) -> Figure:
    """What a chart has around it that shares its time axis with its neighbours."""
    found = charts.layout(span.window, y_axis, legend=legend)
    found["margin"] |= {"r": 24}  # half of the last time on the axis
    found["yaxis"]["automargin"] = False  # neighbours keep their time axes in line
    found["xaxis"] |= {"showspikes": True, "spikemode": "across", "spikethickness": 1,
                       "spikedash": "solid", "spikecolor": "var(--line-strong)"}  # fmt: skip
    return found | {
        "barmode": "stack",
        "bargap": 0,
        "hovermode": "x",
        "shapes": [_rule(at_ns) for at_ns, _ in span.markers],
        "annotations": [_flag(at_ns, name) for at_ns, name in span.markers],
    }


def _rule(at_ns: int) -> Figure:
    at = at_ns // _NS_PER_MS
    line = {"color": "var(--muted)", "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _flag(at_ns: int, name: str) -> Figure:
    return {
        "x": at_ns // _NS_PER_MS, "yref": "paper", "y": 1, "yanchor": "top", "xanchor": "left",
        "text": charts.plain(name[:16]), "showarrow": False,
        "font": {"size": 11, "color": "var(--muted)"}, "bgcolor": "var(--surface)",
    }  # fmt: skip
