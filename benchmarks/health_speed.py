"""How fast invocations are derived, and how fast pages and alert rules are answered from them.

Telemetry: 50 functions over a day; an invocation is one server span with its request id and three
spans below it; one in fifty is cold; environments serve some hundred invocations each. Asked once
more when CloudWatch has told six metrics of each function every minute.
"""

import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from benchmarks.process import WORK
from collector.alerts.engine import AlertEngine
from collector.alerts.reading import read_rule
from collector.alerts.sources import Facts
from collector.alerts.starter import starter_set
from collector.derive.deriver import Deriver
from collector.model.costs.pricing import Pricing
from collector.model.window import NS_PER_S, Window
from collector.settings import Settings
from collector.store.database import Database
from collector.store.queries.costs import read_cost_series, read_costs
from collector.store.queries.health import list_function_health, read_function, read_overview
from collector.store.queries.invocations import read_function_invocations
from collector.store.queries.queues import list_queues

FUNCTIONS: Final = 50
SPANS_AN_INVOCATION: Final = 4
SPANS_AN_EXPORT: Final = 500
_FIRST_NS: Final = 1_790_000_000_000_000_000
_DAY_NS: Final = 86_400 * NS_PER_S
_PIECE: Final = 1_000_000
_ROUNDS: Final = 15

_RESOURCES: Final = """
insert into resources by name
select
    (i + 1)::ubigint as resource_id, 'fn-' || i % $functions as function, 'aws' as provider,
    'aws_lambda' as platform, 'eu-west-1' as region,
    '2026/09/22/[17]' || md5(i::varchar) as instance, '17' as version
from range($functions * 400) as t(i)
"""
_SPANS: Final = """
insert into spans by name
select
    $first_ns + (i // 4) * ($day_ns // ($total // 4)) + (i % 4) * 1000 as start_ns,
    (exp(16 + 2 * random()))::bigint as duration_ns,
    md5((i // 4)::varchar)::uuid as trace_id,
    (i + 1)::ubigint as span_id,
    if(i % 4 = 0, null, (i // 4 * 4 + 1)::ubigint) as parent_span_id,
    'handle' as name,
    if(i % 4 = 0, 2, 3)::tinyint as kind,
    if(hash(i) % 97 = 0, 2, 0)::tinyint as status_code,
    'fn-' || (i // 4) % $functions as function,
    if(i % 4 = 0, md5('r' || i)::uuid::varchar, null) as invocation_id,
    if(i % 4 = 0, hash(i) % 50 = 1, null) as cold_start,
    if(i % 4 = 0, 'pubsub', null) as "trigger",
    ((i // 4) % $functions + $functions * ((i * 400) // $total) + 1)::ubigint as resource_id,
    (i // $an_export + 1)::bigint as export_seq
from range($since, $until) as t(i)
"""
_EXPORTS: Final = """
insert into exports by name
select i + 1 as export_seq, $first_ns as received_ns, $an_export as records, 1 as bytes
from range($since // $an_export, $until // $an_export) as t(i)
"""
# As a metric stream has them; without rows of their own in exports, for nothing is derived of them.
_POINTS: Final = """
insert into metric_points by name
select
    $first_ns + minute * 60_000_000_000 as start_ns, start_ns + 60_000_000_000 as time_ns,
    'amazonaws.com/AWS/Lambda/' || metric as name, 'summary' as type,
    (hash(minute, place, metric) % 50 + 1)::ubigint as count, (count * 20)::double as sum,
    [0.0, 1.0] as quantiles, [1.0, 30.0] as quantile_values, 1::ubigint as resource_id,
    [
        {'key': 'Namespace', 'value': 'AWS/Lambda'}, {'key': 'MetricName', 'value': metric},
        {'key': 'Dimensions', 'value': '{"FunctionName":"fn-' || place || '"}'}
    ] as attributes,
    'sss' as attribute_types, minute + 1 as export_seq
from range(1440) as times(minute), range($functions) as places(place), (
    select unnest([
        'Invocations', 'Errors', 'Duration', 'Throttles', 'ConcurrentExecutions', 'IteratorAge'
    ]) as metric
)
order by minute
"""
_TOLD: Final = ("functions", "function", "costs")  # the questions that read metrics


@dataclass(frozen=True, slots=True)
class Answers:
    """Times of one question in ms."""

    name: str
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """``derive_us`` is the time of one span, alone on the machine."""

    spans: int
    derive_us: float
    bytes_a_span: float
    answers: tuple[Answers, ...]


