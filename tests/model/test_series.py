"""Points of streams become a few series over time."""

from dataclasses import replace
from typing import Any

from collector.model.series import MAX_SERIES, Grid, Step, build

S = 1_000_000_000
GRID = Grid(since_ns=1000 * S, width_ns=10 * S)
STEP = Step(
    label="", stream=1, run=0, bucket=0, temporality=2, monotonic=True, start_ns=None,
    first_value=None, last_value=None, total_value=None, least_value=None, most_value=None,
    points=1, distributions=(),
)  # fmt: skip


def step(bucket: int, value: float, **given: Any) -> Step:
    known = {"first_value": value, "last_value": value, "total_value": value}
    return replace(STEP, bucket=bucket, **(known | given))


def increases(*steps: Step) -> list[float | None]:
    return [point.increase for point in build(steps, "sum", GRID)[0].points]


def test_a_cumulative_sum_is_given_as_what_was_added() -> None:
    """The first value of a stream that began before the window is where counting begins."""
    assert increases(step(0, 100), step(1, 130), step(3, 190)) == [None, 30, 60]


def test_the_first_bucket_counts_what_it_saw() -> None:
    """Several points in the first bucket: what was added between them is known."""
    assert increases(step(0, 110, first_value=100.0, points=3)) == [10]


def test_a_stream_that_began_inside_the_window_counts_in_full() -> None:
    """A new execution environment starts at zero: its first value is all new."""
    assert increases(step(1, 7, start_ns=1005 * S)) == [7]


def test_a_reset_counts_from_zero() -> None:
    """After a restart the value itself is what was added since."""
    assert increases(step(0, 100), step(1, 130), step(2, 5, run=1), step(3, 9, run=1)) == [
        None, 30, 5, 4,
    ]  # fmt: skip


def test_delta_sums_add_up() -> None:
    """Two streams of one label: their deltas are added, the rate is per second."""
    steps = (step(0, 30, temporality=1), step(0, 20, temporality=1, stream=2))
    point = build(steps, "sum", GRID)[0].points[0]

    assert (point.increase, point.rate_per_s) == (50, 5.0)


def test_a_sum_that_may_fall_is_a_level() -> None:
    """Connections open: the levels of the streams add up, and there is no increase."""
    steps = (step(0, 3, monotonic=False), step(0, 4, monotonic=False, stream=2))
    point = build(steps, "sum", GRID)[0].points[0]

    assert (point.last, point.increase) == (7, None)


def test_gauges_give_last_average_and_range() -> None:
    """Average over all points, last over the streams."""
    first = step(0, 4, total_value=6.0, points=2, least_value=2.0, most_value=4.0)
    second = step(0, 9, stream=2, least_value=9.0, most_value=9.0)
    point = build((first, second), "gauge", GRID)[0].points[0]

    assert (point.last, point.average, point.least, point.most) == (6.5, 5.0, 2.0, 9.0)


def test_more_labels_than_fit_share_one_series() -> None:
    """The labels with the most points stay; the rest is summed up as others."""
    steps = [
        step(0, 1, temporality=1, label=f"l{n}", stream=n, points=100 - n)
        for n in range(MAX_SERIES + 3)
    ]
    series = build(steps, "sum", GRID)

    assert [each.label for each in series] == [f"l{n}" for n in range(MAX_SERIES)] + ["others"]
    assert series[-1].is_rest
    assert series[-1].points[0].increase == 3


def test_order_of_rows_does_not_matter() -> None:
    """Any order of the same steps gives the same series."""
    steps = [step(0, 100), step(1, 130), step(2, 5, run=1)]

    assert build(steps, "sum", GRID) == build(steps[::-1], "sum", GRID)
