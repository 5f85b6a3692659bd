"""``make bench``: runs every benchmark once and writes the table to benchmarks/RESULTS.md.

This machine's speed is not yours: the figures that travel are the ratios, taken in one run.
``--quick`` shortens every step; ``--minutes N`` sets the length of the memory run.
"""

import argparse
import json
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import psutil

from benchmarks import (
    baseline,
    event_page,
    health_speed,
    ingest,
    ledger,
    stitching_speed,
)
from benchmarks.process import WORK, running, stop
from benchmarks.stitching import accuracy, over_http
from benchmarks.stitching.catalogue import GAPS, NAMES

RESULTS = Path(__file__).parent / "RESULTS.md"
KEPT = Path(__file__).parent / "results.json"
CHECKPOINT = 128 * 2**20


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    figure: str
    measured: str
    target: str


def _big(seconds: float) -> Iterator[Line]:
    insert = baseline.insert_spans_per_s(WORK / "columns", seconds, CHECKPOINT)
    yield Line("insert of ready-made columns, nothing else", f"{insert:,.0f} spans/s", "")
    with running("big") as server:
        run = ingest.http(
            server, spans=512, connections=8, seconds=seconds, count=int(seconds * 320)
        )
        caught_up_s, peak_mib = ingest.catch_up(server)
        shutdown = stop(server)
        size, stored = _size(server.db)
        of_spans = _blocks(server.db, "spans")
    yield Line("OTLP/HTTP, 512 spans a request", f"{run.spans_per_s:,.0f} spans/s", ">= 80,000")
    yield Line("… of the insert alone", f"{run.spans_per_s / insert:.0%}", ">= 60 %")
    yield Line("… per core of server CPU", f"{run.spans_per_cpu_s:,.0f} spans/s", ">= 70,000")
    yield Line("… answer p50 / p99", f"{run.p50_ms:.0f} / {run.p99_ms:.0f} ms", "")
    yield Line("… peak memory", f"{max(run.rss_mib):.0f} MiB", "<= 768 MiB")
    yield Line("… answered and stored", f"{run.spans:,} / {stored:,}", "equal")
    yield Line("… all of it stitched and derived after", f"{caught_up_s:.0f} s", "")
    yield Line("… peak memory meanwhile", f"{peak_mib:.0f} MiB", "<= 768 MiB")
    yield Line("bytes a span on disk after checkpoint", f"{of_spans / stored:.1f}", "<= 110")
    yield Line(
        "… the whole file, every other span an invocation of its own",
        f"{size / stored:.1f}",
        "",
    )
    yield Line("graceful stop after that", f"{shutdown:.1f} s", "")


def _small(seconds: float) -> Iterator[Line]:
    with running("small") as server:
        run = ingest.http(
            server, spans=4, connections=64, seconds=seconds, count=int(seconds * 9000)
        )
    yield Line("OTLP/HTTP, 4 spans, 64 connections", f"{run.requests_per_s:,.0f}/s", ">= 4,000/s")
    yield Line("… answer p50", f"{run.p50_ms:.1f} ms", "")
    yield Line("… answer p99", f"{run.p99_ms:.1f} ms", "<= 60 ms")
    yield Line("… answer p99.9", f"{run.p999_ms:.1f} ms", "<= 500 ms")
    yield Line("… server CPU a request", f"{run.server_cpu_s / run.requests * 1e6:.0f} µs", "")
    yield Line("… peak memory", f"{max(run.rss_mib):.0f} MiB", "<= 768 MiB")


def _others(seconds: float) -> Iterator[Line]:
    with running("grpc") as server:
        run = ingest.http(
            server,
            spans=512,
            connections=8,
            seconds=seconds,
            count=int(seconds * 320),
            module="benchmarks.load_grpc",
        )
    yield Line("OTLP/gRPC, 512 spans a request", f"{run.spans_per_s:,.0f} spans/s", "")
    yield Line("… per core of server CPU", f"{run.spans_per_cpu_s:,.0f} spans/s", "")
    with running("json") as server:
        run = ingest.http(
            server, spans=512, connections=4, seconds=seconds, count=int(seconds * 60), kind="json"
        )
    yield Line("OTLP/HTTP JSON, 512 spans a request", f"{run.spans_per_s:,.0f} spans/s", "")


def _decode() -> Iterator[Line]:
    reference = baseline.reference_spans_per_s()
    big = baseline.decode_spans_per_s(spans=512, group=8, count=160)
    small = baseline.decode_spans_per_s(spans=4, group=64, count=6400)
    yield Line("decode by opentelemetry-proto and a loop", f"{reference:,.0f} spans/s a core", "")
    yield Line("decode, 8 x 512 spans", f"{big:,.0f} spans/s a core", "")
    yield Line("… times the loop", f"{big / reference:.1f}", "")
    yield Line("decode, 64 x 4 spans", f"{small:,.0f} spans/s a core", "")


