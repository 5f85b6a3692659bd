"""Scores every scenario and says where the answer is wrong."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from benchmarks.stitching.catalogue import generate
from benchmarks.stitching.labels import Generated
from benchmarks.stitching.scoring import GivenTrace, Score, score
from benchmarks.stitching.truth import tell

Answer = Callable[[Generated], list[GivenTrace]]


@dataclass(frozen=True, slots=True)
class Run:
    """What to make: ``count`` business events a scenario and seed, ended before ``now_ns``."""

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    count: int
    now_ns: int


def scores(run: Run, answer: Answer) -> Iterator[tuple[str, Score]]:
    """The score of each scenario, all seeds together."""
    for name in run.names:
        found = Score()
        for seed in run.seeds:
            generated = generate(name, seed, run.count, run.now_ns)
            found.add(score(tell(generated.items()), answer(generated)))
        yield name, found


def total(found: Iterable[Score]) -> Score:
    """All counts together."""
    whole = Score()
    for each in found:
        whole.add(each)
    return whole
