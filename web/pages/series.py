"""The metrics received, and one of them over time by any of its attributes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.model.metric import Metric, MetricSummary, Series, SeriesPoint
from collector.model.window import Window
from collector.store.queries.metrics import list_metrics, read_metric
from web import charts, formats
from web.api.problems import Problem
from web.site import Site, window_of

# What one point of a metric of each type is drawn as, most telling first: name, unit suffix, value.
_FIGURES: Final[Mapping[str, Sequence[tuple[str, str, Callable[[SeriesPoint], float | None]]]]] = {
    "gauge": (("average", "", lambda p: p.average),),
    "sum": (("rate", " / s", lambda p: p.rate_per_s), ("level", "", lambda p: p.last)),
    "distribution": (
        ("p95", "", lambda p: p.p95),
        ("p50", "", lambda p: p.p50),
        ("average", "", lambda p: p.average),
    ),
}


@dataclass(frozen=True, slots=True)
class SeriesListPage:
    """``q`` is part of a name."""

    q: str
    metrics: Sequence[MetricSummary]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table behind the chart; values in the metric's unit, None unknown."""

    label: str
    is_function: bool
    points: int
    last: float | None
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """``shown`` names the figure drawn (average, rate, p95...), ``unit`` is that of its values.

    ``axis_unit`` is the unit of the chart's axis, scaled to its largest value.
    """

    metric: Metric
    shown: str
    unit: str
    axis_unit: str
    figure: charts.Figure
    lines: Sequence[Line]


def router(site: Site) -> APIRouter:
    """``/series`` and ``/series/{name}``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/series")
    def listed(request: Request, q: str = "") -> Response:
        window = window_of(request)
        found = site.ask(lambda cursor: list_metrics(cursor, window, text=q.strip() or None))
        frame = site.frame(request, "Metrics", "metrics")
        page = SeriesListPage(q.strip(), found)
        return site.pages.response(request, "series_list", page, frame, block="results")

    @routes.get("/series/{name:named}")
    def one(request: Request, name: str, by: str = "") -> Response:
        window = window_of(request)
        metric = site.ask(lambda cursor: read_metric(cursor, name, window, by=by or None))
        if metric is None:
            raise Problem(
                404,
                f"no point of metric {name[:100]!r} in this range: choose a longer one above",
            )
        frame = site.frame(request, name, "metrics", charts=True)
        page = _page(metric, window)
        return site.pages.response(request, "series", page, frame, block="results")

    return routes


def _page(metric: Metric, window: Window) -> SeriesPage:
    shown, suffix, value = _figure_of(metric)
    unit = f"{_unit(metric.unit)}{suffix}".strip()
    series = [
        charts.Line(
            _label(each, metric.by),
            [point.time_ns for point in each.points],
            [value(point) for point in each.points],
            is_function=metric.by == "function" and bool(each.label),
        )
        for each in metric.series
    ]
    most = max((abs(v) for each in series for v in each.values if v is not None), default=0.0)
    divisor, axis_unit = formats.scale(most, unit)
    return SeriesPage(
        metric=metric,
        shown=shown,
        unit=unit,
        axis_unit=axis_unit,
        figure=charts.lines(series, window, divisor, axis_unit),
        lines=[_line(each) for each in series],
    )


def _figure_of(metric: Metric) -> tuple[str, str, Callable[[SeriesPoint], float | None]]:
    """The first figure of the metric's type that any of its points has."""
    figures = _FIGURES.get(metric.type, _FIGURES["distribution"])
    points = [point for each in metric.series for point in each.points]
    return next((f for f in figures if any(f[2](p) is not None for p in points)), figures[0])


def _label(series: Series, by: str | None) -> str:
    if series.is_rest:
        return "others"
    return series.label or ("not sent" if by else "all")


def _line(series: charts.Line) -> Line:
    known = [value for value in series.values if value is not None]
    return Line(
        label=series.name,
        is_function=series.is_function,
        points=len(known),
        last=known[-1] if known else None,
        least=min(known, default=None),
        most=max(known, default=None),
    )


def _unit(unit: str | None) -> str:
    """The unit as people write it: OTLP's ``{invocation}`` is an annotation, ``1`` is none."""
    text = (unit or "").strip("{}")
    return "" if text == "1" else text
