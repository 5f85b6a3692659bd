"""A rule made in a browser fires, reaches a webhook, is proven in a file, and is over."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import build
from tests.alerts.hooks import SECRET, Hooks
from tests.build import export_request, span
from tests.end_to_end.browsing import (
    NARROW,
    WIDE,
    Visit,
    looking,
    scrolls_sideways,
    shoot,
    violations,
)
from tests.end_to_end.serving import Server, until

_MINUTE_NS = 60 * 10**9
_CONFIG = """
[alerts]
evaluate_every_s = 0.5
delay_s = 0
group_wait_s = 0
"""
_PATIENCE_MS = 120_000  # of a slow machine: evaluated, written, told


@pytest.fixture
def alerting(tmp_path: Path, serve: Callable[..., Server]) -> Server:
    """A server that evaluates twice a second and waits for nothing."""
    config = tmp_path / "alerting.toml"
    config.write_text(_CONFIG)
    return serve("--config", str(config))


def _invoke(server: Server, function: str, at_ns: int, count: int, *, failed: bool) -> None:
    """Invocations that begin one after the other from then on."""
    spans = [
        span(
            "charge card",
            trace_id=build.span_id() + build.span_id(),
            start_ns=at_ns + number * 10**6,
            attributes={"faas.invocation_id": f"{at_ns}-{number}"},
            error="CardDeclined" if failed else None,
        )
        for number in range(count)
    ]
    resource = build.resource(**{"service.name": function, "faas.name": function})
    request = export_request(*spans, resource=resource)
    assert server.send("traces", request.SerializeToString()).status == 200
    server.settle()


def _for_everyone(visit: Visit, name: str) -> None:
    """axe finds nothing grave at either width, nothing scrolls sideways."""
    for width in (WIDE, NARROW):
        with looking(visit.page, width, "light"):
            assert not violations(visit.page), (name, width)
            assert not scrolls_sideways(visit.page), (name, width)
    shoot(visit.page, name)


def test_an_alert_from_its_rule_to_its_end(
    alerting: Server, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    """Made with its preview, broken, seen, delivered signed, proven in a file, and resolved."""
    now_ns = time.time_ns()
    _invoke(alerting, "payment", now_ns - 30 * _MINUTE_NS, 8, failed=True)
    _invoke(alerting, "payment", now_ns - 20 * _MINUTE_NS, 8, failed=False)
    seen = visit(alerting.web)
    with Hooks() as hooks:
        _add_target(seen, hooks)
        _make_rule(seen)

        _invoke(alerting, "payment", time.time_ns() - 10**9, 8, failed=True)
        until(lambda: len(hooks.taken) > 1, _PATIENCE_MS / 1000)
        fired = hooks.taken[1]
        assert fired.signed_by(SECRET)
        assert fired.json["status"] == "firing"
        assert fired.json["alerts"][0]["group"] == "payment"
        _look_at_it(seen, tmp_path)

        _invoke(alerting, "payment", time.time_ns() - 10**9, 200, failed=False)
        until(lambda: len(hooks.taken) > 2, _PATIENCE_MS / 1000)
        assert hooks.taken[2].signed_by(SECRET)
        assert hooks.taken[2].json["status"] == "resolved"
    page = seen.open("/alerts")
    page.get_by_role("heading", name="Nothing fires").wait_for()
    page.get_by_role("region", name="Over lately").get_by_text("Payments fail").wait_for()
    assert page.locator("#nav .count").count() == 0


def _add_target(seen: Visit, hooks: Hooks) -> None:
    """A webhook that is tried, and whose secrets no page shows again."""
    page = seen.open("/alerts/targets")
    page.get_by_label("Name").fill("on-call")
    page.get_by_label("Address").fill(hooks.url)
    page.get_by_label("Secret that signs").fill(SECRET)
    page.get_by_role("button", name="Add target").click()
    page.get_by_role("button", name="Send a test to on-call").click()
    page.get_by_text("The test to on-call was taken").wait_for()
    assert hooks.taken[0].signed_by(SECRET)
    assert hooks.taken[0].json["status"] == "test"
    page.reload()
    page.get_by_role("region", name="Delivery log").get_by_text("answered 200").wait_for()
    assert SECRET not in page.content()
    assert "T0KEN" not in page.content()
    _for_everyone(seen, "alerts-targets")


def _make_rule(seen: Visit) -> None:
    """The picture follows what is typed, and messages stand beside the fields."""
    page = seen.open("/alerts/rules/new")
    page.get_by_label("Functions").fill("pay*")
    page.locator("#f-threshold").fill("many")
    page.locator("#fault-threshold").get_by_text("use a number").wait_for()
    page.locator("#f-threshold").fill("20")
    page.get_by_label("Over the last").fill("10m")  # longer than the test may take
    page.get_by_role("heading", name=re.compile("Would have fired 1 time")).wait_for()
    page.locator("#preview figure.js-plotly-plot .main-svg").first.wait_for()
    page.locator("#fault-threshold").get_by_text("use a number").wait_for(state="detached")
    assert "threshold=20" in page.url
    page.get_by_label("Name").fill("Payments fail")
    page.get_by_label("on-call").check()
    page.get_by_text("Tells on-call; severity warning").wait_for()
    _for_everyone(seen, "alerts-rule")
    page.get_by_role("button", name="Save rule").click()
    page.wait_for_url("**/alerts/rules#rule-*")
    page.get_by_role("link", name="Payments fail").wait_for()
    _for_everyone(seen, "alerts-rules")


def _look_at_it(seen: Visit, folder: Path) -> None:
    """On Alerts, in the navigation of every page, on the function's page, and in a file."""
    page = seen.open("/functions/payment")
    page.locator("#nav .count", has_text="1").wait_for()
    page.locator(".alert-of", has_text="Error rate of payment").wait_for()
    page.get_by_role("link", name="Payments fail").click()
    page.get_by_role("heading", name="1 firing").wait_for()
    _for_everyone(seen, "alerts-firing")
    with page.expect_download() as download:
        page.get_by_role("region", name="Firing").get_by_role("link", name="Evidence").click()
    path = folder / "evidence.html"
    download.value.save_as(path)
    text = path.read_text()
    assert "Payments fail" in text
    assert "charge card" in text
    assert "<script" not in text
    assert not re.search(r'(?:src|href)="https?:', text)
    page.get_by_role("region", name="Firing").get_by_role("link", name="Event traces").click()
    page.wait_for_url("**/events?**function=payment**")


def test_a_rule_is_made_without_javascript(alerting: Server, visit: Callable[..., Visit]) -> None:
    """A plain form: its Preview button shows the past as a table, its other one saves."""
    _invoke(alerting, "payment", time.time_ns() - 30 * _MINUTE_NS, 8, failed=True)
    seen = visit(alerting.web, java_script_enabled=False)
    page = seen.open("/alerts/rules/new")
    page.get_by_label("Figure").select_option("errors")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name=re.compile("Would have fired 1 time")).wait_for()
    assert page.locator("#f-threshold").input_value() == "0"
    assert page.locator("#preview .episodes").get_by_text("payment").count()

    page.get_by_label("Over the last").fill("1")
    seen.expect(f"{alerting.web}/alerts/rules/new", 400)
    page.get_by_role("button", name="Save rule").click()
    page.locator("#fault-window").get_by_text("30s, 5m or 1h").wait_for()
    page.get_by_label("Over the last").fill("5m")
    page.get_by_role("button", name="Save rule").click()
    page.get_by_role("link", name="Errors above 0").wait_for()
    page.get_by_role("switch", name="Errors above 0").click()
    page.get_by_role("cell", name="off", exact=True).wait_for()
