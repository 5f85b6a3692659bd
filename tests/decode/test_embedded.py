"""Metrics within log lines (CloudWatch's embedded metric format) become points of metrics."""

import json
from typing import Any

import pytest

from collector.batch import Export, Outcome, Signal
from collector.decode.embedded import LEFT_OUT
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from tests.build import NOW_NS, export_request, log, resource

LIMITS = Limits(max_attributes=9, correlation_attributes=())
# As the specification's example has it, and what Powertools writes, dimension sets and all.
LINE: dict[str, Any] = {
    "_aws": {
        "Timestamp": NOW_NS // 10**6 + 250,
        "CloudWatchMetrics": [
            {
                "Namespace": "Shop",
                "Dimensions": [["service"], ["service", "function_name"]],
                "Metrics": [
                    {"Name": "Paid", "Unit": "Count"},
                    {"Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 60},
                ],
            }
        ],
    },
    "service": "payment",
    "function_name": "pay",
    "Paid": [3.0, 1.5],
    "Latency": 12,
    "order": "ord-1",
}


def decoded(*bodies: str) -> tuple[list[dict[str, Any]], Outcome]:
    """The points of log records with these bodies, and what became of the export."""
    records = [log(body, time_ns=NOW_NS) for body in bodies]
    body = export_request(*records, resource=resource(faas__name="orders")).SerializeToString()
    batch = decode_group(Signal.LOGS, [Export(1, Signal.LOGS, body, NOW_NS)], LIMITS)
    (outcome,) = batch.outcomes
    assert isinstance(outcome, Outcome)
    assert len(batch.tables["log_records"]) == len(bodies)
    points = batch.tables.get("metric_points")
    return points.to_pylist() if points else [], outcome


def said(point: dict[str, Any]) -> tuple[Any, ...]:
    dimensions = {each["key"]: each["value"] for each in point["attributes"]}
    return (
        point["name"], point["unit"], point["type"], point["count"], point["sum"],
        point["quantile_values"], dimensions, point["function"],
    )  # fmt: skip


def test_each_metric_of_a_line_has_a_point_for_each_dimension_set() -> None:
    """Values in a list are samples of one Summary: count, sum, minimum, maximum."""
    points, outcome = decoded(json.dumps(LINE), "plain text", '{"message":"no metrics"}')
    one, both = {"service": "payment"}, {"service": "payment", "function_name": "pay"}

    assert [said(each) for each in points] == [
        ("Shop/Paid", "{Count}", "summary", 2, 4.5, [1.5, 3.0], one, "orders"),
        ("Shop/Paid", "{Count}", "summary", 2, 4.5, [1.5, 3.0], both, "pay"),
        ("Shop/Latency", "ms", "summary", 1, 12.0, [12.0, 12.0], one, "orders"),
        ("Shop/Latency", "ms", "summary", 1, 12.0, [12.0, 12.0], both, "pay"),
    ]
    assert {each["time_ns"] for each in points} == {NOW_NS + 250_000_000}
    assert (outcome.accepted, outcome.warnings) == (3, ())


def changed(**more: Any) -> str:
    """The line with other members of its directive, or of its own."""
    line = json.loads(json.dumps(LINE))
    directive = line["_aws"]["CloudWatchMetrics"][0]
    for name, value in more.items():
        (directive if name in directive else line)[name] = value
    return json.dumps(line)


@pytest.mark.parametrize(
    ("body", "points", "left_out"),
    [
        (changed(Paid="3"), 2, 1),
        (changed(Paid=[1.0] * 101), 2, 1),
        (changed(Paid=True), 2, 1),
        (changed(Dimensions=[["service"], ["gone"]]), 2, 2),
        (changed(Dimensions=[]), 2, 0),
        (changed(Dimensions=[["service"] * 31]), 0, 2),
        (changed(Dimensions=[["service"]] * 600), 1000, 200),
        (changed(Namespace=7), 0, 2),
        (changed(Metrics="many"), 0, 0),
        (json.dumps(LINE | {"_aws": None}), 0, 0),
    ],
)
def test_what_is_no_metric_is_left_out_and_counted(body: str, points: int, left_out: int) -> None:
    """The line is kept, and so are its other metrics; one line cannot make any number of points."""
    found, outcome = decoded(body)

    assert len(found) == points
    assert outcome.accepted == 1
    assert outcome.warnings == ((f"{LEFT_OUT}: {left_out}",) if left_out else ())


def test_a_metric_without_a_time_of_its_own_has_that_of_its_line() -> None:
    """A time that no clock has is none."""
    line = json.loads(json.dumps(LINE))
    for time in (None, "soon", 0, 10**18):
        line["_aws"]["Timestamp"] = time
        found, _ = decoded(json.dumps(line))

        assert {each["time_ns"] for each in found} == {NOW_NS}


def test_what_is_left_out_of_several_lines_is_told_once() -> None:
    """One warning to the sender, with how many in all."""
    _, outcome = decoded(changed(Paid="3"), json.dumps(LINE), changed(Latency="x", Paid=None))

    assert outcome.warnings == (f"{LEFT_OUT}: 3",)
