"""Figures are made from rows without a browser."""

import json

from collector.model.event_list import EventPoint
from collector.model.span import TraceSummary
from collector.model.window import NS_PER_S, Window
from web import charts

HOUR: Window = Window(0, 3600 * NS_PER_S)


def _trace(start_s: int, duration_ms: int = 100, errors: int = 0) -> TraceSummary:
    return TraceSummary(
        trace_id=f"{start_s:032x}", start_ns=start_s * NS_PER_S,
        duration_ns=duration_ms * 1_000_000, root_name="<b>GET</b>", root_function=None,
        functions=(), services=(), span_count=1, error_count=errors,
    )  # fmt: skip


def test_the_time_axis_is_fitted_to_traces_that_fill_little_of_the_range() -> None:
    """Two minutes of an hour are shown as such; what spans the hour keeps the hour."""
    part = charts.fitted([3500 * NS_PER_S, 3590 * NS_PER_S], HOUR)

    assert part is not None
    assert 90 < part.length_ns / NS_PER_S < 120
    assert charts.fitted([10 * NS_PER_S, 3500 * NS_PER_S], HOUR) is None
    assert charts.fitted([], HOUR) is None
    assert charts.fitted([7 * NS_PER_S], HOUR) == Window(6 * NS_PER_S, 8 * NS_PER_S)


def test_steps_are_fitted_to_their_end_and_to_the_window() -> None:
    """A minute of ten at the window's begin; nothing before it is shown."""
    part = charts.fitted_steps([0, 60 * NS_PER_S], 60 * NS_PER_S, HOUR)

    assert part is not None
    assert (part.since_ns, part.until_ns > 120 * NS_PER_S) == (0, True)
    assert charts.fitted_steps([], 60, HOUR) is None


def test_the_duration_axis_holds_every_trace_and_at_least_a_decade() -> None:
    """Ticks are round durations inside the axis: few and close, or powers of ten."""
    for slowest_ms, names in ((200, ["100 ms", "300 ms"]), (10**7, None)):
        figure = charts.trace_scatter([_trace(1, 80), _trace(2, slowest_ms)], HOUR)
        axis = figure["layout"]["yaxis"]
        low, high = axis["range"]

        assert low < -1.09
        assert high >= low + 1
        assert 2 <= len(axis["tickvals"]) <= 7
        assert names is None or axis["ticktext"] == names


def test_failed_traces_are_drawn_last_and_told_by_their_shape() -> None:
    """They lie on top and are found without colours; names cannot hold markup."""
    figure = charts.trace_scatter([_trace(1, errors=1), _trace(2)], HOUR)

    assert [points["name"] for points in figure["data"]] == ["no errors", "with errors"]
    assert len({points["marker"]["symbol"] for points in figure["data"]}) == 2
    assert "<b>" not in json.dumps(figure)


def test_an_event_of_no_length_does_not_stretch_the_scatter() -> None:
    """It is drawn at a tenth of a millisecond; both axes can be brushed."""
    points = [EventPoint("0" * 16, 5, length, "ok", "<b>orders") for length in (0, NS_PER_S)]
    figure = charts.event_scatter(points, HOUR)

    assert figure["data"][0]["y"] == [0.0001, 1]
    assert figure["layout"]["yaxis"]["fixedrange"] is False
    assert "<b>" not in json.dumps(figure)
