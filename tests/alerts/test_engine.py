"""The engine: states and changes in the store, across stops, crashes, late data and clocks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.errors import StoreUnavailable
from collector.store import alerts
from tests.alerts.watched import WatchedStore, numbered, rule
from tests.health.derived import Row, line, span

FAILING = rule(
    threshold=0.5, window="2m", owner="team-orders", targets=["chat"], severity="critical"
)


def failures(*seconds: float, ok: bool = False) -> list[Row]:
    """Invocations that failed, or did not."""
    return numbered([span(at, status_code=0 if ok else 2) for at in seconds])


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[WatchedStore]:
    """A rule that more than half of the invocations of two minutes fail."""
    store = WatchedStore(tmp_path, FAILING)
    yield store
    store.close()


def test_an_alert_fires_and_resolves_with_the_telemetry(watched: WatchedStore) -> None:
    """Each change is told once, with all that is needed to tell a person."""
    watched.take(*failures(30, 40))

    assert watched.ticks(0, 1) == [("orders", "firing")]
    assert watched.ticks(1.5, 3) == [("orders", "resolved")]
    fired = watched.history()[0]
    assert (fired.rule_name, fired.severity, fired.value, fired.threshold, fired.unit) == (
        "error_rate", "critical", 1.0, 0.5, "ratio",
    )  # fmt: skip
    assert (fired.owner, fired.targets, fired.metric) == ("team-orders", ("chat",), "error_rate")
    assert fired.scope == '{"function":"*"}'
    assert fired.summary == "Error rate of orders: 100 %, above 50 % (window 2 min)"


def test_each_function_has_an_alert_of_its_own(watched: WatchedStore) -> None:
    """One fires, the other does not."""
    rows = numbered([
        span(30, status_code=2), span(31, function="billing"),
        span(32, function="mail", status_code=2),
    ])  # fmt: skip
    watched.take(*rows)

    assert sorted(watched.tick(1)) == [("mail", "firing"), ("orders", "firing")]


def test_a_restart_tells_nothing_twice(watched: WatchedStore) -> None:
    """Another process goes on from the states that are stored."""
    watched.take(*failures(30, 90, 150, 200))
    watched.tick(1)
    watched.restart_engine()

    assert watched.ticks(1.5, 2) == []
    assert [each.state for each in watched.history()] == ["firing"]


def test_a_crash_before_the_commit_leaves_the_change_to_the_next_evaluation(
    watched: WatchedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """State and change are one transaction: neither is there without the other."""
    watched.take(*failures(30))

    def killed(*_: object, **__: object) -> None:
        raise StoreUnavailable("killed")

    with monkeypatch.context() as patch:
        patch.setattr(alerts, "_insert", killed)
        with pytest.raises(StoreUnavailable):
            watched.tick(1)
    assert (watched.states(), watched.history()) == ({}, [])
    watched.restart_engine()

    assert watched.tick(1.25) == [("orders", "firing")]
    assert [each.state for each in watched.history()] == ["firing"]


def test_what_arrives_late_still_fires(watched: WatchedStore) -> None:
    """A window is read anew each time, so it is enough that it still holds the time."""
    watched.take(*failures(30, ok=True))
    assert watched.ticks(0, 2) == []
    watched.take(*failures(60, 61, 62))

    assert watched.tick(2.25) == [("orders", "firing")]


def test_a_stop_does_not_let_a_for_pass(tmp_path: Path) -> None:
    """Ten minutes must be seen, however long the collector was down in between."""
    store = WatchedStore(tmp_path, rule(threshold=0.5, window="2m", for_="10m"))
    store.take(*failures(30))
    assert store.ticks(0.5, 1) == [("orders", "pending")]
    store.take(*numbered([span(60 * 60 + at, status_code=2) for at in range(0, 1200, 30)]))
    store.restart_engine()

    assert store.ticks(61, 69) == []
    assert store.ticks(69.5, 72) == [("orders", "firing")]
    store.close()


def test_a_stop_makes_no_function_look_silent(tmp_path: Path) -> None:
    """Nothing was received while the collector was down: that is no absence of the function."""
    store = WatchedStore(tmp_path, rule("function_absence_s", threshold=300))
    store.take(*failures(30, ok=True))
    assert store.ticks(0, 2) == []

    assert store.ticks(60, 62) == []
    store.take(*numbered([span(62 * 60 + at) for at in range(0, 60, 10)]))
    assert store.ticks(62.5, 66) == []
    assert store.ticks(66.5, 72) == [("orders", "firing")]
    store.close()


def test_what_fired_before_a_stop_is_not_resolved_for_want_of_data(watched: WatchedStore) -> None:
    """It is over when a window that was watched says so."""
    watched.take(*failures(30))
    watched.tick(1)

    assert watched.ticks(60, 61.5) == []
    assert watched.ticks(62, 62.5) == [("orders", "resolved")]


def test_a_clock_that_goes_back_tells_nothing_twice(watched: WatchedStore) -> None:
    """The alert goes on, under the time it is now."""
    watched.take(*failures(30, 600, 1170))
    watched.tick(20)
    assert watched.tick(1) == []

    assert watched.states()["orders"].since_ns <= watched.clock.now_ns
    assert [each.state for each in watched.history()] == ["firing"]


def test_telemetry_that_is_not_derived_yet_is_no_silence(tmp_path: Path) -> None:
    """A collector that is minutes behind knows nothing of the last minutes."""
    store = WatchedStore(tmp_path, rule("function_absence_s", threshold=120))
    store.take(*failures(30, ok=True))
    store.ticks(0, 1)
    store.behind_s = 200
    assert store.ticks(1.5, 6) == []
    store.behind_s = 0

    assert ("orders", "firing") in store.ticks(6.5, 9)
    store.close()


def test_a_deleted_rule_ends_its_alerts(watched: WatchedStore) -> None:
    """Whoever was told that it fires is told that it is over."""
    watched.take(*failures(30))
    watched.tick(1)
    [made] = watched.rules()
    watched.desk.remove(made.id)

    assert watched.tick(1.25) == [("orders", "resolved")]
    told = watched.history()[-1]
    assert (told.targets, told.summary) == (("chat",), "Rule 'error_rate' was deleted")
    assert watched.tick(1.5) == []
    assert watched.states() == {}


def test_a_rule_that_is_switched_off_ends_its_alerts(watched: WatchedStore) -> None:
    """As does one whose scope leaves the function out."""
    watched.take(*failures(30))
    watched.tick(1)
    [made] = watched.rules()
    watched.desk.replace(made.id, FAILING | {"scope": {"function": "billing"}})
    assert watched.tick(1.25) == [("orders", "resolved")]
    watched.desk.replace(made.id, FAILING)
    assert watched.tick(1.5) == [("orders", "firing")]
    watched.desk.replace(made.id, FAILING | {"enabled": False})

    assert watched.tick(1.75) == [("orders", "resolved")]


def test_a_rule_without_a_scope_is_about_all_together(tmp_path: Path) -> None:
    """Two of four invocations of two functions failed."""
    document = rule(threshold=0.4, window="2m")
    del document["scope"]
    store = WatchedStore(tmp_path, document)
    store.take(*numbered([
        span(30, status_code=2), span(31), span(32, function="mail", status_code=2),
        span(33, function="mail"),
    ]))  # fmt: skip

    assert store.tick(1) == [("", "firing")]
    assert store.history()[0].summary.startswith("Error rate of all functions: 50 %")
    store.close()


def test_changes_are_numbered_in_the_order_they_were_told(watched: WatchedStore) -> None:
    """Also where the clock goes back between them."""
    watched.take(*failures(30))
    watched.tick(10)
    watched.tick(1)
    rows = watched.rows("select change_seq, state from alert_changes order by change_seq")

    assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("metric", ["error_rate", "cost_per_day_usd", "function_absence_s"])
def test_a_scope_may_name_a_provider(tmp_path: Path, metric: str) -> None:
    """Functions of that provider alone."""
    said = {"threshold": 0, "comparison": ">=", "window": "5m"}
    store = WatchedStore(
        tmp_path,
        rule(metric, name="aws", scope={"provider": "aws"}, **said),
        rule(metric, name="gcp", scope={"provider": "gcp", "function": "*"}, **said),
    )
    store.take(line(
        "REPORT RequestId: 8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11\tDuration: 100.00 ms\t"
        "Billed Duration: 100 ms\tMemory Size: 512 MB\tMax Memory Used: 148 MB\t", 30,
    ))  # fmt: skip

    store.tick(1)
    assert {each.rule_name for each in store.history()} == {"aws"}
    store.close()
