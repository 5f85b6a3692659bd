"""Durations counted by upper bound."""

from collector.model.timings import Timings


def test_each_duration_counts_at_every_bound_it_is_within() -> None:
    """Bounds include their own value; what is beyond all of them is in the last count."""
    timings = Timings([0.1, 1.0])
    for seconds in (0.05, 0.1, 0.5, 7.0):
        timings.took(seconds)

    assert timings.cumulative() == [2, 3, 4]
    assert timings.sum_s == 7.65
