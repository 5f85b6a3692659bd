"""Figures: exact counts over any range, percentiles within 1 %, folding, retention, the thread."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from collector.store import deriving
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

    assert store.deriver.wait_derived(10)
    assert store.invocations("outcome") == [("ok",)]
    assert store.deriver.lag.exports == 0
    store.deriver.stop()


def test_a_fault_is_shown_and_forgotten(
    store: DerivedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread outlives what fails, says so, and says so no more when it works again."""
    good = deriving.run_end

    def bad(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(deriving, "run_end", bad)
    store.deriver.start()
    store.commit(start(0))
    assert _eventually(lambda: store.deriver.last_error == "ValueError: broken")
    monkeypatch.setattr(deriving, "run_end", good)

    assert store.deriver.wait_derived(20)
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


def _eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()
