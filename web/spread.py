"""The spread of durations, cold and warm apart: quantiles and a few wide bars."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from collector.model.health import Bucket, FunctionDetail

_BARS_A_DECADE: Final = 10


@dataclass(frozen=True, slots=True)
class Part:
    """Quantiles of one kind of start, ns; None: no invocation of the kind told its duration."""

    name: str
    count: int
    p50_ns: float | None
    p95_ns: float | None
    p99_ns: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """Invocations whose duration is from ``low`` to the next bar, as the log10 of seconds."""

    low: float
    warm: int
    cold: int


def parts(detail: FunctionDetail) -> list[Part]:
    """Cold starts, then all others, then the initialisations of the cold ones."""
    return [
        _part("cold starts", detail.cold_durations),
        _part("other invocations", _others(detail)),
        _part("initialisation", detail.inits),
    ]


def bars(detail: FunctionDetail) -> list[Bar]:
    """Ten bars to a decade, from the shortest to the longest duration without a gap."""
    cold = _gathered(detail.cold_durations)
    warm = _gathered(_others(detail))
    places = cold.keys() | warm.keys()
    if not places:
        return []
    return [
        Bar(place / _BARS_A_DECADE, warm.get(place, 0), cold.get(place, 0))
        for place in range(min(places), max(places) + 1)
    ]


def quantile(buckets: Sequence[Bucket], share: float) -> float | None:
    """Between the neighbours of the place at ``share`` of all, as quantiles of the store are."""
    count = sum(bucket.count for bucket in buckets)
    if not count:
        return None
    place = share * (count - 1)
    low_ns, high_ns = _at(buckets, floor(place)), _at(buckets, ceil(place))
    return low_ns + (high_ns - low_ns) * (place - floor(place))


def _at(buckets: Sequence[Bucket], place: int) -> float:
    """The middle of the bucket that holds the invocation at a place, from 0, by duration."""
    up_to = 0
    for bucket in buckets:
        up_to += bucket.count
        if up_to > place:
            return bucket.middle_ns
    return buckets[-1].middle_ns


def _part(name: str, buckets: Sequence[Bucket]) -> Part:
    return Part(
        name,
        sum(bucket.count for bucket in buckets),
        quantile(buckets, 0.5),
        quantile(buckets, 0.95),
        quantile(buckets, 0.99),
    )


def _others(detail: FunctionDetail) -> list[Bucket]:
    cold = {bucket.middle_ns: bucket.count for bucket in detail.cold_durations}
    left = (
        Bucket(bucket.middle_ns, bucket.count - cold.get(bucket.middle_ns, 0))
        for bucket in detail.durations
    )
    return [bucket for bucket in left if bucket.count > 0]


def _gathered(buckets: Iterable[Bucket]) -> dict[int, int]:
    found: dict[int, int] = {}
    for bucket in buckets:
        place = floor(log10(max(bucket.middle_ns, 1) / 1e9) * _BARS_A_DECADE)
        found[place] = found.get(place, 0) + bucket.count
    return found
