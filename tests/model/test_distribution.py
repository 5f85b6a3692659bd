"""Histograms: quantiles, sums and differences."""

import math
from typing import Any

import pytest

from collector.model.distribution import Distribution

# The columns of ``distribution`` in metric_steps.sql.
NOTHING = {
    "count": None, "sum": None, "min": None, "max": None, "counts": None, "bounds": None,
    "scale": None, "zero_count": None, "positive_offset": None, "positive_counts": None,
    "negative_offset": None, "negative_counts": None, "quantiles": None, "quantile_values": None,
}  # fmt: skip


def distribution(**given: Any) -> Distribution:
    return Distribution.of(NOTHING | given)


def test_quantiles_lie_evenly_within_their_bucket() -> None:
    """100 values, half below 10, half from 10 to 20: the 95th lies at nine tenths of that."""
    values = distribution(count=100, sum=1000.0, counts=[50, 50, 0], bounds=[10.0, 20.0])

    assert values.quantile(0.25) == 5.0
    assert values.quantile(0.5) == 10.0
    assert values.quantile(0.95) == pytest.approx(19.0)
    assert values.average == 10.0


def test_quantiles_never_leave_what_was_sent() -> None:
    """Least and most bound the estimate; the open last bucket gives the most."""
    values = distribution(count=2, sum=5.0, min=2.0, max=3.0, counts=[2, 0], bounds=[10.0])
    beyond = distribution(count=1, sum=99.0, max=99.0, counts=[0, 1], bounds=[10.0])

    assert values.quantile(0.99) == 3.0
    assert beyond.quantile(0.5) == 10.0


def test_exponential_buckets_are_even_on_the_logarithmic_scale() -> None:
    """Scale 0, offset 3: from 8 to 16, whose middle is 8 times the root of 2."""
    values = distribution(count=4, sum=44.0, scale=0, positive_offset=3, positive_counts=[4])

    assert values.quantile(0.5) == pytest.approx(8 * math.sqrt(2))


def test_exponential_zeros_and_negatives_take_their_place() -> None:
    """From the left: negative values, zeros, positive values."""
    values = distribution(
        count=3, sum=0.0, scale=0, zero_count=1, positive_offset=0, positive_counts=[1],
        negative_offset=0, negative_counts=[1],
    )  # fmt: skip

    assert values.quantile(0.2) < 0
    assert values.quantile(0.5) == 0
    assert values.quantile(1.0) == 2.0


@pytest.mark.parametrize("scale", [-(2**31), 2**31 - 1, 20])
def test_absurd_scales_are_borne(scale: int) -> None:
    """Whatever a sender writes, a number comes out."""
    values = distribution(
        count=1, sum=1.0, scale=scale, positive_offset=2**31 - 1, positive_counts=[1]
    )

    assert math.isfinite(values.quantile(0.5) or 0.0)


def test_what_was_added_between_two_points_of_a_cumulative_stream() -> None:
    """Counts are subtracted bucket by bucket; least and most are of the whole stream."""
    earlier = distribution(count=10, sum=50.0, max=9.0, counts=[10, 0], bounds=[10.0])
    later = distribution(count=30, sum=450.0, max=29.0, counts=[10, 20], bounds=[10.0])
    added = later.minus(earlier)

    assert (added.count, added.sum, added.most) == (20, 400.0, None)
    assert added.quantile(0.5) == 10.0


def test_a_stream_that_halves_its_resolution_goes_on() -> None:
    """Buckets 8-11.3 and 11.3-16 become 8-16: the earlier counts move with them."""
    earlier = distribution(count=4, sum=1.0, scale=1, positive_offset=6, positive_counts=[2, 2])
    later = distribution(count=7, sum=2.0, scale=0, positive_offset=3, positive_counts=[7])

    assert sum(later.minus(earlier).buckets.values()) == 3


def test_quantiles_that_were_sent_are_given_as_they_are() -> None:
    """A summary knows its quantiles; others it does not know."""
    values = distribution(count=5, sum=9.0, quantiles=[0.5, 0.99], quantile_values=[1.5, 7.0])

    assert values.quantile(0.5) == 1.5
    assert values.quantile(0.95) is None


def test_nothing_seen_is_unknown() -> None:
    """No values: no average and no quantile, rather than zero."""
    assert Distribution().average is None
    assert Distribution().quantile(0.5) is None
