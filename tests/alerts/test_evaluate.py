"""What an alert does next: a table of samples, and the state after each."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.alerts.evaluate import RESOLVED_KEPT_NS, Sample, after_gap, evaluate, inactive
from collector.alerts.rules import Rule
from collector.model.alert import AlertState

MINUTE = 60 * 10**9
T0 = 1_795_186_800 * 10**9
RULE = Rule("r", "Errors", "error_rate", ">", 0.1, 5 * MINUTE)

HIGH, LOW, NONE = Sample(0.5), Sample(0.0), Sample(None)


def walk(rule: Rule, *samples: Sample, step_ns: int = MINUTE) -> list[AlertState]:
    """The states after samples that come a minute apart."""
    state = inactive(rule.id, "orders", T0)
    states = []
    for number, sample in enumerate(samples):
        state = evaluate(rule, sample, state, T0 + number * step_ns)
        states.append(state)
    return states


def names(rule: Rule, *samples: Sample) -> list[str]:
    return [state.state for state in walk(rule, *samples)]


def test_without_a_for_it_fires_at_once() -> None:
    """And resolves at once."""
    assert names(RULE, LOW, HIGH, LOW) == ["inactive", "firing", "resolved"]


def test_a_spike_shorter_than_for_never_fires() -> None:
    """It is pending, and then nothing."""
    rule = replace(RULE, for_ns=2 * MINUTE)

    assert names(rule, HIGH, HIGH, LOW, HIGH) == ["pending", "pending", "inactive", "pending"]


def test_what_holds_for_long_enough_fires() -> None:
    """After two minutes, counted from the first sample."""
    states = walk(replace(RULE, for_ns=2 * MINUTE), HIGH, HIGH, HIGH)

    assert [state.state for state in states] == ["pending", "pending", "firing"]
    assert (states[-1].since_ns, states[-1].began_ns) == (T0 + 2 * MINUTE, T0)


def test_hysteresis_keeps_it_firing_between_the_thresholds() -> None:
    """Above 10 % it fires, below 5 % it is over, in between it stays what it was."""
    rule = replace(RULE, resolve_threshold=0.05)
    between = Sample(0.07)

    assert names(rule, between, HIGH, between, LOW, between) == [
        "inactive", "firing", "firing", "resolved", "resolved",
    ]  # fmt: skip


def test_keep_firing_for_bridges_a_dip() -> None:
    """A minute below does not end it, two do."""
    rule = replace(RULE, keep_firing_for_ns=2 * MINUTE)

    assert names(rule, HIGH, LOW, HIGH, LOW, LOW, LOW) == [
        "firing", "firing", "firing", "firing", "firing", "resolved",
    ]  # fmt: skip


def test_a_resolved_alert_leaves_the_list_later() -> None:
    """And fires again in between when it must."""
    rule = RULE
    state = walk(rule, HIGH, LOW)[-1]
    later = evaluate(rule, LOW, state, T0 + RESOLVED_KEPT_NS + 2 * MINUTE)

    assert later.state == "inactive"
    assert evaluate(rule, HIGH, state, T0 + 2 * MINUTE).state == "firing"


@pytest.mark.parametrize(
    ("no_data", "before", "after"),
    [
        ("ok", HIGH, "resolved"),
        ("ok", LOW, "inactive"),
        ("keep", HIGH, "firing"),
        ("keep", LOW, "inactive"),
        ("alert", HIGH, "firing"),
        ("alert", LOW, "firing"),
    ],
)
def test_no_data_means_what_the_rule_says(no_data: str, before: Sample, after: str) -> None:
    """It is well, nothing is known, or it alerts."""
    assert names(replace(RULE, no_data=no_data), before, NONE)[-1] == after


def test_the_last_value_is_kept_while_nothing_is_known() -> None:
    """The list goes on showing what it fired at."""
    state = walk(replace(RULE, no_data="keep"), HIGH, NONE)[-1]

    assert (state.value, state.observed_ns, state.evaluated_ns) == (0.5, T0, T0 + MINUTE)


def test_what_is_kept_is_kept_for_a_day() -> None:
    """A queue that is gone does not fire for ever."""
    rule = replace(RULE, no_data="keep")
    firing = walk(rule, HIGH)[-1]
    hours = [evaluate(rule, NONE, firing, T0 + hour * 60 * MINUTE).state for hour in (1, 23, 25)]

    assert hours == ["firing", "firing", "resolved"]


@given(
    values=st.lists(st.sampled_from([HIGH, LOW, NONE, Sample(0.07), Sample(0.5, blind=True)])),
    no_data=st.sampled_from(["ok", "keep", "alert"]),
    for_minutes=st.integers(0, 3),
    keep_minutes=st.integers(0, 3),
)
def test_firing_and_resolved_take_turns(
    values: list[Sample], no_data: str, for_minutes: int, keep_minutes: int
) -> None:
    """Whatever comes: nothing is told twice, nothing resolves that did not fire."""
    rule = replace(
        RULE, no_data=no_data, resolve_threshold=0.05, for_ns=for_minutes * MINUTE,
        keep_firing_for_ns=keep_minutes * MINUTE,
    )  # fmt: skip
    states = [state.state for state in walk(rule, *values)]
    changes = [now for before, now in pairwise(["inactive", *states]) if now != before]
    told = [each for each in changes if each in ("firing", "resolved")]

    assert told == ["firing", "resolved"] * (len(told) // 2) + ["firing"] * (len(told) % 2)
    assert for_minutes == 0 or "firing" not in states[:for_minutes]


@pytest.mark.parametrize(("count", "state"), [(4, "inactive"), (5, "firing"), (None, "firing")])
def test_a_rate_of_few_observations_does_not_count(count: int | None, state: str) -> None:
    """One failure of one call is no error rate of 100 %."""
    assert names(replace(RULE, min_count=5), Sample(1.0, count)) == [state]


@pytest.mark.parametrize(
    ("comparison", "value", "state"),
    [
        (">", 0.1, "inactive"), (">=", 0.1, "firing"), ("<", 0.1, "inactive"),
        ("<=", 0.1, "firing"), ("<", 0.09, "firing"), (">", 0.11, "firing"),
    ],
)  # fmt: skip
def test_the_threshold_itself_is_in_or_out(comparison: str, value: float, state: str) -> None:
    """As the comparison says."""
    assert names(replace(RULE, comparison=comparison), Sample(value)) == [state]


@pytest.mark.parametrize(
    ("rule", "before", "sample", "after"),
    [
        (RULE, LOW, Sample(0.5, blind=True), "firing"),
        (RULE, HIGH, Sample(0.0, blind=True), "firing"),
        (RULE, HIGH, Sample(None, blind=True), "firing"),
        (replace(RULE, no_data="alert"), LOW, Sample(None, blind=True), "inactive"),
        (replace(RULE, comparison="<"), HIGH, Sample(0.0, blind=True), "inactive"),
        (replace(RULE, min_count=3), Sample(0.5, 9), Sample(0.0, 1, blind=True), "firing"),
    ],
)
def test_what_was_not_watched_proves_nothing(
    rule: Rule, before: Sample, sample: Sample, after: str
) -> None:
    """Too much in part of a window is too much; too little in it means nothing."""
    assert names(rule, before, sample)[-1] == after


def test_a_gap_does_not_let_the_for_pass() -> None:
    """Pending before a stop of an hour is as pending after it."""
    rule = replace(RULE, for_ns=10 * MINUTE)
    pending = walk(rule, HIGH, HIGH)[-1]
    back = T0 + 61 * MINUTE
    moved = after_gap(pending, 60 * MINUTE, back)

    assert evaluate(rule, HIGH, moved, back).state == "pending"
    assert evaluate(rule, HIGH, moved, back + 9 * MINUTE).state == "firing"


def test_a_clock_that_went_back_leaves_nothing_in_the_future() -> None:
    """States that lie ahead begin now, so a `for` does not wait for the old time."""
    firing = walk(RULE, HIGH)[-1]
    moved = after_gap(firing, -60 * MINUTE, T0 - 60 * MINUTE)

    assert (moved.state, moved.since_ns, moved.began_ns) == (
        "firing", T0 - 60 * MINUTE, T0 - 60 * MINUTE,
    )  # fmt: skip