def _memory(minutes: float) -> Iterator[Line]:
    """Full load for minutes on end: memory must end where it stood after the first minute."""
    with running("memory") as server:
        rss: list[float] = []
        rounds = max(1, round(minutes * 2))
        for number in range(rounds):
            run = ingest.http(
                server, spans=512, connections=8, seconds=30, count=9000, seed=number + 10
            )
            rss.append(max(run.rss_mib))
    middle = len(rss) // 2 or 1
    yield Line(f"memory over {minutes:g} min of full load, peak", f"{max(rss):.0f} MiB", "<= 768")
    yield Line(
        "… peak of the second half / of the first",
        f"{max(rss[middle:] or rss) / max(rss[:middle]):.2f}",
        "about 1",
    )


def _overload(seconds: float) -> Iterator[Line]:
    with running("overload") as server:
        run = ingest.http(
            server, spans=512, connections=400, seconds=seconds, count=int(seconds * 900)
        )
        stop(server)
        _, stored = _size(server.db)
    refused = sum(count for code, count in run.statuses.items() if code in ("429", "503"))
    yield Line(
        "400 connections: refused with Retry-After", f"{refused:,} ({run.retry_after:,})", ""
    )
    yield Line("… answered 200 / stored", f"{run.spans:,} / {stored:,} spans", "equal")
    yield Line("… peak memory", f"{max(run.rss_mib):.0f} MiB", "<= 768 MiB")


def _ledger(rounds: int) -> Iterator[Line]:
    folder = WORK / "ledger"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kept = ledger.run(folder, rounds)
    shutil.rmtree(folder)
    yield Line(
        f"kill -9, {kept.rounds} rounds, {kept.answered:,} spans answered: lost / twice",
        f"{kept.lost} / {kept.twice}",
        "0 / 0",
    )


def _accuracy(given: argparse.Namespace) -> Iterator[Line]:
    """Labelled scenarios through the real collector; each has a store of its own."""
    seeds = (given.seed,) if given.quick else tuple(range(given.seed, given.seed + 3))
    wanted = accuracy.Run(NAMES, seeds, 12 if given.quick else 24, time.time_ns())
    found = dict(accuracy.scores(wanted, over_http.by_collector, at_once=3))
    whole = accuracy.total(found.values())
    yield Line(
        f"event traces exact, of {whole.stories:,} labelled, seeds {', '.join(map(str, seeds))}",
        f"{whole.exact_share:.2%}",
        ">= 99.5 %",
    )
    yield Line("… pairwise precision", f"{whole.precision:.5f}", ">= 0.999")
    yield Line("… pairwise recall", f"{whole.recall:.5f}", "")
    for name, each in found.items():
        figures = f"{each.exact_share:.1%} / {each.precision:.4f} / {each.recall:.4f}"
        yield Line(f"exact / precision / recall: {name}", figures, "")
    known = accuracy.Run(tuple(GAPS), seeds, wanted.count, wanted.now_ns)
    for name, each in accuracy.scores(known, over_http.by_collector):
        yield Line(f"not counted, a known gap: {name}", f"{each.exact_share:.1%} exact", "")


def _stitching(*, quick: bool) -> Iterator[Line]:
    spans = 250_000 if quick else 1_000_000
    yield Line(
        "stitching what is stored, alone", f"{stitching_speed.alone(spans):,.0f} spans/s", ">= 150k"
    )
    behind = stitching_speed.live(40_000, 10 if quick else 60)
    yield Line(
        f"stitching behind {behind.spans / behind.seconds:,.0f} spans/s of ingest, longest lag",
        f"{max(behind.lags_s):.1f} s",
        "<= 2 s",
    )
    half, most = np.quantile(behind.lags_s, (0.5, 0.9))
    yield Line("… half / nine tenths of the time less than", f"{half:.1f} / {most:.1f} s", "")
    yield Line("… caught up after the last span", f"{behind.caught_up_s:.1f} s", "")
    yield Line("… peak memory", f"{max(behind.rss_mib):.0f} MiB", "<= 768 MiB")
    sizes = [1, 3] if quick else [1, 5, 20]
    for size, cost, lookup in stitching_speed.by_size([each * 1_000_000 for each in sizes]):
        yield Line(f"stitching a span, {size / 1e6:.0f}M stored", f"{cost:.1f} µs", "flat")
        target = "<= 50 ms" if size == 20_000_000 else ""
        yield Line(f"… look-up by any id, p95, {size / 1e6:.0f}M", f"{lookup:.0f} ms", target)


