"""Scores every scenario and says where the answer is wrong."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
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


def scores(run: Run, answer: Answer, at_once: int = 1) -> Iterator[tuple[str, Score]]:
    """The score of each scenario, all seeds together; ``at_once``: so many are answered at a time.

    A collector for itself waits most of the time for what may still come.
    """

    def one(name: str) -> Score:
        found = Score()
        for seed in run.seeds:
            generated = generate(name, seed, run.count, run.now_ns)
            found.add(score(tell(generated.items()), answer(generated)))
        return found

    if at_once == 1:
        yield from ((name, one(name)) for name in run.names)
        return
    with ThreadPoolExecutor(at_once) as pool:
        yield from zip(run.names, pool.map(one, run.names), strict=True)


def total(found: Iterable[Score]) -> Score:
    """All counts together."""
    whole = Score()
    for each in found:
        whole.add(each)
    return whole
