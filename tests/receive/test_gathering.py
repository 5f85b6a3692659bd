"""Small groups of exports wait for more, but never longer than it is worth, and nobody alone."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from collector.receive.gathering import Gathering


class Arrivals:
    """Exports that come at set times, on a clock that only sleeping moves."""

    def __init__(self, *at_s: float) -> None:
        self.now_s = 0.0
        self._at_s = at_s
        self._taken = 0

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def waiting(self) -> int:
        """What came besides the one that is at hand."""
        return max(0, self._there() - self._taken - 1)

    def groups(self, gathering: Gathering, takes_s: float) -> Iterator[tuple[float, int]]:
        """When each group begins, and how many exports are in it."""
        while self._taken < len(self._at_s):
            self.now_s = max(self.now_s, self._at_s[self._taken])
            gathering.wait()
            began_s, size = self.now_s, self._there() - self._taken
            self.now_s += takes_s
            self._taken += size
            gathering.took(size)
            yield began_s, size

    def _there(self) -> int:
        return sum(at_s <= self.now_s + 1e-9 for at_s in self._at_s)


def groups_of(*at_s: float, takes_s: float = 0.005) -> list[tuple[float, int]]:
    arrivals = Arrivals(*at_s)
    gathering = Gathering(arrivals.waiting, arrivals.clock, arrivals.sleep)
    return list(arrivals.groups(gathering, takes_s))


def test_a_lone_sender_never_waits() -> None:
    """Each of its exports is taken the moment it comes, however fast they follow."""
    at_s = [0.006 * number for number in range(50)]

    assert groups_of(*at_s) == [(pytest.approx(each), 1) for each in at_s]


def test_exports_of_several_senders_share_groups() -> None:
    """Four that came at once show that there are several; what follows is gathered."""
    streams = [0.5 + 0.0135 * number for number in range(100)]
    groups = groups_of(0.0, 0.0, 0.0, 0.0, *streams)
    late = groups[2:60]

    assert sum(size for _, size in late) / len(late) > 1.5
    begins = [began_s for began_s, _ in late]
    apart = [after - before for before, after in pairwise(begins)]
    assert max(apart) < 0.03


def test_a_group_that_is_nearly_as_large_as_others_does_not_wait() -> None:
    """Three of four senders are there again: the fourth is not waited for."""
    rounds = [0.008 * number for number in range(20) for _ in range(3)]
    groups = groups_of(0.0, *rounds)

    assert groups[0] == (0.0, 4)
    assert [size for _, size in groups[1:]] == [3] * 19
    assert [began_s for began_s, _ in groups[1:10]] == [
        pytest.approx(0.008 * number, abs=0.0021) for number in range(1, 10)
    ]


def test_senders_that_are_gone_are_soon_forgotten() -> None:
    """Of four only one goes on: after some seconds it is a lone sender."""
    at_s = [1 + 0.03 * number for number in range(200)]
    groups = groups_of(0.0, 0.0, 0.0, 0.0, *at_s)

    assert groups[-1] == (pytest.approx(at_s[-1]), 1)
    assert groups[-100:] == [(pytest.approx(each), 1) for each in at_s[-100:]]
