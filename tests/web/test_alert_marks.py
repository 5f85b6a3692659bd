"""Alerts and thresholds on charts and tiles, and the picture in the file of evidence."""

from typing import Any

import pytest

from collector.alerts.preview import Episode, Preview, PreviewPoint, PreviewSeries
from collector.alerts.reading import read_rule
from collector.alerts.rules import Rule
from collector.model.window import Window
from web import charts
from web.alert_charts import axis_of, preview_figure
from web.alert_lanes import Bar, Lane
from web.alert_marks import Marks, mark, on_tiles, watches
from web.alert_picture import HEIGHT, picture
from web.tiles import Tile

MS = 1_000_000
WINDOW = Window(1000 * MS, 2000 * MS)


def rule(metric: str, threshold: float, **said: Any) -> Rule:
    document = {"name": metric, "metric": metric, "threshold": threshold, "owner": "team"}
    return read_rule(document | {"scope": {"function": "*"}} | said, "r")


def figure(axis: dict[str, Any] | None = None) -> charts.Figure:
    return {"data": [], "layout": charts.layout(WINDOW, axis or {"rangemode": "tozero"})}


def marks(*rules: Rule, bars: tuple[Bar, ...] = (), metric: str = "errors") -> Marks:
    return Marks((), rules, [Lane("r", "Errors", metric, "pay", bars)] if bars else [])


def test_a_chart_is_shaded_while_an_alert_on_it_fired() -> None:
    """Cut to what the chart shows; a pending one shades nothing."""
    bars = (
        Bar("firing", 0, 50, 500 * MS, 1500 * MS),
        Bar("pending", 50, 10, 1500 * MS, 1600 * MS),
        Bar("firing", 60, 40, 1600 * MS, None),
    )

    drawn = mark(figure(), "activity", marks(bars=bars))

    assert [(each["x0"], each["x1"]) for each in drawn["layout"]["shapes"]] == [
        (1000, 1500),
        (1600, 2000),
    ]


def test_an_alert_shades_no_chart_of_something_else() -> None:
    """Errors are not drawn among durations."""
    bars = (Bar("firing", 0, 50, 1000 * MS, 1500 * MS),)

    assert not mark(figure(), "durations", marks(bars=bars))["layout"]["shapes"]


def test_a_threshold_is_drawn_in_the_unit_of_its_axis() -> None:
    """Milliseconds on an axis of seconds, which is made to hold it."""
    axis = {"type": "log", "range": [-2.0, -1.0]}

    drawn = mark(figure(axis), "durations", marks(rule("duration_p95_ms", 3000)))

    assert drawn["data"][0]["y"] == [3.0, 3.0]
    assert drawn["layout"]["yaxis"]["range"][1] > 0.47


def test_a_threshold_of_another_unit_is_no_line() -> None:
    """A rate has no place among counts."""
    assert not mark(figure(), "activity", marks(rule("error_rate", 0.1)))["data"]


def test_rules_watch_what_their_scope_names() -> None:
    """One about all together makes no alert of a single function."""
    assert watches(rule("errors", 0, scope={"function": "pay*"}), "function", "payment")
    assert not watches(rule("errors", 0, scope={"function": "pay*"}), "function", "orders")
    assert not watches(rule("errors", 0, scope={}), "function", "payment")
    assert not watches(rule("queue_depth", 0, scope={"queue": "*"}), "function", "payment")


def test_a_tile_says_when_it_alerts() -> None:
    """By the rule on the figure it shows; of another figure with its name."""
    tile = Tile("Throttles", "throttle", "/", "0", "", "", (), None, "", None, "")

    [rate] = on_tiles([tile], [rule("throttle_rate", 0.1), rule("errors", 0)])
    [count] = on_tiles([tile], [rule("throttle_rate", 0.1), rule("throttles", 5)])
    [off] = on_tiles([tile], [rule("throttles", 5, enabled=False)])

    assert rate.threshold == "alerts above 10 % (throttle rate)"
    assert count.threshold == "alerts above 5"
    assert off.threshold is None


@pytest.mark.parametrize(
    ("unit", "most", "scaled"),
    [("ratio", 0.4, (40, "%")), ("ms", 800, (800, "ms")), ("ms", 4000, (4, "s")),
     ("s", 900, (15, "min")), ("s", 90_000, (25, "h")), ("usd", 3, (3, "$")),
     ("count", 7, (7, ""))],
)  # fmt: skip
def test_an_axis_has_a_unit_that_suits_its_values(
    unit: str, most: float, scaled: tuple[float, str]
) -> None:
    """As a person would write the greatest of them."""
    axis = axis_of(unit, most)

    assert (axis.place(most), axis.unit) == (pytest.approx(scaled[0]), scaled[1])


def series(group: str, *values: float | None) -> PreviewSeries:
    points = [PreviewPoint((1000 + 100 * n) * MS, value) for n, value in enumerate(values)]
    return PreviewSeries(group, group, tuple(points))


def test_a_preview_has_its_threshold_and_six_lines_at_most() -> None:
    """Names of any length are short in the legend, and none is markup."""
    groups = [series(f"<b>{number}" + "x" * 80, 0.2, None, 0.1) for number in range(9)]
    found = Preview(rule("error_rate", 0.15), 100 * MS, tuple(groups), (), 9)

    data = preview_figure(found, WINDOW)["data"]

    assert len(data) == 7
    assert data[-1]["y"] == [15.0, 15.0]
    assert data[0]["y"] == [20.0, None, 10.0]
    assert all("<" not in each["name"] for each in data)
    assert all(len(each["name"]) < 40 for each in data)


def test_the_picture_has_gaps_where_nothing_was_told() -> None:
    """Its line is taken up again; its shade lies where the rule fired."""
    fired = Episode("pay", "firing", 1200 * MS, None, 0.4)

    drawn = picture(series("pay", 0.1, 0.2, None, 0.4), rule("error_rate", 0.15), [fired], WINDOW)

    assert drawn.line.count("M") == 2
    assert len(drawn.dots) == 3
    [(x, width)] = drawn.shades
    assert x + width == pytest.approx(drawn.width)
    assert 0 < drawn.threshold_y < HEIGHT
    assert drawn.dots[2][1] < drawn.threshold_y < drawn.dots[0][1]
