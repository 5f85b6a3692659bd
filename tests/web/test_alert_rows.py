"""Each alert leads to what it is about, and to the event traces behind it."""

from collector.alerts.reading import read_rule
from collector.alerts.standing import Standing
from collector.model.alert import AlertState
from web.alert_rows import row_of
from web.urls import Range

_SPAN = Range("-1h", "now")


def row(metric: str, group: str) -> tuple[str | None, str]:
    """Where an alert on a metric leads to."""
    rule = read_rule({"name": "R", "metric": metric}, "r")
    state = AlertState("r", group, "firing", 10**18, 10**18, None, 1.0, None, 0)
    found = row_of(Standing(rule, state, ""), (), _SPAN, 2 * 10**18)
    return found.subject_url, found.traces_url


def test_an_alert_of_a_function_leads_to_it() -> None:
    """Its page, and its event traces."""
    subject, traces = row("errors", "orders-api")

    assert subject == "/functions/orders-api"
    assert "function=orders-api" in traces


def test_an_alert_of_a_budget_leads_to_the_month() -> None:
    """A budget is of many functions: its group is a pattern or "all", not one function."""
    for group in ("orders-*", "all"):
        subject, traces = row("budget_projected", group)

        assert subject == "/costs/advice"
        assert "function=" not in traces
