"""``python -m benchmarks.stitching``: how right event traces are, by scenario.

``--scenario NAME --explain`` says for one which events are wrong, and by which joints. ``--core``
asks the rules alone instead of a collector.
"""

import argparse
import time
from collections.abc import Iterator
from fnmatch import fnmatch

from benchmarks.stitching import on_core, over_http
from benchmarks.stitching.accuracy import Run, scores, total
from benchmarks.stitching.catalogue import GAPS, NAMES
from benchmarks.stitching.scoring import Score


def table_row(name: str, found: Score) -> str:
    """One line of the printed table."""
    return (
        f"{name:32} {found.exact:6}/{found.stories:<6} {found.exact_share:8.2%} "
        f"{found.precision:9.4f} {found.recall:9.4f} {found.needless:9}"
    )


def found_by(run: Run, *, core: bool) -> Iterator[tuple[str, Score]]:
    """Scores of the rules alone, or of collectors, three at a time."""
    return scores(run, on_core.answer) if core else scores(run, over_http.by_collector, at_once=3)


def main() -> None:
    """Prints the table, and what is wrong where asked for."""
    parse = argparse.ArgumentParser(prog="python -m benchmarks.stitching")
    parse.add_argument("--scenario", default="*", help="a name or pattern; see the table")
    parse.add_argument("--seed", type=int, action="append", help="may be given several times")
    parse.add_argument("--count", type=int, default=40, help="business events a scenario")
    parse.add_argument("--core", action="store_true", help="the rules alone, without a collector")
    parse.add_argument("--explain", action="store_true", help="what is wrong and missing")
    given = parse.parse_args()
    names = tuple(name for name in (*NAMES, *GAPS) if fnmatch(name, given.scenario))
    run = Run(names, tuple(given.seed or [1]), given.count, time.time_ns())
    print(f"{'scenario':32} {'exact':>13} {'':8} {'precision':>9} {'recall':>9} {'needless':>9}")
    found: list[Score] = []
    for name, result in found_by(run, core=given.core):
        print(table_row(name, result), flush=True)
        if name not in GAPS:
            found.append(result)
        if given.explain:
            for line in (*result.wrong, *result.missing):
                print(f"    {line}")
    print(table_row("all", total(found)))


if __name__ == "__main__":
    main()
