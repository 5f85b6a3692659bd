"""``/api/v1/metrics``: names and series, from every metric type."""

from collections.abc import Iterator

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Histogram,
    HistogramDataPoint,
    Metric,
    Summary,
    SummaryDataPoint,
)
from pydantic import TypeAdapter

from tests.build import NOW_NS, attributes, counter, export_request, gauge, point, resource
from tests.web.serving import Web
from web.api.metrics import MetricJson, MetricList

M = 60_000_000_000
RANGE = {"since": "2026-11-20T15:00:00Z", "until": "2026-11-20T15:10:00Z"}
BY_MINUTE = RANGE | {"buckets": 10}
DELTA, CUMULATIVE = 1, 2


def histogram(minute: int, temporality: int, counts: list[int], **named: str) -> Metric:
    data = HistogramDataPoint(
        time_unix_nano=NOW_NS + minute * M, start_time_unix_nano=NOW_NS, count=sum(counts),
        sum=10.0 * sum(counts), bucket_counts=counts, explicit_bounds=[10.0, 20.0],
        attributes=attributes(named),
    )  # fmt: skip
    shape = Histogram(data_points=[data], aggregation_temporality=temporality)
    return Metric(name="latency", unit="ms", description="How long", histogram=shape)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One metric of each type over a few minutes."""
    web = Web(tmp_path_factory.mktemp("metrics"))
    exponential = ExponentialHistogramDataPoint(
        time_unix_nano=NOW_NS + M, count=4, sum=44.0, scale=0, zero_count=0,
        positive=ExponentialHistogramDataPoint.Buckets(offset=3, bucket_counts=[4]),
    )  # fmt: skip
    quantile = SummaryDataPoint.ValueAtQuantile(quantile=0.5, value=7.0)
    summary = SummaryDataPoint(
        time_unix_nano=NOW_NS + M, count=3, sum=21.0, quantile_values=[quantile]
    )
    web.send(
        export_request(
            *(
                counter("requests", point(total, time_ns=NOW_NS + minute * M,
                        start_time_unix_nano=NOW_NS + run, attributes={"route": "/a"}))
                for minute, total, run in [(1, 10, 0), (2, 30, 0), (3, 5, 1), (4, 9, 1)]
            ),
            *(
                gauge("memory", point(value, time_ns=NOW_NS + minute * M), unit="By")
                for minute, value in [(1, 100), (2, 300)]
            ),
            *(
                counter("errors", point(1, time_ns=NOW_NS + M, attributes={"code": f"e{number}"}),
                        temporality=DELTA)
                for number in range(9)
            ),
            histogram(1, CUMULATIVE, [5, 5, 0]),
            histogram(2, CUMULATIVE, [5, 15, 0]),
            Metric(name="spread", exponential_histogram=ExponentialHistogram(
                data_points=[exponential], aggregation_temporality=DELTA)),
            Metric(name="given", summary=Summary(data_points=[summary])),
            resource=resource(cloud__region="eu-north-1"),
        )
    )  # fmt: skip
    yield web
    web.stop()


def test_the_list_names_what_was_received(web: Web) -> None:
    """One row a metric, by name, with its type, unit and how much there is."""
    answer = web.get("/metrics", **RANGE)
    rows = {row["name"]: row for row in answer["metrics"]}

    TypeAdapter(MetricList).validate_python(answer, strict=True)
    assert sorted(rows) == ["errors", "given", "latency", "memory", "requests", "spread"]
    assert (rows["errors"]["type"], rows["errors"]["series_count"]) == ("sum", 9)
    assert (rows["latency"]["unit"], rows["latency"]["description"]) == ("ms", "How long")
    assert rows["memory"]["last_seen"] == "2026-11-20T15:02:00Z"
    assert [row["name"] for row in web.get("/metrics", **RANGE, q="EQUEST")["metrics"]] == [
        "requests"
    ]


def test_a_counter_is_shown_as_what_was_added(web: Web) -> None:
    """Ten new, then twenty more, then a restart that counts its five in full."""
    answer = web.get("/metrics/requests", **BY_MINUTE, by="route")
    series = answer["series"][0]

    TypeAdapter(MetricJson).validate_python(answer, strict=True)
    assert (answer["temporality"], answer["attribute_keys"]) == ("cumulative", ["route"])
    assert series["label"] == "/a"
    assert [(point["time"], point["increase"]) for point in series["points"]] == [
        ("2026-11-20T15:01:00Z", 10),
        ("2026-11-20T15:02:00Z", 20),
        ("2026-11-20T15:03:00Z", 5),
        ("2026-11-20T15:04:00Z", 4),
    ]


def test_a_gauge_keeps_its_level(web: Web) -> None:
    """Last, average, least and most of each bucket."""
    points = web.get("/metrics/memory", **RANGE, buckets=1)["series"][0]["points"]

    assert points == [
        {"time": RANGE["since"], "last": 300, "average": 200, "least": 100, "most": 300}
    ]


def test_histograms_answer_with_quantiles(web: Web) -> None:
    """Cumulative counts become those of each minute; the second lies above ten only."""
    first, second = web.get("/metrics/latency", **BY_MINUTE)["series"][0]["points"]

    assert (first["count"], first["p50"], first["average"]) == (10, 10.0, 10.0)
    assert (second["count"], second["p50"]) == (10, 15.0)


def test_exponential_histograms_and_summaries_have_theirs(web: Web) -> None:
    """An estimate inside the bucket from 8 to 16, and the quantile as it was sent."""
    spread = web.get("/metrics/spread", **BY_MINUTE)["series"][0]["points"][0]
    given = web.get("/metrics/given", **BY_MINUTE)["series"][0]["points"][0]

    assert 8 < spread["p50"] < 16
    assert given["p50"] == 7.0
    assert "p95" not in given


def test_many_labels_are_six_and_the_rest(web: Web) -> None:
    """Nine error codes: six series and one more for the other three."""
    answer = web.get("/metrics/errors", **BY_MINUTE, by="code")

    assert (len(answer["series"]), answer["label_count"]) == (7, 9)
    assert answer["series"][-1]["others"]
    assert answer["series"][-1]["points"][0]["increase"] == 3


def test_series_can_be_told_apart_by_function_and_resource(web: Web) -> None:
    """`by` takes the word function and attributes of the resource too."""
    assert web.get("/metrics/memory", **RANGE, by="function")["series"][0]["label"] == "orders"
    assert web.get("/metrics/memory", **RANGE, by="cloud.region")["series"][0]["label"] == (
        "eu-north-1"
    )


@pytest.mark.parametrize("name", ["nothing", "x'; drop table metric_points; --", "a/b"])
def test_a_metric_that_is_not_there_is_a_problem(web: Web, name: str) -> None:
    """404 says where it was looked for; the name is never SQL."""
    answer = web.client.get(f"/api/v1/metrics/{name}", params=RANGE)

    assert answer.status_code == 404
    assert "has no points between 2026-11-20T15:00:00Z" in answer.json()["detail"]
