"""Figures: exact counts over any range, percentiles within 1 %, folding, retention, the thread."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from duckdb import DuckDBPyConnection as Cursor

from collector.derive import deriver
from collector.model.window import Window
from collector.store import deriving
from collector.store.queries.health import list_function_health, read_function, read_overview
from collector.store.queries.invocations import read_function_invocations
from tests.health.derived import (
    MINUTE,
    SECOND,
    T0_NS,
    DerivedStore,
    Row,
    report,
    resource,
    span,
    start,
)


def many(count: int, seed: int = 1) -> list[Row]:
    """Invocations over five minutes with durations from microseconds to minutes."""
    random = Random(seed)
    return [
        span(
            random.uniform(0, 300), 10 ** random.uniform(-6, 2), span_id=number + 1,
            invocation_id=f"8f5e2c1a-0b6d-4d57-9a37-{number:012x}",
            status_code=random.choice((0, 0, 0, 2)),
        )
        for number in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("width_ns", [MINUTE, 5 * MINUTE, 17 * SECOND, 61 * SECOND, 1])
@pytest.mark.parametrize("offset_ns", [0, 1, 29 * SECOND, MINUTE - 1])
def test_counts_are_exact_over_any_range(
    counted: DerivedStore, width_ns: int, offset_ns: int
) -> None:
    """Whole minutes come from what is stored, the ends are counted anew."""
    since, before = T0_NS + offset_ns, T0_NS + offset_ns + width_ns
    told = counted.rows(
        f"select coalesce(sum(invocations), 0), coalesce(sum(errors), 0)"
        f" from health_by({since}, {before}, 0, true, false, false, null)"
    )
    counts = counted.rows(
        "select count(*), count(*) filter (outcome = 'error') from invocations"
        f" where start_ns >= {since} and start_ns < {before}"
    )

    assert told == counts


def test_percentiles_are_within_one_percent(counted: DerivedStore) -> None:
    """Of those of the durations themselves."""
    [told] = counted.rows(
        "select duration_p50_ns, duration_p95_ns, duration_p99_ns"
        f" from health_by({T0_NS}, {T0_NS + 5 * MINUTE}, 0, true, false, false, null)"
    )
    [(exact,)] = counted.rows(
        f"select quantile_cont(duration_ns, [0.5, 0.95, 0.99]) from invocations"
        f" where start_ns < {T0_NS + 5 * MINUTE}"
    )

    assert told == pytest.approx(exact, rel=0.01)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DerivedStore]:
    """A store with many invocations, some folded and some not."""
    store = DerivedStore(tmp_path_factory.mktemp("figures"))
    store.commit(resource(1))
    rows = many(600)
    store.take(*rows[:400])
    store.fold()
    store.take(*rows[400:])
    yield store
    store.close()


def test_folding_changes_no_figure(store: DerivedStore) -> None:
    """Many changes become few rows that say the same."""
    for row in many(20):
        store.take(row)
    before = store.figures()
    store.fold()

    assert store.figures() == before == store.figures_anew()
    assert store.rows("select count(*) from minute_changes") == [(0,)]
    assert store.rows("select count(*) from function_sightings") == [(1,)]


def test_what_is_known_better_later_replaces_what_was_counted(store: DerivedStore) -> None:
    """A START, then its REPORT: one invocation, which turns out to be a timeout."""
    store.take(start(59))
    store.take(report(66, 6000, "Status: timeout"))
    [row] = store.rows(
        "select invocations, errors, timeouts, duration_p50_ns"
        f" from health_by({T0_NS}, {T0_NS + 5 * MINUTE}, 60000000000, true, false, false, null)"
    )

    assert row == pytest.approx((1, 1, 1, 6 * SECOND), rel=0.01)


def test_versions_are_told_apart(store: DerivedStore) -> None:
    """By the version of the START line or of the resource."""
    other = "8f5e2c1a-0b6d-4d57-9a37-00000000000a"
    store.take(resource(2, version="18"), start(0), report(1, 100))
    store.take(span(2, invocation_id=other, resource_id=2))
    rows = store.rows(
        "select version, invocations"
        f" from health_by({T0_NS}, {T0_NS + MINUTE}, 0, true, true, false, null) order by version"
    )

    assert rows == [("17", 1), ("18", 1)]


def test_derived_rows_go_with_their_telemetry(store: DerivedStore) -> None:
    """What was derived from deleted exports only is deleted, the rest is not."""
    store.take(*many(10))
    last = store.seq
    store.take(start(400), report(401, 500))
    store.database.write(
        lambda cursor: cursor.execute("update progress set deleted_seq = $seq", {"seq": last})
    )
    store.derive()

    assert store.rows("select count(*) from invocation_rows") == [(1,)]
    assert store.rows("select count(*) from platform_lines") == [(2,)]
    assert store.figures() == store.figures_anew()


def test_the_thread_derives_what_is_committed(store: DerivedStore) -> None:
    """Woken by the commit; a reader can wait for it."""
    store.deriver.start()
    store.commit(start(0), report(1, 500))

    assert _eventually(lambda: store.deriver.wait_reached(10))
    assert store.invocations("outcome") == [("ok",)]
    assert store.deriver.lag.exports == 0
    store.deriver.stop()


def test_a_fault_is_shown_and_forgotten(
    store: DerivedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread outlives what fails, says so, and says so no more when it works again."""
    good = deriver.run_end

    def bad(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(deriver, "run_end", bad)
    store.deriver.start()
    store.commit(start(0))
    assert _eventually(lambda: store.deriver.last_error == "ValueError: broken")
    monkeypatch.setattr(deriver, "run_end", good)

    assert _eventually(lambda: store.deriver.wait_reached(10))
    assert _eventually(lambda: store.deriver.healthy)
    store.deriver.stop()


def test_a_commit_nobody_reported_is_derived(tmp_path: Path) -> None:
    """It works by its own progress: a new deriver finds what came while there was none."""
    store = DerivedStore(tmp_path)
    store.commit(resource(1), start(0))
    store.commit(report(1, 500))
    store.restart()
    store.derive()

    assert store.invocations("outcome") == [("ok",)]
    assert store.rows("select derived_seq from derived_progress") == [(2,)]
    store.close()


def _eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def test_a_run_that_ends_anywhere_else_did_not_happen(store: DerivedStore) -> None:
    """A run and its progress commit together: after a fault it is done again, once."""
    store.commit(start(0), report(1, 500))

    class CutOffError(Exception):
        """The process dies before the commit."""

    def cut_off(cursor: Cursor) -> None:
        deriving.derive(cursor, 0, store.seq)
        raise CutOffError

    with pytest.raises(CutOffError):
        store.database.write(cut_off)
    assert store.rows("select count(*) from invocation_rows") == [(0,)]
    store.derive()

    assert store.invocations("outcome") == [("ok",)]
    assert store.figures() == store.figures_anew()


def test_the_views_say_what_the_questions_say(counted: DerivedStore) -> None:
    """Alerts and people read ``function_health``; pages ask typed questions: the same figures."""
    window = Window(T0_NS + 17 * SECOND, T0_NS + 4 * MINUTE)
    [view] = counted.rows(
        "select invocations, errors, cold_starts, duration_p95_ns, evidence"
        f" from function_health({window.since_ns}, {window.until_ns}, null)"
    )
    [row] = counted.database.read(lambda cursor: list_function_health(cursor, window)).rows
    asked = row.health

    assert view == (
        asked.counts.invocation_count, asked.counts.error_count, asked.counts.cold_start_count,
        asked.quantiles.duration_p95_ns, asked.evidence,
    )  # fmt: skip


def test_the_most_at_a_time_is_found_by_overlaps(store: DerivedStore) -> None:
    """Three overlap, the fourth begins as the third ends; no metric reported it."""
    ids = [f"8f5e2c1a-0b6d-4d57-9a37-{number:012x}" for number in range(4)]
    store.take(
        span(0, 10, invocation_id=ids[0]), span(1, 5, invocation_id=ids[1], span_id=2),
        span(2, 1, invocation_id=ids[2], span_id=3), span(20, 1, invocation_id=ids[3], span_id=4),
    )  # fmt: skip
    window = Window(T0_NS, T0_NS + MINUTE)
    [row] = store.database.read(lambda cursor: list_function_health(cursor, window)).rows

    assert (row.health.max_concurrency, row.health.concurrency_evidence) == (3, "overlaps")


def test_an_overview_compares_with_the_period_before(store: DerivedStore) -> None:
    """Counts of both, series of the first; nothing told of queues is unknown."""
    ids = [f"8f5e2c1a-0b6d-4d57-9a37-{number:012x}" for number in range(3)]
    store.take(
        span(10, invocation_id=ids[0]), span(70, invocation_id=ids[1], span_id=2, status_code=2),
        span(80, invocation_id=ids[2], span_id=3),
    )  # fmt: skip
    window = Window(T0_NS + MINUTE, T0_NS + 2 * MINUTE)
    found = store.database.read(lambda cursor: read_overview(cursor, window))

    assert (found.counts.invocation_count, found.counts.error_count) == (2, 1)
    assert (found.before.invocation_count, found.before.error_count) == (1, 0)
    assert [point.counts.invocation_count for point in found.series] == [2]
    assert (found.throttle_count, found.oldest_dead_letter_age_s) == (None, None)


def test_a_function_in_full(store: DerivedStore) -> None:
    """Errors by type, versions, distributions that add up, and its slowest and failed ones."""
    store.take(
        start(0), report(6, 6000, "Status: timeout"),
        span(10, invocation_id="8f5e2c1a-0b6d-4d57-9a37-00000000000a", cold_start=True),
    )  # fmt: skip
    window = Window(T0_NS, T0_NS + MINUTE)
    found = store.database.read(lambda cursor: read_function(cursor, "orders", window))
    some = store.database.read(lambda cursor: read_function_invocations(cursor, "orders", window))
    assert found is not None

    assert [(each.outcome, each.count) for each in found.errors] == [("timeout", 1)]
    assert sum(bucket.count for bucket in found.durations) == 2
    assert sum(bucket.count for bucket in found.cold_durations) == 1
    assert [each.duration_ns for each in some.slowest] == [6 * SECOND, SECOND // 2]
    assert [each.outcome for each in some.failed] == ["timeout"]