def _event(times: int) -> Iterator[Line]:
    found = event_page.measure(times)
    yield Line(
        "event trace of 1,000 spans over the API, p95",
        f"{event_page.p95(found.json_ms):.0f} ms",
        "<= 150 ms",
    )
    yield Line("… its page, p95", f"{event_page.p95(found.page_ms):.0f} ms", "<= 150 ms")


def _health(*, quick: bool) -> Iterator[Line]:
    sizes = [500_000] if quick else [2_000_000, 20_000_000]
    for spans in sizes:
        found = health_speed.measure(spans)
        stored = f"{spans / 1e6:g}M stored"
        yield Line(f"deriving a span, {stored}", f"{found.derive_us:.1f} µs", "")
        yield Line(f"… derived rows a span, {stored}", f"{found.bytes_a_span:.1f} bytes", "")
        target = "<= 100 ms" if spans == 20_000_000 else ""
        for each in found.answers:
            yield Line(f"{each.name}, p95, {stored}", f"{each.p95_ms:.0f} ms", target)


def _size(db: Path) -> tuple[int, int]:
    with duckdb.connect(str(db), read_only=True) as connection:
        row = connection.execute("select count(*) from spans").fetchone()
    assert row is not None
    return db.stat().st_size, row[0]


def _blocks(db: Path, table: str) -> int:
    """Bytes of the blocks that hold a table."""
    with duckdb.connect(str(db), read_only=True) as connection:
        row = connection.execute(
            "select count(distinct block) * (select block_size from pragma_database_size()) from ("
            " select unnest(list_append(additional_block_ids, block_id)) as block"
            " from pragma_storage_info($table) where persistent)",
            {"table": table},
        ).fetchone()
    assert row is not None
    return int(row[0])


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    parts = ", ".join(
        f"{name} {version(name)}" for name in ("duckdb", "pyarrow", "ptars", "uvicorn", "grpcio")
    )
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {psutil.cpu_count()} cores shared with the load generator, "
        f"{memory:.0f} GiB, Python {platform.python_version()}, {parts}."
    )


def main() -> None:
    """Runs the chosen benchmarks; each replaces its own rows of the table when it has ended."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--quick", action="store_true", help="shorter, and nothing is written")
    parse.add_argument("--minutes", type=float, default=10, help="length of the memory run")
    parse.add_argument("--seed", type=int, default=1, help="of the accuracy scenarios")
    parse.add_argument("--only", default=",".join(STEPS), help="steps, with commas between")
    given = parse.parse_args()
    for name in given.only.split(","):
        began = time.monotonic()
        lines: list[Line] = []
        for line in STEPS[name](given):
            lines.append(line)
            print(f"{line.figure:62} {line.measured:>26}   {line.target}", flush=True)
        print(f"  ({name}: {time.monotonic() - began:.0f} s)", flush=True)
        if not given.quick:
            _keep(name, lines)


def _seconds(given: argparse.Namespace) -> float:
    return 5.0 if given.quick else 20.0


STEPS: Final[dict[str, Callable[[argparse.Namespace], Iterator[Line]]]] = {
    "decode": lambda _: _decode(),
    "big": lambda given: _big(_seconds(given)),
    "small": lambda given: _small(_seconds(given)),
    "others": lambda given: _others(_seconds(given) / 2),
    "overload": lambda given: _overload(_seconds(given) / 2),
    "stitching": lambda given: _stitching(quick=given.quick),
    "event": lambda given: _event(20 if given.quick else 100),
    "health": lambda given: _health(quick=given.quick),
    "ledger": lambda given: _ledger(5 if given.quick else 100),
    "accuracy": _accuracy,
    "memory": lambda given: _memory(0.5 if given.quick else given.minutes),
}


def _keep(name: str, lines: list[Line]) -> None:
    """Replaces the rows of one step; the others stay as their last run left them."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept[name] = {"machine": _machine(), "rows": [astuple(line) for line in lines]}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    RESULTS.write_text(_HEAD + "\n".join(_table(kept[step]) for step in STEPS if step in kept))


def _table(step: dict[str, Any]) -> str:
    rows = "\n".join(f"| {figure} | {got} | {want} |" for figure, got, want in step["rows"])
    return f"\n{step['machine']}\n\n| figure | measured | target |\n|---|---|---|\n{rows}\n"


_HEAD: Final = """# Benchmark results

Written by `make bench`. Absolute figures are of the machine named; the ratios travel, and each is
of two figures of the same run.
"""


if __name__ == "__main__":
    main()
