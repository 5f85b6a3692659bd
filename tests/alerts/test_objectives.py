"""Objectives: what is good, how fast the budget burns, and the alerts that come of it."""

from pathlib import Path
from typing import Any

import pytest

from collector.alerts.burning import Met, met
from collector.alerts.documents import BadRule
from collector.alerts.objective_desk import ObjectiveDesk, status
from collector.alerts.objectives import read_objective
from collector.alerts.sources import Answers
from collector.model.window import Window
from collector.store.alerts import list_states
from tests.alerts.watched import WatchedStore, numbered
from tests.health.derived import MINUTE, T0_NS, span
from tests.store import event_rows

AVAILABLE = {"name": "Orders are up", "scope": {"function": "orders"}, "objective": 0.99}


def desk(store: WatchedStore) -> ObjectiveDesk:
    return ObjectiveDesk(store.database, clock=store.clock)


def judged(store: WatchedStore, minutes: float, **document: Any) -> Met:
    """How an objective was met in the first minutes."""
    answers = Answers(store.database.read, store.facts)
    made = read_objective({"name": "x"} | document, "x")
    return met(answers, made, Window(T0_NS, T0_NS + round(minutes * MINUTE)))


def test_a_burning_budget_fires_until_it_stops_burning(tmp_path: Path) -> None:
    """30 % fail for ten minutes: the pair of an hour and five minutes alerts, and is over soon."""
    store = WatchedStore(tmp_path)
    desk(store).add(AVAILABLE)
    rows = [
        span(minute * 60 + second, status_code=2 if minute >= 50 and second < 20 else 0)
        for minute in range(45, 75)
        for second in range(0, 60, 6)
        if minute < 60 or second >= 20
    ]
    store.take(*numbered(rows))
    fast = [(store.engine.step(), minute) for minute in (44, 49) if store.clock.at(minute) is None]
    assert [changes for changes, _ in fast] == [[], []]
    store.clock.at(59)
    [first] = [each for each in store.engine.step() if each.rule_id.endswith("-1h")]
    store.clock.at(66)
    last = {each.rule_id[-2:]: each.state for each in store.engine.step()}

    assert (first.state, first.severity, first.unit, first.rule_name) == (
        "firing", "critical", "times", "Orders are up (1h)",
    )  # fmt: skip
    assert first.value is not None
    assert first.value > 14.4
    assert last["1h"] == "resolved"
    store.close()


def test_few_failures_burn_nothing_much(tmp_path: Path) -> None:
    """One in two hundred is half of what may fail: no alert, and half of the budget is left."""
    store = WatchedStore(tmp_path)
    made = desk(store).add(AVAILABLE)
    store.take(*numbered([span(at * 3, status_code=2 if at == 30 else 0) for at in range(200)]))
    assert store.tick(10) == []
    answers = Answers(store.database.read, store.facts)
    states = store.database.read(list_states)
    found = status(answers, made, states, T0_NS + 10 * MINUTE)

    assert (found.met, found.share, found.firing) == (Met(199, 200), 0.995, False)
    assert found.budget_left == pytest.approx(0.5)
    assert found.burn_rates["1h"] == pytest.approx(0.5)
    store.close()


def test_latency_counts_those_within_the_promise(tmp_path: Path) -> None:
    """Of the functions in scope alone."""
    store = WatchedStore(tmp_path)
    slow = [span(at, duration_s=2 if at < 3 else 0.1) for at in range(10)]
    store.take(*numbered([*slow, span(5, function="mail", duration_s=9)]))

    scope = {"function": "orders"}
    assert judged(store, 5, kind="latency", latency_ms=500, scope=scope) == Met(7, 10)
    assert judged(store, 5, kind="latency", latency_ms=500) == Met(7, 11)
    store.close()


