"""``/api/v1/metrics``: names of the metrics received, and one of them over time."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from collector.model.metric import Metric, MetricSummary, Series, SeriesPoint
from collector.model.window import format_time
from collector.service import Service
from collector.store.queries.metrics import list_metrics, read_metric
from web.api.parameters import Text, WindowParam, answer
from web.api.problems import Problem


class MetricListItem(TypedDict):
    """One metric; series_count: distinct combinations of attributes and resource."""

    name: str
    type: str
    unit: str | None
    description: str | None
    point_count: int
    series_count: int
    last_seen: str


class MetricList(TypedDict):
    """Metrics with points in the window, by name."""

    metrics: list[MetricListItem]


class PointJson(TypedDict, total=False):
    """One bucket of time; only what the metric's type has and what is known is there."""

    time: str
    last: float
    average: float
    least: float
    most: float
    increase: float
    rate_per_s: float
    count: float
    sum: float
    p50: float
    p95: float
    p99: float


class SeriesJson(TypedDict):
    """The points with one value of the attribute `by` ("" where not sent); others: all the rest."""

    label: str
    others: bool
    points: list[PointJson]


class MetricJson(TypedDict):
    """One metric over time, in buckets of bucket_ms. attribute_keys: what `by` can be."""

    name: str
    type: str
    unit: str | None
    description: str | None
    temporality: str | None
    monotonic: bool | None
    by: str | None
    attribute_keys: list[str]
    bucket_ms: float
    label_count: int
    truncated: bool
    series: list[SeriesJson]


def router(service: Service) -> APIRouter:
    """The calls about metrics."""
    routes = APIRouter(tags=["metrics"])

    @routes.get("/metrics", responses={200: {"model": MetricList}})
    def metrics(window: WindowParam, q: Text = None, function: Text = None) -> Response:
        """Metrics with points in the window; `q` is a piece of the name."""
        found = service.ask(
            lambda store: list_metrics(store, window, text=q or None, function=function or None)
        )
        return answer(MetricList(metrics=[_list_item(metric) for metric in found]))

    @routes.get("/metrics/{name:path}", responses={200: {"model": MetricJson}})
    def metric(
        name: str,
        window: WindowParam,
        by: Text = None,
        function: Text = None,
        buckets: Annotated[int, Query(ge=1, description="At most 1000")] = 120,
    ) -> Response:
        """One metric over time, by an attribute of its points or of their resource.

        The six values of `by` with the most points have a series each, the rest one more.
        Sums and histograms are given as what was added in each bucket, whatever their
        temporality, and quantiles of histograms are estimates from their buckets.
        """
        found = service.ask(
            lambda store: read_metric(
                store, name, window, by=by or None, function=function or None, buckets=buckets
            )
        )
        if found is None:
            raise Problem(
                404,
                f"metric {name[:200]!r} has no points between {format_time(window.since_ns)} and "
                f"{format_time(window.until_ns)}: widen since and until, or see /api/v1/metrics",
            )
        return answer(_metric(found))

    return routes


def _list_item(row: MetricSummary) -> MetricListItem:
    return {
        "name": row.name,
        "type": row.type,
        "unit": row.unit,
        "description": row.description,
        "point_count": row.point_count,
        "series_count": row.series_count,
        "last_seen": format_time(row.last_seen_ns),
    }


def _metric(found: Metric) -> MetricJson:
    return {
        "name": found.name,
        "type": found.type,
        "unit": found.unit,
        "description": found.description,
        "temporality": found.temporality,
        "monotonic": found.monotonic,
        "by": found.by,
        "attribute_keys": list(found.keys),
        "bucket_ms": found.width_ns / 1e6,
        "label_count": found.label_count,
        "truncated": found.truncated,
        "series": [_series(series) for series in found.series],
    }


def _series(series: Series) -> SeriesJson:
    return {
        "label": series.label,
        "others": series.is_rest,
        "points": [_point(point) for point in series.points],
    }


def _point(point: SeriesPoint) -> PointJson:
    made = PointJson(time=format_time(point.time_ns))
    for name in PointJson.__annotations__.keys() - {"time"}:
        value = getattr(point, name)
        if value is not None:
            made[name] = value  # type: ignore[literal-required]  # the names of both are the same
    return made
