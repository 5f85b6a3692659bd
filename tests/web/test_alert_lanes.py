"""When alerts fired, as bars over a range."""

from collector.alerts.reading import read_rule
from collector.alerts.standing import Standing
from collector.model.alert import AlertChange, AlertState
from collector.model.window import Window
from web.alert_lanes import lanes

WINDOW = Window(1000, 2000)
RULE = read_rule({"name": "Errors", "metric": "errors", "scope": {"function": "*"}}, "r")


def change(state: str, since_ns: int, group: str = "pay") -> AlertChange:
    return AlertChange(
        change_id=f"{group}-{since_ns}", rule_id="r", rule_name="Errors", group=group, state=state,
        severity="warning", value=1.0, threshold=0.0, unit="count", since_ns=since_ns,
        changed_ns=since_ns + 10, targets=(), owner=None, note=None, metric="errors",
        scope="{}", summary="",
    )  # fmt: skip


def standing(state: str, since_ns: int, group: str = "pay") -> Standing:
    return Standing(RULE, AlertState("r", group, state, since_ns, since_ns, None, 1.0, None, 0), "")


def test_an_alert_lasts_until_its_next_change() -> None:
    """Pending, then firing, then over: two bars that meet."""
    [lane] = lanes(
        [change("resolved", 1800), change("firing", 1500), change("pending", 1200)],
        [standing("resolved", 1800)],
        WINDOW,
    )

    assert [(bar.state, bar.left, bar.width) for bar in lane.bars] == [
        ("pending", 20, 30),
        ("firing", 50, 30),
    ]
    assert lane.fired == 1


def test_what_was_over_in_the_range_fired_before_it() -> None:
    """From the beginning of the range."""
    [lane] = lanes([change("resolved", 1400)], [], WINDOW)

    assert [(bar.left, bar.width) for bar in lane.bars] == [(0, 40)]


def test_what_fires_goes_on_to_the_end() -> None:
    """Also where it began before the range, and nothing changed in it."""
    [lane] = lanes([], [standing("firing", 500)], WINDOW)

    assert [(bar.left, bar.width, bar.until_ns) for bar in lane.bars] == [(0, 100, None)]


def test_what_was_pending_and_came_to_nothing_is_a_mark() -> None:
    """How long it was pending was not told."""
    [lane] = lanes([change("pending", 1500)], [], WINDOW)

    assert [(bar.state, bar.width) for bar in lane.bars] == [("pending", 1.0)]


def test_what_fired_last_comes_first() -> None:
    """The others below it."""
    found = lanes(
        [change("resolved", 1400, "a"), change("firing", 1300, "a"), change("firing", 1200, "b")],
        [standing("firing", 1200, "b")],
        WINDOW,
    )

    assert [lane.group for lane in found] == ["b", "a"]