def test_an_outcome_is_that_an_event_ends_well(tmp_path: Path) -> None:
    """Those still open are not judged; with a time limit they are once it is over."""
    store = WatchedStore(tmp_path)
    for number, (outcome, takes_s) in enumerate(
        [("ok", 1), ("ok", 400), ("error", 1), ("dead_lettered", 1), ("open", 1)]
    ):
        event_rows.event(store.database, number + 1, status=outcome, takes_s=takes_s)

    assert judged(store, 2, kind="outcome") == Met(2, 4)
    assert judged(store, 2, kind="outcome", scope={"flow": "orders-*"}) == Met(2, 4)
    assert judged(store, 2, kind="outcome", scope={"flow": "mail"}) == Met(0, 0)
    assert judged(store, 10, kind="outcome", within="5m") == Met(1, 5)
    assert judged(store, 2, kind="outcome", within="5m") == Met(1, 1)
    store.close()


def test_an_outcome_is_that_an_event_reaches_a_function_in_time(tmp_path: Path) -> None:
    """One does after a minute, one after six, one never; the name may hold a star."""
    store = WatchedStore(tmp_path)
    for number, after_s in enumerate((60, 360, None)):
        event_rows.event(store.database, number + 1, takes_s=500)
        if after_s is not None:
            event_rows.fragment(
                store.database, 100 + number, event_trace_id=number + 1, function="ship_orders",
                start_ns=T0_NS + after_s * 10**9,
            )  # fmt: skip

    assert judged(store, 20, kind="outcome", reach="ship_*", within="5m") == Met(1, 3)
    assert judged(store, 20, kind="outcome", reach="ship_*") == Met(2, 3)
    assert judged(store, 20, kind="outcome", reach="shipXorders") == Met(0, 3)
    store.close()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"objective": 1}, "1 leaves no budget"),
        ({"kind": "latency"}, "latency_ms is missing"),
        ({"kind": "outcome", "scope": {"function": "x"}}, "scope of an objective on outcome"),
        ({"kind": "uptime"}, "use one of availability, latency, outcome"),
        ({"period": "1y"}, "a whole number with"),
    ],
)
def test_a_wrong_objective_is_told_what_is_wrong(document: dict[str, Any], said: str) -> None:
    """In a sentence with the remedy."""
    with pytest.raises(BadRule, match=said):
        read_objective({"name": "x"} | document, "x")


def test_an_objective_that_is_deleted_ends_its_alerts(tmp_path: Path) -> None:
    """As that of a rule does."""
    store = WatchedStore(tmp_path)
    made = desk(store).add(AVAILABLE)
    store.take(*numbered([span(at, status_code=2) for at in range(20)]))
    assert {state for _, state in store.tick(1)} == {"firing"}
    desk(store).remove(made.id)

    assert {state for _, state in store.tick(1.25)} == {"resolved"}
    store.close()


def test_hours_that_have_settled_are_judged_once(tmp_path: Path) -> None:
    """A long window says the same with and without them, and reads no event trace of them."""
    store = WatchedStore(tmp_path)
    document = {"name": "Well", "kind": "outcome", "objective": 0.9, "period": "12h"}
    made = desk(store).add(document)
    for number in range(20):
        status_ = "error" if number % 5 == 0 else "ok"
        event_rows.event(store.database, number + 1, at_s=number * 1800, status=status_)
    window = Window(T0_NS - 60 * MINUTE, T0_NS + 11 * 60 * MINUTE)
    answers = Answers(store.database.read, store.facts)
    before = met(answers, made, window)
    for _ in range(4):
        store.tick(11 * 60)
    hours = store.rows("select count(*), sum(total) from outcome_hours")
    store.database.write(
        lambda cursor: cursor.execute(f"delete from event_traces where start_ns < {T0_NS} + 3600e9")
    )

    assert before == met(answers, made, window) == Met(16, 20)
    assert hours == [(12, 18)]
    store.close()


def test_hours_are_judged_anew_when_the_objective_changes(tmp_path: Path) -> None:
    """What was judged by another promise counts no more."""
    store = WatchedStore(tmp_path)
    made = desk(store).add({"name": "Well", "kind": "outcome", "period": "12h"})
    event_rows.event(store.database, 1, takes_s=60)
    store.tick(6 * 60)
    desk(store).replace(made.id, {"name": "Well", "kind": "outcome", "within": "30s"})

    assert store.rows("select count(*) from outcome_hours") == [(0,)]
    store.close()