class _Writer:
    """A writer that has nothing to do."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []
        self.applied_seq = 0
        self.waiting_rows = 0
        self.held_back = False

    def take_most_waiting(self) -> int:
        return 0


def measure(spans: int) -> Figures:
    """Stores so many spans, derives them and asks what the pages ask."""
    folder = WORK / "health"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = Settings(db=folder / "bench.duckdb")
    database = Database.open(
        settings.db,
        memory_bytes=settings.duckdb_memory,
        threads=settings.duckdb_threads,
        checkpoint_bytes=settings.checkpoint_bytes,
        query_timeout_s=600,
    )
    _store(database, spans)
    database.checkpoint(tidy=True)
    stored_bytes = settings.db.stat().st_size
    began_s = time.monotonic()
    deriver = Deriver(database, _Writer())
    while deriver.step():
        if database.log_bytes > settings.checkpoint_bytes:
            database.checkpoint(tidy=True)
    took_s = time.monotonic() - began_s
    database.checkpoint(tidy=True)
    derived_bytes = settings.db.stat().st_size - stored_bytes
    answers = (
        *(_ask(database, name, question) for name, question in _questions()),
        _evaluate(database),
        *_with_metrics(database),
    )
    database.close()
    shutil.rmtree(folder)
    return Figures(spans, took_s / spans * 1e6, derived_bytes / spans, answers)


def _store(database: Database, spans: int) -> None:
    what = {"first_ns": _FIRST_NS, "an_export": SPANS_AN_EXPORT}

    def resources(cursor: Cursor) -> None:
        cursor.execute(_RESOURCES, {"functions": FUNCTIONS})

    database.write(resources)
    for since in range(0, spans, _PIECE):
        until = min(since + _PIECE, spans)

        def insert(cursor: Cursor, since: int = since, until: int = until) -> None:
            piece = {"since": since, "until": until}
            more = {"functions": FUNCTIONS, "day_ns": _DAY_NS, "total": spans}
            cursor.execute(_SPANS, {**what, **piece, **more})
            cursor.execute(_EXPORTS, {**what, **piece})
            cursor.execute(
                "update progress set applied_seq = $seq", {"seq": until // what["an_export"]}
            )

        database.write(insert)
        database.checkpoint(tidy=True)


def _questions() -> list[tuple[str, Callable[[Cursor], Any]]]:
    end_ns = _FIRST_NS + _DAY_NS - 12_345
    pricing = Pricing.of(Settings())
    found: list[tuple[str, Callable[[Cursor], Any]]] = []
    for label, hours in (("1 h", 1), ("24 h", 24)):
        window = Window(end_ns - hours * 3600 * NS_PER_S, end_ns)
        found += [
            (f"overview, {label}", lambda cursor, w=window: read_overview(cursor, w)),
            (
                f"functions, {label}",
                lambda cursor, w=window: list_function_health(cursor, w, steps=24),
            ),
            (f"function, {label}", lambda cursor, w=window: read_function(cursor, "fn-7", w)),
            (
                f"its invocations, {label}",
                lambda cursor, w=window: read_function_invocations(cursor, "fn-7", w),
            ),
            (f"queues, {label}", lambda cursor, w=window: list_queues(cursor, w)),
            (f"costs, {label}", lambda cursor, w=window: read_costs(cursor, w, pricing)),
            (
                f"costs over time, {label}",
                lambda cursor, w=window: read_cost_series(cursor, w, pricing),
            ),
        ]
    return found


def _with_metrics(database: Database) -> list[Answers]:
    """Some of the questions again, with metrics stored beside all that was there."""
    given = {"first_ns": _FIRST_NS, "functions": FUNCTIONS}
    [points] = database.write(lambda cursor: cursor.execute(_POINTS, given).fetchall()[0])
    database.checkpoint(tidy=True)
    return [
        _ask(database, f"{name}, {points:,} points of metrics", question)
        for name, question in _questions()
        if name.split(",")[0] in _TOLD
    ]


def _evaluate(database: Database) -> Answers:
    """The starter set, as evaluated when all of its rules are due."""
    rules = [read_rule(each, f"r{place}") for place, each in enumerate(starter_set("bench"))]
    now = [_FIRST_NS + _DAY_NS - _ROUNDS * 60 * NS_PER_S]
    engine = AlertEngine(database, rules, Facts(), every_s=60, delay_s=0, clock=lambda: now[0])
    times = []
    for _ in range(_ROUNDS):
        now[0] += 60 * NS_PER_S
        began_s = time.perf_counter()
        engine.step()
        times.append((time.perf_counter() - began_s) * 1000)
    name = f"evaluating {len(rules)} alert rules"
    return Answers(name, statistics.median(times), statistics.quantiles(times, n=20)[18])


def _ask(database: Database, name: str, question: Callable[[Cursor], Any]) -> Answers:
    times = []
    for _ in range(_ROUNDS):
        began_s = time.perf_counter()
        database.read(question)
        times.append((time.perf_counter() - began_s) * 1000)
    return Answers(name, statistics.median(times), statistics.quantiles(times, n=20)[18])


def main() -> None:
    """Prints a table; the number of spans is the first argument, 1,000,000 by default."""
    import sys

    figures = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(f"{figures.spans:,} spans: derived in {figures.derive_us:.2f} µs a span")
    print(f"derived rows: {figures.bytes_a_span:.1f} bytes a span")
    for each in figures.answers:
        print(f"{each.name}: p50 {each.p50_ms:.0f} ms, p95 {each.p95_ms:.0f} ms")


if __name__ == "__main__":
    main()
